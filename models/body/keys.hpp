#pragma once
#include <string>
#include <vector>

#include "sim/scenario/schema.hpp"

namespace paracrine::models::body {

inline constexpr double most_of_a_dose = 1e16;  // vesicles of one dose
inline constexpr double most_bodies = 1e12;     // cells or rigid particles of one dose

/// What a model has beyond the delivery of products.
enum class Tissue { no, yes };

/// The keys of a scenario besides the engine's own. With tissue: bone-marrow macrophages, and interventions on the liver.
std::vector<sim::Key> keys(Tissue tissue);

/// A quantity of time in whole seconds.
sim::Key time_key(std::string name, std::string meaning, bool required, bool more_than_zero = false);

}  // namespace paracrine::models::body
