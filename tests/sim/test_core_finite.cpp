#include <limits>
#include <vector>

#include "sim/core/finite.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

TEST_CASE("finite: one bad number among many is found, wherever it stands, and no good one is taken for bad", "[unit]") {
  using limits = std::numeric_limits<double>;
  for (const std::size_t at : {0, 1, 7, 36}) {
    const auto with = [&](double value) {
      std::vector<double> values(37, 1.5);
      values[at] = value;
      return values;
    };
    for (const double bad : {limits::infinity(), -limits::infinity(), limits::quiet_NaN(), -limits::quiet_NaN()}) {
      CHECK_FALSE(all_valid<true>(with(bad)));
      CHECK_FALSE(all_valid<false>(with(bad)));
    }
    for (const double good : {0.0, -0.0, limits::max(), limits::denorm_min(), limits::min()}) {
      CHECK(all_valid<true>(with(good)));
      CHECK(all_valid<false>(with(good)));
    }
    for (const double negative : {-1.0, -limits::max(), -limits::denorm_min()}) {
      CHECK(all_valid<true>(with(negative)));
      CHECK_FALSE(all_valid<false>(with(negative)));
    }
    std::vector<double> zeros(37, 0.0);
    CHECK_FALSE(any_nonzero(zeros));
    zeros[at] = -limits::denorm_min();
    CHECK(any_nonzero(zeros));
  }
  CHECK(all_valid<false>({}));
  CHECK_FALSE(any_nonzero({}));
}
