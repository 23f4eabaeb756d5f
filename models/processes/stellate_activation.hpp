#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct StellateActivationParameters {
  double activation_per_d = 0.66;
  double maturation_per_d = 0.66;
  double half_tgf_beta_ng_per_mL = 1.0;
  double reactivation_factor = 3.5;
};

inline constexpr auto stellate_activation_parameters = std::to_array<sim::Parameter<StellateActivationParameters>>({
    {.name = "activation",
     .member = &StellateActivationParameters::activation_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 1.5},
     .kind = sim::Source::derived,
     .meaning = "largest rate at which a quiescent stellate cell is activated",
     .source = "ln 100 / 7 d: 99 % of triggered cells are activated within 7 d in the model of Bougueon 2024 PLoS Comput Biol, "
               "10.1371/journal.pcbi.1011858"},
    {.name = "maturation",
     .member = &StellateActivationParameters::maturation_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 1.5},
     .kind = sim::Source::derived,
     .meaning = "largest rate at which an activated stellate cell becomes a myofibroblast",
     .source = "ln 100 / 7 d: myofibroblasts after another 7 d; same"},
    {.name = "half_tgf_beta",
     .member = &StellateActivationParameters::half_tgf_beta_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e3},
     .published = {0.1, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "active TGF-beta at which both rates are half of their largest",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "reactivation_factor",
     .member = &StellateActivationParameters::reactivation_factor,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {1.0, 5.0},
     .kind = sim::Source::model,
     .meaning = "how many times faster an inactivated cell is activated than a quiescent one",
     .source = "3.5 in Bougueon 2024; more rapidly in Kisseleva 2012 PNAS 109:9448"},
});
static_assert(sim::complete(stellate_activation_parameters));

/// Effect of active TGF-beta on a stellate cell, 0 to 1: c^2 / (c^2 + half^2).
inline double tgf_beta_effect(double tgf_beta_ng_per_mL, double half_ng_per_mL) {
  const double square = tgf_beta_ng_per_mL * tgf_beta_ng_per_mL;
  return square / (square + half_ng_per_mL * half_ng_per_mL);
}

/// Where the process finds things in a lobule patch.
struct StellateActivationPlaces {
  std::size_t stellate_cells = 0;  // number of the agent kind
  std::size_t tgf_beta = 0;        // field [ng/mL]
};

/// Activates hepatic stellate cells, and turns activated ones into myofibroblasts.
///
///   quiescent   -> activated       activation H
///   inactivated -> activated       reactivation_factor activation H
///   activated   -> myofibroblast   maturation H,            H = c^2 / (c^2 + half_tgf_beta^2)
///
///   rates in 1/d, c [ng/mL] active TGF-beta at the cell's voxel; a cell makes at most one step in a visit, with probability 1 - exp(-rate dt).
///
/// Reads: places and states of stellate cells, TGF-beta. Writes: states. Source: the parameters. Assumed: memoryless steps, and the form of H.
class StellateActivation final : public sim::Process {
 public:
  StellateActivation(const StellateActivationParameters& parameters, const StellateActivationPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "stellate_activation"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  StellateActivationParameters p_;
  StellateActivationPlaces places_;
};

}  // namespace paracrine::models
