#include "models/processes/stellate_activation.hpp"

#include <cmath>

#include "models/agents/stellate_cell.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

double StellateActivation::direct_factor(sim::Patch& patch, double days) const {
  if (!places_.direct) return 1.0;
  const auto cells = static_cast<double>(patch.agents(places_.stellate_cells).size());
  double &seen = patch.scalars[places_.direct->seen], &signal = patch.scalars[places_.direct->signal];
  const double taken = patch.scalars[places_.direct->taken];
  signal *= std::exp2(-days / p_.direct_half_life_d);
  if (cells > 0.0) signal += (taken - seen) / (cells * places_.direct->weight);
  seen = taken;
  return 1.0 / (1.0 + signal / p_.direct_half_signal);
}

void StellateActivation::advance(sim::Patch& patch, const sim::Step& step) const {
  using stellate_cell::State;
  sim::Population& cells = patch.agents(places_.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  const std::vector<double>& tgf_beta = patch.field(places_.tgf_beta).value;
  const double days = step.duration_h() / 24.0;
  const double factor = direct_factor(patch, days);
  const sim::Random random = step.random(streams::stellate_activation);
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(state[row]);
    if (now == State::myofibroblast || now == State::senescent) continue;
    const double effect = factor * tgf_beta_effect(tgf_beta[voxel[row]], p_.half_tgf_beta_ng_per_mL);
    if (!(effect > 0.0)) continue;
    const double rate_per_d = effect * (now == State::activated     ? p_.maturation_per_d
                                        : now == State::inactivated ? p_.reactivation_factor * p_.activation_per_d
                                                                    : p_.activation_per_d);
    if (sim::happens(drawn(row, 0), rate_per_d * days))
      state[row] = static_cast<std::uint8_t>(now == State::activated ? State::myofibroblast : State::activated);
  }
}

}  // namespace paracrine::models
