#include <cmath>
#include <memory>
#include <numeric>

#include "models/agents/stellate_cell.hpp"
#include "models/processes/crosslinking.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/tissue/tissue_state.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using Catch::Matchers::WithinRel;

namespace {

constexpr CrosslinkingPlaces places{.stellate_cells = 0, .fibrillar = 0, .crosslinked = 1, .loxl2 = 0};

/// A lobule with 1 mg/mL of fibrillar collagen everywhere and no cell.
std::unique_ptr<sim::Patch> lobule_with_collagen() {
  auto patch = std::make_unique<sim::Patch>(0, 0);
  Lobule lobule = make_lobule({}, 200.0, 1, 1);
  patch->grid = lobule.grid;
  patch->populations.emplace_back(stellate_cell::kind, 0, 0);
  patch->scalars = {1.0};
  for (const char* name : {"collagen_fibrillar", "collagen_crosslinked"}) patch->fields.emplace_back(name, "mg/mL", *patch->grid);
  for (std::size_t v = 0; v < patch->grid->size(); ++v) patch->field(0).value[v] = patch->grid->inside(v) ? 1.0 : 0.0;
  SiteMap sites = make_site_map(lobule);
  patch->derived.push_back(make_lobule_state(std::move(lobule), {}, 1.0));
  patch->derived.push_back(std::make_unique<TissueState>(std::move(sites), TissueKinds{}));
  return patch;
}

/// One cell of a state at every site.
void fill(sim::Patch& patch, stellate_cell::State state) {
  const SiteMap& sites = tissue_state(patch).sites();
  sim::Population& cells = patch.agents(0);
  cells.add(sites.size());
  for (std::size_t site = 0; site < sites.size(); ++site) {
    cells.column(stellate_cell::voxel)[site] = sites.voxel[site];
    cells.column(stellate_cell::state)[site] = static_cast<std::uint8_t>(state);
  }
}

void run(sim::Patch& patch, int days, std::int64_t visit_s) {
  const Crosslinking process({}, places);
  for (std::int64_t t = 0; t < days * 86400; t += visit_s) process.advance(patch, {.start_s = t, .duration_s = visit_s, .index = 0, .seed = 1});
}

double middle(const sim::Patch& patch, std::size_t field) {
  return patch.field(field).value[patch.grid->index(patch.grid->nx() / 2, patch.grid->ny() / 2, 0)];
}

}  // namespace

TEST_CASE("crosslinking: follows its equation whatever the visit", "[analytic][convergence]") {
  for (const std::int64_t visit_s : {1800, 21600}) {
    const auto patch = lobule_with_collagen();
    fill(*patch, stellate_cell::State::myofibroblast);
    run(*patch, 28, visit_s);
    const double expected = std::exp(-0.005 * (1.0 / 1.1) * 28.0);
    REQUIRE_THAT(middle(*patch, 0), WithinRel(expected, 1e-12));
    REQUIRE_THAT(middle(*patch, 1), WithinRel(1.0 - expected, 1e-10));
    REQUIRE(std::abs(middle(*patch, 0) - expected * 1.001) > 1e-4);  // an error of a thousandth is seen
  }
}

TEST_CASE("crosslinking: conserves collagen in every voxel", "[property]") {
  const auto patch = lobule_with_collagen();
  fill(*patch, stellate_cell::State::activated);
  run(*patch, 7, 1800);
  for (std::size_t v = 0; v < patch->grid->size(); ++v)
    if (patch->grid->inside(v)) REQUIRE_THAT(patch->field(0).value[v] + patch->field(1).value[v], WithinRel(1.0, 1e-12));
}

TEST_CASE("crosslinking: needs cells that secrete LOXL2, and LOXL2", "[property]") {
  for (const auto state : {stellate_cell::State::quiescent, stellate_cell::State::inactivated, stellate_cell::State::senescent}) {
    const auto patch = lobule_with_collagen();
    fill(*patch, state);
    run(*patch, 1, 1800);
    REQUIRE(middle(*patch, 1) == 0.0);
  }
  const auto inhibited = lobule_with_collagen();
  fill(*inhibited, stellate_cell::State::myofibroblast);
  inhibited->scalars[0] = 0.0;
  run(*inhibited, 1, 1800);
  REQUIRE(middle(*inhibited, 1) == 0.0);
}

TEST_CASE("crosslinking: happens where the cells are", "[property]") {
  const auto patch = lobule_with_collagen();
  sim::Population& cells = patch->agents(0);
  cells.add(1);
  cells.column(stellate_cell::voxel)[0] = voxel_at(*patch->grid, 0.0, 0.0, 1.0);
  cells.column(stellate_cell::state)[0] = static_cast<std::uint8_t>(stellate_cell::State::myofibroblast);
  run(*patch, 1, 1800);
  std::size_t reached = 0;
  for (const double x : patch->field(1).value) reached += x > 0.0 ? 1 : 0;
  REQUIRE(reached == 5);  // its own site and the four beside it
}
