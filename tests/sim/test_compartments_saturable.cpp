// Saturable flows against the exact solution of Michaelis and Menten's equation (Schnell and Mendoza 1997, doi 10.1006/jtbi.1997.0425).
#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/compartments/block.hpp"
#include "sim/compartments/compartments.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;
using Catch::Matchers::WithinRel;

namespace {

/// y + ln y = s, so y = W(exp(s)): Newton's method in ln y.
double lambert_w_of_exp(double s) {
  double log_y = s < 0.0 ? s : std::log(std::max(s, 1e-3));
  for (int i = 0; i < 100; ++i) log_y -= (std::exp(log_y) + log_y - s) / (std::exp(log_y) + 1.0);
  return std::exp(log_y);
}

/// dx/dt = -V x / (K + x), all as amounts.
double michaelis_menten(double x0, double maximum, double half, double t) {
  return half * lambert_w_of_exp(std::log(x0 / half) + (x0 - maximum * t) / half);
}

struct Case {
  double x0, maximum, half_per_mL, volume_mL, hours;
};

double simulate(const Case& k, int steps, double error = 0.0) {
  Compartments c;
  const auto blood = c.add_pool("blood", "ng", k.volume_mL), gone = c.add_pool("gone", "ng");
  c.add_saturable_flow("enzyme", blood, gone, k.maximum * (1.0 + error), k.half_per_mL);
  c.receive(blood, k.x0);
  for (int i = 0; i < steps; ++i) c.step(k.hours / steps);
  REQUIRE_THAT(c.transferred(0) + c.amount(blood), WithinRel(k.x0, 1e-14));
  return c.amount(blood);
}

}  // namespace

TEST_CASE("compartments: the Lambert function of the tests solves its equation", "[unit]") {
  for (const double s : {-30.0, -1.0, 0.5, 3.0, 200.0}) {
    const double y = lambert_w_of_exp(s);
    REQUIRE_THAT(y + std::log(y), WithinRel(s, 1e-12));
  }
}

TEST_CASE("compartments: a saturable flow follows the Lambert function to one part in a million", "[analytic]") {
  const std::vector<Case> cases = {
      {100.0, 50.0, 5.0, 2.0, 2.5},    // from saturation through the bend
      {0.1, 4.0, 10.0, 1.0, 5.0},      // nearly linear
      {1000.0, 10.0, 0.5, 1.0, 20.0},  // saturated all along
      {50.0, 200.0, 1.0, 3.0, 0.25},   // until little is left
  };
  for (const Case& k : cases)
    for (const int steps : {1, 7, 100}) {
      const double exact = michaelis_menten(k.x0, k.maximum, k.half_per_mL * k.volume_mL, k.hours);
      CAPTURE(k.x0, steps, exact);
      const double tolerance = 1e-6 * k.x0;
      REQUIRE(std::abs(simulate(k, steps) - exact) < tolerance);
      REQUIRE(std::abs(simulate(k, steps, 1e-4) - exact) > tolerance);  // a planted error
      REQUIRE(std::abs(simulate(k, steps, -1e-4) - exact) > tolerance);
    }
}

TEST_CASE("compartments: a saturable flow that is fed and coupled agrees with many small steps of the classical fourth order", "[analytic]") {
  const double v = 30.0, k = 4.0, there = 1.2, back = 0.7, feed = 6.0;
  const auto derivative = [&](double x, double y, double out[2]) {
    out[0] = feed - v * x / (k + x) - there * x + back * y;
    out[1] = there * x - back * y;
  };
  double x = 20.0, y = 0.0;
  const int n = 20000;
  const double h = 2.0 / n;
  for (int i = 0; i < n; ++i) {
    double a[2], b[2], c[2], d[2];
    derivative(x, y, a);
    derivative(x + 0.5 * h * a[0], y + 0.5 * h * a[1], b);
    derivative(x + 0.5 * h * b[0], y + 0.5 * h * b[1], c);
    derivative(x + h * c[0], y + h * c[1], d);
    x += h / 6.0 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]);
    y += h / 6.0 * (a[1] + 2 * b[1] + 2 * c[1] + d[1]);
  }
  const auto run = [&](double error) {
    Compartments c;
    const auto blood = c.add_pool("blood", "ng", 1.0), tissue = c.add_pool("tissue", "ng"), gone = c.add_pool("gone", "ng");
    c.add_saturable_flow("enzyme", blood, gone, v * (1.0 + error), k);
    c.add_flow("there", blood, tissue, there);
    c.add_flow("back", tissue, blood, back);
    c.receive(blood, 20.0);
    for (int i = 0; i < 4; ++i) {
      c.receive_over_step(blood, feed * 0.5);
      c.step(0.5);
    }
    REQUIRE(c.largest_step_error() < 1e-12);
    return std::vector<double>{c.amount(blood), c.amount(tissue)};
  };
  REQUIRE_THAT(run(0.0)[0], WithinRel(x, 1e-6));
  REQUIRE_THAT(run(0.0)[1], WithinRel(y, 1e-6));
  REQUIRE_THAT(run(1e-4)[0], !WithinRel(x, 1e-6));
  REQUIRE_THAT(run(1e-4)[1], !WithinRel(y, 1e-6));
}

TEST_CASE("compartments: the saturable sub-step is of second order", "[convergence]") {
  const double x0 = 20.0, v = 30.0, k = 4.0, hours = 0.4;
  const double exact = michaelis_menten(x0, v, k, hours);
  const auto error_of = [&](int substeps) {
    Block block;
    block.add_pool(0);
    block.add_edge(0, {.from = 0, .to = 1, .kind = Block::Kind::saturable, .half_saturation = k});
    block.finish();
    block.set_rate_tolerance(1e30);  // never refined: one sub-step in every call
    std::vector<double> amount{x0}, waiting{0.0}, coefficient{v};
    for (int i = 0; i < substeps; ++i) {
      block.advance(hours / substeps, amount, waiting, coefficient);
      block.for_each_transfer([&](std::size_t, double moved, double) { amount[0] -= moved; });
    }
    return std::abs(amount[0] - exact);
  };
  for (const int substeps : {8, 16, 32, 64, 128}) {
    const double order = std::log2(error_of(substeps) / error_of(2 * substeps));
    CAPTURE(substeps, order, error_of(substeps));
    REQUIRE(order > 1.9);
    REQUIRE(order < 2.2);
  }
}
