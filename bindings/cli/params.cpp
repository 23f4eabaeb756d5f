#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "bindings/cli/command.hpp"
#include "bindings/cli/parameter_pages.hpp"
#include "bindings/cli/text.hpp"
#include "models/catalogue.hpp"
#include "sim/core/error.hpp"

namespace paracrine::cli {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

class Params final : public Command {
 public:
  std::string name() const override { return "params"; }
  std::string summary() const override { return "List parameters: value, unit, ranges, distribution, kind and text of source"; }
  void declare(CLI::App& app) override {
    app.add_option("NAME", name_, "Part of a name; without it, all parameters")->type_name("NAME");
    app.add_option("--format", format_, "text, md (the page docs/parameters.md), csv or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "md", "csv", "json"}))
        ->default_val("text");
  }

  int execute(const Invocation&) override {
    const sim::Catalogue catalogue = models::catalogue();
    std::vector<std::string> known;
    std::vector<ParameterSection> sections = driver::parameter_sections(catalogue, models::variants());
    for (ParameterSection& section : sections) {
      known.push_back(section.name);
      for (const ParameterRow& row : section.rows) {
        known.push_back(row.info.name);
        known.push_back(row.info.name.substr(row.info.name.rfind('.') + 1));
      }
      std::erase_if(section.rows, [&](const ParameterRow& row) { return lower(row.info.name).find(lower(name_)) == std::string::npos; });
    }
    std::erase_if(sections, [](const ParameterSection& section) { return section.rows.empty(); });
    if (sections.empty()) refuse(known);
    print(format_ == "md"     ? parameters_as_markdown(sections)
          : format_ == "csv"  ? parameters_as_csv(sections)
          : format_ == "json" ? driver::parameters_as_json(sections)
                              : parameters_as_text(sections));
    return 0;
  }

 private:
  [[noreturn]] void refuse(const std::vector<std::string>& known) const {
    std::vector<std::string> hints;
    if (const std::string near = sim::nearest_name(name_, known); !near.empty()) hints.push_back(fmt::format("Did you mean \"{}\"?", near));
    hints.push_back("`paracrine params` lists all.");
    throw sim::InputError(fmt::format("no parameter has {} in its name", sim::in_quotes(name_)), hints);
  }

  std::string name_, format_ = "text";
};

}  // namespace

std::unique_ptr<Command> make_params() { return std::make_unique<Params>(); }

}  // namespace paracrine::cli
