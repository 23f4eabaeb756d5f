#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"
#include "tests/support/flow.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// What a voxel makes of the concentration that flows in: (C_in, F, k, s) -> C_out.
using Passage = std::function<double(double, double, double, double)>;

double exponential(double in, double flow, double k, double s) {
  const double z = k / flow;
  return in * std::exp(-z) + (z > 0.0 ? s / k * -std::expm1(-z) : s / flow);
}
double upwind(double in, double flow, double k, double s) { return (flow * in + s) / (flow + k); }
/// F dC/dx = s - k C / (1 + C/K) by the classical Runge-Kutta method.
double integrated(double in, double flow, double k, double s, double half_saturation, int steps = 400) {
  const auto slope = [&](double c) { return (s - k * c / (1.0 + c / half_saturation)) / flow; };
  const double h = 1.0 / steps;
  double c = in;
  for (int i = 0; i < steps; ++i) {
    const double a = slope(c), b = slope(c + 0.5 * h * a), d = slope(c + 0.5 * h * b), e = slope(c + h * d);
    c += h / 6.0 * (a + 2.0 * b + 2.0 * d + e);
  }
  return c;
}

/// The plain sweep: voxel by voxel in the given order, everything looked up in the flow's streams. Returns the uptakes.
std::vector<double> plain_sweep(const PotentialFlow& flow, const std::vector<std::uint32_t>& order, double scale, double inlet,
                                const std::vector<double>& clearance, const std::vector<double>& source, const Passage& passage) {
  std::vector<std::vector<PotentialFlow::Stream>> from(clearance.size());
  for (const PotentialFlow::Stream& stream : flow.streams()) from[stream.from].push_back(stream);
  std::vector<double> arrived(clearance.size(), 0.0), uptake(clearance.size(), 0.0);
  for (const std::uint32_t v : order) {
    const double through = scale * flow.through()[v], in = arrived[v] + scale * flow.inflow()[v] * inlet, s = source.empty() ? 0.0 : source[v];
    const double out = through * passage(in / through, through, clearance[v], s);
    uptake[v] = in + s - out;
    for (const PotentialFlow::Stream& stream : from[v]) arrived[stream.to] += out * stream.flow / flow.through()[v];
  }
  return uptake;
}

}  // namespace

TEST_CASE("sweep: parallel channels give plug flow C0 exp(-k x / v), exact for any refinement, which upwinding would not", "[convergence]") {
  const double flow_mL_per_h = 0.7, loss_mL_per_h = 1.9, inlet = 3e8;  // of one channel over its whole length
  std::vector<double> spacings, error_of_upwind;
  for (const std::size_t n : {4u, 8u, 16u, 32u, 64u}) {
    const std::size_t rows = 3;
    const std::vector<double> open(n * rows, 1.0), shut(n * rows, 0.0);
    const Grid grid = Grid::prism(n, rows, 1, 100.0 / static_cast<double>(n), open, open, shut);
    std::vector<double> conductance(grid.size()), in(grid.size(), 0.0), out(grid.size(), 0.0);
    for (std::size_t y = 0; y < rows; ++y) {
      for (std::size_t x = 0; x < n; ++x) conductance[grid.index(x, y, 0)] = static_cast<double>(1 + y);
      in[grid.index(0, y, 0)] = out[grid.index(n - 1, y, 0)] = 2.0 * static_cast<double>(1 + y);
    }
    const PotentialFlow flow(grid, conductance, in, out);
    const double scale = 6.0 * flow_mL_per_h / flow.total();
    const std::vector<double> clearance(grid.size(), loss_mL_per_h / static_cast<double>(n));
    Carriage result;
    FlowSweep(grid, flow, scale, 0.0).carry(inlet, clearance, {}, no_saturation, result);
    const auto error = [&](const std::vector<double>& uptake) {
      double largest = 0.0;
      for (std::size_t y = 0; y < rows; ++y) {
        const double through = flow_mL_per_h * static_cast<double>(1 + y);
        double face = inlet;
        for (std::size_t x = 0; x < n; ++x) {
          face -= uptake[grid.index(x, y, 0)] / through;
          const double along = static_cast<double>(x + 1) / static_cast<double>(n);
          largest = std::max(largest, std::abs(face / inlet - std::exp(-loss_mL_per_h * along / through)));
        }
      }
      return largest;
    };
    CHECK(error(result.uptake) < 1e-13);
    for (std::size_t v = 0; v < grid.size(); ++v) CHECK_THAT(result.uptake[v], WithinRel(clearance[v] * result.concentration[v], 1e-15));
    spacings.push_back(grid.spacing_um());
    error_of_upwind.push_back(error(plain_sweep(flow, flow.order(), scale, inlet, clearance, {}, upwind)));
    CHECK_FALSE(error_of_upwind.back() < 1e-3);
  }
  CHECK_THAT(order(spacings, error_of_upwind), WithinAbs(1.0, 0.1));
}

TEST_CASE("sweep: agrees with a plain sweep in the right order, and not with one in a wrong order", "[unit]") {
  for (const double spacing : {19.2, 9.6}) {
    Hexagon h(284.3, 2, spacing);
    for (std::size_t v = 0; v < h.grid.size(); ++v) h.conductance[v] *= 0.2 + 0.1 * static_cast<double>(scatter(v, 20, 1));
    const PotentialFlow flow = h.flow();
    const double scale = 1e-4 / flow.total(), of_voxel = 1e-4 / static_cast<double>(flow.order().size());
    const Case c{h.grid, flow, scale, 1e-7, 2e8, uneven(h.grid, 3.0 * of_voxel, 1), uneven(h.grid, 1e3 * of_voxel * 1e6, 2, 5)};
    const std::vector<double> plain = plain_sweep(flow, flow.order(), scale, c.inlet, c.clearance, c.source, exponential);
    const double largest = *std::max_element(plain.begin(), plain.end());
    CHECK(largest_difference(c.carried().uptake, plain) < 1e-12 * largest);
    std::vector<std::uint32_t> by_index = flow.order(), swapped = flow.order();
    std::sort(by_index.begin(), by_index.end());
    CHECK_FALSE(largest_difference(c.carried().uptake, plain_sweep(flow, by_index, scale, c.inlet, c.clearance, c.source, exponential)) <
                1e-3 * largest);
    const PotentialFlow::Stream& most =
        *std::max_element(flow.streams().begin(), flow.streams().end(), [](const auto& a, const auto& b) { return a.flow < b.flow; });
    std::swap(*std::find(swapped.begin(), swapped.end(), most.from), *std::find(swapped.begin(), swapped.end(), most.to));
    CHECK_FALSE(largest_difference(c.carried().uptake, plain_sweep(flow, swapped, scale, c.inlet, c.clearance, c.source, exponential)) <
                1e-12 * largest);
  }
}

TEST_CASE("sweep: linear in what comes in as long as nothing saturates", "[property]") {
  const Hexagon h(284.3, 1, 19.2, 6);
  const PotentialFlow flow = h.flow();
  const double of_voxel = 1e-4 / static_cast<double>(h.grid.size());
  const Case base{h.grid, flow, 1e-4 / flow.total(), 1e-7, 1.0, uneven(h.grid, 3.0 * of_voxel, 1), {}};
  const auto error = [&](double half_saturation) {
    double largest = 0.0;
    Case one = base, many = base;
    many.inlet = 3.7e11;
    one.half_saturation = many.half_saturation = half_saturation;
    const Carriage a = one.carried(), b = many.carried();
    for (std::size_t v = 0; v < h.grid.size(); ++v) {
      if (a.uptake[v] > 0.0) largest = std::max(largest, std::abs(b.uptake[v] / a.uptake[v] / 3.7e11 - 1.0));
      if (a.concentration[v] > 0.0) largest = std::max(largest, std::abs(b.concentration[v] / a.concentration[v] / 3.7e11 - 1.0));
    }
    return largest;
  };
  CHECK(error(no_saturation) < 1e-11);
  CHECK(error(1e30) < 1e-11);
  CHECK_FALSE(error(1e15) < 1e-11);
  Case sourced = base;
  sourced.source = uneven(h.grid, 1.0, 3);
  Case without = sourced;
  without.inlet = 0.0;
  CHECK_THAT(sourced.carried().left, WithinRel(without.carried().left + base.carried().left, 1e-12));
}

TEST_CASE("sweep: saturation in a chain of voxels is Lambert's W, for any refinement", "[analytic]") {
  // y exp(y) = y0 exp(y0 - k/F), y = C/K: by bisection on log(y) + y.
  const double flow_mL_per_h = 0.02, loss_mL_per_h = 0.11;
  for (const double inlet : {1e-3, 0.3, 1.0, 7.0, 400.0, 1e7}) {  // in units of K
    const double target = std::log(inlet) + inlet - loss_mL_per_h / flow_mL_per_h;
    double low = -800.0, high = std::log(inlet);
    for (int i = 0; i < 200; ++i) {
      const double middle = 0.5 * (low + high);
      (middle + std::exp(middle) < target ? low : high) = middle;
    }
    const double expected = std::exp(0.5 * (low + high));
    for (const std::size_t n : {1u, 5u, 40u}) {
      const Channel channel(n);
      const double K = 2.5e8;
      const Case c{channel.grid,
                   channel.flow,
                   channel.scale(flow_mL_per_h),
                   0.0,
                   inlet * K,
                   std::vector<double>(n, loss_mL_per_h / static_cast<double>(n)),
                   {},
                   K};
      const Carriage result = c.carried();
      CHECK_THAT(result.left / flow_mL_per_h / K, WithinRel(expected, 1e-11));
      CHECK_FALSE(std::abs(result.left / flow_mL_per_h / K - inlet * std::exp(-loss_mL_per_h / flow_mL_per_h)) < 1e-4 * expected);
      // the mean along the channel: integral of C dx = F/k (C0 - C1) (1 + (C0 + C1) / 2K)
      double mean = 0.0;
      for (const double value : result.concentration) mean += value / static_cast<double>(n) / K;
      CHECK_THAT(mean, WithinRel(flow_mL_per_h / loss_mL_per_h * (result.taken / flow_mL_per_h / K) * (1.0 + 0.5 * (inlet + expected)), 1e-9));
    }
  }
}

TEST_CASE("sweep: saturation beside a source is of second order, which a clearance from what flows in would not be", "[convergence]") {
  const double flow = 0.02, loss = 0.09, source = 0.03, inlet = 4.0;  // K = 1
  const double exact = integrated(inlet, flow, loss, source, 1.0, 40000);
  std::vector<double> spacings, error, error_of_explicit;
  for (const std::size_t n : {2u, 4u, 8u, 16u, 32u, 64u}) {
    const Channel channel(n);
    const double parts = static_cast<double>(n);
    const Case c{
        channel.grid, channel.flow, channel.scale(flow), 0.0, inlet, std::vector<double>(n, loss / parts), std::vector<double>(n, source / parts),
        1.0};
    error.push_back(std::abs(c.carried().left / flow - exact));
    spacings.push_back(1.0 / parts);
    double lagging = inlet;
    for (std::size_t i = 0; i < n; ++i) lagging = exponential(lagging, flow, loss / parts / (1.0 + lagging), source / parts);
    error_of_explicit.push_back(std::abs(lagging - exact));
  }
  INFO("errors " << error.front() << " to " << error.back() << ", explicit " << error_of_explicit.front() << " to " << error_of_explicit.back());
  CHECK_THAT(order(spacings, error), WithinAbs(2.0, 0.15));
  CHECK_FALSE(order(spacings, error_of_explicit) > 1.5);
  CHECK(error.back() < 1e-3);
}

TEST_CASE("sweep: limits of no and of endless clearance, and of no saturation", "[analytic]") {
  const Hexagon h(284.3, 1, 19.2);
  const PotentialFlow flow = h.flow();
  const double total = 1e-4, scale = total / flow.total(), of_voxel = total / static_cast<double>(h.grid.size());
  Case c{h.grid, flow, scale, 0.0, 5e8, std::vector<double>(h.grid.size(), 0.0), {}};
  for (const double saturation : {no_saturation, 1e8}) {
    c.half_saturation = saturation;
    c.clearance.assign(h.grid.size(), 0.0);
    Carriage result = c.carried();
    CHECK(result.taken == 0.0);
    CHECK_THAT(result.left, WithinRel(total * c.inlet, 1e-13));
    for (const std::uint32_t v : flow.order()) CHECK_THAT(result.concentration[v], WithinRel(c.inlet, 1e-12));
    c.clearance.assign(h.grid.size(), 1e-14 * of_voxel);
    result = c.carried();
    const double share = saturation == no_saturation ? 1.0 : 1.0 / 6.0;
    for (const std::uint32_t v : flow.order()) CHECK_THAT(result.uptake[v], WithinRel(share * c.clearance[v] * c.inlet, 1e-11));
    c.clearance.assign(h.grid.size(), 1e12 * total);
    result = c.carried();
    CHECK(result.left < 1e-200);
    for (const std::uint32_t v : flow.order()) CHECK_THAT(result.uptake[v], WithinAbs(scale * flow.inflow()[v] * c.inlet, 1e-12 * total * c.inlet));
  }
  c.clearance = uneven(h.grid, of_voxel, 4);
  c.half_saturation = 1e22;
  const Carriage nearly = c.carried();
  c.half_saturation = no_saturation;
  CHECK(largest_difference(nearly.uptake, c.carried().uptake) < 1e-11 * of_voxel * c.inlet);
  c.half_saturation = 1e12;
  CHECK_FALSE(largest_difference(c.carried().uptake, nearly.uptake) < 1e-11 * of_voxel * c.inlet);
  c.source = uneven(h.grid, of_voxel * c.inlet, 5);
  c.half_saturation = 1e22;
  const Carriage sourced = c.carried();
  c.half_saturation = no_saturation;
  CHECK(largest_difference(sourced.uptake, c.carried().uptake) < 1e-11 * of_voxel * c.inlet);
}

TEST_CASE("sweep: a used result is as good as a new one, and stays where it is", "[unit]") {
  const Hexagon h(284.3, 1, 19.2);
  const PotentialFlow flow = h.flow();
  const Case c{h.grid, flow, 1.0, 0.0, 1.0, uneven(h.grid, 0.01, 1), {}};
  const FlowSweep sweep(h.grid, flow, 1.0, 0.0);
  Carriage result;
  sweep.carry(5.0, c.clearance, uneven(h.grid, 1.0, 3), 2.0, result);
  const double* before = result.uptake.data();
  sweep.carry(1.0, c.clearance, {}, no_saturation, result);
  CHECK(result.uptake.data() == before);
  const Carriage fresh = c.carried();
  CHECK(result.uptake == fresh.uptake);
  CHECK(result.concentration == fresh.concentration);
  CHECK(result.left == fresh.left);
  CHECK(result.taken == fresh.taken);
}

TEST_CASE("sweep: bad inputs are refused", "[unit]") {
  const Channel channel(2);
  const auto built = [&](const Grid& grid, double scale, double exchange) {
    return message_of<std::invalid_argument>([&] { FlowSweep(grid, channel.flow, scale, exchange); });
  };
  CHECK(built(channel.grid, 1.0, 0.0).empty());
  CHECK(built(Grid(3, 1, 1, 10.0), 1.0, 0.0) == "a flow over 2 voxels does not belong to a grid of 3");
  CHECK(built(channel.grid, -1.0, 0.0) == "a flow of -1 mL/h: it must be finite and not negative");
  CHECK(built(channel.grid, 1.0, HUGE_VAL) == "an exchange of inf mL/h: it must be finite and not negative");

  const auto carried = [&](double inlet, const std::vector<double>& clearance, const std::vector<double>& source, double half_saturation) {
    Carriage result;
    return message_of<std::invalid_argument>(
        [&] { FlowSweep(channel.grid, channel.flow, 1.0, 0.0).carry(inlet, clearance, source, half_saturation, result); });
  };
  const std::vector<double> fine = {1.0, 1.0};
  CHECK(carried(1.0, fine, fine, 1.0).empty());
  CHECK(carried(-0.5, fine, fine, 1.0) == "a concentration of -0.5 per mL at the inlet: it must be finite and not negative");
  CHECK(carried(HUGE_VAL, fine, fine, 1.0) == "a concentration of inf per mL at the inlet: it must be finite and not negative");
  CHECK(carried(1.0, {1.0}, fine, 1.0) == "the clearance has 1 values for a grid of 2 voxels");
  CHECK(carried(1.0, fine, {1.0, 1.0, 1.0}, 1.0) == "the source has 3 values for a grid of 2 voxels");
  CHECK(carried(1.0, {1.0, -1.0}, fine, 1.0) == "the clearance of voxel 1 is -1: it must be finite and not negative");
  CHECK(carried(1.0, fine, {std::nan(""), 1.0}, 1.0) == "the source of voxel 0 is nan: it must be finite and not negative");
  CHECK(carried(1.0, {HUGE_VAL, 1.0}, fine, 1.0) == "the clearance of voxel 0 is inf: it must be finite and not negative");
  CHECK(carried(1.0, fine, fine, 0.0) == "a half saturation of 0 per mL: it must be above 0");
  CHECK(carried(1.0, fine, fine, std::nan("")) == "a half saturation of nan per mL: it must be above 0");

  const Hexagon h(100.0, 1, 19.2);
  const PotentialFlow flow = h.flow();
  Case c{h.grid, flow, 1.0, 0.0, 1.0, std::vector<double>(h.grid.size(), 1.0), std::vector<double>(h.grid.size(), 1.0)};
  CHECK(message_of<std::invalid_argument>([&] { c.carried(); }) == "voxel 0 lies outside the domain and has a source");
}
