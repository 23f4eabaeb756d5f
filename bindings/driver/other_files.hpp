#pragma once
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace paracrine::driver {

/// Loads a scenario. A file that is an experiment or a study is refused as such, with the command that reads it.
sim::Scenario load_scenario(const std::string& file, const std::vector<std::string>& overrides, const sim::ModelInfo& models);

}  // namespace paracrine::driver
