#include "bindings/cli/command_words.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bindings/cli/command.hpp"

namespace paracrine::cli {

namespace {

/// What a choice allows, out of its description "{a,b,c}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  for (std::size_t begin = open + 1; begin < close;) {
    const std::size_t end = std::min(type.find(',', begin), close);
    choices.push_back(type.substr(begin, end - begin));
    begin = end + 1;
  }
  return choices;
}

}  // namespace

std::vector<CommandWords> own_commands() {
  std::vector<CommandWords> words;
  for (const auto& command : all_commands()) {
    CLI::App app;
    app.set_help_flag("-h,--help", "Print this help");
    command->declare(app);
    CommandWords one{.name = command->name(), .summary = command->summary(), .options = {}, .arguments = {}};
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional()) {
        one.arguments = choices_of(*option);
        continue;
      }
      OptionWords named{
          .names = {}, .choices = choices_of(*option), .meaning = option->get_description(), .takes_value = option->get_items_expected_max() > 0};
      for (const std::string& name : option->get_lnames()) named.names.push_back(fmt::format("--{}", name));
      for (const std::string& name : option->get_snames()) named.names.push_back(fmt::format("-{}", name));
      one.options.push_back(named);
    }
    words.push_back(std::move(one));
  }
  return words;
}

std::vector<CommandWords> python_commands() {
  return {
#include "bindings/cli/python_commands.inc"
  };
}

}  // namespace paracrine::cli
