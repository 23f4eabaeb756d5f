#include "models/processes/stellate_activation.hpp"

#include <cmath>

#include "models/agents/stellate_cell.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

double stellate_step_per_d(const StellateActivationParameters& p, stellate_cell::State state, double tgf_beta_ng_per_mL, double damage) {
  using stellate_cell::State;
  const double without_tgf_beta = 1.0 - tgf_beta_effect(tgf_beta_ng_per_mL, p.half_tgf_beta_ng_per_mL);
  if (state == State::activated) return p.maturation_per_d * (1.0 - without_tgf_beta);
  if (state == State::myofibroblast || state == State::senescent) return 0.0;
  const double of_damage = p.damage_share * damage * damage / (damage * damage + p.half_damage * p.half_damage);
  const double per_d = p.activation_per_d * (1.0 - without_tgf_beta * (1.0 - of_damage));
  return state == State::inactivated ? p.reactivation_factor * per_d : per_d;
}

double direct_factor(const StellateActivationParameters& p, const StellateActivationPlaces::Direct& direct, std::vector<double>& scalars,
                     double cells, double days) {
  double &seen = scalars[direct.seen], &signal = scalars[direct.signal];
  const double taken = scalars[direct.taken];
  signal *= std::exp2(-days / p.direct_half_life_d);
  if (cells > 0.0) signal += (taken - seen) / (cells * direct.weight);
  seen = taken;
  return 1.0 / (1.0 + signal / p.direct_half_signal);
}

void StellateActivation::advance(sim::Patch& patch, const sim::Step& step) const {
  using stellate_cell::State;
  sim::Population& cells = patch.agents(places_.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  const std::vector<double>&tgf_beta = patch.field(places_.tgf_beta).value, &damage = patch.field(places_.damage).value;
  const double days = step.duration_h() / 24.0;
  const double factor = places_.direct ? direct_factor(p_, *places_.direct, patch.scalars, static_cast<double>(cells.size()), days) : 1.0;
  const sim::Random random = step.random(streams::of("stellate_activation"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(state[row]);
    if (now == State::myofibroblast || now == State::senescent) continue;
    const double rate_per_d = factor * stellate_step_per_d(p_, now, tgf_beta[voxel[row]], damage[voxel[row]]);
    if (!(rate_per_d > 0.0)) continue;
    if (sim::happens(drawn(row, 0), rate_per_d * days))
      state[row] = static_cast<std::uint8_t>(now == State::activated ? State::myofibroblast : State::activated);
  }
}

}  // namespace paracrine::models
