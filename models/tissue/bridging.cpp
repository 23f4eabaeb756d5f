#include "models/tissue/bridging.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "models/tissue/collagen.hpp"

namespace paracrine::models {

namespace {

constexpr int edges = 6;

/// Which sixth of the full circle around the middle an angle lies in, where the first sixth is centred at `first`.
int sixth(double x_um, double y_um, double first) {
  const double turn = (std::atan2(y_um, x_um) - first) / (2.0 * std::numbers::pi) * 6.0;
  return ((static_cast<int>(std::lround(turn)) % edges) + edges) % edges;
}

/// Sets of voxels that are joined.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t of(std::size_t v) {
    while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
    return v;
  }
  void join(std::size_t a, std::size_t b) { parent_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

Bridges find_bridges(const Lobule& lobule, std::span<const double> collagen_mg_per_mL) {
  const sim::Grid& grid = lobule.grid;
  const std::size_t voxels = grid.size(), vein = voxels, portal = voxels + 1, edge = portal + edges;
  Sets sets(edge + edges);
  std::vector<char> matrix(voxels, 0);
  const double apothem_um = 0.5 * std::numbers::sqrt3 * lobule.radius_um;
  for (std::size_t z = 0; z < grid.nz(); ++z)
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x) {
        const std::size_t v = grid.index(x, y, z);
        if (!grid.inside(v)) continue;
        const bool vessel = lobule.inlet[v] + lobule.outlet[v] > 0.0;
        if (!vessel && collagen_mg_per_mL[v] < bridging_stain * full_stain_mg_per_mL) continue;
        matrix[v] = 1;
        const double x_um = grid.x_um(x), y_um = grid.y_um(y);
        if (lobule.outlet[v] > 0.0) sets.join(v, vein);
        if (lobule.inlet[v] > 0.0) sets.join(v, portal + static_cast<std::size_t>(sixth(x_um, y_um, 0.5 * std::numbers::pi)));
        const int side = sixth(x_um, y_um, 0.0);
        const double across = static_cast<double>(side) * std::numbers::pi / 3.0;
        const bool at_edge = x_um * std::cos(across) + y_um * std::sin(across) > apothem_um - 0.75 * grid.spacing_um();
        if (at_edge && lobule.inlet[v] == 0.0) sets.join(v, edge + static_cast<std::size_t>(side));
        // with the half of its neighbours that was seen before
        for (int dz = -1; dz <= 0; ++dz)
          for (int dy = -1; dy <= (dz < 0 ? 1 : 0); ++dy)
            for (int dx = -1; dx <= (dz < 0 || dy < 0 ? 1 : -1); ++dx) {
              const auto ox = static_cast<long>(x) + dx, oy = static_cast<long>(y) + dy, oz = static_cast<long>(z) + dz;
              if (ox < 0 || oy < 0 || oz < 0 || ox >= static_cast<long>(grid.nx()) || oy >= static_cast<long>(grid.ny())) continue;
              const std::size_t other = grid.index(static_cast<std::size_t>(ox), static_cast<std::size_t>(oy), static_cast<std::size_t>(oz));
              if (matrix[other] != 0) sets.join(v, other);
            }
      }
  Bridges bridges;
  for (std::size_t i = 0; i < edges; ++i) {
    bridges.portal_central += sets.of(portal + i) == sets.of(vein) ? 1 : 0;
    bridges.central_central += sets.of(edge + i) == sets.of(vein) ? 1 : 0;
    bridges.portal_portal += sets.of(portal + i) == sets.of(portal + (i + 1) % edges) ? 1 : 0;
  }
  return bridges;
}

}  // namespace paracrine::models
