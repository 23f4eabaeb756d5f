#include "sim/io/checksum.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace paracrine::sim::io {

struct Hash::State {
  XXH3_state_t xxh3;
};

std::string to_hex(const Checksum& checksum) { return fmt::format("{:016x}{:016x}", checksum.high, checksum.low); }

Hash::Hash() : state_(std::make_unique<State>()) { reset(); }
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;
Hash::~Hash() = default;

void Hash::bytes(const void* data, std::size_t size) {
  if (size > 0) XXH3_128bits_update(&state_->xxh3, data, size);
}

void Hash::text(std::string_view text) {
  number(text.size());
  bytes(text.data(), text.size());
}

void Hash::checksum(const Checksum& checksum) {
  number(checksum.high);
  number(checksum.low);
}

Checksum Hash::result() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return {hash.high64, hash.low64};
}

void Hash::reset() { XXH3_128bits_reset(&state_->xxh3); }

}  // namespace paracrine::sim::io
