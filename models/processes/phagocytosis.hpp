#pragma once
#include <array>

#include "models/tissue/tissue_state.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct PhagocytosisParameters {
  double kupffer_per_d = 0.4;
  double inflammatory_per_d = 2.36;
  double restorative_per_d = 2.6;
  double neutrophil_per_d = 0.3;
  double largest_per_d = 3.25;
  double apoptotic_factor = 4.0;
  double apoptotic_meal = 0.2;
  double meal_half_life_d = 1.5;
};

inline constexpr auto phagocytosis_parameters = std::to_array<sim::Parameter<PhagocytosisParameters>>({
    {.name = "kupffer",
     .member = &PhagocytosisParameters::kupffer_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 2.0},
     .kind = sim::Source::fitted,
     .meaning = "rate at which one Kupffer cell clears a necrotic hepatocyte at its own or a neighbouring site",
     .source = "calibration 3; necroses of one dose are cleared in 2 to 4 d by a handful of phagocytes each; no rate known"},
    {.name = "inflammatory",
     .member = &PhagocytosisParameters::inflammatory_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 3.0},
     .kind = sim::Source::fitted,
     .meaning = "the same of a recruited inflammatory macrophage",
     .source = "calibration 3; same"},
    {.name = "restorative",
     .member = &PhagocytosisParameters::restorative_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "the same of a restorative macrophage",
     .source = "they express more of the receptors for debris (Ramachandran 2012 PNAS 109:E3186); rate assumed"},
    {.name = "neutrophil",
     .member = &PhagocytosisParameters::neutrophil_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 2.0},
     .kind = sim::Source::fitted,
     .meaning = "the same of a neutrophil",
     .source = "calibration 3; neutrophils take debris apart; rate assumed"},
    {.name = "largest",
     .member = &PhagocytosisParameters::largest_per_d,
     .unit = "d^-1",
     .physical = {1e-3, 1e30},
     .published = {2.0, 10.0},
     .kind = sim::Source::fitted,
     .meaning = "rate at which a necrotic hepatocyte is cleared by as many phagocytes as can be",
     .source = "calibration 3; a hepatocyte has room for a handful of them, and taking it apart needs hours: 12.5 h of contact in the model of "
               "Heldring 2022 npj Syst Biol Appl, 10.1038/s41540-022-00238-5; no rate measured"},
    {.name = "apoptotic_factor",
     .member = &PhagocytosisParameters::apoptotic_factor,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {1.0, 20.0},
     .kind = sim::Source::assumed,
     .meaning = "how many times faster an apoptotic neutrophil is eaten than a necrotic hepatocyte, by macrophages",
     .source = "it is a tenth of the size and eaten whole, within hours; no rate known"},
    {.name = "apoptotic_meal",
     .member = &PhagocytosisParameters::apoptotic_meal,
     .unit = "1",
     .physical = {0.0, 10.0},
     .published = {0.05, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "what an apoptotic neutrophil counts as a meal, relative to a necrotic hepatocyte",
     .source = "between the ratio of volumes, a tenth, and that of numbers"},
    {.name = "meal_half_life",
     .member = &PhagocytosisParameters::meal_half_life_d,
     .unit = "d",
     .physical = {0.01, 1000.0},
     .published = {0.5, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life for which a macrophage is marked by what it ate",
     .source = "as long as the switch that it drives; no measurement known"},
});
static_assert(sim::complete(phagocytosis_parameters));

/// Rate [1/d] at which a necrotic hepatocyte is cleared by phagocytes whose rates add up to `sum_per_d`.
inline double debris_clearance_per_d(const PhagocytosisParameters& p, double sum_per_d) { return sum_per_d / (1.0 + sum_per_d / p.largest_per_d); }

/// Where the process finds things in a lobule patch.
struct PhagocytosisPlaces {
  TissueKinds kinds;
  std::size_t eaten_hepatocytes = 0, eaten_neutrophils = 0;  // scalars: so far
};

/// Lets phagocytes eat the dead.
///
///   necrotic hepatocyte -> empty     W / (1 + W / largest),   W = sum over phagocytes in reach of the rate of their sort
///   apoptotic neutrophil -> gone     apoptotic_factor W of the macrophages alone
///   meals   dm/dt = -(ln 2 / meal_half_life) m; what is eaten is shared out among those that ate it, in proportion to their rates
///
/// Reads: places and states of macrophages, neutrophils, hepatocytes. Writes: hepatocytes' states, the neutrophils, macrophages' meals, counts.
/// Source: the parameters. Assumed: reach is the own site and those beside it; phagocytes do not tire.
class Phagocytosis final : public sim::Process {
 public:
  Phagocytosis(const PhagocytosisParameters& parameters, const PhagocytosisPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "phagocytosis"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  PhagocytosisParameters p_;
  PhagocytosisPlaces places_;
};

}  // namespace paracrine::models
