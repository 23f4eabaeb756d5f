#pragma once
#include <string>
#include <vector>

namespace paracrine::cli {

/// Path of this program's file.
std::string program_path();
/// Runs `paracrine-NAME` from the program's own folder, else from the path, with the arguments that follow; comes back only when there is none.
void run_external(const std::string& name, const std::vector<std::string>& arguments);
/// Names of the commands that such programs add.
std::vector<std::string> external_commands();

}  // namespace paracrine::cli
