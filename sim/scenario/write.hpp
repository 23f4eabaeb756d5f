#pragma once
#include <string>

#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// As `to_toml`, with every parameter of the model, also where it has its default: all that a run uses.
std::string to_complete_toml(const Scenario& scenario);

}  // namespace paracrine::sim
