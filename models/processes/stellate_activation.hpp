#pragma once
#include <array>
#include <optional>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct StellateActivationParameters {
  double activation_per_d = 0.66;
  double maturation_per_d = 0.66;
  double half_tgf_beta_ng_per_mL = 0.5;
  double damage_share = 0.3;
  double half_damage = 0.1;
  double reactivation_factor = 3.5;
  double direct_half_signal = 1.0;
  double direct_half_life_d = 2.0;
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
     .kind = sim::Source::fitted,
     .meaning = "active TGF-beta that drives both steps at half, alone",
     .source = "calibration 3; usual half-effective concentration in culture, to be verified"},
    {.name = "damage_share",
     .member = &StellateActivationParameters::damage_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "activation of quiescent cells by much damage without TGF-beta, relative to that by much TGF-beta",
     .source = "dying hepatocytes activate stellate cells directly, by nucleotides, HMGB1 and what they engulf; share not known"},
    {.name = "half_damage",
     .member = &StellateActivationParameters::half_damage,
     .unit = "1",
     .physical = {1e-6, 1e6},
     .published = {0.01, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "damage signal that drives at half of this share",
     .source = "a tenth of a tissue that is all necrotic; no measurement known"},
    {.name = "reactivation_factor",
     .member = &StellateActivationParameters::reactivation_factor,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {1.0, 5.0},
     .kind = sim::Source::model,
     .meaning = "how many times faster an inactivated cell is activated than a quiescent one",
     .source = "3.5 in Bougueon 2024; more rapidly in Kisseleva 2012 PNAS 109:9448"},
    {.name = "direct_half_signal",
     .member = &StellateActivationParameters::direct_half_signal,
     .unit = "1",
     .physical = {1e-9, 1e9},
     .published = {0.01, 1000.0},
     .kind = sim::Source::assumed,
     .meaning = "where MSC products act on stellate cells (mechanism.hsc_direct): signal, in vesicles per cell, that halves their activation",
     .source = "the evidence for a direct action is divided; potency not identified"},
    {.name = "direct_half_life",
     .member = &StellateActivationParameters::direct_half_life_d,
     .unit = "d",
     .physical = {0.001, 1e4},
     .published = {0.5, 7.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of that signal",
     .source = "as in macrophages; no measurement known"},
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
  std::size_t damage = 0;          // field [1]
  /// Direct action of MSC products; none: they have none.
  struct Direct {
    std::size_t taken = 0, seen = 0;  // scalars: vesicles in the stellate cells of the whole organ so far, and of them those counted here already
    std::size_t signal = 0;           // scalar: vesicles per stellate cell that still act
    double weight = 1.0;              // slabs of the liver that this one stands for
  };
  std::optional<Direct> direct;
};

/// Rate [1/d] at which a cell of a state takes its next step; 0 for the states without one.
double stellate_step_per_d(const StellateActivationParameters& p, stellate_cell::State state, double tgf_beta_ng_per_mL, double damage);
/// What the direct action of MSC products leaves of these rates, where `cells` stellate cells are in the patch; follows the signal over `days`.
double direct_factor(const StellateActivationParameters& p, const StellateActivationPlaces::Direct& direct, std::vector<double>& scalars,
                     double cells, double days);

/// Activates hepatic stellate cells, and turns activated ones into myofibroblasts.
///
///   quiescent   -> activated       activation A
///   inactivated -> activated       reactivation_factor activation A
///   activated   -> myofibroblast   maturation H
///
///   H = c^2 / (c^2 + half_tgf_beta^2),   A = 1 - (1 - H) (1 - damage_share d^2 / (d^2 + half_damage^2))
///
///   Where MSC products act directly, the rates are divided by 1 + S / direct_half_signal, S the mean signal of the lobule's stellate cells:
///   dS/dt = vesicles taken up per cell and time - (ln 2 / direct_half_life) S.
///
///   rates in 1/d, c [ng/mL] active TGF-beta and d [1] damage at the cell's voxel; a cell makes at most one step in a visit, with probability
///   1 - exp(-rate dt).
///
/// Reads: places and states of stellate cells, TGF-beta, damage. Writes: states. Source: the parameters. Assumed: memoryless steps, the forms of H
/// and A, and that cells mature by TGF-beta alone.
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
