#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace paracrine::sim {

/// The time integral of a linear network over one short step, for rates that hold for this step only. The same integral as that of Propagator,
/// without a matrix exponential: every term is 0 or more, so nothing cancels.
///
///   dx/dt = A x + w / h,   P = 1 + A / q,   q >= every total loss rate,   N ~ Poisson(q h)
///   integral of x = sum over k of P^k (T_k x0 / q + U_k w / (q^2 h)),   T_k = Pr(N > k),   U_k = sum over j > k of T_j
///
///   x [amount] pools, A [1/h] rates (0 or more off the diagonal), w [amount] what enters over the step at a constant rate, h [h] the step, q [1/h].
///   Source: uniformisation (Jensen 1953, doi 10.1080/03461238.1953.10419459).
class PoissonSeries {
 public:
  /// integral [amount x h]; `generator_per_h` is A, [row, column]. Returns false, with nothing done, when largest loss rate x step is above 32 (there
  /// the exponential is cheaper) or not finite, or n is above 16. Allocates only when n grows.
  bool integrate(std::span<const double> generator_per_h, std::size_t n, double step_h, std::span<const double> start, std::span<const double> inflow,
                 std::span<double> integral);

 private:
  template <std::size_t blocks>
  void sum_up(double q, double mean, std::span<const double> start, std::span<const double> inflow, std::span<double> integral) const;

  std::vector<double> transition_, weights_;  // P [row, column]; Pr(N = k)
};

}  // namespace paracrine::sim
