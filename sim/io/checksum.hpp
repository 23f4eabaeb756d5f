#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace paracrine::sim::io {

/// An XXH3 hash of 128 bits.
struct Checksum {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Checksum&) const = default;
};
/// 32 hexadecimal digits.
std::string to_hex(const Checksum& checksum);

/// Hashes bytes as they come; how they are divided does not matter.
class Hash {
 public:
  Hash();
  Hash(Hash&&) noexcept;
  Hash& operator=(Hash&&) noexcept;
  ~Hash();
  void bytes(const void* data, std::size_t size);
  void number(std::uint64_t value) { bytes(&value, sizeof value); }
  /// A text and its length, so that two texts differ from one that joins them.
  void text(std::string_view text);
  void checksum(const Checksum& checksum);
  Checksum result() const;
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace paracrine::sim::io
