#include "models/processes/macrophage_switch.hpp"

#include <cmath>
#include <numbers>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

SwitchRates switch_rates(const MacrophageSwitchParameters& p, double meals, double il10_ng_per_mL, double damage, double signal) {
  const double sped_up =
      1.0 + p.meals_gain * meals / (meals + p.half_meals) + p.il10_gain * il10_ng_per_mL / (il10_ng_per_mL + p.half_il10_ng_per_mL);
  return {.own_per_d = std::numbers::ln2 * 24.0 / p.half_time_h * sped_up / (1.0 + damage / p.half_damage),
          .signal_per_d = signal > 0.0 ? p.signal_per_d * signal / (signal + p.half_signal) : 0.0};
}

void MacrophageSwitch::advance(sim::Patch& patch, const sim::Step& step) const {
  using macrophage::State;
  sim::Population& cells = patch.agents(places_.macrophages);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state);
  const auto signal = cells.column(macrophage::signal), meals = cells.column(macrophage::meals), lineage = cells.column(macrophage::msc_lineage);
  const std::vector<double>& damage = patch.field(places_.damage).value;
  const double days = step.duration_h() / 24.0, il10 = patch.scalars[places_.il10];
  const sim::Random random = step.random(streams::of("macrophage_switch"));
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(State::inflammatory)) continue;
    const SwitchRates rates = switch_rates(p_, static_cast<double>(meals[row]), il10, damage[voxel[row]], static_cast<double>(signal[row]));
    const double total_per_d = rates.own_per_d + rates.signal_per_d;
    if (random.uniforms(cells.ids()[row], 0)[0] >= -std::expm1(-total_per_d * days)) continue;
    state[row] = static_cast<std::uint8_t>(State::restorative);
    lineage[row] = static_cast<float>(rates.signal_per_d / total_per_d);
    patch.scalars[places_.switched] += 1.0;
    patch.scalars[places_.switched_by_signal] += rates.signal_per_d / total_per_d;
  }
}

}  // namespace paracrine::models
