#include <algorithm>
#include <cmath>
#include <memory>

#include "models/agents/macrophage.hpp"
#include "models/processes/macrophage_death.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using macrophage::Origin;
using macrophage::State;

namespace {

constexpr std::size_t cells = 20000;
constexpr MacrophageDeathPlaces places{.macrophages = 0, .kupffer_dead = 0, .recruited_dead = 1};

std::unique_ptr<sim::Patch> patch_of(State state, Origin origin) {
  auto patch = std::make_unique<sim::Patch>(0, 0);
  patch->populations.emplace_back(macrophage::kind, 0, 0);
  patch->scalars.assign(2, 0.0);
  patch->agents(0).add(cells);
  const auto states = patch->agents(0).column(macrophage::state), origins = patch->agents(0).column(macrophage::origin);
  std::fill(states.begin(), states.end(), static_cast<std::uint8_t>(state));
  std::fill(origins.begin(), origins.end(), static_cast<std::uint8_t>(origin));
  return patch;
}

double share_left(State state, Origin origin, int hours, std::int64_t visit_s) {
  const auto patch = patch_of(state, origin);
  const MacrophageDeath process({.inflammatory_half_life_h = 30.0, .restorative_half_life_h = 45.0, .infused_half_life_d = 10.0}, places);
  std::uint32_t index = 0;
  for (std::int64_t t = 0; t < hours * 3600; t += visit_s)
    process.advance(*patch, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = 11});
  const auto left = static_cast<double>(patch->agents(0).size());
  // who is not there is counted, once, in the right place
  REQUIRE(patch->scalars[state == State::kupffer ? 0 : 1] + left == static_cast<double>(cells));
  REQUIRE(patch->scalars[state == State::kupffer ? 1 : 0] == 0.0);
  return left / static_cast<double>(cells);
}

bool agrees(double share, double expected) { return std::abs(share - expected) < 5.0 * std::sqrt(expected * (1.0 - expected) / cells); }

}  // namespace

TEST_CASE("macrophage_death: recruited cells have their half-lives, whatever the visit, and every death is counted", "[statistical][convergence]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    const double left = share_left(State::inflammatory, Origin::recruited, 30, visit_s);
    REQUIRE(agrees(left, 0.5));
    REQUIRE_FALSE(agrees(left, std::exp2(-1.1)));  // a half-life a tenth too short or too long is seen
    REQUIRE_FALSE(agrees(left, std::exp2(-0.9)));
    REQUIRE(agrees(share_left(State::restorative, Origin::educated, 45, visit_s), 0.5));
  }
}

TEST_CASE("macrophage_death: Kupffer cells hardly die, infused macrophages live for more than a week", "[statistical]") {
  REQUIRE(agrees(share_left(State::kupffer, Origin::resident, 240, 1800), std::exp(-0.024)));
  for (const State state : {State::inflammatory, State::restorative}) REQUIRE(agrees(share_left(state, Origin::infused, 240, 1800), 0.5));
}
