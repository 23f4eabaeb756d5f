#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace paracrine::sim {

/// The exact time integral of a linear network over one step.
///
///   dx/dt = A x + w / h,   0 <= t <= h
///   integral of x = h (phi1(A h) x0 + phi2(A h) w),   phi1(z) = (exp(z) - 1) / z,   phi2(z) = (phi1(z) - 1) / z
///
///   x [amount] pools, A [1/h] rates, w [amount] what enters over the step at a constant rate, h [h] the step. Both functions stand in one matrix
///   exponential of the augmented matrix (Van Loan 1978, doi 10.1109/TAC.1978.1101743), by scaling, squaring and Pade approximants (Higham 2005,
///   doi 10.1137/04061101X).
class Propagator {
 public:
  /// `generator_per_h` is A, [row, column], n x n. NaN or infinite rates give NaN.
  void compute(std::span<const double> generator_per_h, std::size_t n, double step_h);
  /// integral [amount x h]; all spans have n elements. Allocates nothing.
  void integrate(std::span<const double> start, std::span<const double> inflow, std::span<double> integral) const;

 private:
  std::size_t n_ = 0;
  std::vector<double> of_start_, of_inflow_;  // h phi1, h phi2, [row, column]
};

}  // namespace paracrine::sim
