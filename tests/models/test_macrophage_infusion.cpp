#include <algorithm>
#include <cmath>

#include "models/processes/macrophage_infusion.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

struct Body {
  sim::World world;
  MacrophageInfusionParameters p;
  std::array<InfusedMacrophages, 3> pools{add_infused_macrophages(world.compartments, "unpolarised", p, 2.0),
                                          add_infused_macrophages(world.compartments, "inflammatory", p, 2.0),
                                          add_infused_macrophages(world.compartments, "restorative", p, 2.0)};
  OwnMonocytes own{.blood = world.compartments.add_pool("own_blood", "1", 2.0), .gone = world.compartments.add_pool("own_gone", "1")};
  double in(sim::PoolIndex pool) const { return world.compartments.amount(pool); }
  void step(const MacrophageDose& dose, std::int64_t start_s, std::int64_t duration_s = 1800) {
    MacrophageInfusion({dose}, pools, own, 0).advance(world, {.start_s = start_s, .duration_s = duration_s, .index = 0, .seed = 1});
  }
};

}  // namespace

TEST_CASE("macrophage_infusion: a dose waits in the lung and is released with its half-life", "[analytic]") {
  Body body;
  const MacrophageDose dose{.starts_s = {3600}, .duration_s = 2700.0, .viable = 900.0, .not_viable = 100.0, .therapy = 0, .phenotype = 2};
  for (std::int64_t t = 0; t < 4 * 1800; t += 1800) body.step(dose, t);
  const InfusedMacrophages& pools = body.pools[2];
  CHECK_THAT(body.in(pools.lung), WithinRel(900.0, 1e-12));  // over two visits
  CHECK_THAT(body.in(pools.gone), WithinRel(100.0, 1e-12));
  CHECK(body.world.events.size() == 1);
  CHECK(body.in(body.pools[0].lung) == 0.0);
  body.world.compartments.step(body.p.lung_half_life_h);
  CHECK_THAT(body.in(pools.lung), WithinRel(450.0, 1e-9));
  CHECK_THAT(body.in(pools.lung) + body.in(pools.blood) + body.in(pools.gone), WithinRel(1000.0, 1e-12));
}

TEST_CASE("macrophage_infusion: given into the liver's inflow it passes no lung, and a healthy liver takes its share", "[analytic]") {
  Body body;
  const MacrophageDose dose{
      .starts_s = {0}, .duration_s = 600.0, .viable = 1000.0, .not_viable = 0.0, .therapy = 0, .phenotype = 1, .through_lung = false};
  body.step(dose, 0);
  const InfusedMacrophages& pools = body.pools[1];
  CHECK_THAT(body.in(pools.blood), WithinRel(1000.0, 1e-12));
  body.world.compartments.set_clearance(pools.uptake, infused_clearance_mL_per_h(body.p, 2.0));
  for (int i = 0; i < 400; ++i) body.world.compartments.step(1.0);
  CHECK_THAT(body.in(pools.liver) / 1000.0, WithinRel(body.p.liver_share, 1e-6));
}

TEST_CASE("macrophage_infusion: from the lung through the blood by hand, whatever the step", "[analytic][convergence]") {
  for (const double step_h : {0.25, 0.5}) {
    Body body;
    REQUIRE(body.p.lung_half_life_h == 6.0);
    REQUIRE(body.p.blood_half_life_h == 12.0);
    const MacrophageDose dose{.starts_s = {0}, .duration_s = 600.0, .viable = 800.0, .not_viable = 200.0, .therapy = 0, .phenotype = 0};
    body.step(dose, 0);
    for (double h = 0.0; h < 6.0; h += step_h) body.world.compartments.step(step_h);
    const InfusedMacrophages& pools = body.pools[0];
    const double blood = 800.0 * 2.0 * (std::sqrt(0.5) - 0.5);  // k_1 / (k_1 - k_2) (exp(-k_2 t) - exp(-k_1 t)), k_1 = 2 k_2
    CHECK_THAT(body.in(pools.lung), WithinRel(400.0, 1e-9));
    CHECK_THAT(body.in(pools.blood), WithinRel(blood, 1e-9));
    CHECK_THAT(body.in(pools.gone), WithinRel(200.0 + 400.0 - blood, 1e-9));
    CHECK(body.in(pools.liver) == 0.0);
  }
}

TEST_CASE("macrophage_infusion: every dose is given once, in parts by visit, and none outside", "[property]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    Body body;
    const MacrophageDose dose{.starts_s = {3600, 86400}, .duration_s = 3000.0, .viable = 600.0, .not_viable = 60.0, .therapy = 4, .phenotype = 1};
    double before = 0.0;
    for (std::int64_t t = 0; t < 2 * 86400; t += visit_s) {
      body.step(dose, t, visit_s);
      const double lung = body.in(body.pools[1].lung), from = t < 86400 ? 3600.0 : 86400.0, start = static_cast<double>(t);
      const double within = std::min(start + static_cast<double>(visit_s), from + 3000.0) - std::max(start, from);
      REQUIRE_THAT(lung - before, WithinAbs(within > 0.0 ? 0.2 * within : 0.0, 1e-9));  // 600 in 3000 s
      before = lung;
    }
    CHECK_THAT(before, WithinRel(1200.0, 1e-12));
    CHECK_THAT(body.in(body.pools[1].gone), WithinRel(120.0, 1e-12));
    REQUIRE(body.world.events.size() == 2);
    CHECK(body.world.events[1].time_s == 86400);
    CHECK(body.world.events[1].subject == 4);
    CHECK(body.world.events[1].value == 660.0);
  }
}

TEST_CASE("macrophage_infusion: the clearance of health by hand", "[analytic]") {
  MacrophageInfusionParameters p;
  p.liver_share = 0.75;
  p.blood_half_life_h = 12.0;
  CHECK_THAT(infused_clearance_mL_per_h(p, 2.0), WithinRel(3.0 * 0.05776226504666 * 2.0, 1e-10));  // three times the loss elsewhere
  p.liver_share = 0.0;
  CHECK(infused_clearance_mL_per_h(p, 2.0) == 0.0);
}

TEST_CASE("macrophage_infusion: unchanged monocytes join the subject's own in the blood", "[unit]") {
  Body body;
  body.step({.starts_s = {0}, .duration_s = 600.0, .viable = 900.0, .not_viable = 100.0, .therapy = 0, .phenotype = 3}, 0);
  CHECK_THAT(body.in(body.own.blood), WithinRel(900.0, 1e-12));
  CHECK_THAT(body.in(body.own.gone), WithinRel(100.0, 1e-12));
  for (const InfusedMacrophages& pools : body.pools) CHECK(body.in(pools.lung) + body.in(pools.blood) + body.in(pools.gone) == 0.0);
}
