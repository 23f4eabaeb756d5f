#pragma once
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace paracrine::sim::io {

/// The title of a run: the scenario's, and what was set beside the scenario: "One million MSC [therapy.0.cells = 5e5]". Left out are the seed, the
/// title itself and what only decides what is written; of many or long overrides the rest is counted.
std::string run_title(const Scenario& scenario);
std::string run_title(const std::string& title, const std::vector<std::string>& overrides);

}  // namespace paracrine::sim::io
