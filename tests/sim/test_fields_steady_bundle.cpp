#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/fields/lane_multigrid.hpp"
#include "sim/fields/steady_bundle.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// As far apart as the cytokines of a lobule: diffusion lengths from none to a whole lobule, with and without uptake.
std::vector<Field> six_fields(const Grid& grid) {
  const std::array<double, 6> diffusion{50.0, 50.0, 15.0, 0.0, 150.0, 50.0}, half_life_s{180.0, 1140.0, 240.0, 600.0, 3600.0, 30.0};
  std::vector<Field> fields;
  for (std::size_t l = 0; l < 6; ++l) {
    Field field("field " + std::to_string(l), "ng/mL", grid);
    field.diffusion_um2_per_s = diffusion[l];
    field.decay_per_s = std::log(2.0) / half_life_s[l];
    field.source_per_s.assign(grid.size(), 0.0);
    if (l % 2 == 0) field.uptake_per_s.assign(grid.size(), 0.0);
    for (std::size_t v = 0; v < grid.size(); ++v) {
      if (!grid.inside(v)) continue;
      if (v % 5 == l % 5) field.source_per_s[v] = std::pow(10.0, static_cast<double>(l) - 5.0) * (1.0 + std::cos(static_cast<double>(v)));
      if (l % 2 == 0) field.uptake_per_s[v] = field.decay_per_s * (1.0 + std::sin(0.7 * static_cast<double>(v)));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

std::vector<Field*> pointers(std::vector<Field>& fields) {
  std::vector<Field*> all;
  for (Field& field : fields) all.push_back(&field);
  return all;
}

/// Gives a bundle the fields' own decay, uptake and sources, and solves.
int solve(SteadyBundle& bundle, const Grid& grid, const std::vector<Field*>& fields, double tolerance, int least_iterations = 0) {
  for (std::size_t v = 0; v < grid.size(); ++v) {
    bundle.source()[v] = bundle.loss()[v] = Lanes{};
    const double open = grid.volume_fraction()[v];
    for (std::size_t l = 0; l < fields.size(); ++l) {
      const Field& field = *fields[l];
      bundle.source()[v][l] = static_cast<float>(open * (field.source_per_s.empty() ? 0.0 : field.source_per_s[v]));
      bundle.loss()[v][l] = static_cast<float>(open * (field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v])));
    }
  }
  return bundle.solve(fields, tolerance, least_iterations);
}
int solve(const Grid& grid, const std::vector<Field*>& fields, double tolerance) {
  SteadyBundle bundle(grid);
  return solve(bundle, grid, fields, tolerance);
}

std::vector<Grid> grids() {
  return {Grid(23, 17, 1, 19.2),
          Grid(9, 8, 7, 19.2),
          Grid(1, 1, 6, 19.2),
          Grid(5, 1, 1, 19.2),
          Grid::hexagonal_prism(284.0, 1, 19.2),
          Grid::hexagonal_prism(284.0, 3, 19.2),
          Grid::hexagonal_prism(61.0, 3, 10.0)};
}

/// The diagonal of the matrix and its product with c, voxel by voxel.
double plain_image(const Field& field, const Grid& grid, const std::vector<double>& c, std::size_t v, double& diagonal) {
  const double conductance = field.diffusion_um2_per_s / (grid.spacing_um() * grid.spacing_um());
  diagonal = grid.volume_fraction()[v] * (field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v]));
  double image = diagonal * c[v];
  const std::array<std::size_t, 3> stride{1, grid.nx(), grid.nx() * grid.ny()};
  for (std::size_t axis = 0; axis < (grid.nz() > 1 ? 3u : 2u); ++axis)
    for (const bool after : {false, true}) {
      if (!after && v < stride[axis]) continue;
      const double area = conductance * grid.face_fraction(axis)[after ? v : v - stride[axis]];
      if (area == 0.0) continue;
      diagonal += area;
      image += area * (c[v] - c[after ? v + stride[axis] : v - stride[axis]]);
    }
  return image;
}

}  // namespace

TEST_CASE("steady bundle: every field agrees with a sparse direct solve on its own", "[unit]") {
  for (const Grid& grid : grids()) {
    std::vector<Field> fields = six_fields(grid);
    const std::vector<Field> before = fields;
    solve(grid, pointers(fields), 1e-5);
    for (std::size_t l = 0; l < fields.size(); ++l) {
      CAPTURE(l, grid.nx(), grid.ny(), grid.nz());
      const std::vector<double> expected = steady_oracle(before[l], grid);
      CHECK(relative_rms(grid, fields[l].value, expected) < 3e-4);
      Field other = before[l];
      other.decay_per_s *= 1.001;
      CHECK_FALSE(relative_rms(grid, steady_oracle(other, grid), expected) < 3e-4);
    }
  }
}

TEST_CASE("steady bundle: the residual reached is the one asked for", "[unit]") {
  for (const Grid& grid : grids()) {
    std::vector<Field> fields = six_fields(grid);
    solve(grid, pointers(fields), 1e-3);
    for (const Field& field : fields) {
      double residual = 0.0, source = 0.0, diagonal = 0.0;
      for (std::size_t v = 0; v < grid.size(); ++v) {
        const double right = grid.volume_fraction()[v] * field.source_per_s[v];
        residual += std::pow(right - plain_image(field, grid, field.value, v, diagonal), 2.0);
        source += right * right;
      }
      CHECK(residual <= 2e-6 * source);  // with the rounding of the matrix to single precision
    }
  }
}

TEST_CASE("steady bundle: a field's solution does not depend on its lane or its company", "[property]") {
  const Grid grid = Grid::hexagonal_prism(284.0, 1, 19.2);
  std::vector<Field> fields = six_fields(grid);
  std::vector<Field> again{fields[1]}, alone{fields[1]};
  std::vector<Field*> swapped{&fields[4], &fields[1]};
  const int together = solve(grid, swapped, 1e-3), single = solve(grid, pointers(alone), 1e-3);
  if (together == single) CHECK(fields[1].value == alone[0].value);
  CHECK(relative_rms(grid, fields[1].value, alone[0].value) < 2e-3);
  solve(grid, pointers(again), 1e-3);
  CHECK(again[0].value == alone[0].value);
  CHECK(solve(grid, pointers(again), 1e-3) == 0);
}

TEST_CASE("steady bundle: multigrid needs few iterations, on a fine lobule as well", "[unit]") {
  for (const Grid& grid : {Grid::hexagonal_prism(284.0, 1, 19.2), Grid::hexagonal_prism(284.0, 1, 4.8), Grid::hexagonal_prism(284.0, 4, 9.6)}) {
    std::vector<Field> fields = six_fields(grid);
    const int iterations = solve(grid, pointers(fields), 1e-3);
    CAPTURE(grid.nx(), grid.nz(), iterations);
    CHECK(iterations <= 9);
  }
}

TEST_CASE("steady bundle: a field without a source becomes 0, and one without a loss is refused", "[unit]") {
  const Grid grid = Grid::hexagonal_prism(100.0, 1, 19.2);
  std::vector<Field> fields = six_fields(grid);
  fields[2].source_per_s.clear();
  fields[2].value.assign(grid.size(), 1.0);
  solve(grid, pointers(fields), 1e-3);
  for (const double value : fields[2].value) CHECK(value == 0.0);
  fields[1].decay_per_s = 0.0;
  CHECK_THROWS_AS(solve(grid, pointers(fields), 1e-3), RunError);
  fields[1].decay_per_s = 1.0;
  CHECK_THROWS_AS(solve(grid, pointers(fields), 1e-6), std::invalid_argument);
  fields[4].source_per_s[grid.index(grid.nx() / 2, grid.ny() / 2, 0)] = -1e-9;
  CHECK_THROWS_WITH(solve(grid, pointers(fields), 1e-3), "field \"field 4\": a source or loss is negative or not finite");
  fields[4].source_per_s[grid.index(grid.nx() / 2, grid.ny() / 2, 0)] = std::nan("");
  CHECK_THROWS_AS(solve(grid, pointers(fields), 1e-3), RunError);
  std::vector<Field> other = six_fields(Grid::hexagonal_prism(120.0, 1, 19.2));
  SteadyBundle bundle(grid);
  CHECK_THROWS_AS(bundle.solve(pointers(other), 1e-3), std::invalid_argument);
}

TEST_CASE("steady bundle: solved again it gives the same, and a coarse tolerance is nearly as good as a fine one", "[unit]") {
  const Grid grid = Grid::hexagonal_prism(284.0, 1, 19.2);
  SteadyBundle bundle(grid);
  std::vector<Field> first = six_fields(grid), second = first, fine = first;
  solve(bundle, grid, pointers(first), 3e-2);
  solve(bundle, grid, pointers(second), 3e-2);
  solve(grid, pointers(fine), 1e-5);
  for (std::size_t l = 0; l < first.size(); ++l) {
    CHECK(first[l].value == second[l].value);
    CHECK(relative_rms(grid, first[l].value, fine[l].value) < 3e-2);
  }
  CHECK(relative_rms(grid, first[0].value, fine[0].value) > 1e-8);
  // a change below the tolerance: put off, or followed
  std::vector<Field> late = fine, soon = fine, now = fine;
  for (std::vector<Field>* fields : {&late, &soon, &now})
    for (double& source : (*fields)[0].source_per_s) source *= 1.02;
  CHECK(solve(grid, pointers(late), 3e-2) == 0);
  SteadyBundle again(grid);
  CHECK(solve(again, grid, pointers(soon), 3e-2, 2) == 2);
  solve(grid, pointers(now), 1e-5);
  CHECK(relative_rms(grid, late[0].value, now[0].value) > 1e-2);
  CHECK(relative_rms(grid, soon[0].value, now[0].value) < 1e-3);
}

TEST_CASE("lane multigrid: the cycle is symmetric, positive and close to the inverse", "[property]") {
  for (const Grid& grid : grids()) {
    LaneMultigrid multigrid(grid);
    const LaneMultigrid::Level& level = multigrid.finest();
    Lanes *a = multigrid.next_vector(), *b = multigrid.next_vector(), *step_a = multigrid.next_vector(), *step_b = multigrid.next_vector();
    for (Lanes* vector : {a, b, step_a, step_b}) multigrid.clear(vector);
    Field field("one", "ng/mL", grid);
    field.diffusion_um2_per_s = 50.0;
    field.decay_per_s = 1e-3;
    Lanes conductance{};
    conductance += static_cast<float>(50.0 / (grid.spacing_um() * grid.spacing_um()));
    std::vector<double> c(grid.size(), 0.0);
    for (std::size_t v = 0; v < grid.size(); ++v) {
      const std::size_t i = level.halo + v;
      level.diagonal[i] = Lanes{} + static_cast<float>(grid.volume_fraction()[v] * field.decay_per_s);
      if (!grid.inside(v)) continue;
      b[i] += static_cast<float>(std::sin(1.3 * static_cast<double>(v)));
      c[v] = std::cos(0.9 * static_cast<double>(v));
    }
    multigrid.set_matrix(conductance);
    double diagonal = 0.0;
    for (std::size_t v = 0; v < grid.size(); ++v) {
      if (!grid.inside(v)) continue;
      a[level.halo + v] += static_cast<float>(plain_image(field, grid, c, v, diagonal));
      CHECK_THAT(static_cast<double>(level.diagonal[level.halo + v][5]), WithinRel(diagonal, 1e-5));
    }
    multigrid.apply(a, step_a);
    multigrid.apply(b, step_b);
    double ab = 0.0, ba = 0.0, aa = 0.0, error = 0.0, size = 0.0, bb = 0.0;
    for (std::size_t v = 0; v < grid.size(); ++v) {
      const std::size_t i = level.halo + v;
      ab += static_cast<double>(a[i][0] * step_b[i][0]);
      ba += static_cast<double>(b[i][7] * step_a[i][7]);
      aa += static_cast<double>(a[i][0] * step_a[i][0]);
      bb += static_cast<double>(b[i][0] * step_b[i][0]);
      error += grid.volume_fraction()[v] * std::pow(static_cast<double>(step_a[i][3]) - c[v], 2.0);
      size += grid.volume_fraction()[v] * c[v] * c[v];
    }
    CHECK(aa > 0.0);
    CHECK(bb > 0.0);
    CHECK_THAT(ab, WithinAbs(ba, 1e-4 * std::sqrt(aa * bb)));
    CHECK(error < 0.1 * size);
  }
}
