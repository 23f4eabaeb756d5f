#include <cmath>

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
  double clotting() const { return world.values[values.clotting]; }
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

TEST_CASE("serum: INR rises within hours when function is lost, as by hand", "[analytic]") {
  Body body;
  CHECK(inr(body.p, body.clotting()) == 1.0);
  body.set(0, 100, State::empty);  // half of the liver
  body.run(body.p.clotting_half_life_h);
  CHECK_THAT(body.clotting(), WithinRel(0.75, 1e-12));
  body.run(200.0);
  CHECK_THAT(inr(body.p, body.clotting()), WithinRel(1.0 + body.p.inr_slope, 1e-9));
  CHECK_THAT(inr(body.p, 0.25), WithinRel(2.5, 1e-12));
  CHECK(inr(body.p, 0.0) == inr(body.p, body.p.least_function));
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

TEST_CASE("serum: what is off its healthy value comes back by half in a half-life, whatever the visit", "[analytic][convergence]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    Body body;
    body.p.alt_half_life_h = 9.0;
    body.p.albumin_half_life_d = 0.375;
    body.p.bilirubin_half_life_h = 4.5;
    body.world.values[body.values.alt_per_L] = body.p.alt_baseline_per_L + 1000.0;
    body.world.values[body.values.albumin_g_per_L] = body.p.albumin_healthy_g_per_L - 10.0;
    body.world.values[body.values.bilirubin_umol_per_L] = body.p.bilirubin_healthy_umol_per_L + 8.0;
    body.run(9.0, visit_s);
    CHECK_THAT(body.alt(), WithinRel(body.p.alt_baseline_per_L + 500.0, 1e-12));
    CHECK_THAT(body.albumin(), WithinRel(body.p.albumin_healthy_g_per_L - 5.0, 1e-12));
    CHECK_THAT(body.bilirubin(), WithinRel(body.p.bilirubin_healthy_umol_per_L + 2.0, 1e-12));  // two half-lives
  }
}

TEST_CASE("serum: ALT is released by those that become necrotic, in every visit by the new ones", "[analytic]") {
  Body body;
  body.p.alt_half_life_h = 1e9;  // nothing goes
  body.p.alt_release_per_L = 40000.0;
  double last = body.alt();
  for (const double necrosed : {4.0, 4.0, 14.0, 14.0, 15.0}) {
    const double before = body.world.patch(1).scalars[body.necrosed];
    body.world.patch(1).scalars[body.necrosed] = necrosed;
    body.run(0.5);
    CHECK_THAT(body.alt() - last, WithinAbs(200.0 * (necrosed - before), 1e-3));  // one of 200 is 200 U/L
    last = body.alt();
  }
  body.set(0, 100, State::necrotic);  // debris itself releases nothing more
  body.run(0.5);
  CHECK_THAT(body.alt(), WithinAbs(last, 1e-3));
}

TEST_CASE("serum: function by state, and its floor for bilirubin", "[analytic]") {
  SerumParameters p;
  p.injured_function = 0.3;
  p.regenerating_function = 0.5;
  p.senescent_function = 0.7;
  // viable, injured, necrotic, regenerating, senescent, empty
  CHECK_THAT(hepatocyte_function(p, {0.4, 0.1, 0.1, 0.2, 0.1, 0.1}), WithinRel(0.4 + 0.03 + 0.1 + 0.07, 1e-12));
  CHECK(hepatocyte_function(p, {1.0, 0.0, 0.0, 0.0, 0.0, 0.0}) == 1.0);
  CHECK(hepatocyte_function(p, {0.0, 0.0, 0.5, 0.0, 0.0, 0.5}) == 0.0);
  Body body;
  body.set(0, 100, State::empty);
  body.set(1, 100, State::necrotic);
  body.p.least_function = 0.02;
  body.p.bilirubin_half_life_h = 4.0;
  body.run(200.0);  // one half-life without function
  const double floor = body.p.bilirubin_healthy_umol_per_L / 0.02;
  CHECK_THAT(body.bilirubin(), WithinRel(0.5 * (floor + body.p.bilirubin_healthy_umol_per_L), 1e-9));
  CHECK_THAT(body.albumin(), WithinRel(body.p.albumin_healthy_g_per_L * std::exp2(-200.0 / 24.0 / body.p.albumin_half_life_d), 1e-9));
}
