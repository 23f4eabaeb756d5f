#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"

/// Lossless packing of numbers, block by block: each block in the smallest of a few forms, bit for bit what was given whatever the type means.
namespace paracrine::sim::io::packing {

/// Values per block; the last block of an array may be shorter.
inline constexpr std::size_t block_values = 2048;
/// No packed block is longer.
inline constexpr std::size_t most_block_bytes = block_values * 8 + 1;

/// A packed block that no packing gives.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Packs blocks; keeps its work space.
class Packer {
 public:
  Packer();
  /// Appends one block of 1 to block_values values to `out`.
  void pack(ElementType type, const std::byte* values, std::size_t count, std::vector<std::byte>& out);

 private:
  std::vector<std::uint64_t> patterns_, rest_;
};

class Unpacker {
 public:
  Unpacker();
  /// Unpacks one block of `count` values from the front of `bytes` into `values` and returns its length in bytes. Throws Error when it ends early or
  /// holds something that is no block of this type and count.
  std::size_t unpack(ElementType type, std::span<const std::byte> bytes, std::byte* values, std::size_t count);

 private:
  std::vector<std::uint64_t> patterns_, rest_;
};

}  // namespace paracrine::sim::io::packing
