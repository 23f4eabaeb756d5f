#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"
#include "sim/fields/lane_multigrid.hpp"

namespace paracrine::sim {

/// Solves D lap(c) - k(x) c + s(x) = 0 with no flux at the edge for up to eight fields of one grid at once, side by side in the lanes of vector
/// registers, in single precision: for what is solved anew at every visit from the last values, to a tolerance far above rounding. Conjugate
/// gradients in a fixed order of operations, with a cycle of multigrid for preconditioner (decision 26); each lane has its own step lengths, and all
/// go on until the last has converged. Negative rounding is set to 0. A field without a source becomes 0. The grid must outlive the solver.
class SteadyBundle {
 public:
  static constexpr std::size_t lanes = field_lanes;
  static constexpr double smallest_tolerance = 1e-5;  // relative; below, rounding may stand in the way
  explicit SteadyBundle(const Grid& grid);
  /// Per voxel of the grid, in the order of the fields: source s [unit/s] and loss k [1/s], each times the voxel's open volume fraction, so 0 outside
  /// the domain. To be set for every voxel before each solve, which uses them up.
  Lanes* source() { return residual_ + multigrid_.finest().halo; }
  Lanes* loss() { return multigrid_.finest().diagonal + multigrid_.finest().halo; }
  /// Takes diffusion, start and place of the result from the fields; their own decay, source and uptake do not count. Gives the number of iterations.
  /// `relative_tolerance`: of the residual, to the source, in the 2-norm; `least_iterations` are made whatever it says, so that a slow change is
  /// followed and not put off until it exceeds the tolerance. Throws std::invalid_argument for more than eight fields or a tolerance below the
  /// smallest; RunError naming the field when one does not reach the tolerance, has no loss anywhere, or a negative or not finite source or loss.
  int solve(std::span<Field* const> fields, double relative_tolerance, int least_iterations = 0);

 private:
  void check(std::span<Field* const> fields, double relative_tolerance) const;
  Lanes scale_sources(std::span<Field* const> fields);
  void start(std::span<Field* const> fields, const Lanes& inverse);
  template <bool deep>
  void residual();
  template <bool deep, bool first>
  Lanes turn(const Lanes& beta);
  Lanes advance(const Lanes& alpha);
  void give_back(std::span<Field* const> fields) const;
  Lanes dot(const Lanes* a, const Lanes* b) const;

  const Grid* grid_;
  LaneMultigrid multigrid_;
  std::array<double, lanes> scale_{};                          // largest source of each field, by which its numbers are divided
  Lanes *solution_, *residual_, *direction_, *image_, *step_;  // per voxel, with a halo of zeros
};

}  // namespace paracrine::sim
