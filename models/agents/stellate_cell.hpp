#pragma once
#include <cstdint>

#include "sim/agents/population.hpp"

/// Hepatic stellate cells of a lobule, and the myofibroblasts that they become.
namespace paracrine::models::stellate_cell {

enum class State : std::uint8_t { quiescent, activated, myofibroblast, inactivated, senescent };
inline constexpr std::size_t states = 5;

inline constexpr sim::Column<float> x_um{0};
inline constexpr sim::Column<float> y_um{1};
inline constexpr sim::Column<float> z_um{2};
inline constexpr sim::Column<std::uint32_t> voxel{3};
inline constexpr sim::Column<std::uint8_t> state{4};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    {.name = "x", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::x},
    {.name = "y", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::y},
    {.name = "z", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the lower face of the lobule", .domain = sim::Domain::z},
    {.name = "voxel", .type = sim::ElementType::u32, .meaning = "number of the voxel in which it is", .domain = sim::Domain::voxel},
    {.name = "state",
     .type = sim::ElementType::u8,
     .meaning = "state of the hepatic stellate cell",
     .flag_meanings = "quiescent activated myofibroblast inactivated senescent"},
});
inline constexpr sim::AgentKind kind{.name = "stellate_cell", .columns = columns, .meaning = "hepatic stellate cell"};

}  // namespace paracrine::models::stellate_cell
