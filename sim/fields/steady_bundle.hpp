#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"
#include "sim/fields/lane_multigrid.hpp"

namespace paracrine::sim {

/// Solves D lap(c) - (decay + uptake(x)) c + source(x) = 0 with no flux at the edge for up to eight fields of one grid at once, side by side in the
/// lanes of vector registers, in single precision: for what is solved anew at every visit from the last values, to a tolerance far above rounding.
/// Conjugate gradients in a fixed order of operations, with a cycle of multigrid for preconditioner (decision 26); each lane has its own step
/// lengths, and all go on until the last has converged. Negative rounding is set to 0. A field without a source becomes 0. The grid must outlive the
/// solver.
class SteadyBundle {
 public:
  static constexpr std::size_t lanes = field_lanes;
  static constexpr double smallest_tolerance = 1e-5;  // relative; below, rounding may stand in the way
  explicit SteadyBundle(const Grid& grid);
  /// Gives the number of iterations. Throws std::invalid_argument for more than eight fields or a tolerance below the smallest; RunError naming the
  /// field when one does not reach the tolerance, has a source but no loss, or holds a number that is not finite or a negative source or loss.
  int solve(std::span<Field* const> fields, double relative_tolerance, int most_iterations = 500);

 private:
  void check(std::span<Field* const> fields, double relative_tolerance) const;
  void assemble(std::span<Field* const> fields);
  template <bool deep>
  void residual();
  template <bool deep>
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
