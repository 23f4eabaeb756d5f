#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

Place settle(const Lobule& lobule, std::span<const double> signal, double half, double pull, const sim::Random& random, sim::AgentId id) {
  constexpr std::uint16_t most_draws = 1000;  // one in three to one in 3 (1 + pull) fits
  const double half_wide = 0.5 * std::numbers::sqrt3 * lobule.radius_um;
  const double thick = static_cast<double>(lobule.grid.nz()) * lobule.grid.spacing_um();
  Place place;
  for (std::uint16_t draw = 0; draw < most_draws; ++draw) {
    const auto u = random.uniforms(id, draw);
    const auto x = static_cast<float>((2.0 * u[0] - 1.0) * half_wide), y = static_cast<float>((2.0 * u[1] - 1.0) * lobule.radius_um);
    if (!in_lobule(lobule.radius_um, x, y)) continue;
    place = {.x_um = x, .y_um = y, .z_um = static_cast<float>(u[2] * thick), .voxel = 0};
    place.voxel = voxel_at(lobule.grid, place.x_um, place.y_um, place.z_um);
    const double here = signal[place.voxel];
    if (u[3] * (1.0 + pull) < 1.0 + pull * here / (here + half)) break;
  }
  return place;
}

void add_neighbours(const SiteMap& sites, std::span<const double> own, std::vector<double>& sum) {
  sum.assign(own.begin(), own.end());
  for (std::size_t site = 0; site < sites.size(); ++site)
    for (std::size_t n = 0; n < sites.neighbours[site]; ++n) sum[site] += own[sites.neighbour[site][n]];
}

void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<double>& values) {
  std::vector<double> next(values.size());
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t site = 0; site < values.size(); ++site) next[site] = (sites.neighbours[site] > 0 ? 0.5 : 1.0) * values[site];
    for (std::size_t site = 0; site < values.size(); ++site) {
      if (values[site] == 0.0) continue;
      const double part = 0.5 * values[site] / static_cast<double>(sites.neighbours[site]);
      for (std::size_t n = 0; n < sites.neighbours[site]; ++n) next[sites.neighbour[site][n]] += part;
    }
    values.swap(next);
  }
}

}  // namespace paracrine::models
