#include "models/agents/hepatocyte.hpp"
#include "models/processes/serum.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using hepatocyte::State;

namespace {

struct Body {
  sim::World world;
  SerumParameters p;
  std::size_t kind = world.add_kind(hepatocyte::kind), necrosed = world.add_scalar("necrosed");
  SerumValues values = add_serum_values(world, p);
  std::size_t liver = world.add_group("liver", 2);
  Body() {
    for (std::size_t i = 0; i < 2; ++i) world.patch(i).agents(kind).add(100);
  }
  void set(std::size_t patch, std::size_t count, State state) {
    const auto states = world.patch(patch).agents(kind).column(hepatocyte::state);
    for (std::size_t row = 0; row < count; ++row) states[row] = static_cast<std::uint8_t>(state);
  }
  void run(double hours, std::int64_t visit_s = 1800) {
    std::uint32_t index = 0;
    for (std::int64_t t = 0; t < static_cast<std::int64_t>(hours * 3600.0); t += visit_s)
      Serum(p, values, liver, kind, necrosed).advance(world, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = 1});
  }
  double alt() const { return world.values[values.alt_per_L]; }
  double albumin() const { return world.values[values.albumin_g_per_L]; }
  double bilirubin() const { return world.values[values.bilirubin_umol_per_L]; }
};

}  // namespace

TEST_CASE("serum: stays as in health while all hepatocytes are viable", "[property]") {
  Body body;
  body.run(240.0);
  CHECK_THAT(body.alt(), WithinRel(body.p.alt_baseline_per_L, 1e-12));
  CHECK_THAT(body.albumin(), WithinRel(body.p.albumin_healthy_g_per_L, 1e-12));
  CHECK_THAT(body.bilirubin(), WithinRel(body.p.bilirubin_healthy_umol_per_L, 1e-12));
}

TEST_CASE("serum: ALT of necrotic hepatocytes comes once and falls with its half-life", "[analytic][convergence]") {
  for (const std::int64_t visit_s : {600, 1800}) {
    Body body;
    body.world.patch(0).scalars[body.necrosed] = 20.0;
    body.world.patch(1).scalars[body.necrosed] = 10.0;
    const double k = std::log(2.0) / body.p.alt_half_life_h, first_h = static_cast<double>(visit_s) / 3600.0;
    const double released = body.p.alt_release_per_L * 30.0 / 200.0;
    body.run(9.0, visit_s);
    const double expected = released * -std::expm1(-k * first_h) / (k * first_h) * std::exp(-k * (9.0 - first_h));
    CHECK_THAT(body.alt() - body.p.alt_baseline_per_L, WithinRel(expected, 1e-9));
  }
}

TEST_CASE("serum: albumin and bilirubin follow the hepatocytes' function with their own half-lives", "[analytic]") {
  Body body;
  body.set(0, 100, State::necrotic);
  body.set(1, 100, State::regenerating);
  const double function = 0.5 * body.p.regenerating_function;
  CHECK_THAT(hepatocyte_function(body.p, {0.0, 0.0, 0.5, 0.5, 0.0, 0.0}), WithinRel(function, 1e-12));
  CHECK_THAT(hepatocyte_function(body.p, {0.1, 0.2, 0.0, 0.3, 0.4, 0.0}),
             WithinRel(0.1 + 0.2 * body.p.injured_function + 0.3 * body.p.regenerating_function + 0.4 * body.p.senescent_function, 1e-12));
  body.run(24.0 * body.p.albumin_half_life_d, 1440);
  CHECK_THAT(body.albumin(), WithinRel(body.p.albumin_healthy_g_per_L * (function + 0.5 * (1.0 - function)), 1e-9));
  body.run(20.0 * 24.0);
  CHECK_THAT(body.bilirubin(), WithinRel(body.p.bilirubin_healthy_umol_per_L / function, 1e-6));
}
