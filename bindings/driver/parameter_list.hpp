#pragma once
#include <string>
#include <vector>

#include "sim/core/parameters.hpp"
#include "sim/engine/catalogue.hpp"

namespace paracrine::driver {

/// One parameter as it is listed: the same name stands once per variant whose row differs.
struct ParameterRow {
  std::string variants;  // "mouse", "human"; empty where all are alike
  sim::ParameterInfo info;
};
struct ParameterSection {
  std::string name, meaning;
  std::vector<ParameterRow> rows;
};

/// All parameters of all parts: those that are the same in all variants once, the others once for each set of variants that share them.
std::vector<ParameterSection> parameter_sections(const sim::Catalogue& catalogue, const std::vector<std::string>& variants);
std::string parameters_as_json(const std::vector<ParameterSection>& sections);

}  // namespace paracrine::driver
