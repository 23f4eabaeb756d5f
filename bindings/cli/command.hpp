#pragma once
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace paracrine::cli {

/// How the program was called.
struct Invocation {
  std::string program;       // as typed: "paracrine", "./build/paracrine"
  std::string command_line;  // all of it, quoted so that a shell reads it back
};

/// One command of the program: says which options it has, and does its work with what was parsed into it.
class Command {
 public:
  virtual ~Command() = default;
  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;
  virtual void declare(CLI::App& app) = 0;
  /// Returns the exit status. Throws sim::InputError and sim::RunError.
  virtual int execute(const Invocation& invocation) = 0;
};

std::unique_ptr<Command> make_run();
std::unique_ptr<Command> make_preview();
std::unique_ptr<Command> make_resume();
std::unique_ptr<Command> make_validate();
std::unique_ptr<Command> make_info();
std::unique_ptr<Command> make_params();
std::unique_ptr<Command> make_schema();
std::unique_ptr<Command> make_pack();
std::unique_ptr<Command> make_completion();

/// All commands, in the order in which help lists them.
std::vector<std::unique_ptr<Command>> all_commands();

}  // namespace paracrine::cli
