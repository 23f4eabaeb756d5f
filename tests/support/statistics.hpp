#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace paracrine::tests {

/// How many standard errors an estimate lies from what is expected. Every statistical check of the tests allows `allowed_errors` of them; seeds are
/// fixed.
inline constexpr double allowed_errors = 5.0;
inline double errors_away(double estimate, double expected, double standard_error) { return (estimate - expected) / standard_error; }
inline bool agrees(double estimate, double expected, double standard_error) {
  return std::abs(errors_away(estimate, expected, standard_error)) < allowed_errors;
}

struct Moments {
  double mean = 0.0, variance = 0.0, standard_error = 0.0;  // of the mean
};
inline Moments moments(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  Moments result;
  for (const double value : values) result.mean += value / n;
  for (const double value : values) result.variance += (value - result.mean) * (value - result.mean) / (n - 1.0);
  result.standard_error = std::sqrt(result.variance / n);
  return result;
}

/// Pearson's correlation; its standard error for independent samples is 1/sqrt(n).
inline double correlation(std::span<const double> a, std::span<const double> b) {
  const Moments of_a = moments(a), of_b = moments(b);
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - of_a.mean) * (b[i] - of_b.mean);
  return sum / (static_cast<double>(a.size() - 1) * std::sqrt(of_a.variance * of_b.variance));
}

/// Pearson's chi-square of counts against expected counts, in standard errors from its mean. Neighbouring cells are pooled until 10 are expected.
inline double chi_square_errors(std::span<const double> counts, std::span<const double> expected) {
  double chi_square = 0.0, count = 0.0, wanted = 0.0;
  double freedom = -1.0;
  double left = 0.0;
  for (const double value : expected) left += value;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    wanted += expected[i];
    left -= expected[i];
    if (i + 1 < counts.size() && (wanted < 10.0 || left < 10.0)) continue;
    chi_square += (count - wanted) * (count - wanted) / wanted;
    freedom += 1.0;
    count = wanted = 0.0;
  }
  return errors_away(chi_square, freedom, std::sqrt(2.0 * freedom));
}

}  // namespace paracrine::tests
