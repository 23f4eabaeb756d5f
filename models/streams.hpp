#pragma once
#include <array>
#include <stdexcept>
#include <string_view>

#include "sim/core/random.hpp"

/// Streams of random numbers. A process draws from its own alone, under its own name, and what is drawn when a world is built has streams that no
/// process can name: no number is ever used twice for one agent in one step.
namespace paracrine::models::streams {

inline constexpr auto processes = std::to_array<sim::StreamOwner>({
    {"infusion", 1},
    {"lung_arrest", 2},
    {"msc_fate", 3},
    {"ev_secretion", 4},
    {"efferocytosis", 5},
    {"ev_uptake", 6},
    {"hepatocyte_injury", 20},
    {"hepatocyte_death", 21},
    {"regeneration", 22},
    {"macrophage_death", 30},
    {"macrophage_switch", 31},
    {"macrophage_relay", 32},
    {"kupffer_renewal", 33},
    {"phagocytosis", 34},
    {"recruitment", 40},
    {"neutrophil_recruitment", 41},
    {"neutrophil_fate", 42},
    {"chemotaxis", 43},
    {"stellate_activation", 50},
    {"stellate_fate", 51},
    {"stellate_proliferation", 52},
    {"intervention", 60},
});
inline constexpr auto things_built = std::to_array<sim::StreamOwner>({
    {"lobule_radii", 0},
    {"lobule_severity", 1},
    {"kupffer_cells", 2},
    {"stellate_cells", 3},
    {"leukocytes", 4},
    {"injured_hepatocytes", 5},
});
static_assert(sim::all_differ(processes) && sim::all_differ(things_built));

consteval std::uint16_t number_of(std::string_view name, std::span<const sim::StreamOwner> table) {
  for (const sim::StreamOwner& owner : table)
    if (owner.name == name) return owner.number;
  throw std::out_of_range("no stream has this name");
}

/// The stream of a process; a name without one does not compile.
consteval sim::ProcessStream of(std::string_view process) { return sim::ProcessStream(number_of(process, processes)); }
/// The stream of something that is drawn when a world is built.
consteval sim::BuildStream of_building(std::string_view what) { return sim::BuildStream(number_of(what, things_built)); }

}  // namespace paracrine::models::streams
