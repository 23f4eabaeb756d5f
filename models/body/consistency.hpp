#pragma once
#include <cstddef>
#include <limits>

#include "sim/scenario/scenario.hpp"

namespace paracrine::models::body {

/// Parameters that each lie in their range and together contradict each other: shares that exceed the whole, a smallest above a largest.
/// `most_sites`: hepatocyte sites that a lobule of the model may have.
void check_consistency(const sim::Scenario& scenario, sim::Findings& findings, std::size_t most_sites = std::numeric_limits<std::size_t>::max());

}  // namespace paracrine::models::body
