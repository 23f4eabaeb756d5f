#pragma once
#include <cstdint>

#include "sim/engine/world.hpp"

namespace paracrine::sim {

/// Checks what was loaded into a world that is at `time_s`: every column of every agent against its domain and the rules of its kind; ids unique,
/// given by a patch of this world and of their kind; scalars, values and events finite and in their bounds. Throws RunError naming population,
/// column, row, value and bound.
void check_loaded_state(const World& world, std::int64_t time_s);

}  // namespace paracrine::sim
