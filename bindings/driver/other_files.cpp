#include "bindings/driver/other_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "sim/core/error.hpp"

namespace paracrine::driver {

namespace {

constexpr std::size_t longest_line = 4096;

/// Names at the top of a TOML file: of keys above the first table, and the first part of those of tables. Only looked at when the file was refused.
std::set<std::string> names_at_top(const std::string& path) {
  std::set<std::string> names;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return names;
  std::ifstream file(path);
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find_first_not_of(" \t[");
    if (begin == std::string::npos || line.size() > longest_line) continue;
    const bool header = line.find('[') < begin;
    in_table = in_table || header;
    const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin);
    if (end == std::string::npos || end == begin) continue;
    const std::size_t after = line.find_first_not_of(" \t", end);
    const bool key = !in_table && after != std::string::npos && (line[after] == '=' || line[after] == '.');
    if (header || key) names.insert(line.substr(begin, end - begin));
  }
  return names;
}

sim::Problem problem_in(const std::string& file, std::string message, std::string hint) {
  sim::Problem problem{.place = {}, .message = std::move(message), .hints = {std::move(hint)}};
  problem.place.file = file;
  return problem;
}

/// What was refused, said anew where the file is of another kind.
std::vector<sim::Problem> explained(const std::string& file, std::vector<sim::Problem> problems) {
  const std::set<std::string> names = names_at_top(file);
  if (names.contains("scenario"))
    return {problem_in(file, "this is a study, not a scenario", "`paracrine sweep`, `paracrine sensitivity` and `paracrine compare` read studies.")};
  const sim::Problem experiment = problem_in(file, "this is an experiment, not a scenario",
                                             "`paracrine evidence` runs experiments; --experiments DIR names their folder, --list lists the rows.");
  if (names.contains("arms")) return {experiment};
  if (names.contains("source") && names.contains("title")) problems.insert(problems.begin(), experiment);
  return problems;
}

}  // namespace

sim::Scenario load_scenario(const std::string& file, const std::vector<std::string>& overrides, const sim::ModelInfo& models) {
  try {
    return sim::load_scenario(file, overrides, models);
  } catch (const sim::InputError& error) {
    throw sim::InputError(explained(file, error.problems()));
  }
}

}  // namespace paracrine::driver
