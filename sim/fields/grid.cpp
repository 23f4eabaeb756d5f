#include "sim/fields/grid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace paracrine::sim {

namespace {

struct Point {
  double x, y;
};

/// The half-plane normal . p <= offset.
struct HalfPlane {
  Point normal;
  double offset;
  double excess(Point p) const { return normal.x * p.x + normal.y * p.y - offset; }
};

/// The edges of a regular hexagon around the origin with two corners on the y axis, in units of the spacing.
std::array<HalfPlane, 6> hexagon(double circumradius) {
  std::array<HalfPlane, 6> planes{};
  const double half = 0.5, high = 0.5 * std::numbers::sqrt3;
  const std::array<Point, 6> normals = {Point{1.0, 0.0}, {half, high}, {-half, high}, {-1.0, 0.0}, {-half, -high}, {half, -high}};
  for (std::size_t i = 0; i < 6; ++i) planes[i] = {normals[i], high * circumradius};
  return planes;
}

/// Area of the unit square with its lower corner at `corner` inside all half-planes (Sutherland and Hodgman 1974, then the shoelace formula).
double open_area(Point corner, const std::array<HalfPlane, 6>& planes) {
  std::vector<Point> polygon = {{0.0, 0.0}, {1.0, 0.0}, {1.0, 1.0}, {0.0, 1.0}}, clipped;
  for (const HalfPlane& plane : planes) {
    const HalfPlane here{plane.normal, -plane.excess(corner)};
    clipped.clear();
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
      const double out_a = here.excess(a), out_b = here.excess(b);
      if (out_a <= 0.0) clipped.push_back(a);
      if ((out_a < 0.0 && out_b > 0.0) || (out_a > 0.0 && out_b < 0.0)) {
        const double t = out_a / (out_a - out_b);
        clipped.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
      }
    }
    std::swap(polygon, clipped);
  }
  double twice = 0.0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
    twice += a.x * b.y - a.y * b.x;
  }
  return std::clamp(0.5 * twice, 0.0, 1.0);
}

/// Length of the unit segment from `start` along `direction` inside all half-planes.
double open_length(Point start, Point direction, const std::array<HalfPlane, 6>& planes) {
  double from = 0.0, to = 1.0;
  for (const HalfPlane& plane : planes) {
    const double slope = plane.normal.x * direction.x + plane.normal.y * direction.y, excess = plane.excess(start);
    if (std::abs(slope) < 1e-12) {
      if (excess > 0.0) return 0.0;
    } else if (slope > 0.0) {
      to = std::min(to, -excess / slope);
    } else {
      from = std::max(from, -excess / slope);
    }
  }
  return std::max(0.0, to - from);
}

/// Closes the voxels of a layer below the smallest fraction and gives their volume to the largest neighbour.
void close_slivers(std::size_t nx, std::size_t ny, std::vector<double>& layer, std::vector<double>& face_x, std::vector<double>& face_y) {
  for (std::size_t y = 0; y < ny; ++y)
    for (std::size_t x = 0; x < nx; ++x) {
      const std::size_t v = y * nx + x;
      if (layer[v] <= 0.0 || layer[v] >= Grid::smallest_fraction) continue;
      std::size_t host = v;
      const auto consider = [&](bool exists, std::size_t other) {
        if (exists && layer[other] > layer[host]) host = other;
      };
      consider(x > 0, v - 1);
      consider(x + 1 < nx, v + 1);
      consider(y > 0, v - nx);
      consider(y + 1 < ny, v + nx);
      if (host != v) layer[host] += layer[v];
      layer[v] = face_x[v] = face_y[v] = 0.0;
      if (x > 0) face_x[v - 1] = 0.0;
      if (y > 0) face_y[v - nx] = 0.0;
    }
}

}  // namespace

Grid::Grid(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um)
    : Grid(nx, ny, nz, spacing_um, std::vector<double>(nx * ny, 1.0), std::vector<double>(nx * ny, 1.0), std::vector<double>(nx * ny, 1.0)) {}

Grid::Grid(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um, const std::vector<double>& layer, const std::vector<double>& face_x,
           const std::vector<double>& face_y)
    : nx_(nx), ny_(ny), nz_(nz), spacing_um_(spacing_um) {
  if (nx == 0 || ny == 0 || nz == 0) throw std::invalid_argument("a grid needs at least one voxel along each axis");
  if (!(spacing_um > 0.0) || !std::isfinite(spacing_um)) throw std::invalid_argument("the spacing of a grid must be positive");
  const std::size_t plane = nx * ny;
  if (layer.size() != plane || face_x.size() != plane || face_y.size() != plane)
    throw std::invalid_argument("the fractions of a cross-section must have one value per voxel of a layer");
  Open open;
  open.volume.resize(size());
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis < 2 || nz > 1) open.face[axis].assign(size(), 0.0);
  for (std::size_t z = 0; z < nz; ++z)
    for (std::size_t y = 0; y < ny; ++y)
      for (std::size_t x = 0; x < nx; ++x) {
        const std::size_t p = y * nx + x, v = z * plane + p;
        if (!(layer[p] >= 0.0) || !(face_x[p] >= 0.0) || !(face_y[p] >= 0.0)) throw std::invalid_argument("a fraction of a voxel is not 0 or above");
        open.volume[v] = layer[p];
        if (x + 1 < nx && layer[p] > 0.0 && layer[p + 1] > 0.0) open.face[0][v] = face_x[p];
        if (y + 1 < ny && layer[p] > 0.0 && layer[p + nx] > 0.0) open.face[1][v] = face_y[p];
        if (z + 1 < nz) open.face[2][v] = layer[p];
        open.full = open.full && layer[p] == 1.0 && (x + 1 == nx || face_x[p] == 1.0) && (y + 1 == ny || face_y[p] == 1.0);
      }
  open_ = std::make_shared<const Open>(std::move(open));
}

Grid Grid::prism(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um, const std::vector<double>& layer,
                 const std::vector<double>& face_x, const std::vector<double>& face_y) {
  return Grid(nx, ny, nz, spacing_um, layer, face_x, face_y);
}

Grid Grid::hexagonal_prism(double circumradius_um, std::size_t nz, double spacing_um, std::size_t cut) {
  if (!(spacing_um > 0.0) || !std::isfinite(spacing_um)) throw std::invalid_argument("the spacing of a grid must be positive");
  if (!(circumradius_um > 0.0) || !std::isfinite(circumradius_um)) throw std::invalid_argument("the circumradius of a hexagon must be positive");
  if (cut == 0) throw std::invalid_argument("a voxel is cut into one at least");
  const double radius = circumradius_um / spacing_um;
  const auto voxels = [cut](double width) {
    constexpr double rounding = 1e-9;
    return cut * static_cast<std::size_t>(std::max(1.0, std::ceil(width / static_cast<double>(cut) - rounding)));
  };
  const std::size_t nx = voxels(std::numbers::sqrt3 * radius), ny = voxels(2.0 * radius);
  const std::array<HalfPlane, 6> planes = hexagon(radius);
  std::vector<double> layer(nx * ny), face_x(nx * ny), face_y(nx * ny);
  for (std::size_t y = 0; y < ny; ++y)
    for (std::size_t x = 0; x < nx; ++x) {
      const std::size_t p = y * nx + x;
      const Point corner{static_cast<double>(x) - 0.5 * static_cast<double>(nx), static_cast<double>(y) - 0.5 * static_cast<double>(ny)};
      layer[p] = open_area(corner, planes);
      face_x[p] = open_length({corner.x + 1.0, corner.y}, {0.0, 1.0}, planes);
      face_y[p] = open_length({corner.x, corner.y + 1.0}, {1.0, 0.0}, planes);
    }
  close_slivers(nx, ny, layer, face_x, face_y);
  return Grid(nx, ny, nz, spacing_um, layer, face_x, face_y);
}

double Grid::domain_volume_um3() const {
  double voxels = 0.0;
  for (const double fraction : open_->volume) voxels += fraction;
  return voxels * voxel_volume_um3();
}

}  // namespace paracrine::sim
