#include "models/processes/kupffer_relay.hpp"

#include <cmath>
#include <numbers>

#include "models/agents/macrophage.hpp"

namespace paracrine::models {

double kupffer_relay_after(const KupfferRelayParameters& p, double relay, double signal, double days) {
  const double off_per_d = std::numbers::ln2 / p.half_life_d, on_per_d = p.rate_per_d * signal / (signal + p.half_signal);
  const double steady = on_per_d / (on_per_d + off_per_d);
  return steady + (relay - steady) * std::exp(-(on_per_d + off_per_d) * days);
}

void KupfferRelay::advance(sim::Patch& patch, const sim::Step& step) const {
  sim::Population& cells = patch.agents(macrophages_);
  const auto state = cells.column(macrophage::state);
  const auto signal = cells.column(macrophage::signal), relay = cells.column(macrophage::relay);
  const double days = step.duration_h() / 24.0;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(macrophage::State::kupffer) || (signal[row] == 0.0F && relay[row] == 0.0F)) continue;
    relay[row] = static_cast<float>(kupffer_relay_after(p_, static_cast<double>(relay[row]), static_cast<double>(signal[row]), days));
  }
}

}  // namespace paracrine::models
