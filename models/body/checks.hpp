#pragma once
#include "sim/scenario/scenario.hpp"

namespace paracrine::models::body {

/// What therapies and interventions must satisfy beyond their keys, one by one and together.
void check_therapies(const sim::Scenario& scenario, sim::Findings& findings);

}  // namespace paracrine::models::body
