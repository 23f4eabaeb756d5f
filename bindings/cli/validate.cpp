#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bindings/cli/command.hpp"
#include "bindings/cli/text.hpp"
#include "bindings/driver/other_files.hpp"
#include "models/catalogue.hpp"
#include "sim/core/error.hpp"
#include "sim/core/text.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/write.hpp"

namespace paracrine::cli {

namespace {

class Validate final : public Command {
 public:
  std::string name() const override { return "validate"; }
  std::string summary() const override { return "Check scenario files and report all problems at once"; }

  void declare(CLI::App& app) override {
    app.add_option("SCENARIO", files_, "Scenario files (TOML)")->required()->type_name("FILE");
    app.add_option("--set", overrides_, "Override one key, as in `run`; may be repeated")->type_name("PATH=VALUE")->allow_extra_args(false);
    app.add_flag("--resolved", resolved_,
                 "Print all that is used: the merged scenario with every default and every parameter; it reads back to the same run");
    app.footer("Exit status: 0 when all files may run (warnings are printed), 2 otherwise. Nothing is run or written.");
  }

  int execute(const Invocation&) override {
    if (resolved_ && files_.size() > 1) throw sim::InputError("--resolved prints one scenario, but there are " + std::to_string(files_.size()));
    const sim::Catalogue catalogue = models::catalogue();
    const sim::ModelInfo models = catalogue.model_info();
    std::vector<sim::Problem> problems;
    for (const std::string& file : files_) try {
        const sim::Scenario scenario = driver::load_scenario(file, overrides_, models);
        for (const sim::Problem& warning : scenario.warnings) print_error("warning: " + sim::printable_lines(sim::format_problem(warning)));
        const std::string line = fmt::format("{}: scenario ok{}\n", sim::printable(file),
                                             scenario.warnings.empty() ? "" : ", " + counted(scenario.warnings.size(), "warning"));
        resolved_ ? print_error(line) : print(line);
        if (resolved_) print(sim::to_complete_toml(scenario));
      } catch (const sim::InputError& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
      }
    std::fflush(stdout);
    if (!problems.empty()) throw sim::InputError(std::move(problems));
    return 0;
  }

 private:
  std::vector<std::string> files_, overrides_;
  bool resolved_ = false;
};

class Schema final : public Command {
 public:
  std::string name() const override { return "schema"; }
  std::string summary() const override { return "Print the JSON Schema of scenario files, for editors"; }
  void declare(CLI::App& app) override {
    app.footer("Example: paracrine schema > scenario.schema.json, and in the first line of a scenario: #:schema ./scenario.schema.json");
  }
  int execute(const Invocation&) override {
    const sim::Catalogue catalogue = models::catalogue();
    std::string text = sim::json_schema(catalogue.model_info());
    if (text.empty() || text.back() != '\n') text += '\n';
    print(text);
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_validate() { return std::make_unique<Validate>(); }
std::unique_ptr<Command> make_schema() { return std::make_unique<Schema>(); }

}  // namespace paracrine::cli
