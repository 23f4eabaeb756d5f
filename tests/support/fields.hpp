#pragma once
#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::test {

using sim::Field;
using sim::Grid;

/// The matrix of diffusion on a grid, from its fractions alone: (L c)[i] = sum over open faces of A (c[i] - c[j]), outside voxels left empty.
inline Eigen::SparseMatrix<double> face_matrix(const Grid& grid, bool along_z = true) {
  std::vector<Eigen::Triplet<double>> entries;
  const std::size_t steps[3] = {1, grid.nx(), grid.nx() * grid.ny()};
  for (std::size_t axis = 0; axis < (along_z && grid.nz() > 1 ? 3u : 2u); ++axis)
    for (std::size_t v = 0; v < grid.size(); ++v) {
      const double area = grid.face_fraction(axis)[v];
      if (area == 0.0) continue;
      const int i = static_cast<int>(v), j = static_cast<int>(v + steps[axis]);
      entries.insert(entries.end(), {{i, i, area}, {j, j, area}, {i, j, -area}, {j, i, -area}});
    }
  Eigen::SparseMatrix<double> matrix(static_cast<int>(grid.size()), static_cast<int>(grid.size()));
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// Solves (conductance L + diagonal) c = right by a sparse direct factorisation; voxels outside are held at 0.
inline std::vector<double> direct_solve(const Grid& grid, double conductance, const std::vector<double>& diagonal, const std::vector<double>& right,
                                        bool along_z = true) {
  const int count = static_cast<int>(grid.size());
  Eigen::SparseMatrix<double> matrix = conductance * face_matrix(grid, along_z);
  Eigen::SparseMatrix<double> identity(count, count);
  identity.setIdentity();
  Eigen::VectorXd b(count);
  for (int v = 0; v < count; ++v) {
    const auto i = static_cast<std::size_t>(v);
    identity.coeffRef(v, v) = grid.inside(i) ? diagonal[i] : 1.0;
    b[v] = grid.inside(i) ? right[i] : 0.0;
  }
  matrix += identity;
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> factor(matrix);
  const Eigen::VectorXd c = factor.solve(b);
  return {c.data(), c.data() + count};
}

/// Independent steady state of a field.
inline std::vector<double> steady_oracle(const Field& field, const Grid& grid) {
  std::vector<double> diagonal(grid.size()), right(grid.size());
  for (std::size_t v = 0; v < grid.size(); ++v) {
    const double volume = grid.volume_fraction()[v];
    diagonal[v] = volume * (field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v]));
    right[v] = field.source_per_s.empty() ? 0.0 : volume * field.source_per_s[v];
  }
  return direct_solve(grid, field.diffusion_um2_per_s / (grid.spacing_um() * grid.spacing_um()), diagonal, right);
}

/// The planted error of every check at slanted edges: the same box with voxels wholly in or wholly out.
inline Grid staircase(const Grid& grid) {
  const std::size_t nx = grid.nx(), plane = nx * grid.ny();
  std::vector<double> layer(plane), face_x(plane, 1.0), face_y(plane, 1.0);
  for (std::size_t p = 0; p < plane; ++p) layer[p] = std::round(grid.volume_fraction()[p]);
  return Grid::prism(nx, grid.ny(), grid.nz(), grid.spacing_um(), layer, face_x, face_y);
}

/// Three cosines with the hexagon's mirror symmetry: no normal derivative on any of its edges; lap(u) = -wave^2 u, wave = 4 pi / (3 circumradius).
struct HexagonMode {
  double circumradius_um;
  double wave() const { return 4.0 * std::numbers::pi / (3.0 * circumradius_um); }
  double operator()(double x, double y) const {
    const double g = wave(), a = 0.5 * std::numbers::sqrt3 * g * x, b = 0.5 * g * y;
    return std::cos(g * y) + std::cos(a + b) + std::cos(a - b);
  }
};

/// Value of f(x, y, z layer) in every voxel that is inside, 0 elsewhere.
inline std::vector<double> sample(const Grid& grid, const std::function<double(double, double, std::size_t)>& f) {
  std::vector<double> values(grid.size(), 0.0);
  for (std::size_t z = 0; z < grid.nz(); ++z)
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x)
        if (grid.inside(grid.index(x, y, z))) values[grid.index(x, y, z)] = f(grid.x_um(x), grid.y_um(y), z);
  return values;
}

/// Root mean square of a - b over the domain, each voxel by its open volume.
inline double rms(const Grid& grid, const std::vector<double>& a, const std::vector<double>& b) {
  double squares = 0.0, volume = 0.0;
  for (std::size_t v = 0; v < grid.size(); ++v) {
    squares += grid.volume_fraction()[v] * (a[v] - b[v]) * (a[v] - b[v]);
    volume += grid.volume_fraction()[v];
  }
  return std::sqrt(squares / volume);
}
inline double relative_rms(const Grid& grid, const std::vector<double>& a, const std::vector<double>& b) {
  return rms(grid, a, b) / rms(grid, b, std::vector<double>(b.size(), 0.0));
}

/// Slope of log(error) over log(spacing) by least squares: the measured order.
inline double order(const std::vector<double>& spacing, const std::vector<double>& error) {
  const double n = static_cast<double>(spacing.size());
  double sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
  for (std::size_t i = 0; i < spacing.size(); ++i) {
    const double x = std::log(spacing[i]), y = std::log(error[i]);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

/// Largest |a - b|.
inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  for (std::size_t v = 0; v < a.size(); ++v) largest = std::max(largest, std::abs(a[v] - b[v]));
  return largest;
}

}  // namespace paracrine::test
