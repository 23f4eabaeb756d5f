// Speed of the field solvers on one core, beside the bandwidth of a plain copy in the same run. Each figure is the median of several repetitions;
// the best of them shows what a machine with other work could do.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

#include "sim/fields/relaxation.hpp"

namespace {

using namespace paracrine::sim;

struct Timing {
  double median_s;
  double best_s;
};

/// Times of `repetitions` calls after one call to warm up.
Timing timing(int repetitions, const std::function<void()>& body) {
  body();
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return {.median_s = times[times.size() / 2], .best_s = times.front()};
}

/// Prints the bytes read and written per second by a copy between two arrays far larger than the caches.
void copy_bandwidth() {
  constexpr std::size_t count = std::size_t{1} << 24;
  std::vector<double> from(count, 1.0), to(count, 0.0);
  const Timing time = timing(9, [&] { std::copy(from.begin(), from.end(), to.begin()); });
  const double bytes = 2.0 * sizeof(double) * static_cast<double>(count);
  fmt::print("{:<60} {:.3g} bytes/s (best {:.3g})\n", "stream copy, read and written", bytes / time.median_s, bytes / time.best_s);
}

std::size_t voxels_inside(const Grid& grid) {
  return static_cast<std::size_t>(std::count_if(grid.volume_fraction().begin(), grid.volume_fraction().end(), [](double v) { return v > 0.0; }));
}

/// A field like TGF-beta in a lobule: a few sources, uptake that differs from voxel to voxel where asked for.
Field lobule_field(const Grid& grid, bool positional) {
  Field field("tgf_beta", "ng/mL", grid);
  field.diffusion_um2_per_s = 50.0;
  field.decay_per_s = std::log(2.0) / 150.0;
  for (std::size_t v = 0; v < grid.size(); ++v) field.value[v] = grid.inside(v) ? 1.0 + 0.5 * std::sin(static_cast<double>(v)) : 0.0;
  if (!positional) return field;
  field.uptake_per_s.assign(grid.size(), 0.0);
  field.source_per_s.assign(grid.size(), 0.0);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    if (!grid.inside(v)) continue;
    field.uptake_per_s[v] = 1e-3 * (1.0 + std::cos(0.37 * static_cast<double>(v)));
    if (v % 17 == 3) field.source_per_s[v] = 1e-3;
  }
  return field;
}

void transient(const char* label, const Grid& grid, bool positional, double step_s) {
  Field field = lobule_field(grid, positional);
  TransientSolver solver(grid);
  const std::size_t steps = std::max<std::size_t>(1, 4'000'000 / grid.size());
  const Timing time = timing(15, [&] {
    for (std::size_t i = 0; i < steps; ++i) solver.advance(field, step_s);
  });
  const double updates = static_cast<double>(voxels_inside(grid) * steps);
  fmt::print("{:<60} {:.3g} voxel-substrate updates/s (best {:.3g}); {} x {} x {}, {} voxels inside\n", label, updates / time.median_s,
             updates / time.best_s, grid.nx(), grid.ny(), grid.nz(), voxels_inside(grid));
}

void steady(const char* label, const Grid& grid) {
  Field start = lobule_field(grid, true);
  std::fill(start.value.begin(), start.value.end(), 0.0);
  SteadySolver solver(grid);
  Field cold = start;
  int cold_iterations = 0, warm_iterations = 0;
  const Timing cold_time = timing(51, [&] {
    cold.value = start.value;
    cold_iterations = solver.solve(cold).iterations;
  });
  Field warm = cold;
  for (double& source : warm.source_per_s) source *= 1.01;
  for (std::size_t v = 0; v < grid.size(); v += 29) warm.uptake_per_s[v] *= 1.1;
  const Timing warm_time = timing(51, [&] {
    warm.value = cold.value;
    warm_iterations = solver.solve(warm).iterations;
  });
  fmt::print("{:<60} {:.3g} solves/s (best {:.3g}, {} iterations); sources and uptake changed a little: {:.3g} (best {:.3g}, {} iterations)\n", label,
             1.0 / cold_time.median_s, 1.0 / cold_time.best_s, cold_iterations, 1.0 / warm_time.median_s, 1.0 / warm_time.best_s, warm_iterations);
}

}  // namespace

int main() {
  copy_bandwidth();
  transient("transient, full box, constant coefficients", Grid(64, 64, 64, 20.0), false, 1.0);
  transient("transient, full box, uptake and source per voxel", Grid(64, 64, 64, 20.0), true, 1.0);
  transient("transient, hexagonal prism, constant coefficients", Grid::hexagonal_prism(640.0, 64, 20.0), false, 1.0);
  transient("transient, hexagonal prism, uptake and source per voxel", Grid::hexagonal_prism(640.0, 64, 20.0), true, 1.0);
  transient("transient, hexagonal slab, uptake and source per voxel", Grid::hexagonal_prism(284.0, 1, 19.2), true, 1.0);
  steady("steady, hexagonal slab, uptake per voxel, cold", Grid::hexagonal_prism(284.0, 1, 19.2));
  steady("steady, hexagonal prism, uptake per voxel, cold", Grid::hexagonal_prism(640.0, 64, 20.0));
  copy_bandwidth();
}
