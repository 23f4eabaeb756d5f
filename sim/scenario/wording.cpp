#include "sim/scenario/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/units.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t most_names_listed = 40;

std::string example_quantity(const Key& key, const std::string& unit) {
  if (is_plain_unit(unit)) return example_of(unit);
  return fmt::format("\"{}\"", key.whole_seconds ? "14 d" : example_of(unit));
}

/// The path as it stands in a table header: without the indices of list entries.
std::string header_of(const std::string& path) {
  std::string header;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.find_first_not_of("0123456789") != std::string::npos) header += (header.empty() ? "" : ".") + part;
    begin = end + 1;
  }
  return header;
}

/// What a unit measures, in words.
std::string kind_of(const std::string& unit) {
  const Dimension dimension = parse_unit(unit).dimension;
  return dimension == Dimension{} && unit.find('/') != std::string::npos ? "a ratio" : dimension_name(dimension);
}

std::string expected_quantity(const Key& key) {
  std::string text;
  for (const std::string& unit : key.units)
    text += fmt::format("{}{} (such as {})", text.empty() ? "" : " or ", kind_of(unit), example_quantity(key, unit));
  return text;
}

}  // namespace

std::string got(const Node& node) {
  switch (node.kind) {
    case Node::Kind::text:
      return in_quotes(node.text);
    case Node::Kind::integer:
      return std::to_string(node.integer);
    case Node::Kind::number:
      return format_number(node.number);
    case Node::Kind::boolean:
      return node.flag ? "true" : "false";
    case Node::Kind::date:
      return "a date or time";
    case Node::Kind::list:
      return !node.items.empty() && node.items.front().kind == Node::Kind::table ? "a list of tables" : "a list";
    case Node::Kind::table:
      return "a table";
  }
  return {};
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_names_listed); ++i) text += fmt::format("{}\"{}\"", i ? ", " : "", names[i]);
  if (names.size() > most_names_listed) text += fmt::format(" and {} more", names.size() - most_names_listed);
  return text;
}

std::string expected(const Key& key, const std::string& path) {
  const std::string words = key.choices.empty() ? "" : fmt::format(" or {}{}", key.choices.size() == 1 ? "" : "one of ", list_of(key.choices));
  switch (key.type) {
    case KeyType::quantity:
      return expected_quantity(key) + words;
    case KeyType::integer:
      return "a whole number" + words;
    case KeyType::boolean:
      return "true or false";
    case KeyType::text:
      return "a text in quotes";
    case KeyType::choice:
      return fmt::format("{}{}", key.choices.size() == 1 ? "" : "one of ", list_of(key.choices));
    case KeyType::text_list:
      return "a list of texts ([\"a\", \"b\"])";
    case KeyType::table:
      return fmt::format("a table ([{}])", header_of(path));
    case KeyType::table_list:
      return fmt::format("a list of tables ([[{}]])", header_of(path));
  }
  return {};
}

bool is_plain_unit(const std::string& unit) {
  const Unit parsed = parse_unit(unit);
  return parsed.dimension == Dimension{} && parsed.factor == 1.0 && parsed.decade == 0;
}

std::string with_unit(double value, const std::string& unit, bool whole_seconds) {
  if (whole_seconds && std::abs(value) < 9e15) {
    const double seconds = convert({value, parse_unit(unit)}, parse_unit("s"));
    if (seconds == std::round(seconds) && std::abs(seconds) < 9e15) return format_duration(std::llround(seconds));
  }
  return is_plain_unit(unit) ? format_number(value) : fmt::format("{} {}", format_number(value), unit);
}

std::string as_toml(double value, const std::string& unit, bool whole_seconds) {
  const std::string text = with_unit(value, unit, whole_seconds);
  return !whole_seconds && is_plain_unit(unit) ? text : fmt::format("\"{}\"", text);
}

std::string range_words(const Key& key) {
  const bool integer = key.type == KeyType::integer;
  const auto show = [&](double value) { return integer ? format_number(value) : with_unit(value, key.units.front(), key.whole_seconds); };
  const bool low = std::isfinite(key.physical.low), high = std::isfinite(key.physical.high);
  const std::string above = low ? show(key.physical.low) : "", below = high ? show(key.physical.high) : "";
  if (low && high) {
    if (!key.exclusive_low && !key.exclusive_high) return fmt::format("{} to {}", above, below);
    return fmt::format("{} {} and {} {}", key.exclusive_low ? "more than" : "at least", above, key.exclusive_high ? "less than" : "at most", below);
  }
  if (low) return key.exclusive_low ? "more than " + above : above + " or more";
  return key.exclusive_high ? "less than " + below : below + " or less";
}

std::vector<std::string> default_hint(const Key& key) {
  if (!key.default_value || key.type == KeyType::table || key.type == KeyType::table_list || *key.default_value == "[]" ||
      *key.default_value == "\"\"")
    return {};
  return {fmt::format("The default is {}.", *key.default_value)};
}

std::vector<std::string> name_hints(const std::string& wrong, const std::vector<std::string>& known, const std::string& what) {
  const std::string near = nearest_name(wrong, known);
  if (!near.empty()) return {fmt::format("Did you mean \"{}\"?", near)};
  if (known.empty() || what.empty()) return {};
  return {fmt::format("{}: {}.", what, list_of(known))};
}

}  // namespace paracrine::sim
