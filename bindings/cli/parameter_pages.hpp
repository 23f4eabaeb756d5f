#pragma once
#include <string>
#include <vector>

#include "sim/core/parameters.hpp"

namespace paracrine::cli {

/// One parameter as it is listed: the same name stands once per variant whose row differs.
struct ParameterRow {
  std::string variants;  // "mouse", "human"; empty where all are alike
  sim::ParameterInfo info;
};
struct ParameterSection {
  std::string name, meaning;
  std::vector<ParameterRow> rows;
};

std::string parameters_as_text(const std::vector<ParameterSection>& sections);
std::string parameters_as_markdown(const std::vector<ParameterSection>& sections);
std::string parameters_as_csv(const std::vector<ParameterSection>& sections);
std::string parameters_as_json(const std::vector<ParameterSection>& sections);

}  // namespace paracrine::cli
