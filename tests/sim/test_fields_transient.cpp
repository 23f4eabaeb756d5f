#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/fields/relaxation.hpp"
#include "sim/fields/sweeps.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// Values without any pattern, between 0 and 1, 0 outside.
std::vector<double> rough(const Grid& grid, double salt = 0.0) {
  std::vector<double> values(grid.size(), 0.0);
  for (std::size_t v = 0; v < values.size(); ++v)
    if (grid.inside(v)) values[v] = std::abs(std::fmod(std::sin(static_cast<double>(v) * 12.9898 + salt) * 43758.5453, 1.0));
  return values;
}

/// The textbook Thomas algorithm for one line of full voxels: (1 + r n) c[i] - r c[i - 1] - r c[i + 1] = old[i], n neighbours.
std::vector<double> thomas(const std::vector<double>& old, double r) {
  const std::size_t n = old.size();
  std::vector<double> upper(n), right(n), c(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double lower = i > 0 ? -r : 0.0, diagonal = 1.0 + r * ((i > 0 ? 1 : 0) + (i + 1 < n ? 1 : 0));
    const double pivot = diagonal - (i > 0 ? lower * upper[i - 1] : 0.0);
    upper[i] = (i + 1 < n ? -r : 0.0) / pivot;
    right[i] = (old[i] - (i > 0 ? lower * right[i - 1] : 0.0)) / pivot;
  }
  for (std::size_t i = n; i-- > 0;) c[i] = right[i] - (i + 1 < n ? upper[i] * c[i + 1] : 0.0);
  return c;
}

/// Plain reference of a diffusion step: textbook sweeps along each axis in a full box, else a direct solve of the layers and a sweep along z.
std::vector<double> reference_diffusion(const Grid& grid, std::vector<double> c, double r) {
  const std::size_t sizes[3] = {grid.nx(), grid.ny(), grid.nz()}, steps[3] = {1, grid.nx(), grid.nx() * grid.ny()};
  if (!grid.full()) {
    for (std::size_t v = 0; v < c.size(); ++v) c[v] *= grid.volume_fraction()[v];
    c = direct_solve(grid, r, grid.volume_fraction(), c, false);
  }
  for (std::size_t axis = grid.full() ? 0 : 2; axis < 3; ++axis)
    for (std::size_t v = 0; v < c.size(); ++v) {
      if (v / steps[axis] % sizes[axis] != 0) continue;
      std::vector<double> line(sizes[axis]);
      for (std::size_t i = 0; i < line.size(); ++i) line[i] = c[v + i * steps[axis]];
      line = thomas(line, r);
      for (std::size_t i = 0; i < line.size(); ++i) c[v + i * steps[axis]] = line[i];
    }
  return c;
}

double phi(double z) { return z > 0.0 ? -std::expm1(-z) / z : 1.0; }

/// Plain reference of a step: exact reaction, then diffusion over the time that the decay leaves.
std::vector<double> reference_step(const Field& field, const Grid& grid, double duration) {
  std::vector<double> c(grid.size(), 0.0);
  for (std::size_t v = 0; v < c.size(); ++v) {
    if (!grid.inside(v)) continue;
    const double z = (field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v])) * duration;
    c[v] = std::exp(-z) * field.value[v] + (field.source_per_s.empty() ? 0.0 : duration * phi(z) * field.source_per_s[v]);
  }
  return reference_diffusion(grid, c, field.diffusion_um2_per_s * duration * phi(field.decay_per_s * duration) / std::pow(grid.spacing_um(), 2));
}

Field rough_field(const Grid& grid, bool uptake, bool source) {
  Field field("rough", "ng/mL", grid);
  field.diffusion_um2_per_s = 50.0;
  field.decay_per_s = 1e-3;
  field.value = rough(grid);
  if (uptake) field.uptake_per_s = rough(grid, 1.0);
  for (double& rate : field.uptake_per_s) rate *= 0.02;
  if (source) field.source_per_s = rough(grid, 2.0);
  return field;
}

std::vector<Grid> some_grids() {
  std::vector<Grid> grids = {Grid(1, 1, 1, 20.0), Grid(7, 1, 1, 20.0),   Grid(1, 9, 1, 20.0),
                             Grid(1, 1, 5, 20.0), Grid(33, 19, 1, 20.0), Grid(16, 70, 3, 20.0)};
  for (const std::size_t nz : {1u, 2u, 4u, 5u, 16u, 18u, 21u}) grids.push_back(Grid::hexagonal_prism(97.0, nz, 19.2));
  return grids;
}

}  // namespace

TEST_CASE("transient: every grid agrees with the plain reference", "[unit]") {
  for (const Grid& grid : some_grids())
    for (const bool uptake : {false, true})
      for (const bool source : {false, true}) {
        Field field = rough_field(grid, uptake, source);
        const std::vector<double> expected = reference_step(field, grid, 40.0);
        Field other = field;
        other.diffusion_um2_per_s *= 1.0 + 1e-6;
        const std::vector<double> planted = reference_step(other, grid, 40.0);
        TransientSolver(grid).advance(field, 40.0);
        INFO(grid.nx() << " x " << grid.ny() << " x " << grid.nz());
        CHECK(largest_difference(field.value, expected) < 1e-12);
        if (grid.size() > 1) CHECK_FALSE(largest_difference(planted, expected) < 1e-12);
      }
}

TEST_CASE("transient: pure decay is exact for any step", "[analytic]") {
  for (const double duration : {1.0, 600.0, 86400.0, 1e7}) {
    const Grid grid = Grid::hexagonal_prism(80.0, 2, 19.2);
    Field field("decaying", "ng/mL", grid);
    field.diffusion_um2_per_s = 15.0;
    field.decay_per_s = 2e-4;
    field.uptake_per_s.assign(grid.size(), 3e-4);
    field.value = sample(grid, [](double, double, std::size_t) { return 2.0; });
    TransientSolver(grid).advance(field, duration);
    for (std::size_t v = 0; v < grid.size(); ++v)
      CHECK_THAT(field.value[v], WithinAbs(grid.inside(v) ? 2.0 * std::exp(-5e-4 * duration) : 0.0, 1e-13 * std::exp(-5e-4 * duration) + 1e-300));
  }
}

TEST_CASE("transient: the exact reaction agrees with the library's exp from no loss to all lost", "[unit]") {
  const Grid grid(1, 1, 1, 1.0);
  for (double z = 1e-18; z < 2e3; z *= 1.37) {
    Field field("reacting", "1", grid);
    field.uptake_per_s = {z};
    field.value = {1.0};
    TransientSolver(grid).advance(field, 1.0);
    CHECK_THAT(field.value[0], WithinRel(std::exp(-z), 4e-15 + 3e-16 * z) || WithinAbs(0.0, 1e-300));
    field.source_per_s = {1.0};
    field.value = {0.0};
    TransientSolver(grid).advance(field, 1.0);
    CHECK_THAT(field.value[0], WithinRel(-std::expm1(-z) / z, 4e-15));
  }
}

TEST_CASE("transient: a uniform balance of source and loss stays for any step", "[analytic]") {
  for (const Grid& grid : some_grids()) {
    Field field("balanced", "ng/mL", grid);
    field.diffusion_um2_per_s = 15.0;
    field.decay_per_s = 1e-3;
    field.uptake_per_s = sample(grid, [](double, double, std::size_t) { return 4e-3; });
    field.source_per_s = sample(grid, [](double, double, std::size_t) { return 0.035; });
    field.value = sample(grid, [](double, double, std::size_t) { return 7.0; });
    const std::vector<double> before = field.value;
    TransientSolver solver(grid);
    for (const double duration : {0.5, 60.0, 1200.0}) solver.advance(field, duration);
    CHECK(largest_difference(field.value, before) < 1e-12);
    field.source_per_s[0] += grid.inside(0) ? 1e-9 : 0.0;
    solver.advance(field, 1200.0);
    if (grid.inside(0)) CHECK_FALSE(largest_difference(field.value, before) < 1e-12);
  }
}

TEST_CASE("transient: diffusion conserves the amount to rounding, also at very long steps", "[property]") {
  for (const Grid& grid : some_grids())
    for (const double duration : {0.1, 60.0, 1200.0, 86400.0}) {
      Field field = rough_field(grid, false, false);
      field.decay_per_s = 0.0;
      const double before = amount(field, grid);
      TransientSolver solver(grid);
      for (int i = 0; i < 10; ++i) solver.advance(field, duration);
      CHECK_THAT(amount(field, grid), WithinRel(before, 1e-12));
      field.value[grid.index(grid.nx() / 2, grid.ny() / 2, 0)] += 1e-9 * before / grid.voxel_volume_um3();
      CHECK_FALSE(std::abs(amount(field, grid) / before - 1.0) <= 1e-12);
    }
}

TEST_CASE("transient: positive stays positive, and no new extremes arise", "[property]") {
  for (const Grid& grid : some_grids()) {
    Field field("spike", "ng/mL", grid);
    field.diffusion_um2_per_s = 50.0;
    const std::size_t spike = grid.index(grid.nx() / 2, grid.ny() / 2, grid.nz() / 2);
    field.value[spike] = 1.0;
    TransientSolver solver(grid);
    for (const double duration : {1e-3, 1.0, 100.0, 1e5}) {
      solver.advance(field, duration);
      for (const double value : field.value) REQUIRE((value >= 0.0 && value <= 1.0 + 1e-14));
    }
  }
}

TEST_CASE("transient: modes of a box decay as backward Euler says, axis by axis", "[analytic]") {
  const std::size_t n = 24;
  const double spacing = 10.0, duration = 2.0, diffusion = 50.0, r = diffusion * duration / (spacing * spacing);
  const Grid grid(n, n, n, spacing);
  for (int axes = 1; axes <= 3; ++axes) {
    const auto cosine = [&](double um) { return std::cos(std::numbers::pi * (um / (spacing * n) + 0.5)); };
    Field field("mode", "ng/mL", grid);
    field.diffusion_um2_per_s = diffusion;
    field.value = sample(grid, [&](double x, double y, std::size_t z) {
      return cosine(x) * (axes > 1 ? cosine(y) : 1.0) * (axes > 2 ? cosine((static_cast<double>(z) + 0.5 - 0.5 * n) * spacing) : 1.0);
    });
    const std::vector<double> before = field.value;
    TransientSolver solver(grid);
    for (int i = 0; i < 50; ++i) solver.advance(field, duration);
    const double eigenvalue = 4.0 * r * std::pow(std::sin(0.5 * std::numbers::pi / n), 2);
    const double discrete = std::pow(1.0 + eigenvalue, -50.0 * axes);
    const double continuous = std::exp(-diffusion * 100.0 * axes * std::pow(std::numbers::pi / (spacing * n), 2));
    CHECK_THAT(field.value[0] / before[0], WithinRel(discrete, 1e-11));
    CHECK_THAT(field.value[0] / before[0], WithinRel(continuous, 0.03));
    CHECK_FALSE(std::abs(discrete / std::pow(1.0 + 1.001 * eigenvalue, -50.0 * axes) - 1.0) <= 1e-11);
  }
}

TEST_CASE("transient: an amount set free at a point spreads as a Gaussian", "[analytic]") {
  const Grid grid(61, 61, 61, 5.0);
  Field field("point", "ng/mL", grid);
  field.diffusion_um2_per_s = 25.0;
  field.value[grid.index(30, 30, 30)] = 1.0 / grid.voxel_volume_um3();
  TransientSolver solver(grid);
  for (int i = 0; i < 200; ++i) solver.advance(field, 0.08);
  const double variance = 2.0 * 25.0 * 16.0;
  for (const std::size_t x : {30u, 33u, 36u, 40u}) {
    const double exact = std::exp(-std::pow(grid.x_um(x), 2) / (2.0 * variance)) / std::pow(2.0 * std::numbers::pi * variance, 1.5);
    CHECK_THAT(field.value[grid.index(x, 30, 30)], WithinRel(exact, 0.05));
    CHECK_THAT(field.value[grid.index(30, x, 30)], WithinRel(field.value[grid.index(x, 30, 30)], 1e-9));
    CHECK_THAT(field.value[grid.index(30, 30, x)], WithinRel(field.value[grid.index(x, 30, 30)], 1e-9));
  }
}

TEST_CASE("transient: a box behind a mask agrees with the full box up to the order of the step", "[convergence]") {
  std::vector<double> durations, differences;
  std::vector<double> layer(14 * 12, 0.0);
  const std::vector<double> open(14 * 12, 1.0);
  for (std::size_t y = 0; y < 10; ++y)
    for (std::size_t x = 0; x < 11; ++x) layer[(y + 1) * 14 + x + 2] = 1.0;
  const Grid box(11, 10, 2, 20.0), masked = Grid::prism(14, 12, 2, 20.0, layer, open, open);
  REQUIRE_FALSE(masked.full());
  for (const int steps : {8, 16, 32, 64}) {
    Field in_box = rough_field(box, false, false), in_mask = rough_field(masked, false, false);
    const auto place = [&](std::size_t v) { return masked.index(v % 11 + 2, v / 11 % 10 + 1, v / 110); };
    for (std::size_t v = 0; v < box.size(); ++v) in_mask.value[place(v)] = in_box.value[v];
    TransientSolver fast(box), general(masked);
    for (int i = 0; i < steps; ++i) {
      fast.advance(in_box, 64.0 / steps);
      general.advance(in_mask, 64.0 / steps);
    }
    double largest = 0.0;
    for (std::size_t v = 0; v < box.size(); ++v) largest = std::max(largest, std::abs(in_box.value[v] - in_mask.value[place(v)]));
    durations.push_back(64.0 / steps);
    differences.push_back(largest);
    CHECK(largest < 0.05);
  }
  CHECK(order(durations, differences) > 0.8);
}

TEST_CASE("transient: the same values again from the same start, whatever the solver did before", "[property]") {
  const Grid grid = Grid::hexagonal_prism(120.0, 2, 19.2);
  const Field start = rough_field(grid, true, true);
  Field first = start, second = start, other = start;
  TransientSolver fresh(grid), used(grid);
  for (int i = 1; i < 40; ++i) used.advance(other, static_cast<double>(i));
  fresh.advance(first, 17.0);
  used.advance(second, 17.0);
  CHECK(first.value == second.value);
  used.advance(other, 0.0);
  second.value = start.value;
  used.advance(second, 0.0);
  CHECK(second.value == start.value);
}

TEST_CASE("transient: numbers that are not finite, negative losses and wrong sizes are refused by name", "[unit]") {
  const Grid grid(4, 3, 2, 10.0);
  TransientSolver solver(grid);
  const auto message = [&](const Field& bad) -> std::string {
    Field field = bad;
    try {
      solver.advance(field, 1.0);
    } catch (const RunError& error) {
      return error.what();
    }
    return "";
  };
  const Field good = rough_field(grid, true, true);
  CHECK(message(good).empty());
  Field bad = good;
  bad.value[grid.index(1, 2, 1)] = std::numeric_limits<double>::quiet_NaN();
  CHECK(message(bad) == "field \"rough\": value is nan in voxel x = 1, y = 2, z = 1; it must be finite");
  bad = good;
  bad.source_per_s[0] = std::numeric_limits<double>::infinity();
  CHECK(message(bad) == "field \"rough\": source_per_s is inf in voxel x = 0, y = 0, z = 0; it must be finite");
  bad = good;
  bad.uptake_per_s[3] = -1.0;
  CHECK(message(bad) == "field \"rough\": uptake_per_s is -1 in voxel x = 3, y = 0, z = 0; it must be finite and 0 or above");
  bad = good;
  bad.decay_per_s = -1.0;
  CHECK(message(bad) == "field \"rough\": decay_per_s is -1; it must be finite and 0 or above");
  bad = good;
  bad.value.pop_back();
  CHECK(message(bad) == "field \"rough\": value has 23 numbers, the grid has 24 voxels");
  Field field = good;
  CHECK_THROWS_AS(solver.advance(field, -1.0), std::invalid_argument);
  CHECK_THROWS_AS(solver.advance(field, std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
}
