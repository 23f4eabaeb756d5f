#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/toy.hpp"

/// Runs of the toy model, for tests of what lies around them.
namespace paracrine::tests {

inline constexpr std::int64_t hour = 3600;

/// A run of the toy model of twelve hours, with fields and agents.
inline sim::Scenario toy_scenario(const sim::Catalogue& catalogue, const std::vector<std::string>& overrides = {}) {
  return sim::parse_scenario(R"(
model = "toy"
seed = 3
[time]
duration = "12 h"
record_every = "1 h"
[output]
fields = ["transient", "steady"]
fields_every = "4 h"
agents = ["walker"]
agents_every = "4 h"
)",
                             "toy.toml", ".", overrides, catalogue.model_info());
}

/// What is in a folder, by name.
inline std::vector<std::string> listing(const ScratchFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace paracrine::tests
