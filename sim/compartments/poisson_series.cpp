#include "sim/compartments/poisson_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace paracrine::sim {

namespace {
constexpr double smallest_mean = 0.25, largest_mean = 32.0;  // of the Poisson number, q h
constexpr double negligible = 1e-20;                         // probability
constexpr std::size_t lanes = 4, most_pools = 16;
}  // namespace

/// The sum over k by Horner's scheme, from the last term; the rows of P lie four and four in a register.
template <std::size_t blocks>
void PoissonSeries::sum_up(double q, double mean, std::span<const double> start, std::span<const double> inflow, std::span<double> integral) const {
  using Four = double __attribute__((vector_size(32)));
  using Rows = std::array<Four, blocks>;
  const std::size_t n = start.size();
  const auto in_rows = [n](std::span<const double> values) {
    Rows rows{};
    for (std::size_t i = 0; i < n; ++i) rows[i / lanes][i % lanes] = values[i];
    return rows;
  };
  const Rows of_x = in_rows(start), of_w = in_rows(inflow);
  std::array<Rows, blocks * lanes> column{};
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t r = 0; r < n; ++r) column[c][r / lanes][r % lanes] = transition_[r * n + c];
  Rows sum{};
  double tail = 0.0, tail_of_tails = 0.0;
  for (std::size_t k = weights_.size() - 1; k-- > 0;) {
    tail_of_tails += tail;
    tail += weights_[k + 1];
    const double of_start = tail / q, of_inflow = tail_of_tails / (q * mean);
    Rows next;
    for (std::size_t b = 0; b < blocks; ++b) next[b] = of_start * of_x[b] + of_inflow * of_w[b];
    for (std::size_t c = 0; c < n; ++c) {
      const double last = sum[c / lanes][c % lanes];
      for (std::size_t b = 0; b < blocks; ++b) next[b] += column[c][b] * last;
    }
    sum = next;
  }
  for (std::size_t i = 0; i < n; ++i) integral[i] = sum[i / lanes][i % lanes];
}

bool PoissonSeries::integrate(std::span<const double> generator_per_h, std::size_t n, double step_h, std::span<const double> start,
                              std::span<const double> inflow, std::span<double> integral) {
  if (n > most_pools) return false;
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
  for (std::size_t i = 0; i < n * n; ++i) transition_[i] = generator_per_h[i] / q;
  for (std::size_t i = 0; i < n; ++i) transition_[i * n + i] = (q + generator_per_h[i * n + i]) / q;
  const auto x = start.first(n), w = inflow.first(n);
  switch ((n + lanes - 1) / lanes) {
    case 1:
      sum_up<1>(q, mean, x, w, integral);
      break;
    case 2:
      sum_up<2>(q, mean, x, w, integral);
      break;
    case 3:
      sum_up<3>(q, mean, x, w, integral);
      break;
    default:
      sum_up<4>(q, mean, x, w, integral);
  }
  return true;
}

}  // namespace paracrine::sim
