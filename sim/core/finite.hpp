#pragma once
#include <bit>
#include <cstdint>
#include <span>

namespace paracrine::sim {

/// Whether every value is finite and, unless `signed_`, 0 or above. Works on the bits, which the compiler vectorises.
template <bool signed_>
bool all_valid(std::span<const double> values) {
  constexpr std::uint64_t exponent = 0x7FF0000000000000;
  std::uint64_t bad = 0;
  for (const double value : values) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    bad |= (bits & exponent) == exponent ? 1u : 0u;
    if constexpr (!signed_) bad |= value < 0.0 ? 1u : 0u;
  }
  return bad == 0;
}

}  // namespace paracrine::sim
