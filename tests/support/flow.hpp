#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "sim/fields/flow.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::test {

inline constexpr double no_saturation = std::numeric_limits<double>::infinity();

/// A whole number below `below` that has no pattern over the voxels.
inline std::size_t scatter(std::size_t voxel, std::size_t below, std::uint64_t salt = 0) {
  std::uint64_t x = (voxel + 1) * 0x9E3779B97F4A7C15ull + salt * 0xD1B54A32D192ED03ull;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9ull;
  x ^= x >> 32;
  return static_cast<std::size_t>(x % below);
}

/// A hexagon with inlets at its corners and the outlet in the middle; every `closed`-th voxel (0: none) has no conductance.
struct Hexagon {
  sim::Grid grid;
  std::vector<double> conductance, inlet, outlet;

  Hexagon(double circumradius_um, std::size_t nz, double spacing_um, std::size_t closed = 0)
      : grid(sim::Grid::hexagonal_prism(circumradius_um, nz, spacing_um)),
        conductance(grid.size(), 1.0),
        inlet(grid.size(), 0.0),
        outlet(grid.size(), 0.0) {
    const double area = spacing_um * spacing_um, width = 0.25 * circumradius_um;
    const auto bump = [&](double x, double y) {
      const double inside = std::max(0.0, 1.0 - (x * x + y * y) / (width * width));
      return 40.0 / (width * width) * inside * inside;
    };
    for (std::size_t z = 0; z < nz; ++z)
      for (std::size_t y = 0; y < grid.ny(); ++y)
        for (std::size_t x = 0; x < grid.nx(); ++x) {
          const std::size_t v = grid.index(x, y, z);
          if (!grid.inside(v)) continue;
          for (int corner = 0; corner < 6; ++corner) {
            const double angle = std::numbers::pi * (0.5 + corner / 3.0);
            const double dx = grid.x_um(x) - circumradius_um * std::cos(angle), dy = grid.y_um(y) - circumradius_um * std::sin(angle);
            inlet[v] += grid.volume_fraction()[v] * area * bump(dx, dy);
          }
          outlet[v] = grid.volume_fraction()[v] * area * bump(grid.x_um(x), grid.y_um(y));
          if (closed > 0 && scatter(v, closed) == 0) conductance[v] = 0.0;
        }
  }
  sim::PotentialFlow flow() const { return sim::PotentialFlow(grid, conductance, inlet, outlet); }
};

/// Clearance and source per voxel: none outside the domain, and different from voxel to voxel.
inline std::vector<double> uneven(const sim::Grid& grid, double mean, std::uint64_t salt, std::size_t every = 1) {
  std::vector<double> values(grid.size(), 0.0);
  for (std::size_t v = 0; v < grid.size(); ++v)
    if (grid.inside(v) && scatter(v, every, salt + 7) == 0) values[v] = mean * 0.1 * static_cast<double>(scatter(v, 21, salt));
  return values;
}

/// A case of transport over any grid.
struct Case {
  const sim::Grid& grid;
  const sim::PotentialFlow& flow;
  double scale, exchange, inlet;
  std::vector<double> clearance, source;
  double half_saturation = no_saturation;

  sim::Carriage carried() const {
    sim::Carriage result;
    sim::FlowSweep(grid, flow, scale, exchange).carry(inlet, clearance, source, half_saturation, result);
    return result;
  }
  double source_of(std::size_t v) const { return source.empty() ? 0.0 : source[v]; }
  double uptake_of(std::size_t v, double c) const { return clearance[v] * c / (1.0 + c / half_saturation); }
};

/// Follows the substance along the streams with the reported uptakes and concentrations, and compares what each voxel should have made of it. Returns
/// the largest relative error of any voxel's balance or law, or of the sums.
inline double discrepancy(const Case& c, const sim::Carriage& result) {
  const std::size_t size = c.grid.size();
  std::vector<double> diffused(size, 0.0), exchanged(size, 0.0), spread(size, 0.0), fed(size, 0.0);  // net into v; sum of terms; flowing ones
  const std::size_t steps[3] = {1, c.grid.nx(), c.grid.nx() * c.grid.ny()};
  const std::vector<double>& mean = result.concentration;
  const auto flows = [&](std::size_t v) { return c.scale > 0.0 && c.flow.through()[v] > 0.0; };
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t v = 0; v + steps[axis] < size; ++v) {
      const std::size_t w = v + steps[axis];
      const double x = c.exchange * c.grid.face_fraction(axis)[v];
      if (x == 0.0 || (flows(v) && flows(w))) continue;
      for (const auto& [a, b] : {std::pair(v, w), std::pair(w, v)}) {
        diffused[a] += x * (mean[b] - mean[a]);
        exchanged[a] += x * (mean[b] + mean[a]);
        if (flows(a)) spread[a] += x;
        if (flows(a)) fed[a] += x * mean[b];
      }
    }
  constexpr double rounding = 1e-15, tolerance = 1e-12;
  double worst = 0.0, entered = 0.0, left = 0.0, taken = 0.0;
  // `noise`: rounding of this function's own differences, which counts beside small amounts far down the stream.
  const auto compare = [&](double a, double b, double scale, double noise = 0.0) {
    if (a != b) worst = std::max(worst, std::abs(a - b) / (scale + noise / tolerance));
  };
  std::vector<double> arrived(size, 0.0), noise(size, 0.0);
  std::size_t next = 0;
  for (const std::uint32_t v : c.scale > 0.0 ? c.flow.order() : std::vector<std::uint32_t>()) {
    const double from_inlet = c.scale * c.flow.inflow()[v] * c.inlet, in = arrived[v] + from_inlet, through = c.scale * c.flow.through()[v];
    const double out = in + c.source_of(v) + diffused[v] - result.uptake[v];
    noise[v] += rounding * (in + c.source_of(v) + exchanged[v]);
    entered += from_inlet;
    left += out * c.flow.outflow()[v] / c.flow.through()[v];
    if (!(out >= -noise[v])) return std::numeric_limits<double>::infinity();
    const double added = c.source_of(v) + fed[v], z = (c.clearance[v] + spread[v]) / through;
    if (c.half_saturation == no_saturation) {
      const double phi = z > 0.0 ? -std::expm1(-z) / z : 1.0;
      const double psi = z > 1e-2 ? (1.0 - phi) / z : 0.5 - z / 6.0 + z * z / 24.0 - z * z * z / 120.0 + z * z * z * z / 720.0;
      compare(mean[v], (in * phi + added * psi) / through, mean[v], noise[v] / through);
    }
    if (c.half_saturation == no_saturation || added > 0.0 || spread[v] > 0.0)
      compare(result.uptake[v], c.uptake_of(v, mean[v]), result.uptake[v]);
    else if (c.clearance[v] > 0.0 && out > 0.0)  // log(C_in / C_out) + (C_in - C_out) / K = z
      compare(-std::log1p(-result.uptake[v] / in) + result.uptake[v] / through / c.half_saturation, z, z, noise[v] / out);
    for (; next < c.flow.streams().size() && c.flow.streams()[next].from == v; ++next) {
      const double share = c.flow.streams()[next].flow / c.flow.through()[v];
      arrived[c.flow.streams()[next].to] += out * share;
      noise[c.flow.streams()[next].to] += noise[v] * share;
    }
  }
  for (std::size_t v = 0; v < size; ++v) {
    entered += c.source_of(v);
    taken += result.uptake[v];
    if (c.clearance[v] == 0.0 || !c.grid.inside(v)) compare(result.uptake[v], 0.0, 0.0);
    if (!flows(v) && c.grid.inside(v)) {
      compare(result.uptake[v], c.uptake_of(v, mean[v]), result.uptake[v]);
      compare(result.uptake[v], diffused[v] + c.source_of(v), result.uptake[v] + c.source_of(v) + exchanged[v]);
    }
  }
  compare(result.entered, entered, entered);
  compare(result.left, left, entered);
  compare(result.taken, taken, entered);
  compare(result.left + result.taken, entered, entered);
  return worst;
}

/// `n` voxels in a row, inlet at the first, outlet at the last; `wide`: with a second row beside it that has no conductance.
struct Channel {
  sim::Grid grid;
  sim::PotentialFlow flow;
  explicit Channel(std::size_t n, bool wide = false) : grid(n, wide ? 2 : 1, 1, 10.0), flow(grid, ends(n, 3), ends(n, 1), ends(n, 2)) {}
  /// `which` 1: 1 at the first voxel of the first row, 2: at its last, 3: along all of it.
  std::vector<double> ends(std::size_t n, int which) const {
    std::vector<double> values(grid.size(), 0.0);
    for (std::size_t x = 0; x < n; ++x) values[x] = which == 3 || (which == 1 && x == 0) || (which == 2 && x + 1 == n) ? 1.0 : 0.0;
    return values;
  }
  double scale(double flow_mL_per_h) const { return flow_mL_per_h / flow.total(); }
};

/// The text of an exception of type E that `call` throws, empty when it throws none.
template <class E, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace paracrine::test
