#pragma once
#include <cstdint>

#include "sim/agents/population.hpp"

/// Macrophages of a lobule.
namespace paracrine::models::macrophage {

enum class State : std::uint8_t { kupffer, inflammatory, restorative };
enum class Origin : std::uint8_t { resident, recruited, educated, infused };

inline constexpr sim::Column<float> x_um{0};
inline constexpr sim::Column<float> y_um{1};
inline constexpr sim::Column<float> z_um{2};
inline constexpr sim::Column<std::uint32_t> voxel{3};
inline constexpr sim::Column<std::uint8_t> state{4};
inline constexpr sim::Column<double> ev_taken{5};
inline constexpr sim::Column<float> signal{6};
inline constexpr sim::Column<float> meals{7};
inline constexpr sim::Column<float> relay{8};
inline constexpr sim::Column<float> msc_lineage{9};
inline constexpr sim::Column<std::uint8_t> origin{10};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    {.name = "x", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::x},
    {.name = "y", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the middle of the lobule", .domain = sim::Domain::y},
    {.name = "z", .type = sim::ElementType::f32, .unit = "um", .meaning = "position from the lower face of the lobule", .domain = sim::Domain::z},
    {.name = "voxel", .type = sim::ElementType::u32, .meaning = "number of the voxel in which it is", .domain = sim::Domain::voxel},
    {.name = "state",
     .type = sim::ElementType::u8,
     .meaning = "resident, or recruited and inflammatory or restorative",
     .flag_meanings = "kupffer inflammatory restorative"},
    {.name = "ev_taken",
     .type = sim::ElementType::f64,
     .meaning = "MSC and product vesicles that it has taken up so far",
     .domain = sim::Domain::amount},
    {.name = "signal",
     .type = sim::ElementType::f32,
     .meaning = "internal signal of MSC products, in vesicles of unprimed cells",
     .domain = sim::Domain::amount},
    {.name = "meals", .type = sim::ElementType::f32, .meaning = "dead cells that it has eaten lately", .domain = sim::Domain::amount},
    {.name = "relay",
     .type = sim::ElementType::f32,
     .meaning = "how far a Kupffer cell's secretion of IL-10 was switched on by MSC products, 0 to 1",
     .domain = sim::Domain::amount},
    {.name = "msc_lineage",
     .type = sim::ElementType::f32,
     .meaning = "share of its restorative state that goes back to MSC products, 0 to 1",
     .domain = sim::Domain::amount},
    {.name = "origin", .type = sim::ElementType::u8, .meaning = "where it came from", .flag_meanings = "resident recruited educated infused"},
});
inline constexpr sim::AgentKind kind{.name = "macrophage", .columns = columns, .meaning = "macrophage of the liver"};

}  // namespace paracrine::models::macrophage
