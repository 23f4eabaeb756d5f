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

namespace {

template <class Value>
void spread(const SiteMap& sites, int passes, std::vector<Value>& values) {
  const std::size_t count = values.size();
  std::vector<Value> given(count + 1, Value{});
  std::vector<double> share(count);
  for (std::size_t site = 0; site < count; ++site) share[site] = sites.neighbours[site] > 0 ? 0.5 / static_cast<double>(sites.neighbours[site]) : 0.0;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t site = 0; site < count; ++site) given[site] = share[site] * values[site];
    for (std::size_t site = 0; site < count; ++site) {
      const auto& from = sites.neighbour[site];
      const Value kept = (share[site] > 0.0 ? 0.5 : 1.0) * values[site];
      values[site] = (kept + (given[from[0]] + given[from[1]])) + ((given[from[2]] + given[from[3]]) + (given[from[4]] + given[from[5]]));
    }
  }
}

}  // namespace

void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<double>& values) { spread(sites, passes, values); }
void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<SitePair>& values) { spread(sites, passes, values); }

}  // namespace paracrine::models
