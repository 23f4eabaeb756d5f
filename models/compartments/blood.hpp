#pragma once
#include <array>
#include <cstddef>

#include "models/compartments/blood_pools.hpp"
#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// Plasma, and what organs other than the liver take out of it.
struct BloodParameters {
  double plasma_volume_mL = 1.2;
  double haematocrit = 0.45;
  double spleen_clearance_mL_per_min = 0.0072;
  double lung_clearance_mL_per_min = 0.0173;
  double kidney_clearance_mL_per_min = 0.0072;
  double other_clearance_mL_per_min = 0.0188;
  double binding_per_h = 3.1;
  double unbinding_per_h = 0.333;
  double endogenous_release_per_min = 1.44e9;
  double colloid_spleen_clearance_mL_per_min = 0.0168;
  double colloid_other_clearance_mL_per_min = 0.0408;
};

inline constexpr auto blood_parameters = std::to_array<sim::Parameter<BloodParameters>>({
    {.name = "plasma_volume",
     .member = &BloodParameters::plasma_volume_mL,
     .unit = "mL",
     .physical = {0.01, 1e4},
     .published = {1.0, 2.0},
     .distribution = {sim::Spread::lognormal, 1.1},
     .kind = sim::Source::derived,
     .meaning = "plasma volume, in which vesicles, factors and colloid mix; scales with body weight",
     .source = "2.1 mL of blood in a 25-g mouse, haematocrit 0.45; Davies & Morris 1993, as coded in published PBTK models",
     .variants = {{{.name = "human",
                    .value = 3000.0,
                    .published = {2500.0, 4500.0},
                    .kind = sim::Source::measured,
                    .source = "3.0 L; 3.5 L in cirrhosis; ICRP, as coded in published PBPK models"}}}},
    {.name = "haematocrit",
     .member = &BloodParameters::haematocrit,
     .unit = "1",
     .physical = {0.0, 0.9},
     .published = {0.35, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "share of red cells in blood; vesicles ride on the plasma's share of the flow",
     .source = "usual value in mouse and man"},
    {.name = "spleen_clearance",
     .member = &BloodParameters::spleen_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.001, 0.03},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::derived,
     .meaning = "clearance of vesicles by the spleen; scales with body weight, as those below",
     .source =
         "5 % of 0.144 mL/min: first half-life 4 min (2-9; Kim 2019 Pharmaceutics 11:649 Table 1 and others) in 1.2 mL with a slow phase of 1 % "
         "and 3 h; share from Morishita 2015 J Pharm Sci 104:705 and others",
     .variants = {{{.name = "human",
                    .value = 12.0,
                    .published = {4.0, 40.0},
                    .kind = sim::Source::assumed,
                    .source = "10 % of 120 mL/min: first half-life 15 min (3-45) in 3 L with a slow phase of 1 % and 4 h; no measurement in man"}}}},
    {.name = "lung_clearance",
     .member = &BloodParameters::lung_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.005, 0.06},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::derived,
     .meaning = "clearance of vesicles by the lung",
     .source = "12 % of the same",
     .variants = {{{.name = "human", .value = 12.0, .published = {4.0, 40.0}, .kind = sim::Source::assumed, .source = "10 % of the same"}}}},
    {.name = "kidney_clearance",
     .member = &BloodParameters::kidney_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.0, 0.03},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::derived,
     .meaning = "clearance of vesicles by the kidneys",
     .source = "5 % of the same",
     .variants = {{{.name = "human", .value = 6.0, .published = {0.0, 20.0}, .kind = sim::Source::assumed, .source = "5 % of the same"}}}},
    {.name = "other_clearance",
     .member = &BloodParameters::other_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.005, 0.06},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::derived,
     .meaning = "clearance of vesicles by all other organs",
     .source = "13 % of the same",
     .variants = {{{.name = "human", .value = 18.0, .published = {6.0, 60.0}, .kind = sim::Source::assumed, .source = "15 % of the same"}}}},
    {.name = "binding",
     .member = &BloodParameters::binding_per_h,
     .unit = "h^-1",
     .physical = {0.0, 1e4},
     .published = {0.0, 10.0},
     .kind = sim::Source::derived,
     .meaning = "rate at which vesicles in plasma go into the slow pool (bound to blood cells and vessel walls)",
     .source =
         "a second phase of 1 % (0-3 %) of the first concentration and 3 h beside a first half-life of 4 min; the 1 % is assumed: with 10 % the "
         "clearance would be a fifth",
     .variants = {{{.name = "human",
                    .value = 0.336,
                    .published = {0.0, 3.0},
                    .kind = sim::Source::assumed,
                    .source = "a second phase of 1 % and 4 h beside 15 min; no measurement in man"}}}},
    {.name = "unbinding",
     .member = &BloodParameters::unbinding_per_h,
     .unit = "h^-1",
     .physical = {0.0, 1e4},
     .published = {0.05, 1.0},
     .kind = sim::Source::derived,
     .meaning = "rate at which they come back",
     .source = "same",
     .variants = {{{.name = "human", .value = 0.199, .published = {0.05, 1.0}, .kind = sim::Source::assumed, .source = "same"}}}},
    {.name = "endogenous_release",
     .member = &BloodParameters::endogenous_release_per_min,
     .unit = "min^-1",
     .physical = {0.0, 1e15},
     .published = {3e8, 1e10},
     .kind = sim::Source::derived,
     .meaning = "vesicles that the body's own cells release into the blood; scales with body weight",
     .source = "holds 1e10 per mL (about that in man's plasma; Johnsen 2019 BBA Rev Cancer 1871:109) at the clearance of 0.144 mL/min",
     .variants = {{{.name = "human",
                    .value = 1.5e12,
                    .published = {1.1e12, 1.9e12},
                    .kind = sim::Source::measured,
                    .source = "(1.5 +/- 0.4)e12 per min; Auber & Svenningsen 2022 J Extracell Biol 1:e46 (an estimate that assumes a clearance); "
                              "holds 1.25e10 per mL here, against about 1e10 (Johnsen 2019)"}}}},
    {.name = "colloid_spleen_clearance",
     .member = &BloodParameters::colloid_spleen_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.01, 0.03},
     .kind = sim::Source::assumed,
     .meaning = "clearance of colloid by the spleen; scales with body weight",
     .source = "man's 1.4 mL/min per 100 mL plasma, taken over",
     .variants = {{{.name = "human",
                    .value = 42.0,
                    .published = {33.6, 50.4},
                    .kind = sim::Source::measured,
                    .source = "1.4 mL/min per 100 mL plasma; J Nucl Med 1976;17:449, PMID 1262962"}}}},
    {.name = "colloid_other_clearance",
     .member = &BloodParameters::colloid_other_clearance_mL_per_min,
     .unit = "mL/min",
     .physical = {0.0, 1e4},
     .published = {0.03, 0.06},
     .kind = sim::Source::assumed,
     .meaning = "clearance of colloid by other phagocytes (marrow)",
     .source = "man's 3.4 mL/min per 100 mL plasma, taken over",
     .variants = {{{.name = "human",
                    .value = 102.0,
                    .published = {81.6, 122.4},
                    .kind = sim::Source::measured,
                    .source = "3.4 mL/min per 100 mL plasma; J Nucl Med 1976;17:449, PMID 1262962"}}}},
});
static_assert(sim::complete(blood_parameters));

/// Adds the pools of vesicles and colloid to the compartments, with their flows.
///
///   dC/dt = ( source - sum of CL_organ C s - binding C V + unbinding B ) / V,    s = 1 / (1 + C_all / K)
///
///   C [1/mL] of one sort in plasma, V [mL] plasma volume, B slow pool, CL [mL/min] clearance of an organ (of the liver: the sum over its lobules),
///   C_all [1/mL] all vesicles in plasma, endogenous ones included, K [1/mL] half saturation of phagocytosis. Colloid: the same without binding and
///   saturation.
///
/// `scale`: body weight over the weight that the parameters belong to. Assumed: kidney and other organs saturate like phagocytes.
BloodPools add_blood_pools(sim::World& world, const BloodParameters& parameters, double half_saturation_per_mL, double scale);

/// Concentration [1/mL] of endogenous vesicles at which their release equals their clearance, when nothing saturates but by them:
///   C = R (1 + C / K) / CL,   CL [mL/min] of all organs without saturation, the liver's given [mL/h]
/// Infinite when the phagocytes cannot keep up with the release.
double endogenous_steady_per_mL(const BloodParameters& parameters, double half_saturation_per_mL, double scale, double liver_clearance_mL_per_h);
/// Puts the endogenous vesicles of a concentration into the plasma, and those in balance with them into the slow pool.
void fill_endogenous(sim::World& world, const BloodParameters& parameters, const BloodPools& pools, double per_mL);

/// Releases the endogenous vesicles, tells the patches what the plasma holds, and remembers the largest share of MSC and product vesicles relative to
/// endogenous ones.
///
/// Reads: plasma pools. Writes: the patches' scalars of `Signals`, the endogenous pool.
class Blood final : public sim::CompartmentProcess {
 public:
  /// `largest_share`: number of the world's value that keeps it.
  Blood(const BloodParameters& parameters, const BloodPools& pools, const Signals& signals, double scale, std::size_t largest_share);
  std::string_view name() const override { return "blood"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  BloodParameters p_;
  BloodPools pools_;
  Signals signals_;
  double scale_;
  std::size_t largest_share_;
};

}  // namespace paracrine::models
