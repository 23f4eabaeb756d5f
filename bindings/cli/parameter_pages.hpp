#pragma once
#include <string>
#include <vector>

#include "bindings/driver/parameter_list.hpp"

namespace paracrine::cli {

using driver::ParameterRow;
using driver::ParameterSection;

std::string parameters_as_text(const std::vector<ParameterSection>& sections);
std::string parameters_as_markdown(const std::vector<ParameterSection>& sections);
std::string parameters_as_csv(const std::vector<ParameterSection>& sections);

}  // namespace paracrine::cli
