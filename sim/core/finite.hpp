#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace paracrine::sim {

/// Whether every value is finite and, unless `signed_`, 0 or above. Works on the bits, which the compiler vectorises: 1 added to the exponent of a
/// number that is not finite spills into the sign.
template <bool signed_>
bool all_valid(std::span<const double> values) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63, one = std::uint64_t{1} << 52;
  std::uint64_t seen = 0;
  for (const double value : values) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    seen |= signed_ ? (bits & ~sign) + one : bits | (bits + one);
  }
  if ((seen & sign) == 0) return true;
  bool valid = true;  // -0 is no less than 0
  for (const double value : values) valid = valid && std::isfinite(value) && (signed_ || value >= 0.0);
  return valid;
}

/// Whether a number other than 0 (-0 counts as one) is among them.
inline bool any_nonzero(std::span<const double> values) {
  std::uint64_t seen = 0;
  for (const double value : values) seen |= std::bit_cast<std::uint64_t>(value);
  return seen != 0;
}

}  // namespace paracrine::sim
