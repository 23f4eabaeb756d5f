#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/fields/relaxation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// A field with a source in every `every`-th voxel and uptake that differs from voxel to voxel.
Field scattered(const Grid& grid, double diffusion, double half_life_s, std::size_t every = 17) {
  Field field("scattered", "ng/mL", grid);
  field.diffusion_um2_per_s = diffusion;
  field.decay_per_s = std::log(2.0) / half_life_s;
  field.uptake_per_s.assign(grid.size(), 0.0);
  field.source_per_s.assign(grid.size(), 0.0);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    if (!grid.inside(v)) continue;
    field.uptake_per_s[v] = 0.2 * field.decay_per_s * (1.0 + std::sin(0.7 * static_cast<double>(v)));
    if (v % every == 3) field.source_per_s[v] = 0.01;
  }
  return field;
}

Grid lobule(std::size_t nz = 1) { return Grid::hexagonal_prism(284.0, nz, 19.2); }

/// The transient step with diffusion along every line of the domain on its own, x then y: what the layer solver must not be.
void advance_axis_by_axis(Field& field, const Grid& grid, double duration) {
  const double effective = (1.0 - std::exp(-field.decay_per_s * duration)) / field.decay_per_s;
  const double r = field.diffusion_um2_per_s * effective / (grid.spacing_um() * grid.spacing_um());
  for (std::size_t v = 0; v < grid.size(); ++v) {
    const double k = field.decay_per_s + field.uptake_per_s[v], kept = std::exp(-k * duration);
    field.value[v] = grid.inside(v) ? kept * field.value[v] + (1.0 - kept) / k * field.source_per_s[v] : 0.0;
  }
  const std::size_t sizes[2] = {grid.nx(), grid.ny()}, steps[2] = {1, grid.nx()};
  for (std::size_t axis = 0; axis < 2; ++axis)
    for (std::size_t start = 0; start < grid.size(); ++start) {
      if (start / steps[axis] % sizes[axis] != 0) continue;
      std::vector<double> upper(sizes[axis], 0.0), right(sizes[axis], 0.0);
      for (std::size_t i = 0; i < sizes[axis]; ++i) {
        const std::size_t v = start + i * steps[axis];
        if (!grid.inside(v)) continue;
        const double before = i > 0 ? r * grid.face_fraction(axis)[v - steps[axis]] : 0.0, after = r * grid.face_fraction(axis)[v];
        const double pivot = grid.volume_fraction()[v] + before + after - (i > 0 ? before * upper[i - 1] : 0.0);
        upper[i] = after / pivot;
        right[i] = (grid.volume_fraction()[v] * field.value[v] + (i > 0 ? before * right[i - 1] : 0.0)) / pivot;
      }
      for (std::size_t i = sizes[axis]; i-- > 0;) {
        const std::size_t v = start + i * steps[axis];
        if (grid.inside(v)) field.value[v] = right[i] + (i + 1 < sizes[axis] ? upper[i] * field.value[v + steps[axis]] : 0.0);
      }
    }
}

/// Relative rms between the steady state and what a transient run at steps of `step_s` has come to after 12 half-lives.
template <class Advance>
double steady_against_transient(double diffusion, double half_life_s, double step_s, Advance advance) {
  const Grid grid = lobule();
  Field transient = scattered(grid, diffusion, half_life_s), steady = transient;
  const auto steps = static_cast<int>(std::ceil(12.0 * half_life_s / step_s));
  for (int i = 0; i < steps; ++i) advance(transient, grid, step_s);
  SteadySolver(grid).solve(steady);
  const double difference = relative_rms(grid, steady.value, transient.value);
  UNSCOPED_INFO("D " << diffusion << " half-life " << half_life_s << " s, step " << step_s << " s: relative rms " << difference);
  return difference;
}

std::string failure(Field& field, const Grid& grid, double tolerance = 1e-8, int most = 2000) {
  try {
    SteadySolver(grid).solve(field, tolerance, most);
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("steady: agrees with a sparse direct solve, with uptake that depends on the position", "[unit]") {
  for (const Grid& grid :
       {Grid(23, 17, 1, 19.2), Grid(9, 8, 7, 19.2), Grid(1, 1, 6, 19.2), lobule(), lobule(4), Grid::hexagonal_prism(61.0, 3, 10.0)}) {
    Field field = scattered(grid, 50.0, 150.0);
    const std::vector<double> expected = steady_oracle(field, grid);
    const SteadyResult result = SteadySolver(grid).solve(field, 1e-11);
    CHECK(result.residual <= 1e-11);
    CHECK(relative_rms(grid, field.value, expected) < 1e-9);
    field.uptake_per_s[grid.index(grid.nx() / 2, grid.ny() / 2, 0)] *= 1.001;
    CHECK_FALSE(relative_rms(grid, steady_oracle(field, grid), expected) < 1e-9);
  }
}

TEST_CASE("steady: what is lost is what is made, and uniform numbers give source over loss", "[analytic]") {
  const Grid grid = lobule(3);
  Field field = scattered(grid, 15.0, 1134.0);
  SteadySolver solver(grid);
  solver.solve(field, 1e-12);
  double made = 0.0, lost = 0.0;
  for (std::size_t v = 0; v < grid.size(); ++v) {
    made += grid.volume_fraction()[v] * field.source_per_s[v];
    lost += grid.volume_fraction()[v] * (field.decay_per_s + field.uptake_per_s[v]) * field.value[v];
  }
  CHECK_THAT(lost, WithinRel(made, 1e-9));
  field.uptake_per_s.clear();
  field.decay_per_s = 0.004;
  field.source_per_s = sample(grid, [](double, double, std::size_t) { return 0.012; });
  solver.solve(field, 1e-12);
  for (std::size_t v = 0; v < grid.size(); ++v) CHECK_THAT(field.value[v], WithinAbs(grid.inside(v) ? 3.0 : 0.0, 1e-9));
}

TEST_CASE("steady: no diffusion gives source over loss in every voxel", "[analytic]") {
  const Grid grid = lobule();
  Field field = scattered(grid, 0.0, 150.0);
  SteadySolver(grid).solve(field);
  for (std::size_t v = 0; v < grid.size(); ++v)
    CHECK_THAT(field.value[v], WithinAbs(field.source_per_s[v] / (field.decay_per_s + field.uptake_per_s[v]), 1e-7));
}

TEST_CASE("steady: starting from the former state takes fewer iterations and gives the same result", "[unit]") {
  const Grid grid = lobule();
  SteadySolver solver(grid);
  Field cold = scattered(grid, 50.0, 150.0);
  const SteadyResult first = solver.solve(cold);
  Field warm = cold;
  CHECK(solver.solve(warm).iterations == 0);
  CHECK(warm.value == cold.value);
  for (double& source : warm.source_per_s) source *= 1.001;
  Field again = warm;
  std::fill(again.value.begin(), again.value.end(), 0.0);
  const int warm_iterations = solver.solve(warm).iterations, cold_iterations = solver.solve(again).iterations;
  INFO("first " << first.iterations << ", warm " << warm_iterations << ", cold " << cold_iterations);
  CHECK(warm_iterations < cold_iterations);
  CHECK(relative_rms(grid, warm.value, again.value) < 1e-7);
}

TEST_CASE("steady: the preconditioner holds the iterations of a fine lobule in bounds", "[unit]") {
  const Grid grid = Grid::hexagonal_prism(284.0, 4, 4.8);
  Field field = scattered(grid, 50.0, 3600.0);
  CHECK(SteadySolver(grid).solve(field).iterations < 150);
}

TEST_CASE("steady: the result is a function of the field alone", "[property]") {
  const Grid grid = lobule(2);
  Field one = scattered(grid, 50.0, 150.0), other = scattered(grid, 15.0, 900.0), two = one;
  SteadySolver fresh(grid), used(grid);
  used.solve(other);
  fresh.solve(one);
  used.solve(two);
  CHECK(one.value == two.value);
}

TEST_CASE("steady: without a source nothing is left, without source and loss the mean of the start", "[analytic]") {
  const Grid grid = lobule();
  Field field = scattered(grid, 50.0, 150.0);
  field.source_per_s.clear();
  field.value = sample(grid, [](double x, double, std::size_t) { return 1.0 + x / 300.0; });
  Field lossless = field;
  SteadySolver(grid).solve(field);
  CHECK(field.value == std::vector<double>(grid.size(), 0.0));
  lossless.uptake_per_s.clear();
  lossless.decay_per_s = 0.0;
  const double before = amount(lossless, grid);
  SteadySolver(grid).solve(lossless);
  CHECK_THAT(amount(lossless, grid), WithinRel(before, 1e-12));
  CHECK_THAT(lossless.value[grid.index(13, 15, 0)], WithinRel(1.0, 1e-9));
}

TEST_CASE("steady: a start with no steady state, too few iterations and bad numbers are refused by name and leave the values", "[unit]") {
  const Grid grid = lobule();
  Field field = scattered(grid, 50.0, 150.0);
  field.value = sample(grid, [](double, double, std::size_t) { return 0.25; });
  const std::vector<double> start = field.value;
  CHECK(failure(field, grid, 1e-8, 3).find("field \"scattered\": the steady state did not converge: relative residual ") == 0);
  CHECK(field.value == start);
  CHECK(failure(field, grid, 1e-30, 200).find("after 200 iterations, wanted 1e-30") != std::string::npos);
  Field lossless = field;
  lossless.decay_per_s = 0.0;
  lossless.uptake_per_s.assign(grid.size(), 0.0);
  CHECK(failure(lossless, grid) ==
        "field \"scattered\": it has a source but neither decay nor uptake anywhere, so it has no steady state; give it a loss or follow it in time");
  CHECK(lossless.value == start);
  Field bad = field;
  bad.source_per_s[grid.index(5, 9, 0)] = std::numeric_limits<double>::quiet_NaN();
  CHECK(failure(bad, grid) == "field \"scattered\": source_per_s is nan in voxel x = 5, y = 9, z = 0; it must be finite");
  CHECK(failure(field, grid).empty());
}

TEST_CASE("steady: values stay at 0 or above far from the sources", "[property]") {
  const Grid grid(200, 1, 1, 19.2);
  Field field("far", "ng/mL", grid);
  field.diffusion_um2_per_s = 15.0;
  field.decay_per_s = 5e-3;
  field.source_per_s.assign(grid.size(), 0.0);
  field.source_per_s[0] = 1.0;
  SteadySolver(grid).solve(field);
  CHECK(*std::min_element(field.value.begin(), field.value.end()) >= 0.0);
}

TEST_CASE("steady against transient: below 3 % in a lobule, for substances like TGF-beta and TNF", "[analytic]") {
  const auto library = [](Field& field, const Grid& grid, double step_s) { TransientSolver(grid).advance(field, step_s); };
  const auto naive = [](Field& field, const Grid& grid, double step_s) { advance_axis_by_axis(field, grid, step_s); };
  CHECK(steady_against_transient(50.0, 150.0, 5.0, library) < 0.01);
  CHECK(steady_against_transient(15.0, 1134.0, 20.0, library) < 0.01);
  CHECK(steady_against_transient(50.0, 150.0, 30.0, library) < 0.03);
  CHECK(steady_against_transient(15.0, 1134.0, 120.0, library) < 0.03);
  CHECK(steady_against_transient(50.0, 150.0, 1200.0, library) < 0.03);
  CHECK(steady_against_transient(15.0, 1134.0, 1200.0, library) < 0.03);
  CHECK_FALSE(steady_against_transient(50.0, 150.0, 30.0, naive) < 0.03);
  CHECK_FALSE(steady_against_transient(50.0, 150.0, 1200.0, naive) < 0.03);
  CHECK_FALSE(steady_against_transient(15.0, 1134.0, 1200.0, naive) < 0.03);
}

TEST_CASE("steady against transient: sources that change within hours lag by the mean life", "[analytic]") {
  const Grid grid = lobule();
  const auto difference = [&](double diffusion, double half_life_s, double period_s) {
    Field transient = scattered(grid, diffusion, half_life_s), steady = transient;
    const std::vector<double> source = steady.source_per_s;
    TransientSolver follow(grid);
    SteadySolver settle(grid);
    double largest = 0.0;
    for (double t = 20.0; t <= 2.0 * period_s; t += 20.0) {
      const double level = 1.0 + 0.5 * std::sin(2.0 * std::numbers::pi * t / period_s);
      for (std::size_t v = 0; v < grid.size(); ++v) transient.source_per_s[v] = level * source[v];
      follow.advance(transient, 20.0);
      if (t <= period_s || std::fmod(t, period_s / 8.0) > 0.0) continue;
      steady.source_per_s = transient.source_per_s;
      settle.solve(steady);
      largest = std::max(largest, relative_rms(grid, steady.value, transient.value));
    }
    UNSCOPED_INFO("D " << diffusion << " half-life " << half_life_s << " s, period " << period_s << " s: largest relative rms " << largest);
    return largest;
  };
  CHECK(difference(50.0, 150.0, 86400.0) < 0.03);
  CHECK(difference(15.0, 1134.0, 7.0 * 86400.0) < 0.03);
  CHECK_FALSE(difference(15.0, 1134.0, 86400.0) < 0.03);
}
