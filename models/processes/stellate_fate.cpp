#include "models/processes/stellate_fate.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

double stellate_loss_per_d(const StellateFateParameters& p, double tnf_ng_per_mL) {
  const double longer = 1.0 + p.survival_factor * tnf_ng_per_mL / (tnf_ng_per_mL + p.half_tnf_ng_per_mL);
  return std::numbers::ln2 / p.loss_half_life_d / longer;
}

void StellateFate::advance(sim::Patch& patch, const sim::Step& step) const {
  using stellate_cell::State;
  sim::Population& cells = patch.agents(places_.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  const std::vector<double>& tnf = patch.field(places_.tnf).value;
  const double days = step.duration_h() / 24.0;
  const double killing = natural_killing(p_, patch.scalars[places_.natural_killer]), reverting_activated = reverting_of_activated(p_, killing);
  const double cleared_per_d = patch.scalars[places_.natural_killer] * std::numbers::ln2 / p_.senescent_half_life_d;
  const double quiescence_per_d = std::numbers::ln2 / p_.quiescence_half_life_d;
  const sim::Random random = step.random(streams::of("stellate_fate"));
  std::vector<std::uint32_t> dead;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(state[row]);
    if (now == State::quiescent) continue;
    const bool active = now == State::activated || now == State::myofibroblast;
    const double lost_per_d = active ? stellate_loss_per_d(p_, tnf[voxel[row]]) * (now == State::activated ? killing : 1.0) : 0.0;
    const double senescence_per_d = now == State::myofibroblast ? p_.senescence_per_d : 0.0;
    const double rate_per_d = active ? lost_per_d + senescence_per_d : now == State::senescent ? cleared_per_d : quiescence_per_d;
    const auto u = random.uniforms(cells.ids()[row], 0);
    if (!sim::happens(u[0], rate_per_d * days)) continue;
    if (now == State::inactivated) {
      state[row] = static_cast<std::uint8_t>(State::quiescent);
    } else if (now == State::senescent) {
      dead.push_back(row);
    } else if (u[1] * rate_per_d < senescence_per_d) {
      state[row] = static_cast<std::uint8_t>(State::senescent);
    } else {
      patch.scalars[places_.lost] += 1.0;
      if (u[2] < (now == State::activated ? reverting_activated : p_.reverting_share)) {
        patch.scalars[places_.reverted] += 1.0;
        state[row] = static_cast<std::uint8_t>(State::inactivated);
      } else {
        dead.push_back(row);
      }
    }
  }
  patch.scalars[places_.dead] += static_cast<double>(dead.size());
  cells.remove(dead);
}

}  // namespace paracrine::models
