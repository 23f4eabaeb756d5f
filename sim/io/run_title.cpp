#include "sim/io/run_title.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/core/text.hpp"

namespace paracrine::sim::io {

namespace {

constexpr int longest_value = 24, longest_suffix = 72;

struct Setting {
  std::string path, value;
};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string_view::npos ? std::string() : std::string(text.substr(begin, end - begin + 1));
}

int width_of(const std::string& text) {
  int width = 0;
  for (const Character& c : characters_of(text)) width += c.width;
  return width;
}

std::string shortened(const std::string& text) {
  if (width_of(text) <= longest_value) return text;
  std::string kept;
  int width = 3;
  for (const Character& c : characters_of(text)) {
    width += c.width;
    if (width > longest_value) break;
    kept += c.shown;
  }
  return kept + "...";
}

bool shown(const std::string& path) {
  constexpr std::array<std::string_view, 3> silent{"seed", "title", "output"};
  return std::find(silent.begin(), silent.end(), std::string_view(path).substr(0, path.find('.'))) == silent.end();
}

/// What was set, in order; of a path that was set twice the last value.
std::vector<Setting> settings(const std::vector<std::string>& overrides) {
  std::vector<Setting> list;
  for (const std::string& text : overrides) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) continue;
    Setting one{.path = trimmed(std::string_view(text).substr(0, equals)), .value = trimmed(std::string_view(text).substr(equals + 1))};
    if (!shown(one.path)) continue;
    if (one.value.size() > 1 && one.value.front() == '"' && one.value.find('"', 1) == one.value.size() - 1)
      one.value = one.value.substr(1, one.value.size() - 2);
    std::erase_if(list, [&](const Setting& before) { return before.path == one.path; });
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

std::string run_title(const std::string& title, const std::vector<std::string>& overrides) {
  const std::vector<Setting> list = settings(overrides);
  std::string suffix;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string one = fmt::format("{}{} = {}", i == 0 ? "" : ", ", list[i].path, shortened(list[i].value));
    if (i > 0 && width_of(suffix) + width_of(one) > longest_suffix) {
      suffix += fmt::format(" and {} more", list.size() - i);
      break;
    }
    suffix += one;
  }
  if (suffix.empty()) return title;
  return fmt::format("{}{}[{}]", title, title.empty() ? "" : " ", suffix);
}

std::string run_title(const Scenario& scenario) {
  return run_title(scenario.root.has("title") ? scenario.root.text("title") : "", scenario.overrides);
}

}  // namespace paracrine::sim::io
