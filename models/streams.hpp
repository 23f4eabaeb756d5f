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
inline constexpr std::uint16_t hepatocyte_injury = 20;
inline constexpr std::uint16_t hepatocyte_death = 21;
inline constexpr std::uint16_t regeneration = 22;
inline constexpr std::uint16_t macrophage_death = 30;
inline constexpr std::uint16_t macrophage_switch = 31;
inline constexpr std::uint16_t macrophage_relay = 32;
inline constexpr std::uint16_t kupffer_renewal = 33;
inline constexpr std::uint16_t phagocytosis = 34;
inline constexpr std::uint16_t recruitment = 40;
inline constexpr std::uint16_t neutrophil_recruitment = 41;
inline constexpr std::uint16_t neutrophil_fate = 42;
inline constexpr std::uint16_t chemotaxis = 43;
inline constexpr std::uint16_t stellate_activation = 50;
inline constexpr std::uint16_t stellate_fate = 51;
inline constexpr std::uint16_t stellate_proliferation = 52;
inline constexpr std::uint16_t intervention = 60;
}  // namespace paracrine::models::streams
