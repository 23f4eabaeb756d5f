#include "bindings/cli/parameter_pages.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/units.hpp"

namespace paracrine::cli {

namespace {

std::string value_with_unit(const sim::ParameterInfo& info) {
  const std::string number = sim::format_number(info.value);
  return info.unit == "1" ? number : number + " " + info.unit;
}

std::string range_text(const sim::Range& range) {
  if (std::isinf(range.low) && std::isinf(range.high)) return "any";
  if (std::isinf(range.high)) return sim::format_number(range.low) + " or more";
  if (std::isinf(range.low)) return sim::format_number(range.high) + " or less";
  if (range.low == range.high) return sim::format_number(range.low);
  return sim::format_number(range.low) + " to " + sim::format_number(range.high);
}

std::string distribution_text(const sim::Distribution& distribution) {
  const std::string name(sim::spread_name(distribution.kind));
  if (distribution.kind == sim::Spread::normal) return fmt::format("{}, standard deviation {}", name, sim::format_number(distribution.spread));
  if (distribution.kind == sim::Spread::lognormal)
    return fmt::format("{}, geometric standard deviation {}", name, sim::format_number(distribution.spread));
  return name;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string page, line;
  const auto end_line = [&] {
    if (!line.empty()) page += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) end_line();
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  end_line();
  return page;
}

/// A cell of a Markdown table: bars and line breaks would end it.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : c == '\n' ? std::string(" ") : std::string(1, c);
  return safe;
}

/// A field of comma separated values (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string bound(double value) { return std::isinf(value) ? "" : sim::format_number(value); }

}  // namespace

std::string parameters_as_text(const std::vector<ParameterSection>& sections) {
  std::string page;
  for (const ParameterSection& section : sections) {
    page += fmt::format("{}{}: {}\n", page.empty() ? "" : "\n", section.name, section.meaning);
    for (const ParameterRow& row : section.rows) {
      const sim::ParameterInfo& p = row.info;
      page += fmt::format("\n  {} = {}{}\n", p.name, value_with_unit(p), row.variants.empty() ? "" : "   (" + row.variants + ")");
      page += wrapped(p.meaning, 6, 100);
      page += wrapped(
          fmt::format("published {}; physical {}; {}", range_text(p.published), range_text(p.physical), distribution_text(p.distribution)), 6, 100);
      page += wrapped(fmt::format("{}: {}", sim::source_name(p.kind), p.source), 6, 100);
    }
  }
  return page;
}

std::string parameters_as_markdown(const std::vector<ParameterSection>& sections) {
  std::string page =
      "# Parameters\n\n"
      "Every parameter of every part of the models, made by `paracrine params --format md` from the tables in the code. Any of them can be set in a\n"
      "scenario's `[parameters]` or with `--set parameters.NAME=VALUE`. A value outside the physical range is refused; outside the published range "
      "it is warned\n"
      "of. Kinds of source: `measured` (in an experiment), `model` (taken from a published model), `derived` (from other numbers), `fitted` (to "
      "experiments,\n"
      "here), `assumed`.\n";
  for (const ParameterSection& section : sections) {
    page += fmt::format("\n## {}\n\n{}\n\n", section.name, section.meaning);
    page +=
        "| name | value | unit | published range | physical range | distribution | meaning | kind | source "
        "|\n|---|---|---|---|---|---|---|---|---|\n";
    for (const ParameterRow& row : section.rows) {
      const sim::ParameterInfo& p = row.info;
      page += fmt::format("| `{}`{} | {} | {} | {} | {} | {} | {} | {} | {} |\n", p.name, row.variants.empty() ? "" : " (" + row.variants + ")",
                          sim::format_number(p.value), cell(p.unit), range_text(p.published), range_text(p.physical),
                          distribution_text(p.distribution), cell(p.meaning), sim::source_name(p.kind), cell(p.source));
    }
  }
  return page;
}

std::string parameters_as_csv(const std::vector<ParameterSection>& sections) {
  std::string page = "name,variant,value,unit,published_low,published_high,physical_low,physical_high,distribution,spread,kind,meaning,source\n";
  for (const ParameterSection& section : sections)
    for (const ParameterRow& row : section.rows) {
      const sim::ParameterInfo& p = row.info;
      const bool spreads = p.distribution.kind == sim::Spread::normal || p.distribution.kind == sim::Spread::lognormal;
      page += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", field(p.name), field(row.variants), sim::format_number(p.value), field(p.unit),
                          bound(p.published.low), bound(p.published.high), bound(p.physical.low), bound(p.physical.high),
                          sim::spread_name(p.distribution.kind), spreads ? sim::format_number(p.distribution.spread) : "", sim::source_name(p.kind),
                          field(p.meaning), field(p.source));
    }
  return page;
}

}  // namespace paracrine::cli
