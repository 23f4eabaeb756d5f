#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "models/processes/sinusoid_flow.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("sinusoid_flow: six portal tracts feed one vein, in equal parts", "[analytic]") {
  const Lobule lobule = make_lobule({}, 284.3, 1, 4);
  const sim::PotentialFlow flow = sinusoid_flow(lobule, 1.0, {});
  CHECK_THAT(sum(flow.inflow()), WithinRel(flow.total(), 1e-12));
  CHECK_THAT(sum(flow.outflow()), WithinRel(flow.total(), 1e-12));
  std::array<double, 6> part{};
  for (std::size_t y = 0; y < lobule.grid.ny(); ++y)
    for (std::size_t x = 0; x < lobule.grid.nx(); ++x) {
      const double angle = std::atan2(lobule.grid.y_um(y), lobule.grid.x_um(x)) / (2.0 * std::numbers::pi) + 1.0;  // corners at 30, 90, ... degrees
      for (std::size_t z = 0; z < lobule.grid.nz(); ++z) part[static_cast<std::size_t>(6.0 * angle) % 6] += flow.inflow()[lobule.grid.index(x, y, z)];
    }
  for (const double share : part) {
    CHECK_THAT(share, WithinRel(flow.total() / 6.0, 0.02));
    CHECK_FALSE(std::abs(1.04 * share / (flow.total() / 6.0) - 1.0) < 0.02);
  }
}

TEST_CASE("sinusoid_flow: narrower sinusoids carry 0.713 of the flow at 0.566 of the diameter", "[analytic]") {
  const Lobule lobule = make_lobule({}, 284.3, 1, 1);
  const SinusoidFlowParameters p;
  const double healthy = sinusoid_flow(lobule, 1.0, p).total(), narrow = sinusoid_flow(lobule, 0.566, p).total();
  CHECK_THAT(narrow / healthy, WithinRel(std::pow(0.566, p.exponent), 1e-9));
  CHECK_THAT(narrow / healthy, WithinAbs(0.713, 1e-3));
  CHECK(narrow / healthy > 5.0 * std::pow(0.566, 4.0));
}

TEST_CASE("sinusoid_flow: flow goes round what is narrow", "[property]") {
  const Lobule lobule = make_lobule({}, 284.3, 1, 1);
  const SinusoidFlowParameters p;
  std::vector<double> diameter(lobule.grid.size(), 1.0);
  std::vector<std::size_t> half;
  for (std::size_t v = 0; v < lobule.grid.size(); ++v)
    if (lobule.grid.x_um(v % lobule.grid.nx()) > 0.0) {
      diameter[v] = 0.3;
      half.push_back(v);
    }
  const sim::PotentialFlow healthy = sinusoid_flow(lobule, 1.0, p), damaged = sinusoid_flow(lobule, diameter, p);
  CHECK(damaged.total() < 0.9 * healthy.total());
  CHECK(damaged.total() > std::pow(0.3, p.exponent) * healthy.total());
  double before = 0.0, after = 0.0;
  for (const std::size_t v : half) {
    before += healthy.inflow()[v] / healthy.total();
    after += damaged.inflow()[v] / damaged.total();
  }
  CHECK(after < 0.8 * before);
  CHECK_THROWS_WITH(sinusoid_flow(lobule, std::vector<double>(3, 1.0), p), "one relative diameter per voxel of the lobule is needed");
}

TEST_CASE("sinusoid_flow: the conductance of a lobule has a limit as voxels get smaller", "[convergence]") {
  std::vector<double> conductance;  // in units of site x conductivity
  for (const std::size_t refine : {1, 2, 3, 4})
    conductance.push_back(sinusoid_flow(make_lobule({}, 284.3, 1, refine), 1.0, {}).total() / static_cast<double>(refine));
  CHECK_THAT(conductance[0], WithinRel(conductance[3], 0.02));
  CHECK_THAT(conductance[1], WithinRel(conductance[3], 0.005));
  CHECK_THAT(conductance[2], WithinRel(conductance[3], 0.002));
  for (const double wrong : {0.99, 1.01}) CHECK_FALSE(std::abs(wrong * conductance[1] / conductance[3] - 1.0) < 0.005);
}

TEST_CASE("sinusoid_flow: the healthy liver has its flow, and after that flow is a result", "[property]") {
  const SinusoidFlowParameters p;
  std::vector<double> totals;
  const std::vector<double> radii = {220.0, 284.3, 350.0};
  for (const double radius : radii) totals.push_back(sinusoid_flow(make_lobule({}, radius, 1, 1), 1.0, p).total());
  const double weight = 1e5, scale = flow_scale_mL_per_h(totals, 40.32, weight);
  const auto flow = [&](const SinusoidFlowParameters& of) {
    double whole = 0.0;
    for (const double radius : radii) whole += weight * make_lobule_state(make_lobule({}, radius, 1, 1), of, scale)->plasma_mL_per_h();
    return whole;
  };
  CHECK_THAT(flow(p), WithinRel(40.32, 1e-12));
  SinusoidFlowParameters narrow = p;
  narrow.narrowing = 0.566;
  CHECK_THAT(flow(narrow), WithinRel(40.32 * std::pow(0.566, p.exponent), 1e-9));
  SinusoidFlowParameters shunted = p;
  shunted.shunt = 0.3;
  CHECK_THAT(flow(shunted), WithinRel(40.32, 1e-12));
  const auto state = make_lobule_state(make_lobule({}, 284.3, 1, 1), shunted, scale);
  CHECK_THAT(state->sinusoidal_mL_per_h(), WithinRel(0.7 * state->plasma_mL_per_h(), 1e-12));
  CHECK_THROWS_WITH(flow_scale_mL_per_h({}, 40.32, weight), "a liver without flow cannot be scaled");
  CHECK_THROWS_AS(flow_scale_mL_per_h(totals, 0.0, weight), std::invalid_argument);
}
