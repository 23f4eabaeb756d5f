#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// Solves D lap(c) - (decay + uptake(x)) c + source(x) = 0 with no flux at the edge for up to eight fields of one grid at once, side by side in the
/// lanes of vector registers, in single precision: for what is solved anew at every visit from the last values, to a tolerance far above rounding.
/// The method is that of SteadySolver (preconditioned conjugate gradients, in a fixed order of operations); each lane has its own step lengths, and
/// all go on until the last has converged. Negative rounding is set to 0. A field without a source becomes 0. The grid must outlive the solver.
class SteadyBundle {
 public:
  static constexpr std::size_t lanes = 8;
  static constexpr double smallest_tolerance = 1e-5;  // relative; below, rounding may stand in the way
  explicit SteadyBundle(const Grid& grid);
  /// Gives the number of iterations. Throws std::invalid_argument for more than eight fields or a tolerance below the smallest; RunError naming the
  /// field when one does not reach the tolerance, has a source but no loss, or holds a number that is not finite or a negative source or loss.
  int solve(std::span<Field* const> fields, double relative_tolerance, int most_iterations = 500);

 private:
  typedef float Lanes __attribute__((vector_size(lanes * sizeof(float))));  // GNU C: one operation on eight numbers, on any machine
  using Vector = Lanes*;

  void assemble(std::span<Field* const> fields);
  void factorise();
  void residual();
  void precondition();
  Lanes multiply();
  Lanes advance(const Lanes& alpha);
  static Lanes dot(const Lanes* a, const Lanes* b, std::size_t count);

  const Grid* grid_;
  std::size_t halo_, padded_;
  std::array<double, lanes> scale_{};  // largest source of each field, by which its numbers are divided
  std::unique_ptr<Lanes[]> memory_;
  // per voxel, with zeros before and after
  Vector diagonal_, towards_x_, towards_y_, towards_z_, pivot_, behind_, ahead_, right_, solution_, residual_, direction_, image_, step_;
};

}  // namespace paracrine::sim
