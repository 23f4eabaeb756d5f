// How a block is followed when its rates depend on amounts: in how many sub-steps, and each by which series.
#include <cmath>
#include <vector>

#include "sim/compartments/block.hpp"
#include "sim/compartments/poisson_series.hpp"
#include "sim/compartments/propagator.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;
using Catch::Matchers::WithinRel;

TEST_CASE("competition: thin, it is the linear step, constant, one sub-step, else as many as it takes", "[property]") {
  // pool 0 counts with K v = 1e6 and loses by an edge that competes
  const auto substeps = [](double start, double inflow, double outflow) {
    Block block;
    block.add_pool(0);
    block.count(0, 0, 1e6);
    block.add_edge(0, {.from = 0, .to = 1, .competition = 0});
    block.finish();
    std::vector<double> amounts{start}, waiting{inflow}, coefficients{outflow};
    block.advance(0.5, amounts, waiting, coefficients);
    return block.substeps();
  };
  REQUIRE(substeps(0.0, 0.0, 1.0) == 0);
  REQUIRE(substeps(0.09, 0.0, 1.0) == 0);  // 1e6 x the tolerance = 0.1
  REQUIRE(substeps(0.11, 0.0, 1.0) == 1);
  REQUIRE(substeps(0.09, 0.05, 1.0) == 0);
  REQUIRE(substeps(0.09, 0.5, 1.0) == 1);  // thin at first only
  REQUIRE(substeps(0.0, 1e6, 1.0) > 10);
  REQUIRE(substeps(1e6, 0.0, 1.0) > 10);
  REQUIRE(substeps(1e6, 0.25e6, 1.0) <= 2);  // as much as leaves: 0.5 h x 1/h x 1e6 / (1 + 1)
}

TEST_CASE("competition: the series of a sub-step is the matrix exponential's integral", "[unit]") {
  // 4 pools in a ring with losses to outside; from slow to the largest rate x step that the series takes
  const std::size_t n = 4;
  for (const double scale : {0.0, 1e-12, 1e-3, 1.0, 7.0, 20.0}) {
    std::vector<double> generator(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      const double onward = scale * (0.1 + 0.2 * static_cast<double>(i)), lost = scale * 0.05 * static_cast<double>(i);
      generator[i * n + i] -= onward + lost;
      generator[((i + 1) % n) * n + i] += onward;
    }
    const std::vector<double> start{1.0, 0.0, 5.0, 1e-8}, inflow{0.0, 2.0, 0.0, 0.0};
    std::vector<double> exact(n), series(n);
    Propagator propagator;
    propagator.compute(generator, n, 1.7);
    propagator.integrate(start, inflow, exact);
    PoissonSeries poisson;
    REQUIRE(poisson.integrate(generator, n, 1.7, start, inflow, series));
    for (std::size_t i = 0; i < n; ++i) {
      CAPTURE(scale, i);
      REQUIRE_THAT(series[i], WithinRel(exact[i], 1e-13));
    }
  }
  std::vector<double> one(1);
  PoissonSeries poisson;
  REQUIRE(poisson.integrate(std::vector{-32.0}, 1, 1.0, std::vector{1.0}, std::vector{0.0}, one));
  REQUIRE(!poisson.integrate(std::vector{-32.1}, 1, 1.0, std::vector{1.0}, std::vector{0.0}, one));
  REQUIRE(!poisson.integrate(std::vector{std::nan("")}, 1, 1.0, std::vector{1.0}, std::vector{0.0}, one));
}
