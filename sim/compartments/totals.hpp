#pragma once
#include <cmath>
#include <cstddef>
#include <vector>

namespace paracrine::sim {

/// Running sums with the rounding error of every addition kept beside them (Neumaier 1974, doi 10.1002/zamm.19740540106).
class Totals {
 public:
  std::size_t size() const { return sum.size(); }
  void resize(std::size_t count) {
    sum.resize(count, 0.0);
    carry.resize(count, 0.0);
  }
  void add(std::size_t i, double term) {
    const double total = sum[i] + term;
    carry[i] += std::abs(sum[i]) >= std::abs(term) ? (sum[i] - total) + term : (term - total) + sum[i];
    sum[i] = total;
  }
  double value(std::size_t i) const { return sum[i] + carry[i]; }

  std::vector<double> sum, carry;
};

}  // namespace paracrine::sim
