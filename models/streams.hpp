#pragma once
#include <cstdint>

/// Streams of random numbers, one per process: two processes never draw the same numbers for one agent in one step.
namespace paracrine::models::streams {
inline constexpr std::uint16_t infusion = 1;
inline constexpr std::uint16_t lung_arrest = 2;
inline constexpr std::uint16_t msc_fate = 3;
inline constexpr std::uint16_t ev_secretion = 4;
inline constexpr std::uint16_t efferocytosis = 5;
inline constexpr std::uint16_t ev_uptake = 6;
inline constexpr std::uint16_t lobule = 7;
inline constexpr std::uint16_t macrophage_death = 30;
inline constexpr std::uint16_t stellate_activation = 50;
inline constexpr std::uint16_t stellate_fate = 51;
inline constexpr std::uint16_t stellate_proliferation = 52;
}  // namespace paracrine::models::streams
