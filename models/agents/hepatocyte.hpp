#pragma once
#include <cstdint>

#include "sim/agents/population.hpp"

/// Hepatocyte sites of a lobule: row r is site r, in every state, from the start to the end of a run.
namespace paracrine::models::hepatocyte {

enum class State : std::uint8_t { viable, injured, necrotic, regenerating, senescent, empty };
inline constexpr std::size_t states = 6;

inline constexpr sim::Column<float> x_um{0};
inline constexpr sim::Column<float> y_um{1};
inline constexpr sim::Column<float> z_um{2};
inline constexpr sim::Column<std::uint32_t> voxel{3};
inline constexpr sim::Column<std::uint8_t> state{4};
inline constexpr sim::Column<float> cyp2e1{5};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    {.name = "x", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::x},
    {.name = "y", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::y},
    {.name = "z", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the lower face of the lobule", .domain = sim::Domain::z},
    {.name = "voxel", .type = sim::ElementType::u32, .meaning = "number of the voxel in which it is", .domain = sim::Domain::voxel},
    {.name = "state",
     .type = sim::ElementType::u8,
     .meaning = "state of the hepatocyte, or what is left in its place",
     .flag_meanings = "viable injured necrotic regenerating senescent empty"},
    {.name = "cyp2e1",
     .type = sim::ElementType::f32,
     .meaning = "activity of CYP2E1 relative to health at this place",
     .domain = sim::Domain::amount},
});
inline constexpr sim::AgentKind kind{.name = "hepatocyte", .columns = columns, .meaning = "hepatocyte of the liver, on its site", .permanent = true};

}  // namespace paracrine::models::hepatocyte
