// Measured orders of the field solvers: in space against analytic and manufactured solutions, in time against the exact decay of a mode.
#include <cmath>
#include <numbers>
#include <vector>

#include "sim/fields/relaxation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

constexpr double circumradius = 284.0;
constexpr double diffusion = 50.0;

/// Error of the steady state in a hexagon with uptake that depends on the position, against c = 4 + mode with the source that makes it exact.
double steady_hexagon_error(const Grid& grid) {
  const HexagonMode mode{circumradius};
  const auto uptake = [](double x, double y) { return 2e-3 * (1.5 + std::sin(x / 90.0) * std::cos(y / 70.0)); };
  Field field("mode", "ng/mL", grid);
  field.diffusion_um2_per_s = diffusion;
  field.decay_per_s = 1e-3;
  field.uptake_per_s = sample(grid, [&](double x, double y, std::size_t) { return uptake(x, y); });
  field.source_per_s = sample(grid, [&](double x, double y, std::size_t) {
    return diffusion * mode.wave() * mode.wave() * mode(x, y) + (1e-3 + uptake(x, y)) * (4.0 + mode(x, y));
  });
  SteadySolver(grid).solve(field, 1e-11);
  return rms(grid, field.value, sample(grid, [&](double x, double y, std::size_t) { return 4.0 + mode(x, y); }));
}

/// Error after one e-fold of c = 4 + mode exp(-D wave^2 t), the step shrinking with the square of the spacing.
double transient_hexagon_error(const Grid& grid) {
  const HexagonMode mode{circumradius};
  const double rate = diffusion * mode.wave() * mode.wave(), spacing = grid.spacing_um();
  const auto steps = static_cast<int>(std::ceil(1.0 / rate / (4.0 * spacing * spacing / 1600.0)));
  Field field("mode", "ng/mL", grid);
  field.diffusion_um2_per_s = diffusion;
  field.value = sample(grid, [&](double x, double y, std::size_t) { return 4.0 + mode(x, y); });
  TransientSolver solver(grid);
  for (int i = 0; i < steps; ++i) solver.advance(field, 1.0 / rate / steps);
  return rms(grid, field.value, sample(grid, [&](double x, double y, std::size_t) { return 4.0 + std::exp(-1.0) * mode(x, y); }));
}

template <class Error>
double order_in_hexagon(const std::vector<double>& spacings, bool cut, Error error) {
  std::vector<double> errors;
  for (const double spacing : spacings) {
    const Grid grid = Grid::hexagonal_prism(circumradius, 1, spacing);
    errors.push_back(error(cut ? grid : staircase(grid)));
    UNSCOPED_INFO("spacing " << spacing << " error " << errors.back());
  }
  const double measured = order(spacings, errors);
  UNSCOPED_INFO("order " << measured);
  return measured;
}

/// Error of the steady state in a full box against a product of cosines.
double steady_box_error(std::size_t n, bool deep) {
  const double edge = 200.0, k = std::numbers::pi / edge;
  const Grid grid(n, n, deep ? n : 1, edge / static_cast<double>(n));
  const auto exact = [&](double x, double y, std::size_t z) {
    const double depth = deep ? std::cos(k * (static_cast<double>(z) + 0.5) * grid.spacing_um()) : 1.0;
    return 2.0 + std::sin(k * x) * std::cos(2.0 * k * (y + 0.5 * edge)) * depth;
  };
  Field field("mode", "ng/mL", grid);
  field.diffusion_um2_per_s = diffusion;
  field.decay_per_s = 0.01;
  field.source_per_s = sample(grid, [&](double x, double y, std::size_t z) {
    return 0.01 * exact(x, y, z) + diffusion * (deep ? 6.0 : 5.0) * k * k * (exact(x, y, z) - 2.0);
  });
  SteadySolver(grid).solve(field, 1e-11);
  return rms(grid, field.value, sample(grid, exact));
}

}  // namespace

TEST_CASE("steady: second order in space in a box, in two and three dimensions", "[convergence]") {
  for (const bool deep : {false, true}) {
    std::vector<double> spacings, errors;
    for (const std::size_t n : {8u, 16u, 32u}) {
      spacings.push_back(1.0 / static_cast<double>(n));
      errors.push_back(steady_box_error(n, deep));
    }
    CHECK_THAT(order(spacings, errors), WithinAbs(2.0, 0.05));
  }
}

TEST_CASE("steady: second order in space in the hexagon, where a staircase is of first order", "[convergence]") {
  const std::vector<double> spacings = {40.0, 20.0, 10.0, 5.0, 2.5};
  CHECK(order_in_hexagon(spacings, true, steady_hexagon_error) >= 1.9);
  CHECK_FALSE(order_in_hexagon(spacings, false, steady_hexagon_error) >= 1.9);
  const std::vector<double> odd_spacings = {37.1, 17.3, 9.7, 4.3};
  CHECK(order_in_hexagon(odd_spacings, true, steady_hexagon_error) >= 1.9);
}

TEST_CASE("transient: second order in space in the hexagon, where a staircase is of first order", "[convergence]") {
  const std::vector<double> spacings = {40.0, 20.0, 10.0, 5.0};
  CHECK(order_in_hexagon(spacings, true, transient_hexagon_error) >= 1.9);
  CHECK_FALSE(order_in_hexagon(spacings, false, transient_hexagon_error) >= 1.9);
}

TEST_CASE("transient: second order in space in a box", "[convergence]") {
  const double edge = 200.0, k = std::numbers::pi / edge, rate = diffusion * 5.0 * k * k;
  std::vector<double> spacings, errors;
  for (const std::size_t n : {8u, 16u, 32u}) {
    const Grid grid(n, n, 1, edge / static_cast<double>(n));
    const auto mode = [&](double x, double y, std::size_t) { return std::sin(k * x) * std::cos(2.0 * k * (y + 0.5 * edge)); };
    Field field("mode", "ng/mL", grid);
    field.diffusion_um2_per_s = diffusion;
    field.value = sample(grid, mode);
    TransientSolver solver(grid);
    const auto steps = static_cast<int>(n * n);
    for (int i = 0; i < steps; ++i) solver.advance(field, 1.0 / rate / steps);
    spacings.push_back(grid.spacing_um());
    errors.push_back(rms(grid, field.value, sample(grid, [&](double x, double y, std::size_t z) { return std::exp(-1.0) * mode(x, y, z); })));
  }
  CHECK_THAT(order(spacings, errors), WithinAbs(2.0, 0.1));
}

TEST_CASE("transient: first order in time, in a box and in the hexagon, with sources and uptake", "[convergence]") {
  for (const bool box : {true, false}) {
    const Grid grid = box ? Grid(12, 10, 3, 20.0) : Grid::hexagonal_prism(120.0, 3, 20.0);
    const auto run = [&](int steps) {
      Field field("mix", "ng/mL", grid);
      field.diffusion_um2_per_s = diffusion;
      field.decay_per_s = 2e-3;
      field.value = sample(grid, [](double x, double y, std::size_t) { return 1.0 + std::sin(x / 50.0) * std::cos(y / 60.0); });
      field.uptake_per_s = sample(grid, [](double x, double, std::size_t) { return x > 0.0 ? 5e-3 : 0.0; });
      field.source_per_s = sample(grid, [](double, double y, std::size_t z) { return y > 0.0 && z == 0 ? 0.05 : 0.0; });
      TransientSolver solver(grid);
      for (int i = 0; i < steps; ++i) solver.advance(field, 60.0 / steps);
      return field.value;
    };
    const std::vector<double> reference = run(8192);
    std::vector<double> durations, errors;
    for (const int steps : {16, 32, 64, 128}) {
      durations.push_back(60.0 / steps);
      errors.push_back(rms(grid, run(steps), reference));
    }
    CHECK_THAT(order(durations, errors), WithinAbs(1.0, 0.1));
  }
}
