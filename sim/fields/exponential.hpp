#pragma once
#include <bit>
#include <cstdint>

namespace paracrine::sim {

struct Relaxed {
  double decayed;  // exp(-z)
  double lost;     // 1 - exp(-z)
};

/// exp(-z) and 1 - exp(-z) for z in [0, largest_exponent], to a few units in the last place, without branches so that a loop over it is vectorised:
/// with -z = n log(2) + r, expm1(r) is its Taylor series to r^13 / 13! (|r| <= log(2) / 2: remainder below 1e-17 r), and exp(-z) = 2^n (1 +
/// expm1(r)).
inline constexpr double largest_exponent = 700.0;  // exp(-700) is below 1e-304
inline Relaxed relax(double z) {
  constexpr double log2_e = 1.4426950408889634, ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45, magic = 0x1.8p52;
  const double shifted = magic - z * log2_e;
  const double n = shifted - magic;
  const double r = (-z - n * ln2_high) - n * ln2_low;
  const std::int64_t exponent = std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(magic);
  const double power = std::bit_cast<double>((exponent + 1023) << 52);
  double series = 1.0 / 6227020800.0;
  series = series * r + 1.0 / 479001600.0;
  series = series * r + 1.0 / 39916800.0;
  series = series * r + 1.0 / 3628800.0;
  series = series * r + 1.0 / 362880.0;
  series = series * r + 1.0 / 40320.0;
  series = series * r + 1.0 / 5040.0;
  series = series * r + 1.0 / 720.0;
  series = series * r + 1.0 / 120.0;
  series = series * r + 1.0 / 24.0;
  series = series * r + 1.0 / 6.0;
  series = series * r + 0.5;
  const double expm1_r = r + r * r * series;
  return {.decayed = power + power * expm1_r, .lost = (1.0 - power) - power * expm1_r};
}

/// phi(z) = (1 - exp(-z)) / z is lost / z; at z = 0 both are replaced by this.
inline constexpr double smallest_exponent = 1e-300;

}  // namespace paracrine::sim
