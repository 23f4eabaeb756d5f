#pragma once
#include <string>
#include <vector>

#include "sim/scenario/document.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// Applies one override "path=value" to the document. The path joins keys and list indices by dots (therapy.0.cells); an index equal to
/// the length of a list appends to it. The value is TOML, or a bare word or quantity (14 d), which stands for a text.
/// What is wrong with the path or the value is reported with the place in the override itself.
void apply_override(Node& root, const std::string& text, Findings& findings);

}  // namespace paracrine::sim
