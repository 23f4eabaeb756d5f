#pragma once
#include <array>

#include "models/compartments/carriers.hpp"
#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct MonocyteEducationParameters {
  double near_reach_um = 50.0;
  double near_rate_per_h = 0.03;
  double lung_volume_mL = 1.0;
  double spleen_volume_mL = 0.1;
  double lung_vesicle_share = 0.1;
  double spleen_vesicle_share = 0.05;
  double education_per_vesicle = 0.003;
};

inline constexpr auto monocyte_education_parameters = std::to_array<sim::Parameter<MonocyteEducationParameters>>({
    {.name = "near_reach",
     .member = &MonocyteEducationParameters::near_reach_um,
     .unit = "um",
     .physical = {0.0, 1e4},
     .published = {20.0, 200.0},
     .kind = sim::Source::assumed,
     .meaning = "distance from a secreting MSC within which its soluble factors act undiminished",
     .source = "96 % of PGE2 is lost in one pass through a rodent lung, so it acts near the cell; arrested MSC lie about 100 um apart in mouse (1e6 "
               "in 1 mL), 400 um in man (7e7 in 4 L); reach assumed"},
    {.name = "near_rate",
     .member = &MonocyteEducationParameters::near_rate_per_h,
     .unit = "h^-1",
     .physical = {0.0, 100.0},
     .published = {0.003, 0.3},
     .kind = sim::Source::assumed,
     .meaning = "rate at which soluble factors within reach educate a monocyte",
     .source = "co-culture changes monocytes over one to three days: half in a day; no measurement in lung known"},
    {.name = "lung_volume",
     .member = &MonocyteEducationParameters::lung_volume_mL,
     .unit = "mL",
     .physical = {1e-3, 1e5},
     .published = {0.5, 1.2},
     .kind = sim::Source::assumed,
     .meaning = "volume in which the lung's capillaries and the MSC stopped there are spread; scales with body weight",
     .source = "volume of the inflated lung of a mouse, usual figure",
     .variants = {{{.name = "human",
                    .value = 4000.0,
                    .published = {2500.0, 6000.0},
                    .kind = sim::Source::assumed,
                    .source = "volume of the inflated lung of an adult, usual figure"}}}},
    {.name = "spleen_volume",
     .member = &MonocyteEducationParameters::spleen_volume_mL,
     .unit = "mL",
     .physical = {1e-3, 1e5},
     .published = {0.05, 0.2},
     .kind = sim::Source::derived,
     .meaning = "volume of the spleen; scales with body weight",
     .source = "0.5 % of body weight (Brown 1997, as coded in published PBTK models)",
     .variants =
         {{{.name = "human", .value = 180.0, .published = {100.0, 250.0}, .kind = sim::Source::assumed, .source = "usual figure for an adult"}}}},
    {.name = "lung_vesicle_share",
     .member = &MonocyteEducationParameters::lung_vesicle_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.01, 0.3},
     .kind = sim::Source::assumed,
     .meaning = "share of the vesicles taken up in the lung that its marginated monocytes take",
     .source = "the rest goes to resident macrophages and endothelium; no measurement known"},
    {.name = "spleen_vesicle_share",
     .member = &MonocyteEducationParameters::spleen_vesicle_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.005, 0.2},
     .kind = sim::Source::assumed,
     .meaning = "share of the vesicles taken up in the spleen that its monocytes take",
     .source = "the rest goes to macrophages of the red pulp and marginal zone; no measurement known"},
    {.name = "education_per_vesicle",
     .member = &MonocyteEducationParameters::education_per_vesicle,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {1e-4, 0.1},
     .kind = sim::Source::assumed,
     .meaning = "probability that one vesicle of an unprimed cell educates the monocyte that takes it up",
     .source = "in culture, thousands of vesicles are offered per cell, some per cent are taken up; no measurement per vesicle known: the log middle "
               "of the range"},
});
static_assert(sim::complete(monocyte_education_parameters));

/// An organ in which monocytes stay and can be educated.
struct EducationSite {
  std::size_t group = 0;                   // its patches
  sim::PoolIndex naive = 0, educated = 0;  // monocytes there
  sim::PoolIndex effective = 0;            // effective vesicles that it has taken up so far
};

/// Numbers of the world's values that education keeps.
struct EducationValues {
  std::size_t effective_lung = 0, effective_spleen = 0;  // taken up until the last visit
  std::size_t educated = 0;                              // monocytes educated so far
};
EducationValues add_education_values(sim::World& world);

/// Educates naive monocytes that stay in the lung and in the spleen, by what MSC do there.
///
///   newly educated = N (1 - exp(-(meals / T + near_rate near_share dt + education_per_vesicle vesicles / T)))
///   near_share     = 1 - exp(-secretors 4/3 pi near_reach^3 / volume)
///   vesicles       = vesicle_share x what the organ took up since the last visit, each vesicle counted with its potency
///
///   N, T [cells] naive and all monocytes that stay there; meals: dying MSC eaten by such monocytes (lung alone); secretors: viable MSC stopped
///   there, each by its relative secretion; dt [h] the visit. A carrier that is switched off has its term 0.
///
/// Meals and vesicles fall on monocytes at random; some get several. Reads: patches of lung and spleen (monocyte_meals, near_secretors), pools.
/// Writes: naive and educated pools; sets monocyte_meals to 0. Assumed: all numbers; MSC lie at random in the organ; what a cell was taught before
/// neither grows nor is renewed; plasma alone educates nobody.
class MonocyteEducation final : public sim::CompartmentProcess {
 public:
  MonocyteEducation(const MonocyteEducationParameters& parameters, const EducationSite& lung, const EducationSite& spleen, const Signals& signals,
                    const Carriers& carriers, const EducationValues& values, double scale);
  std::string_view name() const override { return "monocyte_education"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  struct Site {
    EducationSite in;
    double volume_mL = 0.0, vesicle_share = 0.0;
    std::size_t last_effective = 0;  // number of the value
  };
  void educate(sim::World& world, const Site& site, double duration_h) const;
  double near_share(double secretors, double volume_mL) const;

  MonocyteEducationParameters p_;
  std::array<Site, 2> sites_;
  Signals signals_;
  Carriers carriers_;
  std::size_t educated_value_;
};

}  // namespace paracrine::models
