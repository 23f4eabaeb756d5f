#include <cmath>

#include "models/tissue/bridging.hpp"
#include "models/tissue/collagen.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

/// A lobule on which matrix is drawn by hand.
struct Drawing {
  LobuleParameters p;
  Lobule lobule;
  std::vector<double> collagen;
  explicit Drawing(std::size_t thickness = 1, std::size_t refine = 1)
      : lobule(make_lobule(p, 284.3, thickness, refine)), collagen(lobule.grid.size(), 0.0) {}
  /// Matrix from the middle outwards in a direction, over part of the way.
  void line(double angle_deg, double from_um, double to_um, double z_um = 1.0) {
    const double angle = angle_deg * 3.14159265358979 / 180.0;
    for (double r = from_um; r <= to_um; r += 2.0) {
      const double x = r * std::cos(angle), y = r * std::sin(angle);
      if (in_lobule(lobule.radius_um, x, y)) collagen[voxel_at(lobule.grid, x, y, z_um)] = full_stain_mg_per_mL;
    }
  }
  Bridges bridges() const { return find_bridges(lobule, collagen); }
};

}  // namespace

TEST_CASE("bridging: none without matrix, all with nothing but matrix", "[property]") {
  Drawing empty;
  CHECK(bridging(empty.bridges()) == 0.0);
  Drawing full;
  for (double& value : full.collagen) value = full_stain_mg_per_mL;
  const Bridges all = full.bridges();
  CHECK(all.portal_central == 6);
  CHECK(all.central_central == 6);
  CHECK(all.portal_portal == 6);
  CHECK(bridging(all) == 1.0);
}

TEST_CASE("bridging: a septum from the vein to a portal tract, and one over an edge", "[property]") {
  Drawing portal;
  portal.line(90.0, 0.0, 290.0);  // corners lie on the y axis
  CHECK(portal.bridges().portal_central == 1);
  CHECK(portal.bridges().portal_portal == 0);
  Drawing central;
  central.line(0.0, 0.0, 250.0);
  central.line(180.0, 0.0, 250.0);
  CHECK(central.bridges().central_central == 2);
  CHECK(central.bridges().portal_central == 0);
  CHECK(bridging(central.bridges()) == 2.0 / 12.0);
}

TEST_CASE("bridging: a gap, or too little stain, is no bridge, voxels that touch by a corner join", "[property]") {
  Drawing gap;
  gap.line(90.0, 0.0, 100.0);
  gap.line(90.0, 160.0, 290.0);
  CHECK(gap.bridges().portal_central == 0);
  Drawing pale;
  pale.line(90.0, 0.0, 290.0);
  for (double& value : pale.collagen) value *= 0.9 * bridging_stain;
  CHECK(pale.bridges().portal_central == 0);
  Drawing oblique;
  oblique.line(30.0, 0.0, 290.0);  // to a corner, by steps along diagonals
  CHECK(oblique.bridges().portal_central == 1);
}

TEST_CASE("bridging: a ring around the vein that touches nothing is none, one along the edge joins portal tracts alone", "[property]") {
  Drawing ring, rim;
  for (double angle = 0.0; angle < 360.0; angle += 1.0) {
    ring.line(angle, 120.0, 125.0);
    rim.line(angle, 235.0, 285.0);
  }
  CHECK(bridging(ring.bridges()) == 0.0);
  CHECK(rim.bridges().portal_portal == 6);
  CHECK(bridging(rim.bridges()) == 0.0);
}

TEST_CASE("bridging: each corner and each edge counts once, whatever the refinement", "[property]") {
  for (const std::size_t refine : {1, 2})
    for (int side = 0; side < 6; ++side) {
      Drawing portal(1, refine), central(1, refine);
      portal.line(30.0 + 60.0 * side, 0.0, 290.0);
      CHECK(portal.bridges().portal_central == 1);
      CHECK(portal.bridges().portal_portal == 0);
      central.line(60.0 * side, 0.0, 290.0);
      CHECK(central.bridges().central_central == 1);
      CHECK(central.bridges().portal_central == 0);
      CHECK(bridging(central.bridges()) == 1.0 / 12.0);
    }
}

TEST_CASE("bridging: a septum may change its layer, but not skip one", "[property]") {
  Drawing changes(3), skips(3);
  const double layer_um = changes.lobule.grid.spacing_um();
  changes.line(90.0, 0.0, 150.0, 0.5 * layer_um);
  changes.line(90.0, 150.0, 290.0, 1.5 * layer_um);
  CHECK(changes.bridges().portal_central == 1);
  skips.line(90.0, 0.0, 140.0, 0.5 * layer_um);
  skips.line(90.0, 160.0, 230.0, 2.5 * layer_um);
  CHECK(skips.bridges().portal_central == 0);
}

TEST_CASE("bridging: two voxels that touch by a corner alone join", "[property]") {
  Drawing drawing;
  const sim::Grid& grid = drawing.lobule.grid;
  const double edge = grid.spacing_um();
  drawing.line(0.0, 0.0, 120.0);
  drawing.line(0.0, 120.0, 290.0);
  CHECK(drawing.bridges().central_central == 1);
  const std::uint32_t cut = voxel_at(grid, 120.0, 0.0, 1.0);
  drawing.collagen[cut] = 0.0;
  CHECK(drawing.bridges().central_central == 0);
  drawing.collagen[voxel_at(grid, 120.0, edge, 1.0)] = full_stain_mg_per_mL;  // beside the gap: touches both ends by a corner
  CHECK(drawing.bridges().central_central == 1);
}

TEST_CASE("bridging: the least stain counts, a little less does not", "[property]") {
  for (const double of : {1.0, 0.9}) {
    Drawing drawing;
    drawing.line(90.0, 0.0, 290.0);
    for (double& value : drawing.collagen) value *= of * bridging_stain;
    CHECK(drawing.bridges().portal_central == (of < 1.0 ? 0 : 1));
  }
}
