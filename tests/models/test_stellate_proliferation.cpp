#include <algorithm>
#include <cmath>
#include <memory>

#include "models/agents/stellate_cell.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/processes/stellate_proliferation.hpp"
#include "models/tissue/tissue_state.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using stellate_cell::State;

namespace {

constexpr StellateProliferationPlaces places{.stellate_cells = 0, .pdgf = 0, .healthy = 0, .born = 1};

/// A lobule with `per_site` cells of one state at every site.
std::unique_ptr<sim::Patch> lobule_of(State of, std::size_t per_site, double pdgf) {
  auto patch = std::make_unique<sim::Patch>(0, 0);
  Lobule lobule = make_lobule({}, 284.3, 1, 1);
  const SiteMap sites = make_site_map(lobule);
  patch->grid = lobule.grid;
  patch->fields.emplace_back("pdgf", "ng/mL", *patch->grid);
  std::fill(patch->field(0).value.begin(), patch->field(0).value.end(), pdgf);
  patch->scalars = {0.0, 0.0};
  patch->populations.emplace_back(stellate_cell::kind, 0, 0);
  sim::Population& cells = patch->agents(0);
  cells.add(sites.size() * per_site);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    cells.column(stellate_cell::voxel)[row] = sites.voxel[row % sites.size()];
    cells.column(stellate_cell::state)[row] = static_cast<std::uint8_t>(of);
  }
  patch->derived.push_back(make_lobule_state(std::move(lobule), {}, 1.0));
  return patch;
}

/// Growth factor over some days.
double growth(sim::Patch& patch, const StellateProliferationParameters& p, int days, std::int64_t visit_s = 1800) {
  const StellateProliferation process(p, places);
  const auto before = static_cast<double>(patch.agents(0).size());
  std::uint32_t index = 0;
  for (std::int64_t t = 0; t < days * 86400; t += visit_s) process.advance(patch, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = 2});
  REQUIRE(static_cast<double>(patch.agents(0).size()) == before + patch.scalars[places.born]);
  return static_cast<double>(patch.agents(0).size()) / before;
}

}  // namespace

TEST_CASE("stellate_proliferation: with room and half of the effect of PDGF cells grow as the exponential says", "[statistical][convergence]") {
  StellateProliferationParameters p;
  p.crowded = 1e9;
  p.activated_doubling_d = 4.0;
  for (const std::int64_t visit_s : {900, 1800}) {
    const auto patch = lobule_of(State::activated, 40, p.half_pdgf_ng_per_mL);
    const auto cells = static_cast<double>(patch->agents(0).size());
    const double factor = growth(*patch, p, 4, visit_s), expected = std::exp2(0.5);
    // variance of a pure birth process: f (f - 1) per founder; a visit's probability differs from the rate by half a visit, 0.2 % here
    const double error = 5.0 * std::sqrt(expected * (expected - 1.0) / cells) + 0.002;
    REQUIRE(std::abs(factor - expected) < error);
    REQUIRE(std::abs(factor - std::exp2(0.55)) > error);  // a rate a tenth too high or too low is seen
    REQUIRE(std::abs(factor - std::exp2(0.45)) > error);
  }
}

TEST_CASE("stellate_proliferation: nobody divides without PDGF or without room", "[property]") {
  REQUIRE(growth(*lobule_of(State::myofibroblast, 1, 0.0), {}, 2) == 1.0);
  REQUIRE(growth(*lobule_of(State::myofibroblast, 3, 100.0), {}, 2) == 1.0);
  REQUIRE(growth(*lobule_of(State::inactivated, 1, 100.0), {}, 2) == 1.0);
  REQUIRE(growth(*lobule_of(State::senescent, 1, 100.0), {}, 2) == 1.0);
}

TEST_CASE("stellate_proliferation: quiescent cells renew what is missing to the healthy number, and no more", "[statistical]") {
  const auto patch = lobule_of(State::quiescent, 10, 0.0);
  const auto cells = static_cast<double>(patch->agents(0).size());
  patch->scalars[places.healthy] = cells;
  REQUIRE(growth(*patch, {}, 2) == 1.0);
  patch->scalars[places.healthy] = 1.5 * cells;
  const double factor = growth(*patch, {}, 15), expected = 1.5 - 0.5 * std::exp(-15.0 / 75.0), error = 5.0 * std::sqrt((expected - 1.0) / cells);
  REQUIRE(std::abs(factor - expected) < error);
  REQUIRE(std::abs(factor - (1.5 - 0.5 * std::exp(-15.0 / 40.0))) > error);
  REQUIRE(std::abs(factor - (1.5 - 0.5 * std::exp(-15.0 / 140.0))) > error);
}

TEST_CASE("stellate_proliferation: a daughter has her mother's place and state, and an id of her own", "[property]") {
  const auto patch = lobule_of(State::activated, 1, 100.0);
  const std::size_t mothers = patch->agents(0).size();
  growth(*patch, {}, 3);
  const sim::Population& cells = patch->agents(0);
  REQUIRE(cells.size() > mothers);
  const auto state = cells.column(stellate_cell::state);
  REQUIRE(std::all_of(state.begin(), state.end(), [](std::uint8_t s) { return s == static_cast<std::uint8_t>(State::activated); }));
  for (const std::uint32_t voxel : cells.column(stellate_cell::voxel)) REQUIRE(patch->grid->inside(voxel));
  std::vector<sim::AgentId> ids(cells.ids().begin(), cells.ids().end());
  std::sort(ids.begin(), ids.end());
  REQUIRE(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}
