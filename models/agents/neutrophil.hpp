#pragma once
#include <cstddef>
#include <cstdint>

#include "sim/agents/population.hpp"

/// Neutrophils of a lobule.
namespace paracrine::models::neutrophil {

enum class State : std::uint8_t { active, apoptotic, reparative };
inline constexpr std::size_t states = 3;

inline constexpr sim::Column<float> x_um{0};
inline constexpr sim::Column<float> y_um{1};
inline constexpr sim::Column<float> z_um{2};
inline constexpr sim::Column<std::uint32_t> voxel{3};
inline constexpr sim::Column<std::uint8_t> state{4};
inline constexpr sim::Column<double> ev_taken{5};
inline constexpr sim::Column<float> signal{6};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    {.name = "x", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::x},
    {.name = "y", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::y},
    {.name = "z", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the lower face of the lobule", .domain = sim::Domain::z},
    {.name = "voxel", .type = sim::ElementType::u32, .meaning = "number of the voxel in which it is", .domain = sim::Domain::voxel},
    {.name = "state", .type = sim::ElementType::u8, .meaning = "whether it lives, and injures", .flag_meanings = "active apoptotic reparative"},
    {.name = "ev_taken",
     .type = sim::ElementType::f64,
     .meaning = "MSC and product vesicles that it has taken up so far",
     .domain = sim::Domain::amount},
    {.name = "signal",
     .type = sim::ElementType::f32,
     .meaning = "internal signal of MSC products, in vesicles of unprimed cells",
     .domain = sim::Domain::amount},
});
inline constexpr sim::AgentKind kind{.name = "neutrophil", .columns = columns, .meaning = "neutrophil in the liver"};

}  // namespace paracrine::models::neutrophil
