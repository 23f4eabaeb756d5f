#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>

#include "bindings/cli/command.hpp"
#include "bindings/cli/command_words.hpp"
#include "bindings/cli/dispatch.hpp"
#include "bindings/cli/text.hpp"
#include "bindings/cli/version.hpp"
#include "bindings/driver/failure.hpp"
#include "sim/core/error.hpp"
#include "sim/core/text.hpp"

namespace paracrine::cli {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::unique_ptr<Command> list[] = {make_run(),    make_preview(), make_resume(), make_validate(),  make_info(),
                                     make_params(), make_schema(),  make_pack(),   make_completion()};
  return {std::make_move_iterator(std::begin(list)), std::make_move_iterator(std::end(list))};
}

namespace {

std::string help_text() {
  std::string text =
      "Paracrine simulates mesenchymal stromal cell therapy, from dose to scar.\n\n"
      "Usage: paracrine COMMAND [ARGUMENTS]\n"
      "       paracrine COMMAND --help\n"
      "       paracrine --version [--json]\n\nCommands:\n";
  for (const auto& command : all_commands()) text += fmt::format("  {:<14}{}\n", command->name(), command->summary());
  std::vector<std::string> others = external_commands();
  std::string of_package;
  for (const CommandWords& command : python_commands())
    if (std::erase(others, command.name) > 0) of_package += fmt::format("  {:<14}{}\n", command.name, command.summary);
  if (!of_package.empty()) text += "\nCommands of the Python package:\n" + of_package;
  if (!others.empty()) text += "\nCommands of other programs (paracrine-NAME):\n";
  for (const std::string& name : others) text += "  " + name + "\n";
  return text +
         "\nStart with:\n"
         "  paracrine validate scenarios/delivery/mouse_iv_msc_delivery.toml\n"
         "  paracrine run scenarios/delivery/mouse_iv_msc_delivery.toml -o run.h5\n"
         "  paracrine info run.h5\n";
}

[[noreturn]] void refuse_unknown(const std::string& name) {
  std::vector<std::string> known = external_commands(), hints;
  for (const auto& command : all_commands()) known.push_back(command->name());
  for (const CommandWords& command : python_commands()) {
    known.push_back(command.name);
    if (command.name == name)
      throw sim::InputError(fmt::format("the command {} is not installed", sim::in_quotes(name)),
                            {fmt::format("It comes with the Python package, as \"paracrine-{}\" next to this program or on PATH.", name)});
  }
  if (const std::string near = sim::nearest_name(name, known); !near.empty()) hints.push_back(fmt::format("Did you mean \"{}\"?", near));
  hints.push_back(fmt::format("Not a paracrine command, and no \"paracrine-{}\" was found next to it or on PATH.", name));
  hints.push_back("`paracrine --help` lists the commands.");
  throw sim::InputError(fmt::format("there is no command {}", sim::in_quotes(name)), hints);
}

int run_command(Command& command, const Invocation& invocation, const std::vector<std::string>& arguments) {
  CLI::App app(command.summary(), "paracrine " + command.name());
  app.set_help_flag("-h,--help", "Print this help");
  app.get_formatter()->column_width(34);
  command.declare(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    print(wrapped(app.help(), help_width()));
    return 0;
  } catch (const CLI::ParseError& error) {
    throw sim::InputError(error.what(), {fmt::format("Run `paracrine {} --help` for usage.", command.name())});
  }
  return command.execute(invocation);
}

int run_main(const Invocation& invocation, std::vector<std::string> arguments) {
  if (arguments.empty()) {
    print_error(wrapped(help_text(), help_width()));
    return 2;
  }
  const std::string first = arguments.front();
  arguments.erase(arguments.begin());
  if (first == "-h" || first == "--help") {
    print(wrapped(help_text(), help_width()));
    return 0;
  }
  if (first == "--version") {
    const bool json = arguments == std::vector<std::string>{"--json"};
    if (!json && !arguments.empty()) throw sim::InputError(fmt::format("--version: {} was not expected", sim::in_quotes(arguments.front())));
    print(json ? version_json() : version_text());
    return 0;
  }
  if (first.starts_with("-"))
    throw sim::InputError(fmt::format("unknown option {}", sim::in_quotes(first)), {"Options go after the command: paracrine COMMAND --help"});
  for (const auto& command : all_commands())
    if (command->name() == first) return run_command(*command, invocation, arguments);
  run_external(first, arguments);
  refuse_unknown(first);
}

/// Threads that wait must not spin: on a busy machine that costs many times the work. The library that makes them reads the wish when it is loaded,
/// so the program starts itself once more with it; where that fails it goes on without.
void wait_passively(char** argv) {
  if (argv[0] == nullptr || argv[1] == nullptr) return;
  const std::string_view command = argv[1];
  if ((command != "run" && command != "resume") || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  const std::string program = program_path();
  if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0 && !program.empty()) execv(program.c_str(), argv);
}

int finish(int status) {
  std::fflush(stdout);
  if (std::ferror(stdout) == 0 || reader_has_left()) return status;
  print_error("paracrine: standard output cannot be written\n");
  return status == 0 ? 1 : status;
}

}  // namespace

}  // namespace paracrine::cli

int main(int argc, char** argv) {
  using namespace paracrine::cli;
  wait_passively(argv);
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit then shows as a failed write
  try {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.empty()) return 2;
    return finish(run_main({.program = words.front(), .command_line = shell_line(words)}, {words.begin() + 1, words.end()}));
  } catch (...) {
    const paracrine::driver::Failure failure = paracrine::driver::describe_current_exception();
    std::fflush(stdout);
    print_error("paracrine: " + paracrine::sim::printable_lines(failure.message) + "\n");
    return failure.exit_status;
  }
}
