#include "models/processes/kupffer_relay.hpp"

#include <cmath>
#include <numbers>

#include "models/agents/macrophage.hpp"

namespace paracrine::models {

void KupfferRelay::advance(sim::Patch& patch, const sim::Step& step) const {
  sim::Population& cells = patch.agents(macrophages_);
  const auto state = cells.column(macrophage::state);
  const auto signal = cells.column(macrophage::signal), relay = cells.column(macrophage::relay);
  const double days = step.duration_h() / 24.0, off_per_d = std::numbers::ln2 / p_.half_life_d;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(macrophage::State::kupffer) || (signal[row] == 0.0F && relay[row] == 0.0F)) continue;
    const double s = static_cast<double>(signal[row]), on_per_d = p_.rate_per_d * s / (s + p_.half_signal);
    const double steady = on_per_d / (on_per_d + off_per_d);
    relay[row] = static_cast<float>(steady + (static_cast<double>(relay[row]) - steady) * std::exp(-(on_per_d + off_per_d) * days));
  }
}

}  // namespace paracrine::models
