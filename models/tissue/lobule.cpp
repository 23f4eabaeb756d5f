#include "models/tissue/lobule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

namespace {

struct Point {
  double x, y;
};
double distance(Point a, Point b) { return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }

std::array<Point, 6> corners(double radius) {
  const double half = 0.5 * radius, wide = 0.5 * std::numbers::sqrt3 * radius;
  return {Point{0.0, radius}, {0.0, -radius}, {wide, half}, {wide, -half}, {-wide, half}, {-wide, -half}};
}

/// Whether a point lies in the hexagon: corners on the y axis, two edges parallel to it.
bool in_hexagon(double radius, Point p) {
  const double x = std::abs(p.x), y = std::abs(p.y);
  return x <= 0.5 * std::numbers::sqrt3 * radius && y <= radius - x / std::numbers::sqrt3;
}

/// The radius below which the share `u` of N(mean, sd) within [low, high] lies.
double quantile(double u, double mean, double sd, double low, double high) {
  const auto below = [&](double x) { return 0.5 * std::erfc((mean - x) / (sd * std::numbers::sqrt2)); };
  const double target = below(low) + u * (below(high) - below(low));
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (below(middle) < target ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Per voxel of the first layer: the share of its area that lies in the hexagon and in a disc, from 32 x 32 points.
std::vector<double> disc_share(const Lobule& lobule, Point centre, double disc_radius) {
  constexpr std::size_t points = 32;
  const sim::Grid& grid = lobule.grid;
  const double h = grid.spacing_um(), reach = disc_radius + h;
  std::vector<double> share(grid.nx() * grid.ny(), 0.0);
  for (std::size_t y = 0; y < grid.ny(); ++y)
    for (std::size_t x = 0; x < grid.nx(); ++x) {
      const Point middle{grid.x_um(x), grid.y_um(y)};
      if (!grid.inside(grid.index(x, y, 0)) || distance(middle, centre) > reach) continue;
      std::size_t hits = 0;
      for (std::size_t i = 0; i < points; ++i)
        for (std::size_t j = 0; j < points; ++j) {
          const double along = (static_cast<double>(i) + 0.5) / points - 0.5, across = (static_cast<double>(j) + 0.5) / points - 0.5;
          const Point p{middle.x + along * h, middle.y + across * h};
          if (distance(p, centre) <= disc_radius && in_hexagon(lobule.radius_um, p)) ++hits;
        }
      share[grid.index(x, y, 0)] = static_cast<double>(hits) / (points * points);
    }
  return share;
}

/// Inlet and outlet, the same in every layer.
void add_vessels(Lobule& lobule, const LobuleParameters& p) {
  const sim::Grid& grid = lobule.grid;
  const std::size_t plane = grid.nx() * grid.ny();
  std::vector<double> portal(plane, 0.0);
  for (const Point corner : corners(lobule.radius_um)) {
    const std::vector<double> share = disc_share(lobule, corner, p.portal_radius_um);
    for (std::size_t v = 0; v < plane; ++v) portal[v] += share[v];
  }
  const std::vector<double> vein = disc_share(lobule, {0.0, 0.0}, p.vein_radius_um);
  std::vector<double> inlet(grid.size()), outlet(grid.size());
  for (std::size_t z = 0; z < grid.nz(); ++z)
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x) {
        const std::size_t v = grid.index(x, y, z), first = grid.index(x, y, 0);
        inlet[v] = portal[first];
        outlet[v] = vein[first];
      }
  lobule.inlet = sim::Sparse(inlet);
  lobule.outlet = sim::Sparse(outlet);
}

/// The hepatocyte sites of one layer of whole sites: number of each voxel's site, and where their middles are.
struct Sites {
  std::vector<std::uint32_t> number;
  std::vector<Point> middle;
};
Sites sites_of(const sim::Grid& whole) {
  Sites sites;
  sites.number.assign(whole.nx() * whole.ny(), Lobule::no_site);
  for (std::size_t y = 0; y < whole.ny(); ++y)
    for (std::size_t x = 0; x < whole.nx(); ++x) {
      const std::size_t v = whole.index(x, y, 0);
      if (whole.volume_fraction()[v] < 0.5) continue;
      sites.number[v] = static_cast<std::uint32_t>(sites.middle.size());
      sites.middle.push_back({whole.x_um(x), whole.y_um(y)});
    }
  return sites;
}

std::uint32_t nearest(const std::vector<Point>& middles, Point p) {
  const auto closer = [&](Point a, Point b) { return distance(a, p) < distance(b, p); };
  return static_cast<std::uint32_t>(std::min_element(middles.begin(), middles.end(), closer) - middles.begin());
}

/// Gives every voxel its site: that in which it lies or, at the edge, the nearest one.
void assign_sites(Lobule& lobule, const sim::Grid& whole, const Sites& sites) {
  const sim::Grid& grid = lobule.grid;
  const std::size_t r = lobule.refine;
  lobule.site.assign(grid.size(), Lobule::no_site);
  for (std::size_t y = 0; y < grid.ny(); ++y)
    for (std::size_t x = 0; x < grid.nx(); ++x) {
      if (!grid.inside(grid.index(x, y, 0))) continue;
      std::uint32_t site = sites.number[whole.index(x / r, y / r, 0)];
      if (site == Lobule::no_site) site = nearest(sites.middle, {grid.x_um(x), grid.y_um(y)});
      for (std::size_t z = 0; z < grid.nz(); ++z) lobule.site[grid.index(x, y, z)] = site + static_cast<std::uint32_t>((z / r) * sites.middle.size());
    }
}

/// A voxel has the zone of the middle of its site.
void add_zones(Lobule& lobule, const Sites& sites) {
  std::vector<float> of_site;
  for (const Point middle : sites.middle) of_site.push_back(static_cast<float>(zone_at(lobule.radius_um, middle.x, middle.y)));
  lobule.zone.assign(lobule.site.size(), 0.0F);
  for (std::size_t v = 0; v < lobule.site.size(); ++v)
    if (lobule.site[v] != Lobule::no_site) lobule.zone[v] = of_site[lobule.site[v] % of_site.size()];
}

}  // namespace

double zone_at(double radius_um, double x_um, double y_um) {
  const Point p{x_um, y_um};
  double portal = std::numeric_limits<double>::infinity();
  for (const Point corner : corners(radius_um)) portal = std::min(portal, distance(p, corner));
  return portal / (portal + distance(p, {0.0, 0.0}));
}

std::vector<double> draw_lobule_radii(const LobuleParameters& p, std::size_t count, std::uint64_t seed) {
  if (!(p.smallest_radius_um <= p.largest_radius_um) ||
      (p.radius_sd_um == 0.0 && std::clamp(p.radius_um, p.smallest_radius_um, p.largest_radius_um) != p.radius_um))
    throw std::invalid_argument(fmt::format("no lobule has a radius between {:g} and {:g} um, with mean {:g} um and standard deviation {:g} um",
                                            p.smallest_radius_um, p.largest_radius_um, p.radius_um, p.radius_sd_um));
  const sim::Random random(seed, 0, streams::of_building("lobule_radii"));
  std::vector<double> key(count), radius(count);
  std::vector<std::size_t> lobule(count);
  std::iota(lobule.begin(), lobule.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) key[i] = random.uniforms(sim::agent_id(sim::compartments_patch, i), 0)[0];
  std::sort(lobule.begin(), lobule.end(), [&](std::size_t a, std::size_t b) { return key[a] != key[b] ? key[a] < key[b] : a < b; });
  for (std::size_t part = 0; part < count; ++part) {
    const double u = random.uniforms(sim::agent_id(sim::compartments_patch, part), 0)[1];
    const double below = (static_cast<double>(part) + u) / static_cast<double>(count);
    radius[lobule[part]] =
        p.radius_sd_um == 0.0 ? p.radius_um : quantile(below, p.radius_um, p.radius_sd_um, p.smallest_radius_um, p.largest_radius_um);
  }
  return radius;
}

std::size_t lobule_sites(const LobuleParameters& p, double radius_um) {
  return sites_of(sim::Grid::hexagonal_prism(radius_um, 1, p.site_um)).middle.size();
}

Lobule make_lobule(const LobuleParameters& p, double radius_um, std::size_t thickness_sites, std::size_t refine) {
  if (thickness_sites == 0 || refine == 0) throw std::invalid_argument("a lobule is at least one site thick, and refined at least once");
  const sim::Grid whole = sim::Grid::hexagonal_prism(radius_um, 1, p.site_um);
  const Sites sites = sites_of(whole);
  if (sites.middle.size() < fewest_sites)
    throw std::invalid_argument(
        fmt::format("a lobule of radius {:g} um is too small for hepatocyte sites of {:g} um: {} in its cross-section, at least "
                    "{} are needed",
                    radius_um, p.site_um, sites.middle.size(), fewest_sites));
  Lobule lobule{.radius_um = radius_um,
                .grid = sim::Grid::hexagonal_prism(radius_um, thickness_sites * refine, p.site_um / static_cast<double>(refine), refine),
                .refine = refine,
                .site = {},
                .sites = sites.middle.size() * thickness_sites,
                .zone = {},
                .inlet = {},
                .outlet = {}};
  assign_sites(lobule, whole, sites);
  add_zones(lobule, sites);
  add_vessels(lobule, p);
  return lobule;
}

bool in_lobule(double radius_um, double x_um, double y_um) { return in_hexagon(radius_um, {x_um, y_um}); }

std::uint32_t voxel_at(const sim::Grid& grid, double x_um, double y_um, double z_um) {
  const auto along = [&](double from_edge_um, std::size_t n) {
    return std::min(static_cast<std::size_t>(std::max(0.0, from_edge_um / grid.spacing_um())), n - 1);
  };
  const double half_x = 0.5 * static_cast<double>(grid.nx()) * grid.spacing_um(), half_y = 0.5 * static_cast<double>(grid.ny()) * grid.spacing_um();
  const std::size_t x = along(x_um + half_x, grid.nx()), y = along(y_um + half_y, grid.ny()), z = along(z_um, grid.nz());
  std::size_t best = grid.index(x, y, z);
  if (grid.inside(best)) return static_cast<std::uint32_t>(best);
  for (std::size_t j = y - std::min<std::size_t>(y, 1); j <= std::min(y + 1, grid.ny() - 1); ++j)  // a sliver that the grid closed
    for (std::size_t i = x - std::min<std::size_t>(x, 1); i <= std::min(x + 1, grid.nx() - 1); ++i)
      if (grid.volume_fraction()[grid.index(i, j, z)] > grid.volume_fraction()[best]) best = grid.index(i, j, z);
  return static_cast<std::uint32_t>(best);
}

void place_kupffer_cells(sim::Population& macrophages, const Lobule& lobule, const LobuleParameters& p, std::uint64_t seed, double& remainder) {
  const double wanted = p.kupffer_per_hepatocyte * static_cast<double>(lobule.sites) + remainder, whole = std::floor(wanted);
  remainder = wanted - whole;
  const std::size_t first = macrophages.add(static_cast<std::size_t>(whole));
  const auto x = macrophages.column(macrophage::x_um), y = macrophages.column(macrophage::y_um), z = macrophages.column(macrophage::z_um);
  const auto voxel = macrophages.column(macrophage::voxel);
  const auto state = macrophages.column(macrophage::state);
  const sim::Random random(seed, 0, streams::of_building("kupffer_cells"));
  const double half_wide = 0.5 * std::numbers::sqrt3 * lobule.radius_um;
  const double thick = static_cast<double>(lobule.grid.nz()) * lobule.grid.spacing_um();
  for (std::size_t row = first; row < macrophages.size(); ++row) {
    const sim::AgentId id = macrophages.ids()[row];
    const auto chosen = random.uniforms(id, 0);
    const int third = chosen[0] < p.kupffer_periportal ? 0 : chosen[0] < p.kupffer_periportal + p.kupffer_midzonal ? 1 : 2;
    const auto fits = [&](Point at) {
      if (!in_hexagon(lobule.radius_um, at)) return false;
      const double zone = zone_at(lobule.radius_um, at.x, at.y);
      return third == (zone < zone_thirds[0] ? 0 : zone < zone_thirds[1] ? 1 : 2);
    };
    Point at{};
    for (std::uint16_t draw = 1; draw != 0; ++draw) {  // one place in four fits
      const auto u = random.uniforms(id, draw);
      at = {(2.0 * u[0] - 1.0) * half_wide, (2.0 * u[1] - 1.0) * lobule.radius_um};
      if (fits(at)) break;
      at = {(2.0 * u[2] - 1.0) * half_wide, (2.0 * u[3] - 1.0) * lobule.radius_um};
      if (fits(at)) break;
    }
    x[row] = static_cast<float>(at.x);
    y[row] = static_cast<float>(at.y);
    z[row] = static_cast<float>(chosen[1] * thick);
    voxel[row] = voxel_at(lobule.grid, x[row], y[row], z[row]);
    state[row] = static_cast<std::uint8_t>(macrophage::State::kupffer);
  }
}

}  // namespace paracrine::models
