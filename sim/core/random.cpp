#include "sim/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>
#if defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

// Philox is written here and not taken from a library so that many agents share a vector register: one 64-bit lane per agent, the
// counter's word in its lower half. The upper halves carry rubbish, which the multiplication ignores, until the end masks it.

namespace paracrine::sim {

namespace {

#if defined(__AVX2__)
constexpr std::size_t lanes = 4;
#else
constexpr std::size_t lanes = 2;
#endif
typedef std::uint64_t Words __attribute__((vector_size(lanes * 8)));
typedef double Doubles __attribute__((vector_size(lanes * 8)));
typedef float Floats __attribute__((vector_size(lanes * 4)));

/// The product of the lower halves of each lane with a 32-bit number.
inline Words multiply_lower(Words a, std::uint32_t factor) {
#if defined(__AVX2__)
  return reinterpret_cast<Words>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), _mm256_set1_epi64x(factor)));
#elif defined(__SSE2__)
  return reinterpret_cast<Words>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), _mm_set1_epi64x(factor)));
#else
  return (a & 0xFFFFFFFFU) * std::uint64_t{factor};
#endif
}

/// philox4x32_10 of `lanes` counters; the words of the result are in the lower halves.
inline std::array<Words, 4> philox_lanes(std::array<Words, 4> counter, std::array<std::uint32_t, 2> key) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Words a = multiply_lower(counter[0], 0xD2511F53), b = multiply_lower(counter[2], 0xCD9E8D57);
    counter = {(b >> 32) ^ counter[1] ^ key[0], b, (a >> 32) ^ counter[3] ^ key[1], a};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// Whole numbers below 2^32 as doubles: put behind the exponent of 2^52, which is then taken away.
inline Doubles to_doubles(Words whole) { return reinterpret_cast<Doubles>(whole | 0x4330000000000000U) - 0x1p52; }

inline void store_uniforms(Words words, double* out) {
  const Doubles u = (to_doubles(words & 0xFFFFFFFFU) + 0.5) * 0x1p-32;
  std::memcpy(out, &u, sizeof u);
}
inline void store_uniforms(Words words, float* out) {
  const Doubles u = (to_doubles((words & 0xFFFFFFFFU) >> 9) + 0.5) * 0x1p-23;
  const Floats narrow = __builtin_convertvector(u, Floats);
  std::memcpy(out, &narrow, sizeof narrow);
}

inline double uniform_as(std::uint32_t bits, double) { return to_uniform(bits); }
inline float uniform_as(std::uint32_t bits, float) { return to_uniform_float(bits); }

template <class T>
void fill(const Random& random, std::array<std::uint32_t, 2> key, std::uint32_t step, std::uint32_t stream_and_draw, std::uint16_t draw,
          std::span<const AgentId> ids, const std::array<std::span<T>, 4>& u) {
  for (const std::span<T>& column : u)
    if (column.size() != ids.size()) throw std::logic_error("uniforms: a span has not the length of the ids");
  const Words zero{}, third = zero + step, fourth = zero + stream_and_draw;
  T* const out[4] = {u[0].data(), u[1].data(), u[2].data(), u[3].data()};
  const std::size_t whole = ids.size() - ids.size() % lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    Words id;
    std::memcpy(&id, ids.data() + i, sizeof id);
    const std::array<Words, 4> words = philox_lanes({id, id >> 32, third, fourth}, key);
    for (std::size_t k = 0; k < 4; ++k) store_uniforms(words[k], out[k] + i);
  }
  for (std::size_t i = whole; i < ids.size(); ++i) {
    const std::array<std::uint32_t, 4> words = random.words(ids[i], draw);
    for (std::size_t k = 0; k < 4; ++k) out[k][i] = uniform_as(words[k], T{});
  }
}

inline double root(double x) { return std::sqrt(x); }
inline Doubles root(Doubles x) {
#if defined(__AVX2__)
  return reinterpret_cast<Doubles>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(x)));
#elif defined(__SSE2__)
  return reinterpret_cast<Doubles>(_mm_sqrt_pd(reinterpret_cast<__m128d>(x)));
#else
  for (std::size_t i = 0; i < lanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

/// Cosine and sine of 2 pi u for u in [0, 1], to about 1e-16: Taylor's series on an eighth of the circle to each side of the nearest of the four
/// axes. T is double or Doubles; both take the same operations, so that their values are the same.
template <class T>
std::array<T, 2> cosine_and_sine_of_turn(T u) {
  constexpr double to_whole = 0x1.8p52;            // adding it rounds to the nearest whole number
  const T axis = (4.0 * u + to_whole) - to_whole;  // 0 ... 4
  const T x = (4.0 * u - axis) * (std::numbers::pi / 2.0), s = x * x;
  T sine = s * (-1.0 / 1307674368000.0) + 1.0 / 6227020800.0;
  for (const double term : {-1.0 / 39916800.0, 1.0 / 362880.0, -1.0 / 5040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0}) sine = sine * s + term;
  sine = sine * x;
  T cosine = s * (1.0 / 20922789888000.0) - 1.0 / 87178291200.0;
  for (const double term : {1.0 / 479001600.0, -1.0 / 3628800.0, 1.0 / 40320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0}) cosine = cosine * s + term;
  const auto upright = (axis == 1.0) | (axis == 3.0), left = (axis == 1.0) | (axis == 2.0), down = (axis == 2.0) | (axis == 3.0);
  const T first = upright ? sine : cosine, second = upright ? cosine : sine;
  return {left ? -first : first, down ? -second : second};
}

template <class T>
std::array<T, 3> direction_of(T u1, T u2) {
  const T z = 2.0 * u1 - 1.0, across = root(T(1.0 - z * z));
  const auto [cosine, sine] = cosine_and_sine_of_turn(u2);
  return {across * cosine, across * sine, z};
}

/// A uniform number in (0, 1) from two words, with 52 bits.
double to_fine_uniform(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 20) | (low >> 12);
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

/// The smallest count whose cumulative probability reaches u.
std::int64_t poisson_by_inversion(double u, double mean) {
  double probability = std::exp(-mean);
  std::int64_t count = 0;
  while (u > probability) {
    u -= probability;
    ++count;
    probability *= mean / static_cast<double>(count);
    if (probability < 0x1p-60 && static_cast<double>(count) > mean) break;  // what is left of u is rounding
  }
  return count;
}

/// ln of the Poisson probability, k ln(mean) - mean - ln k!, arranged so that nothing large cancels (std::lgamma writes a global).
double log_poisson(double k, double mean) {
  if (k < 16.0) {
    double log_factorial = 0.0;
    for (double i = 2.0; i <= k; i += 1.0) log_factorial += std::log(i);
    return k * std::log(mean) - mean - log_factorial;
  }
  const double x = (mean - k) / k, inverse = 1.0 / k, inverse2 = inverse * inverse;
  const double stirling = inverse * (1.0 / 12.0 - inverse2 * (1.0 / 360.0 - inverse2 * (1.0 / 1260.0 - inverse2 / 1680.0)));
  return k * (std::log1p(x) - x) - 0.5 * std::log(2.0 * std::numbers::pi * k) - stirling;
}

/// Transformed rejection with squeeze; the names and constants are those of Hoermann's algorithm PTRS.
std::int64_t poisson_by_rejection(const Random& random, AgentId id, std::uint16_t draw, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
  for (;; ++draw) {
    const auto words = random.words(id, draw);
    const double u = to_fine_uniform(words[0], words[1]) - 0.5, v = to_fine_uniform(words[2], words[3]);
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::int64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(k, mean)) return static_cast<std::int64_t>(k);
  }
}

}  // namespace

void Random::uniforms(std::span<const AgentId> ids, std::uint16_t draw, std::array<std::span<double>, 4> u) const {
  fill(*this, key_, step_, stream_ | (std::uint32_t{draw} << 16), draw, ids, u);
}

void Random::uniforms(std::span<const AgentId> ids, std::uint16_t draw, std::array<std::span<float>, 4> u) const {
  fill(*this, key_, step_, stream_ | (std::uint32_t{draw} << 16), draw, ids, u);
}

void UniformBlocks::fill(std::size_t block) {
  const std::size_t first = block * size, count = std::min(size, ids_.size() - first);
  random_->uniforms(ids_.subspan(first, count), draw_,
                    {std::span(u_[0]).first(count), std::span(u_[1]).first(count), std::span(u_[2]).first(count), std::span(u_[3]).first(count)});
  held_ = block;
}

std::array<double, 2> to_normals(double u1, double u2) {
  const double radius = std::sqrt(-2.0 * std::log(u1));
  const auto [cosine, sine] = cosine_and_sine_of_turn(u2);
  return {radius * cosine, radius * sine};
}

double to_exponential(double u, double mean) { return -mean * std::log(u); }

std::array<double, 3> to_direction(double u1, double u2) { return direction_of(u1, u2); }

void to_directions(std::span<const double> u1, std::span<const double> u2, std::array<std::span<double>, 3> direction) {
  for (const std::size_t size : {u2.size(), direction[0].size(), direction[1].size(), direction[2].size()})
    if (size != u1.size()) throw std::logic_error("to_directions: the spans differ in length");
  const std::size_t whole = u1.size() - u1.size() % lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    Doubles first, second;
    std::memcpy(&first, u1.data() + i, sizeof first);
    std::memcpy(&second, u2.data() + i, sizeof second);
    const std::array<Doubles, 3> towards = direction_of(first, second);
    for (std::size_t k = 0; k < 3; ++k) std::memcpy(direction[k].data() + i, &towards[k], sizeof towards[k]);
  }
  for (std::size_t i = whole; i < u1.size(); ++i) {
    const std::array<double, 3> towards = direction_of(u1[i], u2[i]);
    for (std::size_t k = 0; k < 3; ++k) direction[k][i] = towards[k];
  }
}

std::int64_t to_poisson(const Random& random, AgentId id, std::uint16_t draw, double mean) {
  if (!(mean >= 0.0 && mean <= 1e9)) throw std::domain_error("the mean of a Poisson count lies outside 0 ... 1e9");
  if (mean >= 10.0) return poisson_by_rejection(random, id, draw, mean);
  const auto words = random.words(id, draw);
  return poisson_by_inversion(to_fine_uniform(words[0], words[1]), mean);
}

}  // namespace paracrine::sim
