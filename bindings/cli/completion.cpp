#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bindings/cli/command.hpp"
#include "bindings/cli/command_words.hpp"
#include "bindings/cli/dispatch.hpp"
#include "bindings/cli/text.hpp"

namespace paracrine::cli {

namespace {

const std::vector<std::string> shells{"bash", "zsh", "fish"};

/// The commands that can be run: those of the program, and of the Python package those that are installed.
std::vector<CommandWords> runnable_commands() {
  std::vector<CommandWords> commands = own_commands();
  const std::vector<std::string> installed = external_commands();
  for (CommandWords& command : python_commands())
    if (std::find(installed.begin(), installed.end(), command.name) != installed.end()) commands.push_back(std::move(command));
  return commands;
}

std::string joined(const std::vector<std::string>& words, const char* between) { return fmt::format("{}", fmt::join(words, between)); }

std::string bash_script(const std::vector<CommandWords>& commands) {
  std::string names, cases;
  for (const CommandWords& command : commands) {
    names.append(names.empty() ? "" : " ").append(command.name);
    std::string options, values;
    for (const OptionWords& option : command.options) {
      options.append(options.empty() ? "" : " ").append(joined(option.names, " "));
      if (!option.choices.empty()) values += fmt::format("        {}) words=\"{}\" ;;\n", joined(option.names, "|"), joined(option.choices, " "));
    }
    cases += fmt::format("    {})\n      options=\"{}\"\n      arguments=\"{}\"\n", command.name, options, joined(command.arguments, " "));
    if (!values.empty()) cases += "      case \"$previous\" in\n" + values + "      esac\n";
    cases += "      ;;\n";
  }
  return "# bash completion for paracrine: source <(paracrine completion bash)\n"
         "_paracrine() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" options=\"\" arguments=\"\" words=\"\"\n"
         "  COMPREPLY=()\n"
         "  if (( COMP_CWORD == 1 )); then\n"
         "    local extra\n"
         "    extra=\"$(compgen -c paracrine- | sed 's/^paracrine-//' | sort -u)\"\n"
         "    COMPREPLY=( $(compgen -W \"" +
         names +
         " --help --version $extra\" -- \"$current\") )\n"
         "    return\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  if [[ -n \"$words\" ]]; then\n"
         "    COMPREPLY=( $(compgen -W \"$words\" -- \"$current\") )\n"
         "  elif [[ \"$current\" == -* ]]; then\n"
         "    COMPREPLY=( $(compgen -W \"$options\" -- \"$current\") )\n"
         "  elif [[ -n \"$arguments\" ]]; then\n"
         "    COMPREPLY=( $(compgen -W \"$arguments\" -- \"$current\") )\n"
         "  else\n"
         "    COMPREPLY=( $(compgen -f -- \"$current\") )\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _paracrine paracrine\n";
}

/// Text inside single quotes of zsh's _arguments and fish: no quotes, brackets, colons or backquotes.
std::string plain(const std::string& text) {
  std::string safe;
  for (const char c : text)
    safe += c == '\'' || c == '`' || c == '"' ? std::string() : c == '[' || c == ']' || c == ':' || c == '\\' ? std::string(" ") : std::string(1, c);
  return safe;
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
  std::string list, cases;
  for (const CommandWords& command : commands) {
    list += fmt::format("    '{}:{}'\n", command.name, plain(command.summary));
    cases += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionWords& option : command.options) {
      const std::string value = !option.takes_value      ? ""
                                : option.choices.empty() ? ":value:_files"
                                                         : fmt::format(":value:({})", joined(option.choices, " "));
      for (const std::string& name : option.names) cases += fmt::format(" \\\n        '*{}[{}]{}'", name, plain(option.meaning), value);
    }
    cases += fmt::format(" \\\n        '*:argument:{}'\n      ;;\n",
                         command.arguments.empty() ? "_files" : fmt::format("({})", joined(command.arguments, " ")));
  }
  return "#compdef paracrine\n"
         "# zsh completion for paracrine: source <(paracrine completion zsh)\n"
         "_paracrine() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         list +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case \"$words[1]\" in\n" +
         cases +
         "    *) _files ;;\n"
         "  esac\n"
         "}\n"
         "compdef _paracrine paracrine\n";
}

std::string fish_script(const std::vector<CommandWords>& commands) {
  std::string page = "# fish completion for paracrine: paracrine completion fish | source\n";
  for (const CommandWords& command : commands) {
    page += fmt::format("complete -c paracrine -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name, plain(command.summary));
    const std::string when = fmt::format("complete -c paracrine -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionWords& option : command.options) {
      std::string line = when;
      for (const std::string& name : option.names)
        line.append(name.starts_with("--") ? " -l " : " -s ").append(name.substr(name.starts_with("--") ? 2 : 1));
      if (option.takes_value) line += option.choices.empty() ? " -r" : fmt::format(" -x -a '{}'", joined(option.choices, " "));
      page += fmt::format("{} -d '{}'\n", line, plain(option.meaning));
    }
    if (!command.arguments.empty()) page += fmt::format("{} -f -a '{}'\n", when, joined(command.arguments, " "));
  }
  return page;
}

class Completion final : public Command {
 public:
  std::string name() const override { return "completion"; }
  std::string summary() const override { return "Print the completion script of a shell"; }
  void declare(CLI::App& app) override {
    app.add_option("SHELL", shell_, "bash, zsh or fish")->required()->check(CLI::IsMember(shells));
    app.footer("bash: source <(paracrine completion bash)\nzsh:  source <(paracrine completion zsh)\nfish: paracrine completion fish | source");
  }
  int execute(const Invocation&) override {
    const std::vector<CommandWords> commands = runnable_commands();
    print(shell_ == "bash" ? bash_script(commands) : shell_ == "zsh" ? zsh_script(commands) : fish_script(commands));
    return 0;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion() { return std::make_unique<Completion>(); }

}  // namespace paracrine::cli
