#include "models/processes/neutrophil_fate.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

void NeutrophilFate::advance(sim::Patch& patch, const sim::Step& step) const {
  using neutrophil::State;
  sim::Population& cells = patch.agents(places_.neutrophils);
  const auto state = cells.column(neutrophil::state);
  const double dies = -std::expm1(-std::numbers::ln2 * step.duration_h() / p_.half_life_h);
  const double falls_apart = -std::expm1(-std::numbers::ln2 * step.duration_h() / p_.apoptotic_half_life_h);
  const sim::Random random = step.random(streams::neutrophil_fate);
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  std::vector<std::uint32_t> gone;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    const bool active = state[row] == static_cast<std::uint8_t>(State::active);
    if (drawn(row, 0) >= (active ? dies : falls_apart)) continue;
    if (active)
      state[row] = static_cast<std::uint8_t>(State::apoptotic);
    else
      gone.push_back(row);
  }
  patch.scalars[places_.gone] += static_cast<double>(gone.size());
  cells.remove(gone);
}

}  // namespace paracrine::models
