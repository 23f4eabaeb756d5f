#pragma once
#include "sim/scenario/scenario.hpp"

namespace paracrine::models::body {

/// Parameters that each lie in their range and together contradict each other: shares that exceed the whole, a smallest above a largest.
void check_consistency(const sim::Scenario& scenario, sim::Findings& findings);

}  // namespace paracrine::models::body
