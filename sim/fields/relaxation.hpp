#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// Advances fields implicitly over a time step, unconditionally stable, no flux across the edge of the domain:
///   dc/dt = D lap(c) - (decay + uptake(x)) c + source(x)
///
/// A step is the exact reaction in every voxel, then backward Euler diffusion fitted to the decay (phi(z) = (1 - exp(-z)) / z):
///
///   c*    = exp(-(decay + uptake) dt) c + dt phi((decay + uptake) dt) source
///   c_new = c* + dt phi(decay dt) D lap(c_new)
///
/// so pure decay, a uniform balance of source and loss and, in a cut domain one voxel thick without uptake, every steady state are exact for any step
/// (uptake shifts the steady state by the order of uptake x dt / 2). The whole is first order in time, conserves the amount to rounding where nothing
/// is lost, and keeps positive values positive. In a full box diffusion is locally one-dimensional sweeps (Thomas algorithm), whose splitting adds an
/// error of the order of (D dt / length^2)^2; in a cut domain a layer is solved at once and only z is swept, for sweeps along x and y would each shut
/// a slanted edge on their own. Values outside the domain become 0.
///
/// One object per thread (it holds the work space); it keeps nothing of a field between calls but factors that depend on grid, D, decay and step
/// alone. The grid must outlive the solver.
class TransientSolver {
 public:
  explicit TransientSolver(const Grid& grid);
  ~TransientSolver();
  TransientSolver(TransientSolver&&) noexcept;
  TransientSolver& operator=(TransientSolver&&) noexcept;
  /// Throws RunError naming the field for numbers that are not finite or a negative loss, std::invalid_argument for a duration that is negative or
  /// not finite.
  void advance(Field& field, double duration_s);

 private:
  struct Factors;
  const Factors& factors(double ratio);

  const Grid* grid_;
  std::vector<std::size_t> outside_;  // voxels of the box beyond the domain
  std::vector<std::unique_ptr<Factors>> kept_;
  std::size_t next_ = 0;  // which of the kept ones gives way
  std::vector<double> work_;
};

struct SteadyResult {
  int iterations = 0;
  double residual = 0.0;  // |r| / |source| in the 2-norm over voxels, both as amounts
};

/// Solves D lap(c) - (decay + uptake(x)) c + source(x) = 0 with no flux at the edge, starting from the field's values (so the start is state).
/// Conjugate gradients preconditioned by a relaxed modified incomplete Cholesky factorisation without fill (Gustafsson 1978,
/// doi 10.1007/BF01931691), in a fixed order of operations; where no source is negative, negative rounding of the result is set to 0.
/// Without any source the result is 0; without any source or loss it is the mean of the start.
/// The grid must outlive the solver, which keeps nothing of a field between calls.
class SteadySolver {
 public:
  explicit SteadySolver(const Grid& grid);
  /// Throws RunError naming the field when it does not reach the tolerance, when there is a source but no loss anywhere (no steady state exists), and
  /// for numbers that are not finite or a negative loss. The values are then those of the start.
  SteadyResult solve(Field& field, double relative_tolerance = 1e-8, int most_iterations = 2000);

 private:
  void assemble(const Field& field);
  void factorise();
  void residual();
  void precondition();
  double multiply();
  bool iterate(double target, int most_iterations, int& iterations);
  void settle(Field& field, bool any_loss) const;

  const Grid* grid_;
  std::size_t halo_;  // zeros before and after each vector, so that every voxel has all its neighbours
  std::vector<double> diagonal_, towards_x_, towards_y_, towards_z_;  // matrix, per voxel volume
  std::vector<double> pivot_, behind_, ahead_;                        // inverse pivots of the factor; its entries along x times the pivot
  std::vector<double> right_, solution_, residual_, direction_, image_, step_;
};

}  // namespace paracrine::sim
