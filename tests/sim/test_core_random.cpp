#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "sim/core/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/statistics.hpp"
#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#endif

using namespace paracrine::sim;
using namespace paracrine::tests;

namespace {

using Words = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

/// Where a random number comes from, as a test addresses it.
struct Address {
  std::uint64_t seed = 1;
  std::uint32_t patch = 3;
  std::uint64_t agent = 1;
  std::uint32_t step = 5;
  std::uint16_t stream = 2;
  std::uint16_t draw = 0;
};
using Generator = std::function<Words(const Address&)>;

Words ours(const Address& at) {
  const std::uint16_t stream = at.stream;
  const Random random = stream < first_build_stream ? Random(at.seed, at.step, ProcessStream(stream))
                                                    : Random(at.seed, at.step, BuildStream(static_cast<std::uint16_t>(stream - first_build_stream)));
  return random.words(agent_id(at.patch, at.agent), at.draw);
}

/// Philox as the paper describes it, with any number of rounds.
Words philox_of_rounds(int rounds, Words counter, Key key) {
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0], product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    const auto high0 = static_cast<std::uint32_t>(product0 >> 32), low0 = static_cast<std::uint32_t>(product0);
    const auto high1 = static_cast<std::uint32_t>(product1 >> 32), low1 = static_cast<std::uint32_t>(product1);
    counter = {high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

Words with_rounds(int rounds, const Address& at) {
  const AgentId id = agent_id(at.patch, at.agent);
  return philox_of_rounds(rounds,
                          {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id >> 32), at.step, at.stream | (std::uint32_t{at.draw} << 16)},
                          {static_cast<std::uint32_t>(at.seed), static_cast<std::uint32_t>(at.seed >> 32)});
}

/// Flips bit `bit` of the 192 of an address.
Address flipped(Address at, int bit) {
  const auto one = [&](int first) { return std::uint64_t{1} << (bit - first); };
  if (bit < 64)
    at.seed ^= one(0);
  else if (bit < 88)
    at.patch ^= static_cast<std::uint32_t>(one(64));
  else if (bit < 128)
    at.agent ^= one(88);
  else if (bit < 160)
    at.step ^= static_cast<std::uint32_t>(one(128));
  else if (bit < 176)
    at.stream = static_cast<std::uint16_t>(at.stream ^ one(160));
  else
    at.draw = static_cast<std::uint16_t>(at.draw ^ one(176));
  return at;
}

/// Avalanche: each of the 192 input bits must flip each of the 128 output bits in half of all cases. The largest deviation in standard errors.
double worst_avalanche(const Generator& generator) {
  constexpr int samples = 1000;
  double worst = 0.0;
  for (int bit = 0; bit < 192; ++bit) {
    std::array<int, 128> flips{};
    for (int i = 0; i < samples; ++i) {
      const Address at{.agent = static_cast<std::uint64_t>(i) + 1};
      const Words before = generator(at), after = generator(flipped(at, bit));
      for (int k = 0; k < 128; ++k) flips[k] += static_cast<int>(((before[k / 32] ^ after[k / 32]) >> (k % 32)) & 1U);
    }
    for (const int n : flips) worst = std::max(worst, std::abs(errors_away(n, samples / 2.0, std::sqrt(samples / 4.0))));
  }
  return worst;
}

/// Largest correlation, in standard errors, between agents' numbers here and at the neighbouring seed, patch, agent, step, stream, draw (by lane),
/// and between the lanes of one draw.
double worst_correlation(const Generator& generator) {
  constexpr std::size_t n = 20000;
  const auto column = [&](const Address& from, std::size_t lane) {
    std::vector<double> u(n);
    for (std::size_t i = 0; i < n; ++i) {
      Address at = from;
      at.agent += i;
      u[i] = to_uniform(generator(at)[lane]);
    }
    return u;
  };
  const std::vector<Address> neighbours{{.seed = 2}, {.patch = 4}, {.agent = 2}, {.step = 6}, {.stream = 3}, {.draw = 1}};
  double worst = 0.0;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    const auto here = column({}, lane);
    const auto compare = [&](const std::vector<double>& other) {
      worst = std::max(worst, std::abs(correlation(here, other)) * std::sqrt(static_cast<double>(n)));
    };
    for (const Address& neighbour : neighbours) compare(column(neighbour, lane));
    for (std::size_t other = 0; other < lane; ++other) compare(column({}, other));
  }
  return worst;
}

/// Mean, variance and the distribution over 64 cells of `u(i)`, the worst deviation in standard errors.
double worst_uniformity(const std::function<double(std::size_t)>& u) {
  constexpr std::size_t n = 400000, cells = 64;
  std::vector<double> values(n), counts(cells, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = u(i);
    counts[std::min(cells - 1, static_cast<std::size_t>(std::max(0.0, values[i]) * cells))] += 1.0;
  }
  const Moments found = moments(values);
  const double count = static_cast<double>(n);
  return std::max({std::abs(errors_away(found.mean, 0.5, std::sqrt(1.0 / 12.0 / count))),
                   std::abs(errors_away(found.variance, 1.0 / 12.0, std::sqrt(1.0 / 180.0 / count))),
                   std::abs(chi_square_errors(counts, std::vector<double>(cells, count / cells)))});
}

}  // namespace

TEST_CASE("random: Philox4x32-10 gives the published known answers", "[unit]") {
  static_assert(philox4x32_10({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  REQUIRE(philox4x32_10({ones, ones, ones, ones}, {ones, ones}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  REQUIRE(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  REQUIRE(philox_of_rounds(9, {0, 0, 0, 0}, {0, 0}) != philox4x32_10({0, 0, 0, 0}, {0, 0}));
}

#if __has_include(<Random123/philox.h>)
TEST_CASE("random: Philox4x32-10 is that of the Random123 library", "[unit]") {
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const Words c = philox_of_rounds(7, {i, 1, 2, 3}, {4, 5});  // any counters will do
    const auto expected = r123::Philox4x32()({{c[0], c[1], c[2], c[3]}}, {{c[1] ^ i, c[2] + i}});
    REQUIRE(philox4x32_10(c, {c[1] ^ i, c[2] + i}) == Words{expected[0], expected[1], expected[2], expected[3]});
  }
}
#endif

TEST_CASE("random: seed, patch, agent, step, stream and draw fill the 192 bits as written down", "[unit]") {
  const Address at{.seed = 0x0123456789ABCDEF, .patch = 0xABCDEF, .agent = 0xFEDCBA9876, .step = 0x13579BDF, .stream = 0x2468, .draw = 0xACE0};
  REQUIRE(ours(at) == philox4x32_10({0xDCBA9876, 0xABCDEFFE, 0x13579BDF, 0xACE02468}, {0x89ABCDEF, 0x01234567}));
  REQUIRE(ours(at) == with_rounds(10, at));
}

TEST_CASE("random: a uniform number is never 0 and never 1", "[unit]") {
  constexpr std::uint32_t ones = 0xffffffff;
  REQUIRE(to_uniform(0) == 0x1p-33);
  REQUIRE(to_uniform(ones) == 1.0 - 0x1p-33);
  REQUIRE(to_uniform_float(0) == 0x1p-24F);
  REQUIRE(to_uniform_float(ones) == 1.0F - 0x1p-24F);
}

TEST_CASE("random: blocks give the values of single calls, for any length", "[unit][property]") {
  const Random random(0xDEADBEEF12345678, 0xFFFFFFF0, BuildStream(0x7FFF));
  for (const std::size_t n : {0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 257}) {
    std::vector<AgentId> ids(n);
    for (std::size_t i = 0; i < n; ++i) ids[i] = agent_id(0xFFFFFF - static_cast<std::uint32_t>(i), 0xFFFFFFFFF0 + i % 16);
    for (const std::uint16_t draw : std::to_array<std::uint16_t>({0, 1, 0xFFFF})) {
      std::array<std::vector<double>, 4> u{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
      std::array<std::vector<float>, 4> f{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<float>(n)};
      random.uniforms(ids, draw, std::array<std::span<double>, 4>{u[0], u[1], u[2], u[3]});
      random.uniforms(ids, draw, std::array<std::span<float>, 4>{f[0], f[1], f[2], f[3]});
      for (std::size_t i = 0; i < n; ++i) {
        const auto words = random.words(ids[i], draw);
        const auto single = random.uniforms(ids[i], draw);
        for (std::size_t k = 0; k < 4; ++k) {
          REQUIRE(u[k][i] == single[k]);
          REQUIRE(f[k][i] == to_uniform_float(words[k]));
        }
      }
    }
  }
}

TEST_CASE("random: a span of another length is a logic error", "[unit]") {
  const std::vector<AgentId> ids(8, 1);
  std::vector<double> right(8), wrong(7);
  const Random random(1, 1, ProcessStream(1));
  REQUIRE_THROWS_AS(random.uniforms(ids, 0, std::array<std::span<double>, 4>{right, right, right, wrong}), std::logic_error);
  REQUIRE_THROWS_AS(to_directions(right, wrong, {right, right, right}), std::logic_error);
  REQUIRE_THROWS_AS(to_directions(right, right, {right, wrong, right}), std::logic_error);
}

TEST_CASE("random: every bit of the address moves every bit of the result, and with fewer rounds it does not", "[statistical]") {
  REQUIRE(worst_avalanche(ours) < allowed_errors);
  REQUIRE(worst_avalanche([](const Address& at) { return with_rounds(4, at); }) > allowed_errors);
}

TEST_CASE("random: neighbouring seeds, patches, agents, steps, streams, draws and lanes are independent", "[statistical]") {
  REQUIRE(worst_correlation(ours) < allowed_errors);
}

TEST_CASE("random: a part of the address that is left out is found by the test of independence", "[statistical]") {
  const std::vector<std::function<void(Address&)>> faults{[](Address& at) { at.seed = 0; },   [](Address& at) { at.patch = 0; },
                                                          [](Address& at) { at.agent /= 2; }, [](Address& at) { at.step = 0; },
                                                          [](Address& at) { at.stream = 0; }, [](Address& at) { at.draw = 0; }};
  for (const auto& fault : faults)
    REQUIRE(worst_correlation([&](Address at) {
              fault(at);
              return ours(at);
            }) > allowed_errors);
  REQUIRE(worst_correlation([](const Address& at) {
            const Words w = ours(at);
            return Words{w[0], w[1], w[2], w[0]};
          }) > allowed_errors);
}

TEST_CASE("random: numbers are uniform in every lane, and a bias of 0.4 % either way is found", "[statistical]") {
  const auto lane = [](std::size_t k) { return [k](std::size_t i) { return to_uniform(ours({.agent = i + 1})[k]); }; };
  for (std::size_t k = 0; k < 4; ++k) REQUIRE(worst_uniformity(lane(k)) < allowed_errors);
  REQUIRE(worst_uniformity([](std::size_t i) { return static_cast<double>(to_uniform_float(ours({.agent = i + 1})[0])); }) < allowed_errors);
  for (const double power : {1.0 / 1.016, 1.016})  // E[u^p] = 1/(1 + p)
    REQUIRE(worst_uniformity([&](std::size_t i) { return std::pow(lane(0)(i), power); }) > allowed_errors);
  REQUIRE(worst_uniformity([&](std::size_t i) { return 0.5 + 0.98 * (lane(0)(i) - 0.5); }) > allowed_errors);
}

TEST_CASE("random: normal numbers have mean 0, variance 1 and the right distribution, and are independent", "[statistical]") {
  constexpr std::size_t n = 200000;
  std::array<std::vector<double>, 2> values{std::vector<double>(n), std::vector<double>(n)}, share = values;
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = Random(7, 0, ProcessStream(1)).uniforms(agent_id(0, i + 1), 0);
    const auto z = to_normals(u[0], u[1]);
    for (std::size_t k = 0; k < 2; ++k) {
      values[k][i] = z[k];
      share[k][i] = 0.5 * std::erfc(-z[k] / std::numbers::sqrt2);  // uniform if z is normal
    }
  }
  const double root_n = std::sqrt(static_cast<double>(n));
  REQUIRE(agrees(correlation(values[0], values[1]), 0.0, 1.0 / root_n));
  for (std::size_t k = 0; k < 2; ++k) {
    const Moments found = moments(values[k]);
    REQUIRE(agrees(found.mean, 0.0, 1.0 / root_n));
    REQUIRE(agrees(found.variance, 1.0, std::sqrt(2.0) / root_n));
    REQUIRE(worst_uniformity([&](std::size_t i) { return share[k][i % n]; }) < allowed_errors * 2.0);  // each value enters twice
    for (const double fault : {0.98, 1.02}) REQUIRE_FALSE(agrees(found.variance * fault * fault, 1.0, std::sqrt(2.0) / root_n));
    for (const double fault : {-0.015, 0.015}) REQUIRE_FALSE(agrees(found.mean + fault, 0.0, 1.0 / root_n));
  }
}

TEST_CASE("random: the circle of normal numbers and directions is that of the mathematical library", "[unit]") {
  for (int i = 0; i <= 1000; ++i) {
    const double u = i / 1000.0, angle = 2.0 * std::numbers::pi * u;
    const auto z = to_normals(std::exp(-0.5), u);  // radius 1
    REQUIRE_THAT(z[0], WithinAbs(std::cos(angle), 4e-15));
    REQUIRE_THAT(z[1], WithinAbs(std::sin(angle), 4e-15));
    const auto d = to_direction(0.5, u);
    REQUIRE_THAT(d[0], WithinAbs(std::cos(angle), 1e-15));
    REQUIRE_THAT(d[1], WithinAbs(std::sin(angle), 1e-15));
    REQUIRE(d[2] == 0.0);
  }
}

TEST_CASE("random: directions are unit vectors, uniform on the sphere, the same one by one and in blocks", "[unit][statistical]") {
  constexpr std::size_t n = 100003;
  std::array<std::vector<double>, 5> v;
  for (auto& column : v) column.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = Random(7, 0, ProcessStream(2)).uniforms(agent_id(0, i + 1), 0);
    v[0][i] = u[0];
    v[1][i] = u[1];
  }
  to_directions(v[0], v[1], {v[2], v[3], v[4]});
  for (std::size_t i = 0; i < n; ++i) {
    const auto single = to_direction(v[0][i], v[1][i]);
    if (v[2][i] != single[0] || v[3][i] != single[1] || v[4][i] != single[2]) FAIL("block and single differ at " << i);
    const double length = std::hypot(v[2][i], v[3][i], v[4][i]);
    if (!(std::abs(length - 1.0) < 1e-15)) FAIL("length " << length << " at " << i);
  }
  const double root_n = std::sqrt(static_cast<double>(n));
  for (std::size_t k = 2; k < 5; ++k) {  // each coordinate is uniform in (-1, 1)
    const Moments found = moments(v[k]);
    REQUIRE(agrees(found.mean, 0.0, std::sqrt(1.0 / 3.0) / root_n));
    REQUIRE(agrees(found.variance, 1.0 / 3.0, std::sqrt(4.0 / 45.0) / root_n));
    for (const double fault : {0.98, 1.02}) REQUIRE_FALSE(agrees(found.variance * fault * fault, 1.0 / 3.0, std::sqrt(4.0 / 45.0) / root_n));
    for (std::size_t other = 2; other < k; ++other) REQUIRE(agrees(correlation(v[k], v[other]), 0.0, 1.0 / root_n));
  }
}

TEST_CASE("random: waiting times are exponential, and a mean 2 % off either way is found", "[statistical]") {
  constexpr std::size_t n = 200000;
  const auto wait = [](std::size_t i) { return to_exponential(Random(7, 0, ProcessStream(3)).uniforms(agent_id(0, i + 1), 0)[0], 8.0); };
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = wait(i);
  const Moments found = moments(values);
  const double root_n = std::sqrt(static_cast<double>(n));
  REQUIRE(agrees(found.mean, 8.0, 8.0 / root_n));
  REQUIRE(agrees(found.variance, 64.0, 64.0 * std::sqrt(8.0) / root_n));
  REQUIRE(worst_uniformity([&](std::size_t i) { return std::exp(-wait(i) / 8.0); }) < allowed_errors);
  for (const double fault : {0.98, 1.02}) REQUIRE_FALSE(agrees(found.mean * fault, 8.0, 8.0 / root_n));
}

TEST_CASE("random: uniforms handed out block by block are those of single calls, in any order of rows", "[unit]") {
  const Random random(42, 7, ProcessStream(5));
  std::vector<AgentId> ids(203);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = agent_id(3, 5 * i + 1);
  UniformBlocks drawn(random, ids, 2);
  std::size_t different = 0;
  for (std::size_t i = 0; i < 3 * ids.size(); ++i) {
    const std::size_t row = i < ids.size() ? i : i * 71 % ids.size();
    for (std::size_t k = 0; k < 4; ++k) {
      REQUIRE(drawn(row, k) == random.uniforms(ids[row], 2)[k]);
      if (drawn(row, k) != random.uniforms(ids[row], 1)[k]) ++different;
    }
  }
  REQUIRE(different == 3 * 4 * ids.size());
}

TEST_CASE("random: an event happens below its probability and not above", "[unit]") {
  for (const double exponent : {1e-12, 1e-3, 0.3, 1.0, 5.0, 800.0})
    for (std::uint32_t i = 0; i < 20000; ++i) {
      const double u = (i % 2 == 0 ? 1.0 : std::min(1.0, 1.2 * exponent)) * to_uniform(i * 214748U);
      REQUIRE(happens(u, exponent) == (u < -std::expm1(-exponent)));
    }
  for (const double never : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) REQUIRE_FALSE(happens(0x1p-33, never));
  REQUIRE(happens(0.999, std::numeric_limits<double>::infinity()));
}
