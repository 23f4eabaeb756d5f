#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/agents/infused.hpp"
#include "models/compartments/circulation.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct LungArrestParameters {
  double threshold = 1.9;
  double width = 0.15;
  double rigid_threshold = 1.4;
  double rigid_width = 0.05;
  double narrowest_um = 3.5;
  double lung_capillary_um = 5.5;
  double lung_capillary_sd_um = 1.2;
  double lung_segments = 4.0;
  double liver_sinusoid_um = 10.3;
  double liver_sinusoid_sd_um = 1.4;
  double liver_segments = 10.0;
  double spleen_capillary_um = 5.0;
  double spleen_capillary_sd_um = 1.0;
  double spleen_segments = 4.0;
  double other_capillary_um = 5.0;
  double other_capillary_sd_um = 1.0;
  double other_segments = 4.0;
  double shunt = 0.0;
  double release_per_h = 1e-5;
  double dilation = 1.95;
  double particle_clearance_per_min = 0.21;
  double particle_liver_share = 0.77;
  double particle_spleen_share = 0.07;
};

inline constexpr auto lung_arrest_parameters = std::to_array<sim::Parameter<LungArrestParameters>>({
    {.name = "threshold",
     .member = &LungArrestParameters::threshold,
     .unit = "1",
     .physical = {0.5, 10.0},
     .published = {1.5, 2.2},
     .kind = sim::Source::derived,
     .meaning = "ratio of cell to capillary diameter at which half of the cells stop in a segment",
     .source = "filtration resistance rises 5-fold at ratio 1.56 and 200-fold at 2.1; Lipowsky 2018 Ann Biomed Eng 46:640, as cited; 0.09 at 1.56, "
               "0.79 at 2.1, 0.999 at 3"},
    {.name = "width",
     .member = &LungArrestParameters::width,
     .unit = "1",
     .physical = {0.001, 2.0},
     .published = {0.1, 0.25},
     .kind = sim::Source::derived,
     .meaning = "width of that transition",
     .source = "same"},
    {.name = "rigid_threshold",
     .member = &LungArrestParameters::rigid_threshold,
     .unit = "1",
     .physical = {0.5, 10.0},
     .published = {1.0, 1.5},
     .kind = sim::Source::fitted,
     .meaning = "the same ratio for rigid particles",
     .source = "calibration 3; fitted to beads_4um, beads_10um_dilated, beads_15um_dilated (Schrepfer 2007 Transplant Proc 39:573); about 1.1 "
               "expected from size alone"},
    {.name = "rigid_width",
     .member = &LungArrestParameters::rigid_width,
     .unit = "1",
     .physical = {0.001, 2.0},
     .published = {0.02, 0.25},
     .kind = sim::Source::fitted,
     .meaning = "width of that transition for rigid particles",
     .source = "same fit"},
    {.name = "narrowest",
     .member = &LungArrestParameters::narrowest_um,
     .unit = "um",
     .physical = {0.5, 20.0},
     .published = {2.5, 4.0},
     .kind = sim::Source::fitted,
     .meaning = "no perfused segment is narrower; smaller draws count as this",
     .source = "fitted to beads_4um (Schrepfer 2007) within what red cells need, about 3 um"},
    {.name = "lung_capillary",
     .member = &LungArrestParameters::lung_capillary_um,
     .unit = "um",
     .physical = {1.0, 50.0},
     .published = {5.0, 6.0},
     .kind = sim::Source::assumed,
     .meaning = "mean diameter of a segment of lung capillary",
     .source = "usual rodent value 5-6 um, to be verified",
     .variants = {{{.name = "human",
                    .value = 7.5,
                    .published = {6.5, 8.5},
                    .kind = sim::Source::assumed,
                    .source = "7.5 +/- 2.3 um; Doerschuk 1993 J Appl Physiol 74:3040, to be verified"}}}},
    {.name = "lung_capillary_sd",
     .member = &LungArrestParameters::lung_capillary_sd_um,
     .unit = "um",
     .physical = {0.0, 20.0},
     .published = {0.8, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "standard deviation of that diameter between segments",
     .source = "usual rodent value",
     .variants =
         {{{.name = "human", .value = 2.3, .published = {1.5, 3.0}, .kind = sim::Source::assumed, .source = "Doerschuk 1993, to be verified"}}}},
    {.name = "lung_segments",
     .member = &LungArrestParameters::lung_segments,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {1.0, 8.0},
     .kind = sim::Source::fitted,
     .meaning = "segments of lung capillary that a cell passes one after the other; rounded, as all numbers of segments",
     .source = "fitted to outside_lung (Lee 2009 Cell Stem Cell 5:54)"},
    {.name = "liver_sinusoid",
     .member = &LungArrestParameters::liver_sinusoid_um,
     .unit = "um",
     .physical = {1.0, 50.0},
     .published = {8.9, 11.7},
     .kind = sim::Source::measured,
     .meaning = "mean diameter of a segment of sinusoid",
     .source = "10.28 +/- 1.40 um; Fan 2019 WJG 25:1355, PMC6429340",
     .variants = {{{.name = "human", .value = 9.0, .published = {7.0, 15.0}, .kind = sim::Source::assumed, .source = "7-15 um, usual value"}}}},
    {.name = "liver_sinusoid_sd",
     .member = &LungArrestParameters::liver_sinusoid_sd_um,
     .unit = "um",
     .physical = {0.0, 20.0},
     .published = {1.0, 2.0},
     .kind = sim::Source::measured,
     .meaning = "standard deviation of that diameter",
     .source = "Fan 2019; it is between measured sinusoids, taken as between segments"},
    {.name = "liver_segments",
     .member = &LungArrestParameters::liver_segments,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {4.0, 20.0},
     .kind = sim::Source::assumed,
     .meaning = "segments of sinusoid from portal tract to central vein",
     .source =
         "about one for each hepatocyte of the 10-12 along a sinusoid; gives the assumed first-pass share of 0.85 (0.4-0.97) by the portal vein"},
    {.name = "spleen_capillary",
     .member = &LungArrestParameters::spleen_capillary_um,
     .unit = "um",
     .physical = {1.0, 50.0},
     .published = {3.0, 7.0},
     .kind = sim::Source::assumed,
     .meaning = "mean diameter of a segment in the spleen",
     .source = "no measurement known"},
    {.name = "spleen_capillary_sd",
     .member = &LungArrestParameters::spleen_capillary_sd_um,
     .unit = "um",
     .physical = {0.0, 20.0},
     .published = {0.5, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "standard deviation of that diameter",
     .source = "no measurement known"},
    {.name = "spleen_segments",
     .member = &LungArrestParameters::spleen_segments,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {1.0, 8.0},
     .kind = sim::Source::assumed,
     .meaning = "segments in the spleen",
     .source = "as in the lung"},
    {.name = "other_capillary",
     .member = &LungArrestParameters::other_capillary_um,
     .unit = "um",
     .physical = {1.0, 50.0},
     .published = {4.0, 7.0},
     .kind = sim::Source::assumed,
     .meaning = "mean diameter of a segment of capillary in muscle, gut, skin and the rest",
     .source = "usual rodent value for muscle, to be verified",
     .variants = {{{.name = "human",
                    .value = 6.0,
                    .published = {5.0, 8.0},
                    .kind = sim::Source::assumed,
                    .source = "usual value for muscle, to be verified"}}}},
    {.name = "other_capillary_sd",
     .member = &LungArrestParameters::other_capillary_sd_um,
     .unit = "um",
     .physical = {0.0, 20.0},
     .published = {0.5, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "standard deviation of that diameter",
     .source = "no measurement known"},
    {.name = "other_segments",
     .member = &LungArrestParameters::other_segments,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {1.0, 8.0},
     .kind = sim::Source::assumed,
     .meaning = "segments in those organs",
     .source = "as in the lung; 92 % stop before or in the first bed after arterial infusion (Toma 2009)"},
    {.name = "shunt",
     .member = &LungArrestParameters::shunt,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 0.02},
     .kind = sim::Source::assumed,
     .meaning = "share of lung passages that bypass the capillaries",
     .source = "none in a healthy mouse; needed for fewer than 1 in 2000 cells elsewhere (Lee 2009)",
     .variants = {{{.name = "human",
                    .value = 0.02,
                    .published = {0.0, 0.5},
                    .kind = sim::Source::assumed,
                    .source = "physiological; hepatopulmonary syndrome up to 0.3-0.5 (Rodriguez-Roisin & Krowka 2008 NEJM 358:2378)"}}}},
    {.name = "release",
     .member = &LungArrestParameters::release_per_h,
     .unit = "h^-1",
     .physical = {0.0, 10.0},
     .published = {0.0, 1e-3},
     .kind = sim::Source::assumed,
     .meaning = "rate at which a viable cell lets go of its lung capillary",
     .source = "0-1e-3 from fewer than 0.05 % elsewhere (Lee 2009); 1e-4 alone would put 0.1 % of the cells elsewhere, twice what was found",
     .variants = {{{.name = "human", .value = 1e-3, .published = {0.0, 5e-3}, .kind = sim::Source::assumed, .source = "no measurement known"}}}},
    {.name = "dilation",
     .member = &LungArrestParameters::dilation,
     .unit = "1",
     .physical = {0.5, 5.0},
     .published = {1.0, 2.5},
     .kind = sim::Source::fitted,
     .meaning = "factor by which a vasodilator of efficacy 1 widens the lung's capillaries",
     .source = "calibration 3; fitted to beads_10um_dilated and beads_15um_dilated (nitroprusside, Schrepfer 2007)"},
    {.name = "particle_clearance",
     .member = &LungArrestParameters::particle_clearance_per_min,
     .unit = "min^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 0.3},
     .kind = sim::Source::assumed,
     .meaning = "rate at which phagocytes take rigid particles out of the blood",
     .source = "colloid in man: 0.208 per min; J Nucl Med 1976;17:449, taken over"},
    {.name = "particle_liver_share",
     .member = &LungArrestParameters::particle_liver_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.5, 0.9},
     .kind = sim::Source::assumed,
     .meaning = "share of that which the liver takes",
     .source = "colloid in man: 16.0 of 20.8 mL/min per 100 mL plasma; J Nucl Med 1976;17:449, taken over"},
    {.name = "particle_spleen_share",
     .member = &LungArrestParameters::particle_spleen_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.02, 0.2},
     .kind = sim::Source::assumed,
     .meaning = "share of that which the spleen takes; the rest goes to other organs",
     .source = "colloid in man: 1.4 of 20.8; J Nucl Med 1976;17:449, taken over"},
});
static_assert(sim::complete(lung_arrest_parameters));

/// A time during which something is done to the capillaries of the lung.
struct LungIntervention {
  enum class Kind { vasodilator, lung_bypass } kind = Kind::vasodilator;
  double start_s = 0.0;
  double stop_s = 0.0;
  double efficacy = 1.0;
  std::uint32_t subject = 0;  // its number in the scenario
};

/// Notes in the events when an intervention on the lung starts and stops.
class LungInterventionEvents final : public sim::CompartmentProcess {
 public:
  LungInterventionEvents(std::vector<LungIntervention> interventions, std::uint32_t start_code, std::uint32_t stop_code)
      : interventions_(std::move(interventions)), start_code_(start_code), stop_code_(stop_code) {}
  std::string_view name() const override { return "lung_arrest"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  std::vector<LungIntervention> interventions_;
  std::uint32_t start_code_, stop_code_;
};

/// Probability that one segment stops a body of diameter d: 1 / (1 + exp(-(d/d_cap - threshold) / width)).
double arrest_probability(double diameter_um, double capillary_um, double threshold, double width);

/// Carries what was infused through the circulation until a capillary stops it.
///
///   P(arrest in a segment) = 1 / (1 + exp(-(d/d_cap - threshold) / width)),   d_cap ~ N(mean, sd) of the bed, drawn anew for every segment passed
///
/// The lung comes first, with several segments in series; a shunt bypasses it (and one in the liver, its sinusoids); a vasodilator widens it. What
/// passes meets another organ's bed by the share of blood flow, under the same law (spleen and gut drain into the liver), and comes round again after
/// a circulation time drawn from an exponential of mean blood volume / cardiac output. Particles are also taken by phagocytes while they circulate. A
/// viable cell may let go of its lung capillary again. Source: law derived from Lipowsky 2018; mode of arrest Masterson 2021 Sci Rep 11:5265.
/// Assumed: segments independent, cells do not clog each other's path.
///
/// Reads: diameter, vitality, time of death. Writes: whereabouts, bed, segment, due; sends what stops elsewhere to that organ's patches.
class LungArrest final : public sim::Process {
 public:
  LungArrest(const LungArrestParameters& parameters, const Circulation& circulation, std::vector<LungIntervention> interventions,
             std::size_t msc_kind, std::size_t particle_kind, std::array<std::uint32_t, organs> groups, double liver_shunt = 0.0);
  std::string_view name() const override { return "lung_arrest"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

  /// The segment, from 0, in which a body is stopped in one passage of a bed, if it is; takes draws from `draw` on and moves it.
  std::optional<std::uint8_t> stops(Bed bed, double diameter_um, bool rigid, double time_s, const sim::Random& random, sim::AgentId id,
                                    std::uint16_t& draw) const;

 private:
  struct Traveller {
    sim::AgentId id;
    double due_s;
    double diameter_um;
    Bed bed;
    bool rigid;
    bool arrested = false;
    std::uint8_t segment = 0;
  };
  /// Its way until it is stopped for good or the visit ends.
  void travel(Traveller& traveller, double alive_until_s, const sim::Step& step) const;
  /// One leg of the way: the bed it meets, and where it goes next.
  void meet_bed(Traveller& traveller, const sim::Random& random, std::uint16_t& draw) const;
  /// The bed that blood leaving the lung goes to, by share of flow, for a uniform number.
  Bed arterial_bed(double share) const;
  double dilation(double time_s) const;
  double shunt(double time_s) const;
  void advance_kind(sim::Patch& patch, std::size_t kind, const sim::Step& step) const;

  LungArrestParameters p_;
  Circulation circulation_;
  std::vector<LungIntervention> interventions_;
  std::array<std::size_t, 2> kinds_;
  std::array<std::uint32_t, organs> groups_;
  double liver_shunt_;  // share of the liver's blood that goes round its sinusoids
};

}  // namespace paracrine::models
