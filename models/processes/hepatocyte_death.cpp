#include "models/processes/hepatocyte_death.hpp"

#include <cmath>
#include <numbers>

#include "models/agents/hepatocyte.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

void HepatocyteDeath::advance(sim::Patch& patch, const sim::Step& step) const {
  using hepatocyte::State;
  sim::Population& cells = patch.agents(places_.hepatocytes);
  const auto state = cells.column(hepatocyte::state);
  const double days = step.duration_h() / 24.0;
  std::array<double, hepatocyte::states> leaves{};  // probability in this visit, by state
  const auto set = [&](State of, double rate_per_d) { leaves[static_cast<std::size_t>(of)] = -std::expm1(-rate_per_d * days); };
  set(State::viable, p_.turnover_per_d);
  set(State::injured, std::numbers::ln2 * 24.0 / p_.injured_half_life_h);
  set(State::necrotic, std::numbers::ln2 / p_.autolysis_half_life_d);
  set(State::senescent, std::numbers::ln2 / p_.senescent_half_life_d);
  const sim::Random random = step.random(streams::of("hepatocyte_death"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  for (std::size_t site = 0; site < cells.size(); ++site) {
    const auto now = static_cast<State>(state[site]);
    if (!(leaves[state[site]] > 0.0)) continue;
    if (drawn(site, 0) >= leaves[state[site]]) continue;
    State next = State::empty;
    if (now == State::injured) {
      next = drawn(site, 1) >= p_.recovering_share ? State::necrotic : drawn(site, 2) < p_.senescent_share ? State::senescent : State::viable;
      if (next == State::necrotic) patch.scalars[places_.necrosed] += 1.0;
    }
    if (next == State::necrotic || now == State::viable || now == State::senescent) patch.scalars[places_.died] += 1.0;
    state[site] = static_cast<std::uint8_t>(next);
  }
}

}  // namespace paracrine::models
