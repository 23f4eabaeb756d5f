#pragma once
#include "sim/scenario/scenario.hpp"

/// What a body and a machine have room for: the one place for bounds on amounts that no single key can know.
namespace paracrine::models::body {

/// Refuses cells, particles and vesicles that the blood has no room for, in doses and of the body's own; agents that stand for more cells than there
/// are, or that memory has no room for.
void check_bounds(const sim::Scenario& scenario, sim::Findings& findings);

}  // namespace paracrine::models::body
