#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "sim/io/packing.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
namespace packing = sim::io::packing;

namespace {

/// Packs and unpacks; the packed bytes per value, or -1 when anything differs.
template <class T>
double packed_bytes(const std::vector<T>& values) {
  packing::Packer packer;
  packing::Unpacker unpacker;
  std::vector<std::byte> packed;
  std::vector<T> back(values.size());
  for (std::size_t at = 0; at < values.size(); at += packing::block_values) {
    const std::size_t count = std::min(packing::block_values, values.size() - at), before = packed.size();
    packer.pack(sim::element_type<T>(), reinterpret_cast<const std::byte*>(values.data() + at), count, packed);
    const std::span<const std::byte> block = std::span(packed).subspan(before);
    if (block.size() > packing::most_block_bytes) return -1.0;
    if (unpacker.unpack(sim::element_type<T>(), block, reinterpret_cast<std::byte*>(back.data() + at), count) != block.size()) return -1.0;
    for (std::size_t cut = 0; cut < block.size(); cut += 1 + block.size() / 50) {  // ends early
      std::vector<T> ignored(count);
      try {
        unpacker.unpack(sim::element_type<T>(), block.first(cut), reinterpret_cast<std::byte*>(ignored.data()), count);
        return -1.0;
      } catch (const packing::Error&) {
        continue;
      }
    }
  }
  if (std::memcmp(values.data(), back.data(), values.size() * sizeof(T)) != 0) return -1.0;
  return static_cast<double>(packed.size()) / static_cast<double>(values.size());
}

template <class T, class F>
std::vector<T> made(std::size_t count, F&& of) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(of(i));
  return values;
}

constexpr std::size_t many = 10000;

}  // namespace

TEST_CASE("packing: numbers come back bit for bit, in as few bytes as their range needs", "[property]") {
  std::mt19937_64 draw(1);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const auto within = [](double bytes, double most) { return bytes >= 0.0 && bytes <= most; };
  CHECK(within(packed_bytes(made<double>(many, [](std::size_t) { return 0.1; })), 0.01));
  CHECK(within(packed_bytes(made<std::uint64_t>(many, [](std::size_t i) { return (std::uint64_t{7} << 40) + 3 * i; })), 0.02));
  CHECK(within(packed_bytes(made<std::uint32_t>(many, [&](std::size_t) { return draw() % 1000; })), 1.3));
  CHECK(within(packed_bytes(made<std::uint8_t>(many, [&](std::size_t) { return draw() % 4; })), 0.27));
  CHECK(
      within(packed_bytes(made<std::int32_t>(many, [&](std::size_t i) { return static_cast<int>(i) - 5000 + static_cast<int>(draw() % 4); })), 1.3));
  CHECK(within(packed_bytes(made<std::int64_t>(many, [&](std::size_t) { return static_cast<std::int64_t>(draw()); })), 8.01));
  CHECK(within(packed_bytes(made<double>(many, [&](std::size_t) { return static_cast<float>(uniform(draw)); })), 4.3));
  CHECK(within(packed_bytes(made<double>(many, [&](std::size_t) { return std::floor(1000.0 * uniform(draw)); })), 2.0));
  CHECK(within(packed_bytes(made<double>(many, [&](std::size_t i) { return i % 4 == 0 ? 0.0 : 1.0 + uniform(draw); })), 5.3));
  CHECK(within(packed_bytes(made<float>(many, [&](std::size_t i) { return -20.5F + static_cast<float>(i % 37); })), 1.2));
  CHECK(within(packed_bytes(made<float>(many, [&](std::size_t) { return 2.0 * uniform(draw) - 1.0; })), 4.01));
}

TEST_CASE("packing: every pattern of bits and every length comes back", "[property]") {
  std::mt19937_64 draw(2);
  const std::array<double, 12> odd{0.0,    -0.0,    std::numeric_limits<double>::infinity(),  -std::numeric_limits<double>::infinity(),
                                   5e-324, -5e-324, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::max(),
                                   1.0,    -1.0,    std::numeric_limits<double>::min(),       0x1.fffffffffffffp-1};
  for (const std::size_t count : {1U, 2U, 3U, 7U, 31U, 64U, 2047U, 2048U, 2049U, 5000U}) {
    CAPTURE(count);
    for (const unsigned bits : {0U, 1U, 7U, 8U, 31U, 33U, 63U, 64U}) {
      CAPTURE(bits);
      const auto any = [&](std::size_t) { return bits == 0 ? 5 : draw() >> (64 - bits); };
      CHECK(packed_bytes(made<std::uint64_t>(count, any)) >= 0.0);
      CHECK(packed_bytes(made<std::uint32_t>(count, any)) >= 0.0);
      CHECK(packed_bytes(made<std::int32_t>(count, any)) >= 0.0);
      CHECK(packed_bytes(made<std::uint8_t>(count, any)) >= 0.0);
      CHECK(packed_bytes(made<double>(count, [&](std::size_t i) { return std::bit_cast<double>(std::uint64_t{any(i)}); })) >= 0.0);
      CHECK(packed_bytes(made<float>(count, [&](std::size_t i) { return std::bit_cast<float>(static_cast<std::uint32_t>(any(i))); })) >= 0.0);
    }
    CHECK(packed_bytes(made<double>(count, [&](std::size_t) { return odd[draw() % odd.size()]; })) >= 0.0);
    CHECK(packed_bytes(made<double>(count, [&](std::size_t i) { return i % 3 == 0 ? -0.0 : odd[draw() % odd.size()]; })) >= 0.0);
  }
}

TEST_CASE("packing: bytes that are no block are refused or read within their bounds", "[property]") {
  std::mt19937_64 draw(3);
  packing::Unpacker unpacker;
  std::size_t refused = 0, read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes(draw() % 200);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(draw());
    if (!bytes.empty() && round % 2 == 0) bytes[0] = static_cast<std::byte>(draw() % 8);
    const std::size_t count = 1 + draw() % 100;
    std::vector<double> room(count);
    try {
      const std::size_t used = unpacker.unpack(sim::ElementType::f64, bytes, reinterpret_cast<std::byte*>(room.data()), count);
      REQUIRE(used <= bytes.size());
      ++read;
    } catch (const packing::Error&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
  CHECK(read > 1000);
}
