#include "sim/compartments/poisson_series.hpp"

#include <algorithm>
#include <cmath>

namespace paracrine::sim {

namespace {
constexpr double smallest_mean = 0.25, largest_mean = 32.0;  // of the Poisson number, q h
constexpr double negligible = 1e-20;                         // probability
}  // namespace

bool PoissonSeries::integrate(std::span<const double> generator_per_h, std::size_t n, double step_h, std::span<const double> start,
                              std::span<const double> inflow, std::span<double> integral) {
  double q = smallest_mean / step_h;
  for (std::size_t i = 0; i < n; ++i) {
    const double loss = -generator_per_h[i * n + i];
    if (!(loss * step_h <= largest_mean)) return false;
    q = std::max(q, loss);
  }
  const double mean = q * step_h;
  weights_.clear();
  double weight = std::exp(-mean);
  for (int k = 0; k < mean || weight > negligible; weight *= mean / ++k) weights_.push_back(weight);

  transition_.resize(n * n);
  last_.resize(n);
  for (std::size_t i = 0; i < n * n; ++i) transition_[i] = generator_per_h[i] / q;
  for (std::size_t i = 0; i < n; ++i) transition_[i * n + i] = (q + generator_per_h[i * n + i]) / q;

  // Horner's scheme, from the last term
  std::fill(integral.begin(), integral.end(), 0.0);
  double tail = 0.0, tail_of_tails = 0.0;
  for (std::size_t k = weights_.size() - 1; k-- > 0;) {
    tail_of_tails += tail;
    tail += weights_[k + 1];
    const double of_start = tail / q, of_inflow = tail_of_tails / (q * mean);
    std::copy(integral.begin(), integral.end(), last_.begin());
    for (std::size_t row = 0; row < n; ++row) {
      double sum = of_start * start[row] + of_inflow * inflow[row];
      for (std::size_t column = 0; column < n; ++column) sum += transition_[row * n + column] * last_[column];
      integral[row] = sum;
    }
  }
  return true;
}

}  // namespace paracrine::sim
