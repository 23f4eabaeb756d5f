#pragma once
#include <array>
#include <cstdint>

#include "sim/agents/population.hpp"

/// What was infused and can be caught in a capillary: cells and particles. Both kinds begin with the same columns, so that one arrest law serves
/// both.
namespace paracrine::models {

/// Beds of capillaries in which an infused agent can be, or to which it is on its way. `gut` drains into the liver and counts as `other` when
/// something stops in it.
enum class Bed : std::uint8_t { lung, liver, spleen, other, gut };
inline constexpr std::size_t organs = 4;  // lung, liver, spleen, other: what is told apart in the output

enum class Whereabouts : std::uint8_t { circulating, arrested };
enum class Vitality : std::uint8_t { viable, apoptotic };

namespace infused {
inline constexpr sim::Column<double> due_s{0};
inline constexpr sim::Column<float> diameter_um{1};
inline constexpr sim::Column<std::uint8_t> whereabouts{2};
inline constexpr sim::Column<std::uint8_t> bed{3};
inline constexpr sim::Column<std::uint8_t> dose{4};
inline constexpr sim::Column<std::uint8_t> segment{5};

inline constexpr sim::ColumnInfo due_info{.name = "due",
                                          .type = sim::ElementType::f64,
                                          .unit = "s",
                                          .meaning = "simulated time at which it meets its next bed, or lets go",
                                          .domain = sim::Domain::time};
inline constexpr sim::ColumnInfo diameter_info{
    .name = "diameter", .type = sim::ElementType::f32, .unit = "um", .meaning = "diameter in suspension", .domain = sim::Domain::amount};
inline constexpr sim::ColumnInfo whereabouts_info{.name = "whereabouts",
                                                  .type = sim::ElementType::u8,
                                                  .meaning = "carried by the blood or stopped in a capillary",
                                                  .flag_meanings = "circulating arrested"};
inline constexpr sim::ColumnInfo bed_info{.name = "bed",
                                          .type = sim::ElementType::u8,
                                          .meaning = "bed in which it is, or which it meets next",
                                          .flag_meanings = "lung liver spleen other gut"};
inline constexpr sim::ColumnInfo dose_info{.name = "dose",
                                           .type = sim::ElementType::u8,
                                           .meaning = "number of the therapy it came with",
                                           .domain = sim::Domain::index,
                                           .index_of = "therapy"};
inline constexpr sim::ColumnInfo segment_info{
    .name = "segment", .type = sim::ElementType::u8, .meaning = "segment of the bed's capillaries in which it stopped, from 0 where blood enters"};
/// The gut drains into the liver: nothing stops in it.
inline constexpr auto rules = std::to_array<sim::RowRule>({{.where = "whereabouts",
                                                            .is = static_cast<std::uint8_t>(Whereabouts::arrested),
                                                            .column = "bed",
                                                            .below = static_cast<std::uint8_t>(Bed::gut)}});
}  // namespace infused

/// Mesenchymal stromal cell.
namespace msc {
inline constexpr sim::Column<double> label{6};
inline constexpr sim::Column<double> entry_s{7};
inline constexpr sim::Column<double> death_s{8};
inline constexpr sim::Column<double> clear_s{9};
inline constexpr sim::Column<std::uint8_t> vitality{10};
inline constexpr sim::Column<float> secretion{11};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    infused::due_info,
    infused::diameter_info,
    infused::whereabouts_info,
    infused::bed_info,
    infused::dose_info,
    infused::segment_info,
    {.name = "label", .type = sim::ElementType::f64, .meaning = "share of its label that the cell still holds", .domain = sim::Domain::share},
    {.name = "entry_time",
     .type = sim::ElementType::f64,
     .unit = "s",
     .meaning = "simulated time at which it was given",
     .domain = sim::Domain::past},
    {.name = "death_time",
     .type = sim::ElementType::f64,
     .unit = "s",
     .meaning = "simulated time of its apoptosis, once clearance_time is drawn",
     .domain = sim::Domain::time},
    {.name = "clearance_time",
     .type = sim::ElementType::f64,
     .unit = "s",
     .meaning = "simulated time at which its DNA is gone; 0 before it is drawn",
     .domain = sim::Domain::time},
    {.name = "vitality", .type = sim::ElementType::u8, .meaning = "whether it lives", .flag_meanings = "viable apoptotic"},
    {.name = "secretion",
     .type = sim::ElementType::f32,
     .meaning = "its secretion relative to the mean cell of its dose",
     .domain = sim::Domain::amount},
});
inline constexpr sim::AgentKind kind{.name = "msc", .columns = columns, .meaning = "mesenchymal stromal cell", .rules = infused::rules};
}  // namespace msc

/// Rigid bead.
namespace particle {
inline constexpr auto columns = std::to_array<sim::ColumnInfo>(
    {infused::due_info, infused::diameter_info, infused::whereabouts_info, infused::bed_info, infused::dose_info, infused::segment_info});
inline constexpr sim::AgentKind kind{.name = "particle", .columns = columns, .meaning = "rigid particle", .rules = infused::rules};
}  // namespace particle

}  // namespace paracrine::models
