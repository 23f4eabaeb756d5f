#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include "models/agents/macrophage.hpp"
#include "models/tissue/lobule.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

double hexagon_area(double radius) { return 1.5 * std::numbers::sqrt3 * radius * radius; }

/// Open volume per site, in sites.
std::vector<double> volumes(const Lobule& lobule) {
  std::vector<double> volume(lobule.sites, 0.0);
  const double whole = std::pow(static_cast<double>(lobule.refine), 3.0);
  for (std::size_t v = 0; v < lobule.grid.size(); ++v)
    if (lobule.grid.inside(v)) volume[lobule.site[v]] += lobule.grid.volume_fraction()[v] / whole;
  return volume;
}

/// Kupffer cells of many lobules, placed one lobule after the other.
struct Placed {
  std::size_t cells = 0;
  double sites = 0.0;
  std::array<double, 3> thirds{};
  std::vector<double> sextants = std::vector<double>(12, 0.0);
  std::vector<double> height;
};
Placed place(const LobuleParameters& p, std::size_t lobules, double shift_um = 0.0) {
  Placed placed;
  double remainder = 0.0;
  for (std::uint32_t i = 0; i < lobules; ++i) {
    const Lobule lobule = make_lobule(p, 240.0 + static_cast<double>(i % 5) * 20.0, 1, 1);
    sim::Population cells(macrophage::kind, i, 1);
    place_kupffer_cells(cells, lobule, p, 3, remainder);
    const auto x = cells.column(macrophage::x_um), y = cells.column(macrophage::y_um), z = cells.column(macrophage::z_um);
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const double zone = zone_at(lobule.radius_um, x[row], y[row]);
      placed.thirds[zone < zone_thirds[0] ? 0 : zone < zone_thirds[1] ? 1 : 2] += 1.0;
      const double angle = std::atan2(y[row], x[row] + shift_um) / (2.0 * std::numbers::pi) + 0.5;
      placed.sextants[std::min<std::size_t>(11, static_cast<std::size_t>(12.0 * angle))] += 1.0;
      placed.height.push_back(z[row] / p.site_um);
      REQUIRE(cells.column(macrophage::voxel)[row] == voxel_at(lobule.grid, x[row], y[row], z[row]));
      REQUIRE(lobule.site[cells.column(macrophage::voxel)[row]] < lobule.sites);
    }
    placed.cells += cells.size();
    placed.sites += static_cast<double>(lobule.sites);
  }
  return placed;
}

}  // namespace

TEST_CASE("lobule: its sites are its volume in hepatocytes, whatever the refinement", "[analytic][property]") {
  const LobuleParameters p;
  for (const double radius : {200.0, 284.3, 400.0}) {
    const Lobule lobule = make_lobule(p, radius, 1, 1);
    const auto fits = [&](double assumed_radius) {
      return std::abs(static_cast<double>(lobule.sites) / (hexagon_area(assumed_radius) / (p.site_um * p.site_um)) - 1.0) < 0.025;
    };
    CHECK(fits(radius));
    CHECK_FALSE(fits(0.97 * radius));
    CHECK_FALSE(fits(1.03 * radius));
    for (const std::size_t refine : {1, 2, 3}) {
      const Lobule refined = make_lobule(p, radius, 2, refine);
      CHECK(refined.sites == 2 * lobule.sites);
      CHECK(refined.grid.nz() == 2 * refine);
      const std::vector<double> volume = volumes(refined);
      CHECK(*std::min_element(volume.begin(), volume.end()) > 0.25);
      CHECK(*std::max_element(volume.begin(), volume.end()) < 2.1);
      CHECK_THAT(std::accumulate(volume.begin(), volume.end(), 0.0), WithinRel(2.0 * hexagon_area(radius) / (p.site_um * p.site_um), 1e-9));
    }
  }
  CHECK(make_lobule(p, p.radius_um, 1, 1).sites == 576);
}

TEST_CASE("lobule: every whole site is cut into refine^3 voxels", "[property]") {
  const Lobule lobule = make_lobule({}, 284.3, 2, 2);
  std::vector<int> voxels(lobule.sites, 0);
  for (std::size_t v = 0; v < lobule.grid.size(); ++v) {
    CHECK((lobule.site[v] == Lobule::no_site) == !lobule.grid.inside(v));
    if (lobule.grid.inside(v)) ++voxels[lobule.site[v]];
  }
  const auto whole = static_cast<double>(std::count(voxels.begin(), voxels.end(), 8));
  CHECK(whole > 0.85 * static_cast<double>(lobule.sites));
}

TEST_CASE("lobule: zone runs from portal tracts to the vein and cuts the volume into thirds", "[analytic]") {
  const double r = 284.3, wide = 0.5 * std::numbers::sqrt3 * r;
  CHECK(zone_at(r, 0.0, r) == 0.0);
  CHECK_THAT(zone_at(r, wide, -0.5 * r), WithinAbs(0.0, 1e-12));
  CHECK(zone_at(r, 0.0, 0.0) == 1.0);
  CHECK_THAT(zone_at(r, 0.0, 0.5 * r), WithinAbs(0.5, 1e-12));
  CHECK_THAT(zone_at(r, wide, 0.0), WithinAbs(0.5 * r / (0.5 * r + wide), 1e-12));
  const auto share_below = [&](double zone) {
    double inside = 0.0, below = 0.0;
    for (int i = 0; i < 700; ++i)
      for (int j = 0; j < 700; ++j) {
        const double x = wide * (i + 0.5) / 700.0, y = r * (j + 0.5) / 700.0;
        if (y > r - x / std::numbers::sqrt3) continue;
        inside += 1.0;
        if (zone_at(r, x, y) < zone) below += 1.0;
      }
    return below / inside;
  };
  for (const std::size_t i : {0, 1}) {
    const double third = static_cast<double>(i + 1) / 3.0;
    CHECK_THAT(share_below(zone_thirds[i]), WithinAbs(third, 5e-4));
    CHECK_FALSE(std::abs(share_below(zone_thirds[i] + 0.002) - third) < 5e-4);
    CHECK_FALSE(std::abs(share_below(zone_thirds[i] - 0.002) - third) < 5e-4);
  }
  const Lobule lobule = make_lobule({}, r, 1, 2);
  for (std::size_t y = 0; y < lobule.grid.ny(); ++y)
    for (std::size_t x = 0; x < lobule.grid.nx(); ++x) {
      const std::size_t v = lobule.grid.index(x, y, 1);
      if (lobule.grid.volume_fraction()[v] < 1.0) continue;  // may belong to a site that it does not lie in
      const double site_x = lobule.grid.x_um(x / 2 * 2) + 4.8, site_y = lobule.grid.y_um(y / 2 * 2) + 4.8;
      CHECK_THAT(static_cast<double>(lobule.zone[v]), WithinAbs(zone_at(r, site_x, site_y), 1e-6));
    }
}

TEST_CASE("lobule: portal tracts and vein have their area at every refinement", "[convergence]") {
  const LobuleParameters p;
  const double tracts = 2.0 * std::numbers::pi * p.portal_radius_um * p.portal_radius_um;  // six thirds of a disc
  const double vein = std::numbers::pi * p.vein_radius_um * p.vein_radius_um;
  for (const std::size_t refine : {1, 2, 4}) {
    const Lobule lobule = make_lobule(p, 284.3, 1, refine);
    const double voxel = lobule.grid.spacing_um() * lobule.grid.spacing_um(), layers = static_cast<double>(refine);
    const auto whole = [&](const sim::Sparse& shares) {
      std::vector<double> dense(lobule.grid.size(), 0.0);
      shares.add_to(dense);
      double sum = 0.0;
      for (std::size_t v = 0; v < dense.size(); ++v) {
        REQUIRE(shares[v] == dense[v]);
        sum += dense[v];
      }
      return sum;
    };
    const double inlet = voxel * whole(lobule.inlet) / layers, outlet = voxel * whole(lobule.outlet) / layers;
    CHECK_THAT(inlet, WithinRel(tracts, 0.01));
    CHECK_THAT(outlet, WithinRel(vein, 0.01));
    CHECK_FALSE(std::abs(outlet / vein - 1.02) < 0.01);
  }
}

TEST_CASE("lobule: radii are stratified, in random order, and a function of the seed", "[statistical]") {
  LobuleParameters p;
  constexpr std::size_t count = 1000;
  const std::vector<double> radii = draw_lobule_radii(p, count, 7);
  const auto parts = [&](double sd) {  // how many of the equal parts of the distribution hold exactly one radius
    const auto below = [&](double x) { return 0.5 * std::erfc((p.radius_um - x) / (sd * std::numbers::sqrt2)); };
    std::vector<int> hits(count, 0);
    for (const double radius : radii) {
      const double u = (below(radius) - below(p.smallest_radius_um)) / (below(p.largest_radius_um) - below(p.smallest_radius_um));
      ++hits[std::min(count - 1, static_cast<std::size_t>(u * count))];
    }
    return static_cast<double>(std::count(hits.begin(), hits.end(), 1));
  };
  CHECK(parts(p.radius_sd_um) == count);
  CHECK(parts(1.01 * p.radius_sd_um) < 0.95 * count);
  CHECK(parts(0.99 * p.radius_sd_um) < 0.95 * count);
  std::vector<double> number(count), sorted = radii;
  std::iota(number.begin(), number.end(), 0.0);
  std::sort(sorted.begin(), sorted.end());
  CHECK(tests::agrees(tests::correlation(radii, number), 0.0, 1.0 / std::sqrt(static_cast<double>(count))));
  CHECK_FALSE(tests::agrees(tests::correlation(sorted, number), 0.0, 1.0 / std::sqrt(static_cast<double>(count))));
  CHECK(draw_lobule_radii(p, count, 7) == radii);
  CHECK(draw_lobule_radii(p, count, 8) != radii);
  p.radius_sd_um = 0.0;
  CHECK(draw_lobule_radii(p, 3, 7) == std::vector<double>(3, p.radius_um));
}

TEST_CASE("lobule: what cannot be is refused", "[unit]") {
  CHECK_THROWS_WITH(make_lobule({}, 40.0, 1, 1),
                    "a lobule of radius 40 um is too small for hepatocyte sites of 19.2 um: 12 in its cross-section, at least 19 are needed");
  CHECK_NOTHROW(make_lobule({}, 60.0, 1, 1));
  CHECK_THROWS_WITH(make_lobule({}, 284.3, 0, 1), "a lobule is at least one site thick, and refined at least once");
  CHECK_THROWS_AS(make_lobule({}, 284.3, 1, 0), std::invalid_argument);
  LobuleParameters p;
  p.smallest_radius_um = 410.0;
  CHECK_THROWS_WITH(draw_lobule_radii(p, 3, 1), "no lobule has a radius between 410 and 400 um, with mean 284.3 um and standard deviation 57 um");
}

TEST_CASE("lobule: Kupffer cells are as many as their ratio says, to one cell", "[property]") {
  LobuleParameters p;
  for (const double ratio : {0.2, 0.137, 0.001}) {
    p.kupffer_per_hepatocyte = ratio;
    const Placed placed = place(p, 25);
    CHECK(std::abs(static_cast<double>(placed.cells) - ratio * placed.sites) < 1.0);
  }
}

TEST_CASE("lobule: Kupffer cells lie 43, 28 and 29 percent periportal to central, and alike all around", "[statistical]") {
  const LobuleParameters p;
  const Placed placed = place(p, 60);
  const auto n = static_cast<double>(placed.cells);
  const std::array<double, 3> shares = {0.43, 0.28, 0.29};
  for (std::size_t third = 0; third < 3; ++third) {
    const double error = std::sqrt(shares[third] * (1.0 - shares[third]) / n);
    CHECK(tests::agrees(placed.thirds[third] / n, shares[third], error));
    CHECK_FALSE(tests::agrees(placed.thirds[third] / n, shares[third] + 0.05, error));
    CHECK_FALSE(tests::agrees(placed.thirds[third] / n, shares[third] - 0.05, error));
  }
  const std::vector<double> even(12, n / 12.0);
  CHECK(tests::chi_square_errors(placed.sextants, even) < tests::allowed_errors);
  CHECK(tests::chi_square_errors(place(p, 60, 20.0).sextants, even) > tests::allowed_errors);
  const tests::Moments height = tests::moments(placed.height);
  CHECK(tests::agrees(height.mean, 0.5, height.standard_error));
  CHECK(tests::agrees(height.variance, 1.0 / 12.0, std::sqrt(1.0 / 180.0 / n)));
  CHECK_FALSE(tests::agrees(height.mean, 0.53, height.standard_error));
  CHECK_FALSE(tests::agrees(height.variance, 0.94 * 0.94 / 12.0, std::sqrt(1.0 / 180.0 / n)));
}

TEST_CASE("lobule: Kupffer cells have their places whatever the refinement", "[property]") {
  std::vector<std::vector<float>> places;
  for (const std::size_t refine : {1, 2}) {
    const Lobule lobule = make_lobule({}, 284.3, 1, refine);
    sim::Population cells(macrophage::kind, 4, 0);
    double remainder = 0.0;
    place_kupffer_cells(cells, lobule, {}, 3, remainder);
    std::vector<float> place(cells.column(macrophage::x_um).begin(), cells.column(macrophage::x_um).end());
    place.insert(place.end(), cells.column(macrophage::z_um).begin(), cells.column(macrophage::z_um).end());
    places.push_back(place);
  }
  CHECK(places[0] == places[1]);
}
