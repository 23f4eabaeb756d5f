#include "models/processes/collagen_degradation.hpp"
#include "models/processes/collagen_synthesis.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

constexpr CollagenFields fields{.structural = 1, .fibrillar = 2, .crosslinked = 3};
constexpr CollagenDegradationPlaces places{
    .kinds = tests::Tissue::kinds, .tgf_beta = 0, .collagen = fields, .timp = 0, .mmp_activity = 1, .reference = 2, .lost_ng = 3, .lost_per_h = 6};
constexpr CollagenSynthesisPlaces made{.stellate_cells = 3, .tgf_beta = 0, .collagen = fields, .made_ng = 4, .made_per_h = 5};

struct Scar : tests::Tissue {
  explicit Scar(const CollagenDegradationParameters& p = {}) : Tissue(4, 7), process(p, places) {
    for (const std::size_t field : {1, 2, 3}) fill(field, 10.0);
    process.prepare(*patch);
  }
  CollagenDegradation process;
  double middle(std::size_t field_number) { return field(field_number)[sites().voxel[site_at(0.0, 0.0)]]; }
};

}  // namespace

TEST_CASE("collagen_degradation: each pool falls with its own rate in health, whatever the visit", "[analytic][convergence]") {
  const CollagenDegradationParameters p;
  for (const std::int64_t visit_s : {1800, 21600}) {
    Scar scar;
    const double before = collagen_ng(*scar.patch, fields);
    scar.run(scar.process, 10 * 86400, visit_s);
    CHECK_THAT(scar.middle(1), WithinRel(10.0 * std::exp(-10.0 * p.structural_per_d), 1e-12));
    CHECK_THAT(scar.middle(2), WithinRel(10.0 * std::exp(-10.0 * p.basal_per_d), 1e-12));
    CHECK_THAT(scar.middle(3), WithinRel(10.0 * std::exp2(-10.0 / p.crosslinked_half_life_d), 1e-12));
    CHECK_THAT(collagen_ng(*scar.patch, fields) + scar.scalar(places.lost_ng), WithinRel(before, 1e-12));
    CHECK(scar.scalar(places.timp) == 1.0);
    CHECK_THAT(scar.scalar(places.mmp_activity), WithinRel(1.0, 1e-12));
  }
}

TEST_CASE("collagen_degradation: with synthesis a healthy matrix stays, and each term is counted", "[property]") {
  Scar scar;
  const CollagenSynthesis synthesis({}, made);
  synthesis.prepare(*scar.patch);
  scar.fill(3, 0.0);
  const double before = collagen_ng(*scar.patch, fields);
  for (int visit = 0; visit < 48 * 28; ++visit) {
    const sim::Step step{.start_s = visit * 1800, .duration_s = 1800, .index = static_cast<std::uint32_t>(visit), .seed = 1};
    synthesis.advance(*scar.patch, step);
    scar.process.advance(*scar.patch, step);
  }
  const double after = collagen_ng(*scar.patch, fields);
  CHECK(std::abs(after / before - 1.0) < 1e-3);  // made before it is lost, in a visit
  CHECK_THAT(after + scar.scalar(places.lost_ng), WithinRel(before + scar.scalar(4), 1e-12));
  CHECK_THAT(scar.scalar(places.lost_per_h), WithinRel(scar.scalar(5), 2e-3));
}

TEST_CASE("collagen_degradation: TIMP follows its makers with its half-life", "[analytic]") {
  const CollagenDegradationParameters p;
  Scar scar;
  scar.fill(0, p.half_tgf_beta_ng_per_mL);
  scar.add_everywhere(3, stellate_cell::State::myofibroblast);
  const double steady = 1.0 + 0.5 * p.timp_production;
  scar.run(scar.process, static_cast<std::int64_t>(p.timp_half_life_h * 3600.0));
  CHECK_THAT(scar.scalar(places.timp), WithinRel(0.5 * (1.0 + steady), 1e-9));
  CHECK_THAT(steady_timp(p, 0.5), WithinRel(steady, 1e-12));
  CHECK_THAT(free_collagenase(p, 1.0), WithinRel(1.0, 1e-12));
  CHECK(free_collagenase(p, p.half_timp) < 1.0);
}

TEST_CASE("collagen_degradation: opens more than ten-fold when TGF-beta goes and restorative macrophages come", "[property]") {
  Scar scar;
  for (std::size_t site = 0; site < scar.count(); site += 10) scar.add(3, stellate_cell::State::myofibroblast, site);
  for (std::size_t site = 0; site < scar.count(); site += 20) scar.add(1, macrophage::State::inflammatory, site);
  scar.fill(0, 0.6);
  scar.run(scar.process, 86400);
  const double held = scar.scalar(places.mmp_activity);
  const auto state = scar.agents(1).column(macrophage::state);
  std::fill(state.begin(), state.end(), static_cast<std::uint8_t>(macrophage::State::restorative));
  scar.fill(0, 0.05);
  scar.run(scar.process, 2 * 86400);
  CHECK(scar.scalar(places.mmp_activity) > 10.0 * held);
}

TEST_CASE("collagen_degradation: where the macrophages are the scar goes, hand-computed mean", "[analytic]") {
  const CollagenDegradationParameters p;
  Scar scar;
  const std::size_t middle = scar.site_at(0.0, 0.0);
  scar.add(1, macrophage::State::restorative, middle);
  scar.run(scar.process, 1800);
  // the mean is over collagen, and sites at the lobule's edge hold less
  CHECK_THAT(scar.scalar(places.mmp_activity), WithinRel(1.0 + scar_contact(p, 10.0) * p.restorative / static_cast<double>(scar.count()), 0.02));
  CHECK(scar.middle(2) < scar.field(2)[scar.sites().voxel[scar.site_at(0.0, 200.0)]]);
}

TEST_CASE("collagen_degradation: neutrophils that live make collagenase, reparative ones too", "[analytic]") {
  const auto activity = [](neutrophil::State state) {
    Scar scar;
    scar.add(2, state, scar.site_at(0.0, 0.0), 10);
    scar.run(scar.process, 1800);
    return scar.scalar(places.mmp_activity);
  };
  CHECK(activity(neutrophil::State::active) > 1.0 + 1e-4);
  CHECK(activity(neutrophil::State::reparative) == activity(neutrophil::State::active));
  CHECK_THAT(activity(neutrophil::State::apoptotic), WithinRel(1.0, 1e-9));
}

TEST_CASE("collagen_degradation: macrophages make collagenase in scar, hardly any in a healthy matrix", "[analytic]") {
  const CollagenDegradationParameters p;
  CHECK(scar_contact(p, 0.0) == 0.0);
  CHECK_THAT(scar_contact(p, p.half_contact_mg_per_mL), WithinRel(0.5, 1e-12));
  // the recruited macrophages of health make less than the tissue itself
  CHECK(collagenase(p, {.restorative = 0.003, .inflammatory = 0.003}, 0.25) < 2.0);
  CHECK(collagenase(p, {.restorative = 0.03, .inflammatory = 0.0}, 5.0) > 50.0);
}
