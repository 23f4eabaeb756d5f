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

bool same_row(const sim::ParameterInfo& a, const sim::ParameterInfo& b) {
  return a.value == b.value && a.published.low == b.published.low && a.published.high == b.published.high && a.kind == b.kind && a.source == b.source;
}

/// The rows of one part: those that are the same in all variants once, the others once for each set of variants that share them.
ParameterSection section_of(const sim::Part& part, const std::vector<std::string>& variants) {
  ParameterSection section{.name = part.name, .meaning = part.meaning, .rows = {}};
  std::vector<std::vector<sim::ParameterInfo>> by_variant;
  for (const std::string& variant : variants) by_variant.push_back(part.parameters(variant));
  for (std::size_t i = 0; i < by_variant.front().size(); ++i) {
    std::vector<ParameterRow> rows;
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const ParameterRow& row) { return same_row(row.info, by_variant[v][i]); });
      if (found == rows.end())
        rows.push_back({variants[v], by_variant[v][i]});
      else
        found->variants += ", " + variants[v];
    }
    if (rows.size() == 1) rows.front().variants.clear();
    section.rows.insert(section.rows.end(), rows.begin(), rows.end());
  }
  return section;
}

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
    std::vector<ParameterSection> sections;
    std::vector<std::string> known;
    for (const sim::Part& part : catalogue.parts()) {
      ParameterSection section = section_of(part, models::variants());
      known.push_back(part.name);
      for (const ParameterRow& row : section.rows) {
        known.push_back(row.info.name);
        known.push_back(row.info.name.substr(row.info.name.rfind('.') + 1));
      }
      std::erase_if(section.rows, [&](const ParameterRow& row) { return lower(row.info.name).find(lower(name_)) == std::string::npos; });
      if (!section.rows.empty()) sections.push_back(std::move(section));
    }
    if (sections.empty()) refuse(known);
    print(format_ == "md"     ? parameters_as_markdown(sections)
          : format_ == "csv"  ? parameters_as_csv(sections)
          : format_ == "json" ? parameters_as_json(sections)
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
