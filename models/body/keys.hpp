#pragma once
#include <vector>

#include "sim/scenario/schema.hpp"

namespace paracrine::models::body {

inline constexpr double most_of_a_dose = 1e16;  // vesicles of one dose
inline constexpr double most_bodies = 1e12;     // cells or rigid particles of one dose

/// The keys of a scenario besides the engine's own.
std::vector<sim::Key> keys();

}  // namespace paracrine::models::body
