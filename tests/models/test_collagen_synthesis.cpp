#include <numeric>

#include "models/processes/collagen_synthesis.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using stellate_cell::State;

namespace {

constexpr CollagenSynthesisPlaces places{
    .stellate_cells = 3, .tgf_beta = 0, .collagen = {.structural = 1, .fibrillar = 2, .crosslinked = 3}, .made_ng = 0, .made_per_h = 1};

}  // namespace

TEST_CASE("collagen_synthesis: starts with the hydroxyproline of health", "[analytic]") {
  const CollagenSynthesisParameters p;
  tests::Tissue tissue(4, 2);
  CollagenSynthesis(p, places).prepare(*tissue.patch);
  const sim::Grid& grid = *tissue.patch->grid;
  const auto mean = [&](std::size_t field) { return sim::amount(tissue.patch->field(field), grid) / grid.domain_volume_um3(); };
  CHECK_THAT(hydroxyproline_ug_per_g(mean(1)), WithinRel(p.structural_ug_per_g, 1e-12));
  CHECK_THAT(hydroxyproline_ug_per_g(mean(2)), WithinRel(p.fibrillar_ug_per_g, 1e-12));
  CHECK(mean(3) == 0.0);
}

TEST_CASE("collagen_synthesis: what is stored grows by what is counted as made, whatever the visit", "[property][convergence]") {
  double made = 0.0;
  for (const std::int64_t visit_s : {1800, 3600}) {
    tests::Tissue tissue(4, 2);
    const CollagenSynthesis process({}, places);
    process.prepare(*tissue.patch);
    tissue.fill(0, 0.4);
    tissue.add_everywhere(3, State::myofibroblast);
    const double before = collagen_ng(*tissue.patch, places.collagen);
    tissue.run(process, 3 * 86400, visit_s);
    CHECK_THAT(collagen_ng(*tissue.patch, places.collagen) - before, WithinRel(tissue.scalar(0), 1e-12));
    CHECK_THAT(tissue.scalar(1) * 72.0, WithinRel(tissue.scalar(0), 1e-12));
    if (made > 0.0) CHECK_THAT(tissue.scalar(0), WithinRel(made, 1e-12));
    made = tissue.scalar(0);
  }
}

TEST_CASE("collagen_synthesis: one myofibroblast and one activated cell by hand, others make none", "[analytic]") {
  const CollagenSynthesisParameters p;
  const auto made_by = [&](State state, double tgf_beta) {
    tests::Tissue with(4, 2), without(4, 2);
    const CollagenSynthesis process(p, places);
    for (tests::Tissue* tissue : {&with, &without}) {
      process.prepare(*tissue->patch);
      tissue->fill(0, tgf_beta);
    }
    with.add(3, state, with.site_at(0.0, 0.0));
    with.run(process, 86400);
    without.run(process, 86400);
    return 1000.0 * (with.scalar(0) - without.scalar(0));  // pg
  };
  CHECK_THAT(made_by(State::myofibroblast, 0.0), WithinRel(p.myofibroblast_pg_per_d * p.without_tgf_beta, 1e-9));
  CHECK_THAT(made_by(State::myofibroblast, p.half_tgf_beta_ng_per_mL), WithinRel(p.myofibroblast_pg_per_d * (0.5 + 0.5 * p.without_tgf_beta), 1e-9));
  CHECK_THAT(made_by(State::activated, 0.0), WithinRel(p.activated_pg_per_d * p.without_tgf_beta, 1e-9));
  for (const State state : {State::quiescent, State::inactivated, State::senescent}) CHECK_THAT(made_by(state, 1.0), WithinAbs(0.0, 1e-9));
}

TEST_CASE("collagen_synthesis: a cell's collagen lies around it", "[property]") {
  tests::Tissue tissue(4, 2);
  const std::size_t middle = tissue.site_at(0.0, 0.0);
  CollagenSynthesisParameters p;
  p.fibrillar_ug_per_g = 0.0;
  tissue.add(3, State::myofibroblast, middle);
  tissue.run(CollagenSynthesis(p, places), 86400);
  const std::vector<double>& fibrillar = tissue.field(2);
  std::size_t reached = 0;
  double largest = 0.0;
  for (const double value : fibrillar) {
    reached += value > 0.0 ? 1 : 0;
    largest = std::max(largest, value);
  }
  CHECK(reached == 25);  // three steps along faces
  CHECK(fibrillar[tissue.sites().voxel[middle]] == largest);
}
