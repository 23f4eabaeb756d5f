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
  double in(sim::PoolIndex pool) const { return world.compartments.amount(pool); }
  void step(const MacrophageDose& dose, std::int64_t start_s, std::int64_t duration_s = 1800) {
    MacrophageInfusion({dose}, pools, 0).advance(world, {.start_s = start_s, .duration_s = duration_s, .index = 0, .seed = 1});
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
