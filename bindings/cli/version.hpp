#pragma once
#include <string>

namespace paracrine::cli {

std::string version_text();
std::string version_json();

}  // namespace paracrine::cli
