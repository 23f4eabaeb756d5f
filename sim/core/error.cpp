#include "sim/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>

#include "sim/core/text.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t most_problems_shown = 100;
constexpr int most_characters_shown = 120;
constexpr std::size_t longest_name = 64;

std::string heading(const Problem& problem) {
  const Place& place = problem.place;
  if (place.file.empty()) return problem.message + "\n";
  if (place.line == 0) return fmt::format("{}: {}\n", place.file, problem.message);
  return fmt::format("{}:{}:{}: {}\n", place.file, place.line, place.column, problem.message);
}

/// The line of a place with a row of carets under the marked characters. Tabs stay tabs in both rows, so the carets stand right.
std::string marked_line(const Place& place, const std::string& gutter) {
  const std::vector<Character> characters = characters_of(place.text);
  const int count = static_cast<int>(characters.size());
  const int mark = std::clamp(place.column - place.text_column, 0, count);
  const int begin = std::max(0, mark - most_characters_shown / 2), end = std::min(count, begin + most_characters_shown);
  const bool cut_left = begin > 0 || place.text_column > 1, cut_right = end < count;
  std::string line, marks;
  if (cut_left) line = "...", marks = "   ";
  for (int i = begin; i < end; ++i) {
    const Character& c = characters[static_cast<std::size_t>(i)];
    line += c.shown;
    if (i < mark)
      marks += c.shown == "\t" ? "\t" : std::string(static_cast<std::size_t>(c.width), ' ');
    else if (i < mark + place.length)
      marks += c.shown == "\t" ? "^\t" : std::string(static_cast<std::size_t>(c.width), '^');
  }
  if (marks.find('^') == std::string::npos) marks += '^';
  while (marks.back() == '\t') marks.pop_back();
  const std::string number = place.line > 0 ? std::to_string(place.line) : std::string();
  return fmt::format("  {} | {}{}\n{}| {}\n", number, line, cut_right ? "..." : "", gutter, marks);
}

/// Distance with insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::vector<Problem> single(const std::string& message, std::vector<std::string> hints) { return {{Place{}, message, std::move(hints)}}; }

}  // namespace

std::string format_problem(const Problem& problem) {
  const Place& place = problem.place;
  const bool marked = !place.file.empty() && place.column > 0;
  const std::size_t digits = marked && place.line > 0 ? std::to_string(place.line).size() : 0;
  const std::string gutter(3 + digits, ' ');
  std::string text = heading(problem);
  if (marked) text += marked_line(place, gutter);
  for (const std::string& hint : problem.hints) text += fmt::format("{}= {}\n", gutter, hint);
  return text;
}

std::string format_problems(const std::vector<Problem>& problems) {
  std::vector<std::string> files;
  for (const Problem& problem : problems)
    if (files.size() < most_problems_shown && std::find(files.begin(), files.end(), problem.place.file) == files.end())
      files.push_back(problem.place.file);
  std::vector<const Problem*> sorted;
  for (const Problem& problem : problems) sorted.push_back(&problem);
  const auto key = [&](const Problem* p) {
    return std::tuple(std::find(files.begin(), files.end(), p->place.file) - files.begin(), p->place.line, p->place.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Problem* a, const Problem* b) { return key(a) < key(b); });

  const bool placeless = problems.size() == 1 && problems.front().place.file.empty();
  std::string text = placeless ? "" : fmt::format("{} problem{} in the input:\n", problems.size(), problems.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(sorted.size(), most_problems_shown); ++i) text += format_problem(*sorted[i]);
  if (sorted.size() > most_problems_shown) text += fmt::format("... and {} more\n", sorted.size() - most_problems_shown);
  if (!text.empty()) text.pop_back();
  return text;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string shown = "\"";
  std::size_t count = 0;
  for (const Character& c : characters_of(text.substr(0, 4 * most + 4))) {
    if (++count > most) return shown + "...\"";
    shown += c.shown == "\t" ? "\\t" : c.shown == "\"" ? "\\\"" : c.shown;
  }
  return shown + "\"";
}

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& known) {
  if (wrong.empty() || wrong.size() > longest_name) return {};
  const std::string lower = lower_case(wrong);
  std::string best;
  std::size_t least = longest_name;
  for (const std::string& name : known) {
    const std::size_t longer = std::max(name.size(), wrong.size()), shorter = std::min(name.size(), wrong.size());
    if (longer > longest_name || longer - shorter > longer / 3) continue;
    const std::size_t distance = edit_distance(lower, lower_case(name));
    if (distance <= longer / 3 && distance < least) {
      best = name;
      least = distance;
    }
  }
  return best;
}

InputError::InputError(std::vector<Problem> problems) : std::runtime_error(format_problems(problems)), problems_(std::move(problems)) {}

InputError::InputError(const std::string& message, std::vector<std::string> hints) : InputError(single(message, std::move(hints))) {}

}  // namespace paracrine::sim
