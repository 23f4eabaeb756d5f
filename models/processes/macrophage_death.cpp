#include "models/processes/macrophage_death.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

void MacrophageDeath::advance(sim::Patch& patch, const sim::Step& step) const {
  using macrophage::Origin;
  using macrophage::State;
  sim::Population& cells = patch.agents(places_.macrophages);
  const auto state = cells.column(macrophage::state), origin = cells.column(macrophage::origin);
  const auto dies_in_visit = [&](double rate_per_h) { return -std::expm1(-rate_per_h * step.duration_h()); };
  const std::array<double, 3> by_state{dies_in_visit(p_.kupffer_per_d / 24.0), dies_in_visit(std::numbers::ln2 / p_.inflammatory_half_life_h),
                                       dies_in_visit(std::numbers::ln2 / p_.restorative_half_life_h)};
  const double infused = dies_in_visit(std::numbers::ln2 / (24.0 * p_.infused_half_life_d));
  const sim::Random random = step.random(streams::of("macrophage_death"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  std::vector<std::uint32_t> dead;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    const bool resident = state[row] == static_cast<std::uint8_t>(State::kupffer);
    const double probability = origin[row] == static_cast<std::uint8_t>(Origin::infused) ? infused : by_state[state[row]];
    if (drawn(row, 0) >= probability) continue;
    dead.push_back(row);
    patch.scalars[resident ? places_.kupffer_dead : places_.recruited_dead] += 1.0;
  }
  cells.remove(dead);
}

}  // namespace paracrine::models
