#include <algorithm>
#include <cmath>
#include <memory>

#include "models/agents/stellate_cell.hpp"
#include "models/processes/stellate_activation.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using stellate_cell::State;

namespace {

constexpr std::size_t cells = 20000;

/// Share of many cells of state `from` in one voxel that are in state `to` after `days`.
double share_after(State from, State to, double tgf_beta, int days, std::int64_t visit_s, double damage = 0.0) {
  auto patch = std::make_unique<sim::Patch>(0, 0);
  patch->grid.emplace(1, 1, 1, 19.2);
  patch->fields.emplace_back("tgf_beta", "ng/mL", *patch->grid);
  patch->field(0).value[0] = tgf_beta;
  patch->fields.emplace_back("damage", "1", *patch->grid);
  patch->field(1).value[0] = damage;
  patch->populations.emplace_back(stellate_cell::kind, 0, 0);
  patch->agents(0).add(cells);
  const auto state = patch->agents(0).column(stellate_cell::state);
  std::fill(state.begin(), state.end(), static_cast<std::uint8_t>(from));
  StellateActivationParameters p;
  p.half_tgf_beta_ng_per_mL = 0.3;
  const StellateActivation process(p, {.stellate_cells = 0, .tgf_beta = 0, .damage = 1, .direct = {}});
  std::uint32_t index = 0;
  for (std::int64_t t = 0; t < days * 86400; t += visit_s)
    process.advance(*patch, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = 3});
  return static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(to))) / static_cast<double>(cells);
}

bool agrees(double share, double expected) { return std::abs(share - expected) < 5.0 * std::sqrt(expected * (1.0 - expected) / cells); }

}  // namespace

TEST_CASE("stellate_activation: cells leave their state as the exponential says, whatever the visit", "[statistical][convergence]") {
  const double half_effect = 0.5 * 0.66;  // at half_tgf_beta
  for (const std::int64_t visit_s : {900, 1800}) {
    REQUIRE(agrees(share_after(State::quiescent, State::quiescent, 0.3, 2, visit_s), std::exp(-2.0 * half_effect)));
    REQUIRE(agrees(share_after(State::inactivated, State::inactivated, 0.3, 1, visit_s), std::exp(-3.5 * half_effect)));
    const double activated = share_after(State::activated, State::activated, 0.3, 2, visit_s), expected = std::exp(-2.0 * half_effect);
    REQUIRE(agrees(activated, expected));
    REQUIRE_FALSE(agrees(activated, std::exp(-2.0 * half_effect * 1.1)));  // a rate a tenth too high or too low is seen
    REQUIRE_FALSE(agrees(activated, std::exp(-2.0 * half_effect * 0.9)));
  }
}

TEST_CASE("stellate_activation: 99 % of fully triggered cells have left quiescence within a week", "[statistical]") {
  REQUIRE(agrees(share_after(State::quiescent, State::quiescent, 300.0, 7, 1800), std::exp(-0.66 * 7.0)));
}

TEST_CASE("stellate_activation: damage activates too, and does not make myofibroblasts", "[statistical][analytic]") {
  const StellateActivationParameters p;
  const double alone = p.damage_share * 0.5, with_tgf_beta = 1.0 - 0.5 * (1.0 - alone);
  const double left = share_after(State::quiescent, State::quiescent, 0.0, 3, 1800, p.half_damage);
  REQUIRE(agrees(left, std::exp(-3.0 * 0.66 * alone)));
  REQUIRE_FALSE(agrees(left, std::exp(-3.0 * 0.66 * alone * 1.1)));
  REQUIRE(agrees(share_after(State::quiescent, State::quiescent, 0.3, 3, 1800, p.half_damage), std::exp(-3.0 * 0.66 * with_tgf_beta)));
  REQUIRE(agrees(share_after(State::inactivated, State::inactivated, 0.0, 1, 1800, 100.0), std::exp(-3.5 * 0.66 * p.damage_share)));
  REQUIRE(share_after(State::activated, State::activated, 0.0, 3, 1800, 100.0) == 1.0);
}

TEST_CASE("stellate_activation: without TGF-beta and damage, and in myofibroblasts and senescent cells, nothing happens", "[property]") {
  REQUIRE(share_after(State::quiescent, State::quiescent, 0.0, 1, 1800) == 1.0);
  REQUIRE(share_after(State::myofibroblast, State::myofibroblast, 10.0, 1, 1800) == 1.0);
  REQUIRE(share_after(State::senescent, State::senescent, 10.0, 1, 1800) == 1.0);
}

TEST_CASE("stellate_activation: where MSC products act directly, vesicles hold cells back and fade", "[statistical][analytic]") {
  StellateActivationParameters p;
  p.direct_half_signal = 2.0;
  sim::Patch patch(0, 0);
  patch.grid.emplace(1, 1, 1, 19.2);
  patch.fields.emplace_back("tgf_beta", "ng/mL", *patch.grid);
  patch.field(0).value[0] = p.half_tgf_beta_ng_per_mL;
  patch.fields.emplace_back("damage", "1", *patch.grid);
  patch.populations.emplace_back(stellate_cell::kind, 0, 0);
  patch.agents(0).add(cells);
  patch.scalars = {4.0 * 10.0 * cells, 0.0, 0.0};  // four vesicles per cell, in ten slabs like this
  StellateActivationPlaces places{.stellate_cells = 0, .tgf_beta = 0, .damage = 1, .direct = {}};
  places.direct = StellateActivationPlaces::Direct{.taken = 0, .seen = 1, .signal = 2, .weight = 10.0};
  const StellateActivation process(p, places);
  process.advance(patch, {.start_s = 0, .duration_s = 86400, .index = 0, .seed = 3});
  const auto state = patch.agents(0).column(stellate_cell::state);
  const double left =
      static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(State::quiescent))) / static_cast<double>(cells);
  REQUIRE(agrees(left, std::exp(-0.5 * p.activation_per_d / 3.0)));
  REQUIRE_FALSE(agrees(left, std::exp(-0.5 * p.activation_per_d / 2.0)));
  process.advance(patch, {.start_s = 86400, .duration_s = 2 * 86400, .index = 1, .seed = 3});
  REQUIRE(std::abs(patch.scalars[2] - 2.0) < 1e-9);  // a half-life later, and nothing new
}
