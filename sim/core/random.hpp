#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace paracrine::sim {

/// Identity of an agent for good: the patch of its birth (24 bits) and its number there (40 bits, from 1). 0 is nobody: draws that belong to a patch
/// as a whole use agent_id(patch, 0). A Population puts the number of its kind into the top 4 of the 40 bits, so that two kinds in one patch never
/// share an id: at most 16 kinds, each with 2^36 - 1 (6.9e10) agents per patch.
using AgentId = std::uint64_t;
inline constexpr std::uint32_t compartments_patch = 0xFFFFFF;
constexpr AgentId agent_id(std::uint32_t patch, std::uint64_t number) { return (static_cast<AgentId>(patch) << 40) | number; }

/// Philox4x32-10 (Salmon 2011, doi 10.1145/2063384.2063405): four 32-bit words from a 128-bit counter and a 64-bit key.
constexpr std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0], b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// A uniform number in (0, 1), never 0 and never 1, from 32 random bits.
constexpr double to_uniform(std::uint32_t bits) { return (static_cast<double>(bits) + 0.5) * 0x1p-32; }

/// The same in single precision, from the upper 23 bits: with more, the largest would round to 1.
constexpr float to_uniform_float(std::uint32_t bits) { return (static_cast<float>(bits >> 9) + 0.5F) * 0x1p-23F; }

/// Streams from this number on belong to what is drawn when a world is built, those below to processes: the two have no number in common.
inline constexpr std::uint16_t first_build_stream = 0x8000;

/// Stream of random numbers of one process. The number lies below first_build_stream (std::out_of_range).
class ProcessStream {
 public:
  explicit constexpr ProcessStream(std::uint16_t number) : number_(number) {
    if (number >= first_build_stream) throw std::out_of_range("streams of processes lie below those of building");
  }
  constexpr std::uint16_t number() const { return number_; }

 private:
  std::uint16_t number_;
};

/// Stream of random numbers of one thing that is drawn when a world is built, counted from 0.
class BuildStream {
 public:
  explicit constexpr BuildStream(std::uint16_t number) : number_(static_cast<std::uint16_t>(first_build_stream + number)) {
    if (number >= first_build_stream) throw std::out_of_range("there are no more streams of building");
  }
  constexpr std::uint16_t number() const { return number_; }

 private:
  std::uint16_t number_;
};

/// Whose a stream is.
struct StreamOwner {
  std::string_view name;
  std::uint16_t number = 0;
};

/// Whether every stream of a table belongs to one owner, and every owner has one stream.
constexpr bool all_differ(std::span<const StreamOwner> table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (table[i].name == table[j].name || table[i].number == table[j].number) return false;
  return true;
}

/// Random numbers as a pure function of (seed, patch, agent, step, stream, draw); nothing is stored. The 192 bits of Philox: key = seed (64);
/// counter = agent (40) and patch of birth (24), together the AgentId; step (32); stream (16); draw (16). A stream belongs to one process, or to one
/// thing that is drawn when the world is built.
class Random {
 public:
  constexpr Random(std::uint64_t seed, std::uint32_t step, ProcessStream stream) : Random(seed, step, stream.number()) {}
  constexpr Random(std::uint64_t seed, std::uint32_t step, BuildStream stream) : Random(seed, step, stream.number()) {}

  /// Four 32-bit words.
  constexpr std::array<std::uint32_t, 4> words(AgentId id, std::uint16_t draw) const {
    return philox4x32_10({static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id >> 32), step_,
                          static_cast<std::uint32_t>(stream_) | (static_cast<std::uint32_t>(draw) << 16)},
                         key_);
  }
  /// Four uniform numbers in (0, 1).
  constexpr std::array<double, 4> uniforms(AgentId id, std::uint16_t draw) const {
    const auto w = words(id, draw);
    return {to_uniform(w[0]), to_uniform(w[1]), to_uniform(w[2]), to_uniform(w[3])};
  }
  /// The same for many agents at once, in vector registers: u[k][i] is the k-th uniform of ids[i], the very value of the call above (float: of
  /// to_uniform_float). Every span has the length of `ids` (std::logic_error); fastest on blocks that stay in cache, a few hundred agents.
  void uniforms(std::span<const AgentId> ids, std::uint16_t draw, std::array<std::span<double>, 4> u) const;
  void uniforms(std::span<const AgentId> ids, std::uint16_t draw, std::array<std::span<float>, 4> u) const;

 private:
  constexpr Random(std::uint64_t seed, std::uint32_t step, std::uint16_t stream)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, step_(step), stream_(stream) {}
  std::array<std::uint32_t, 2> key_;
  std::uint32_t step_;
  std::uint16_t stream_;
};

/// The uniforms of one draw for the agents of a population, in the order in which a process asks for them: the very values of Random::uniforms, but
/// made block by block in vector registers. Of use where most agents draw. Random numbers and ids must outlive it and the ids stay where they are.
class UniformBlocks {
 public:
  UniformBlocks(const Random& random, std::span<const AgentId> ids, std::uint16_t draw) : random_(&random), ids_(ids), draw_(draw) {}
  /// The k-th uniform (0 to 3) of the agent in `row`.
  double operator()(std::size_t row, std::size_t k) {
    if (row / size != held_) fill(row / size);
    return u_[k][row % size];
  }

 private:
  static constexpr std::size_t size = 64, none = ~std::size_t{0};
  void fill(std::size_t block);
  const Random* random_;
  std::span<const AgentId> ids_;
  std::uint16_t draw_;
  std::size_t held_ = none;
  std::array<std::array<double, size>, 4> u_;
};

/// Whether an event of probability 1 - exp(-exponent) happens, by a uniform number: u < 1 - exp(-exponent). Seldom needs the exponential, since the
/// probability is never above the exponent.
inline bool happens(double u, double exponent) { return u < exponent && u < -std::expm1(-exponent); }

/// Two independent standard normal numbers from two uniform ones (Box and Muller 1958, doi 10.1214/aoms/1177706645):
///   sqrt(-2 ln u1) {cos 2 pi u2, sin 2 pi u2}.   32-bit uniforms reach 6.76 standard deviations.
std::array<double, 2> to_normals(double u1, double u2);
/// A waiting time, exponentially distributed with the given mean, from one uniform number: -mean ln u.
double to_exponential(double u, double mean);
/// A direction uniform on the unit sphere from two uniform numbers: z = 2 u1 - 1, azimuth 2 pi u2.
std::array<double, 3> to_direction(double u1, double u2);
/// The same for many agents at once, in vector registers and with the same values. Every span has the length of `u1` (std::logic_error).
void to_directions(std::span<const double> u1, std::span<const double> u2, std::array<std::span<double>, 3> direction);
/// A Poisson count of the given mean, from the draws `draw`, `draw + 1`, ... of one agent. Exact for every mean: inversion below 10 (one draw), above
/// by transformed rejection with squeeze (PTRS, Hoermann 1993, doi 10.1016/0167-6687(93)90997-4), about 1.2 draws and never, in practice, 32.
/// A mean that is negative, no number or above 1e9 throws std::domain_error.
std::int64_t to_poisson(const Random& random, AgentId id, std::uint16_t draw, double mean);

}  // namespace paracrine::sim
