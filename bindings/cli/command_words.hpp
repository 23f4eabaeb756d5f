#pragma once
#include <string>
#include <vector>

namespace paracrine::cli {

struct OptionWords {
  std::vector<std::string> names;  // "--output", "-o"
  std::vector<std::string> choices;
  std::string meaning;
  bool takes_value = false;
};
/// What completion and help need to know about a command.
struct CommandWords {
  std::string name, summary;
  std::vector<OptionWords> options;
  std::vector<std::string> arguments;  // fixed words of the first argument; none: files
};

/// The commands that are built in.
std::vector<CommandWords> own_commands();
/// The commands of the Python package, whether it is installed or not.
std::vector<CommandWords> python_commands();

}  // namespace paracrine::cli
