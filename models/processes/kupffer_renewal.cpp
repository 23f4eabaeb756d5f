#include "models/processes/kupffer_renewal.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

void KupfferRenewal::advance(sim::Patch& patch, const sim::Step& step) const {
  using macrophage::State;
  sim::Population& cells = patch.agents(places_.macrophages);
  const auto state = cells.column(macrophage::state);
  const auto kupffer = static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(State::kupffer)));
  const double niche = patch.scalars[places_.niche], missing = niche > 0.0 ? std::max(0.0, 1.0 - kupffer / niche) : 0.0;
  if (!(missing > 0.0)) return;
  const double days = step.duration_h() / 24.0;
  const double divides = -std::expm1(-kupffer_division_per_d(p_, missing) * days);
  const double settles = -std::expm1(-kupffer_settling_per_d(p_, missing) * days);
  const sim::Random random = step.random(streams::of("kupffer_renewal"));
  const auto origin = cells.column(macrophage::origin);
  std::vector<std::uint32_t> mothers;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    const bool resident = state[row] == static_cast<std::uint8_t>(State::kupffer);
    if (!resident && !(settles > 0.0)) continue;
    if (random.uniforms(cells.ids()[row], 0)[0] >= (resident ? divides : settles)) continue;
    if (resident) {
      mothers.push_back(row);
    } else {
      state[row] = static_cast<std::uint8_t>(State::kupffer);
      origin[row] = static_cast<std::uint8_t>(macrophage::Origin::resident);
      patch.scalars[places_.settled] += 1.0;
    }
  }
  const std::size_t first = cells.add(mothers.size());
  const auto copy = [&](auto column) {
    const auto values = cells.column(column);
    for (std::size_t i = 0; i < mothers.size(); ++i) values[first + i] = values[mothers[i]];
  };
  copy(macrophage::x_um);
  copy(macrophage::y_um);
  copy(macrophage::z_um);
  copy(macrophage::voxel);
  copy(macrophage::state);
  patch.scalars[places_.born] += static_cast<double>(mothers.size());
}

}  // namespace paracrine::models
