#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/core/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine::sim;
using namespace paracrine::tests;

namespace {

std::vector<double> sample(double mean, std::size_t n) {
  std::vector<double> counts(n);
  const Random random(11, 4, ProcessStream(2));
  for (std::size_t i = 0; i < n; ++i) counts[i] = static_cast<double>(to_poisson(random, agent_id(1, i + 1), 0, mean));
  return counts;
}

/// Mean, variance and distribution of the counts against a Poisson law of `mean`, the worst deviation in standard errors.
double worst_deviation(const std::vector<double>& counts, double mean) {
  const double n = static_cast<double>(counts.size());
  const Moments found = moments(counts);
  const double mean_error = std::sqrt(mean / n), variance_error = std::sqrt((mean + 2.0 * mean * mean) / n);
  double worst = std::max(std::abs(errors_away(found.mean, mean, mean_error)), std::abs(errors_away(found.variance, mean, variance_error)));
  const double low = std::max(0.0, std::floor(mean - 8.0 * std::sqrt(mean))), high = std::ceil(mean + 8.0 * std::sqrt(mean) + 8.0);
  const double width = std::max(1.0, std::floor((high - low) / 200.0));
  std::vector<double> seen(static_cast<std::size_t>((high - low) / width) + 1, 0.0), expected = seen;
  for (const double count : counts) {
    if (count < low || count >= low + width * static_cast<double>(seen.size())) return std::numeric_limits<double>::infinity();
    seen[static_cast<std::size_t>((count - low) / width)] += 1.0;
  }
  for (std::size_t cell = 0; cell < expected.size(); ++cell)
    for (double k = low + width * static_cast<double>(cell); k < low + width * static_cast<double>(cell + 1); k += 1.0)
      expected[cell] += n * std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
  return std::max(worst, std::abs(chi_square_errors(seen, expected)));
}

}  // namespace

TEST_CASE("poisson: mean, variance and distribution are right on both sides of the change of method", "[statistical]") {
  for (const double mean : {0.01, 0.5, 1.0, 3.7, 9.999, 10.0, 10.001, 14.2, 37.0, 400.0, 12345.6}) {
    CAPTURE(mean);
    REQUIRE(worst_deviation(sample(mean, 1000000), mean) < allowed_errors);
  }
}

TEST_CASE("poisson: a mean 2 % off either way, and a lost tail, are found", "[statistical]") {
  for (const double mean : {1.0, 9.0, 11.0, 400.0}) {
    CAPTURE(mean);
    for (const double fault : {0.98, 1.02}) REQUIRE(worst_deviation(sample(mean * fault, 200000), mean) > allowed_errors);
    auto counts = sample(mean, 200000);
    for (double& count : counts) count = std::min(count, std::floor(mean + 2.0 * std::sqrt(mean)));
    REQUIRE(worst_deviation(counts, mean) > allowed_errors);
    counts = sample(mean, 200000);
    for (double& count : counts) count = count == std::floor(mean) ? count + 1.0 : count;
    REQUIRE(worst_deviation(counts, mean) > allowed_errors);
  }
}

TEST_CASE("poisson: the largest means have the right mean and variance", "[statistical]") {
  for (const double mean : {1e6, 1e9}) {
    const auto counts = sample(mean, 100000);
    const Moments found = moments(counts);
    const double n = static_cast<double>(counts.size());
    REQUIRE(agrees(found.mean, mean, std::sqrt(mean / n)));
    REQUIRE(agrees(found.variance, mean, mean * std::sqrt(2.0 / n)));
  }
}

TEST_CASE("poisson: a count is a function of its address alone and differs between draws", "[unit]") {
  const Random random(1, 2, ProcessStream(3));
  int differing = 0;
  for (std::uint64_t i = 1; i <= 100; ++i)
    for (const double mean : {5.0, 50.0}) {
      REQUIRE(to_poisson(random, i, 0, mean) == to_poisson(Random(1, 2, ProcessStream(3)), i, 0, mean));
      differing += to_poisson(random, i, 0, mean) != to_poisson(random, i, 40, mean);
    }
  REQUIRE(differing > 150);
}

TEST_CASE("poisson: zero mean gives zero, a mean outside 0 ... 1e9 is refused", "[unit]") {
  const Random random(1, 2, ProcessStream(3));
  for (std::uint64_t i = 1; i <= 100; ++i) REQUIRE(to_poisson(random, i, 0, 0.0) == 0);
  for (const double wrong : {-1.0, -1e-300, 1.0000001e9, std::numeric_limits<double>::infinity(), std::nan("")})
    REQUIRE_THROWS_AS(to_poisson(random, 1, 0, wrong), std::domain_error);
}
