#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/flow.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

TEST_CASE("sweep: conserved at every voxel, with sources, saturation and voxels without flow", "[property]") {
  for (const std::size_t closed : {0u, 12u, 4u})
    for (const double saturation : {no_saturation, 1e9, 3e7, 1e5})
      for (const double exchange : {0.0, 1e-9, 1e-6, 1e-3}) {
        const Hexagon h(284.3, 2, 28.4, closed);
        const PotentialFlow flow = h.flow();
        const double of_voxel = 1e-4 / static_cast<double>(h.grid.size());
        Case c{h.grid, flow, 1e-4 / flow.total(), exchange, 2e8, uneven(h.grid, 3.0 * of_voxel, 1), uneven(h.grid, 2e7 * of_voxel, 2, 4), saturation};
        for (std::size_t v = 0; v < h.grid.size(); ++v)
          if (flow.through()[v] == 0.0 && (exchange == 0.0 || saturation < 1e6)) c.source[v] = 0.0;
        Carriage result = c.carried();
        INFO("every " << closed << "-th closed, K " << saturation << ", exchange " << exchange << ", " << flow.order().size() << " of "
                      << h.grid.size() << " voxels with flow");
        const double bound = exchange < 1e-4 ? 1e-12 : 1e-10;  // rounding of diffusion back and forth, ten thousand times a voxel's flow
        CHECK(discrepancy(c, result) < bound);
        for (const double value : result.concentration) REQUIRE(value >= 0.0);
        const std::uint32_t v = flow.order()[flow.order().size() / 2];
        result.uptake[v] *= 1.0 + 1e-6;
        CHECK_FALSE(discrepancy(c, result) < bound);
        if (closed == 0 || exchange < 1e-8) continue;
        result.uptake[v] /= 1.0 + 1e-6;
        c.exchange *= 1.001;  // the streams must have lost just what the others took
        CHECK_FALSE(discrepancy(c, result) < bound);
      }
}

TEST_CASE("sweep: a voxel without flow takes from the stream beside it what can be calculated by hand", "[analytic]") {
  const Channel channel(1, true);
  const double F = 0.3, X = 0.05, k = 0.2, k_still = 0.4, inlet = 6.0;
  const auto by_hand = [&](double source) {
    const double z = (k + X) / F, phi = -std::expm1(-z) / z, psi = (1.0 - phi) / z;
    return (X * inlet * phi + source) / (k_still + X - X * X * psi / F);
  };
  Case c{channel.grid, channel.flow, channel.scale(F), X, inlet, {k, k_still}, {}};
  const Carriage result = c.carried();
  CHECK_THAT(result.concentration[1], WithinRel(by_hand(0.0), 1e-13));
  CHECK_THAT(result.uptake[1], WithinRel(k_still * by_hand(0.0), 1e-13));
  CHECK_THAT(result.left, WithinRel(F * inlet - k * result.concentration[0] - k_still * by_hand(0.0), 1e-13));
  c.source = {0.0, 0.7};
  CHECK_THAT(c.carried().concentration[1], WithinRel(by_hand(0.7), 1e-13));
  c.clearance[1] = 0.0;  // all of the source goes into the stream
  CHECK_THAT(c.carried().left + c.carried().uptake[0], WithinRel(F * inlet + 0.7, 1e-13));
  CHECK(c.carried().uptake[1] == 0.0);
  c.exchange = 0.0;
  c.clearance[1] = 0.35;
  CHECK_THAT(c.carried().concentration[1], WithinRel(2.0, 1e-13));
  c.half_saturation = 5.0;  // k c / (1 + c/K) = s:  c = s / (k - s/K)
  CHECK_THAT(c.carried().concentration[1], WithinRel(0.7 / (0.35 - 0.7 / 5.0), 1e-12));
}

TEST_CASE("sweep: diffusion through voxels without flow leads back up the stream", "[analytic]") {
  // Flow along the first row of two; the second row has none. A dense solve of all balances is the answer.
  const std::size_t n = 6;
  const Channel channel(n, true);
  const double F = 0.3;
  for (const double X : {0.02, 3.0, 4e3}) {
    Case c{channel.grid, channel.flow, channel.scale(F), X, 0.0, std::vector<double>(2 * n, 0.01), std::vector<double>(2 * n, 0.0)};
    c.source[n - 1] = 2.0;  // in the last voxel of the stream
    const auto size = static_cast<Eigen::Index>(2 * n);
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(size + static_cast<Eigen::Index>(n), size + static_cast<Eigen::Index>(n));  // means; outflows
    Eigen::VectorXd right = Eigen::VectorXd::Zero(matrix.rows());
    for (Eigen::Index x = 0; x < static_cast<Eigen::Index>(n); ++x) {
      const Eigen::Index still = x + static_cast<Eigen::Index>(n), out = x + size;
      const double z = (0.01 + X) / F, phi = -std::expm1(-z) / z, psi = (1.0 - phi) / z, s = c.source[static_cast<std::size_t>(x)];
      matrix(x, x) = 1.0;  // mean = C_in phi + (s + X c_still) psi / F
      if (x > 0) matrix(x, out - 1) = -phi;
      matrix(x, still) = -X * psi / F;
      right[x] = s * psi / F;
      matrix(out, out) = F;  // F C_out = F C_in + s + X (c_still - mean) - k mean
      if (x > 0) matrix(out, out - 1) = -F;
      matrix(out, still) = -X;
      matrix(out, x) = X + 0.01;
      right[out] = s;
      matrix(still, still) = 0.01;  // k c = sum X (c_neighbour - c)
      for (const Eigen::Index other : {x, x > 0 ? still - 1 : still, x + 1 < static_cast<Eigen::Index>(n) ? still + 1 : still}) {
        matrix(still, still) += X;
        matrix(still, other) -= X;
      }
    }
    const Eigen::VectorXd expected = matrix.fullPivLu().solve(right);
    const Carriage result = c.carried();
    for (std::size_t v = 0; v < 2 * n; ++v) CHECK_THAT(result.concentration[v], WithinRel(expected[static_cast<Eigen::Index>(v)], 1e-9));
    CHECK(result.concentration[0] > 0.0);
    CHECK(discrepancy(c, result) < 1e-14 * std::max(100.0, X / F));
    c.exchange = 0.0;
    CHECK(c.carried().concentration[0] == 0.0);
  }
}

TEST_CASE("sweep: diffusion much faster than the flow still settles", "[property]") {
  const Hexagon h(284.3, 1, 19.2, 3);
  const PotentialFlow flow = h.flow();
  const double of_voxel = 1e-4 / static_cast<double>(h.grid.size());
  for (const double ratio : {1e2, 1e5})
    for (const double saturation : {no_saturation, 1e8}) {
      Case c{h.grid, flow, 1e-4 / flow.total(), ratio * of_voxel, 2e8, uneven(h.grid, of_voxel, 1), uneven(h.grid, 1e6 * of_voxel, 2, 4), saturation};
      CHECK(discrepancy(c, c.carried()) < 1e-10);  // diffusion back and forth is so much more than what flows
    }
}

TEST_CASE("sweep: without any flow there is diffusion alone", "[analytic]") {
  const Grid grid(3, 1, 1, 10.0);
  const Channel channel(3);
  Case c{grid, channel.flow, 0.0, 0.5, 9.0, {0.0, 0.0, 0.25}, {2.0, 0.0, 0.0}};
  const Carriage result = c.carried();  // 2 per h run through two exchanges into the one that takes them up
  CHECK_THAT(result.concentration[2], WithinRel(8.0, 1e-13));
  CHECK_THAT(result.concentration[1], WithinRel(12.0, 1e-13));
  CHECK_THAT(result.concentration[0], WithinRel(16.0, 1e-13));
  CHECK(result.entered == 2.0);
  CHECK(result.left == 0.0);
  c.source.clear();
  CHECK(c.carried().concentration == std::vector<double>(3, 0.0));
  c.clearance.assign(3, 0.0);
  CHECK(c.carried().concentration == std::vector<double>(3, 0.0));
}

TEST_CASE("sweep: a source that nothing takes away is an error of the run", "[unit]") {
  const Channel channel(2, true);
  Case c{channel.grid, channel.flow, channel.scale(1.0), 0.0, 1.0, {0.1, 0.1, 0.0, 0.0}, {1.0, 1.0, 0.0, 3.0}};
  const auto failure = [&] { return message_of<RunError>([&] { c.carried(); }); };
  CHECK(failure() ==
        "voxel 3 has a source of 3 per h that nothing takes away: neither it nor any voxel that it exchanges with has flow or clearance");
  c.clearance[2] = 1.0;  // not in reach
  CHECK(failure() ==
        "voxel 3 has a source of 3 per h that nothing takes away: neither it nor any voxel that it exchanges with has flow or clearance");
  c.clearance[3] = 0.5;
  CHECK(failure().empty());
  c.half_saturation = 6.0;
  CHECK(failure() == "voxel 3 and those that it exchanges with have no flow and sources of 3 per h, but can take up less than 3 per h");
  c.half_saturation = 6.1;
  CHECK(failure().empty());
  c.half_saturation = 6.0;
  c.exchange = 0.1;
  CHECK(failure().empty());
}
