#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/units.hpp"
#include "sim/scenario/checker.hpp"
#include "sim/scenario/wording.hpp"

namespace paracrine::sim {

namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53: below, every whole number is a double

bool is_number(const Node& node) { return node.kind == Node::Kind::integer || node.kind == Node::Kind::number; }

bool one_of(const std::string& text, const std::vector<std::string>& words) { return std::find(words.begin(), words.end(), text) != words.end(); }

/// The text of a node, also of a bare word in an override that reads as a number or a truth value.
std::optional<std::string> text_of(const Node& node) {
  if (node.kind == Node::Kind::text) return node.text;
  if (!node.as_written.empty() && node.kind != Node::Kind::list && node.kind != Node::Kind::table) return node.as_written;
  return std::nullopt;
}

bool inside(double value, const Key& key) {
  return (key.exclusive_low ? value > key.physical.low : value >= key.physical.low) &&
         (key.exclusive_high ? value < key.physical.high : value <= key.physical.high);
}

std::vector<std::string> units_that_would_do(const Key& key) {
  std::vector<std::string> names;
  for (const std::string& unit : key.units) {
    const std::vector<std::string> all = units_of(parse_unit(unit).dimension);
    if (all.empty() || unit.find('/') != std::string::npos)
      names.push_back(unit);
    else
      names.insert(names.end(), all.begin(), all.end());
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return {fmt::format("Units that would do: {}.", text)};
}

}  // namespace

Checker::Held Checker::refuse(const Node& node, const Key& key, std::string message, bool with_default) {
  report(node.mark, std::move(message), with_default ? default_hint(key) : std::vector<std::string>());
  return {};
}

Checker::Held Checker::refuse_type(const Node& node, const Key& key, const std::string& path) {
  return refuse(node, key, fmt::format("{}: expected {}, got {}", path, expected(key, path), got(node)));
}

Checker::Held Checker::value(const Node& node, const Key& key, const std::string& path) {
  switch (key.type) {
    case KeyType::quantity:
      return quantity(node, key, path);
    case KeyType::integer:
      return integer(node, key, path);
    case KeyType::choice:
      return choice(node, key, path);
    case KeyType::text_list:
      return texts(node, key, path);
    case KeyType::table_list:
      return tables(node, key, path);
    case KeyType::boolean:
      if (node.kind != Node::Kind::boolean) return refuse_type(node, key, path);
      return node.flag;
    case KeyType::text:
      if (const std::optional<std::string> text = text_of(node)) return *text;
      return refuse_type(node, key, path);
    case KeyType::table:
      if (node.kind != Node::Kind::table) return refuse_type(node, key, path);
      return table(node, key.keys, path);
  }
  return {};
}

Checker::Held Checker::quantity(const Node& node, const Key& key, const std::string& path) {
  const std::string start = fmt::format("{}: expected {}, got {}", path, expected(key, path), got(node));
  Quantity read;
  if (node.kind == Node::Kind::text) {
    if (one_of(node.text, key.choices)) return node.text;
    try {
      read = parse_quantity(node.text);
    } catch (const UnitError& error) {
      std::vector<std::string> hints = name_hints(node.text, key.choices, "");
      for (std::string& hint : default_hint(key)) hints.push_back(std::move(hint));
      report(node.mark, fmt::format("{}: {}", start, error.what()), std::move(hints));
      return {};
    }
  } else if (is_number(node)) {
    read = {node.kind == Node::Kind::integer ? static_cast<double>(node.integer) : node.number, {}, true};
    if (!std::isfinite(read.value)) return refuse(node, key, fmt::format("{}, which is not a finite number", start));
  } else {
    return refuse(node, key, start);
  }

  // A count or a share ("5 cells", "5 %") is no ratio of masses ("5 ug/kg"), though neither has a dimension.
  const bool count = !read.bare && read.unit.dimension == Dimension{} && node.text.find('/') == std::string::npos;
  const auto fits = [&](const std::string& unit) {
    if (read.bare) return is_plain_unit(unit);
    return parse_unit(unit).dimension == read.unit.dimension && !(count && unit.find('/') != std::string::npos);
  };
  const auto unit = std::find_if(key.units.begin(), key.units.end(), fits);
  if (unit == key.units.end() && read.bare) {
    std::vector<std::string> hints = units_that_would_do(key);
    for (std::string& hint : default_hint(key)) hints.push_back(std::move(hint));
    report(node.mark, start + ", which has no unit", std::move(hints));
    return {};
  }
  if (unit == key.units.end()) return refuse(node, key, fmt::format("{}, which is {}", start, dimension_name(read.unit.dimension)));

  HeldQuantity held{.unit = *unit};
  try {
    held.value = convert(read, parse_unit(*unit)) + 0.0;  // no negative zero
  } catch (const UnitError& error) {
    return refuse(node, key, fmt::format("{}: {}", start, error.what()));
  }
  if (!in_range(node, key, path, held) || !clock(node, key, path, held)) return {};
  return held;
}

/// Durations of the clock are whole seconds, up to rounding of the conversion.
bool Checker::clock(const Node& node, const Key& key, const std::string& path, HeldQuantity& held) {
  if (!key.whole_seconds) return true;
  const double seconds = convert({held.value, parse_unit(held.unit)}, parse_unit("s"));
  const double whole = std::round(seconds);
  if (std::abs(whole) > exact_integers) {
    refuse(node, key, fmt::format("{}: {} is longer than the clock can count", path, got(node)));
    return false;
  }
  if (std::abs(seconds - whole) > 1e-12 * std::abs(seconds)) {
    const std::string shown = format_number(seconds) + " s";
    refuse(node, key,
           fmt::format("{}: expected a whole number of seconds, got {}{}", path, got(node), node.text == shown ? "" : ", which is " + shown));
    return false;
  }
  held.whole_seconds = true;
  held.seconds = static_cast<std::int64_t>(whole);
  held.value = convert({whole, parse_unit("s")}, parse_unit(held.unit));
  return true;
}

bool Checker::in_range(const Node& node, const Key& key, const std::string& path, const HeldQuantity& held) {
  const bool first = held.unit == key.units.front();
  Key limits = key;
  if (!first) limits.physical = {key.physical.low == 0.0 ? 0.0 : Range{}.low, Range{}.high};
  if (!inside(held.value, limits)) {
    if (!first) limits.units = {held.unit};
    const std::string shown = with_unit(held.value, held.unit);
    const std::string converted = node.kind != Node::Kind::text || held.value == 0.0 || node.text == shown ? "" : ", which is " + shown;
    refuse(node, key, fmt::format("{}: expected {}, got {}{}", path, range_words(limits), got(node), converted));
    return false;
  }
  if (first && !key.published.contains(held.value)) {
    std::vector<std::string> hints;
    if (!key.published_source.empty()) hints.push_back("Source: " + key.published_source);
    warn(node.mark,
         fmt::format("{}: {} is outside the published range, {} to {}", path, with_unit(held.value, held.unit, key.whole_seconds),
                     with_unit(key.published.low, held.unit, key.whole_seconds), with_unit(key.published.high, held.unit, key.whole_seconds)),
         std::move(hints));
  }
  return true;
}

Checker::Held Checker::integer(const Node& node, const Key& key, const std::string& path) {
  if (node.kind == Node::Kind::text && one_of(node.text, key.choices)) return node.text;
  const bool whole = node.kind == Node::Kind::integer ||
                     (node.kind == Node::Kind::number && node.number == std::round(node.number) && std::abs(node.number) <= exact_integers);
  if (!whole) return refuse_type(node, key, path);
  const std::int64_t value = node.kind == Node::Kind::integer ? node.integer : static_cast<std::int64_t>(node.number);
  if (!inside(static_cast<double>(value), key)) return refuse(node, key, fmt::format("{}: expected {}, got {}", path, range_words(key), got(node)));
  if (!key.published.contains(static_cast<double>(value)))
    warn(node.mark,
         fmt::format("{}: {} is outside the published range, {} to {}", path, value, format_number(key.published.low),
                     format_number(key.published.high)),
         key.published_source.empty() ? std::vector<std::string>() : std::vector<std::string>{"Source: " + key.published_source});
  return value;
}

Checker::Held Checker::choice(const Node& node, const Key& key, const std::string& path) {
  const std::optional<std::string> text = text_of(node);
  if (!text) return refuse_type(node, key, path);
  if (one_of(*text, key.choices)) return *text;
  std::vector<std::string> hints = name_hints(*text, key.choices, "");
  for (std::string& hint : default_hint(key)) hints.push_back(std::move(hint));
  report(node.mark, fmt::format("{}: expected {}, got {}", path, expected(key, path), got(node)), std::move(hints));
  return {};
}

Checker::Held Checker::texts(const Node& node, const Key& key, const std::string& path) {
  if (node.kind != Node::Kind::list) return refuse_type(node, key, path);
  std::vector<std::string> texts;
  bool sound = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Key item{.name = key.name, .type = key.choices.empty() ? KeyType::text : KeyType::choice, .choices = key.choices};
    const Held held = value(node.items[i], item, fmt::format("{}.{}", path, i));
    if (const std::string* text = std::get_if<std::string>(&held)) {
      if (i < 1000 && one_of(*text, texts)) report(node.items[i].mark, fmt::format("{}.{}: {} stands twice in the list", path, i, in_quotes(*text)));
      texts.push_back(*text);
    } else {
      sound = false;
    }
  }
  if (key.required && texts.empty() && sound) return refuse(node, key, fmt::format("{}: the list is empty", path));
  if (!sound) return {};
  return texts;
}

Checker::Held Checker::tables(const Node& node, const Key& key, const std::string& path) {
  const auto is_table = [](const Node& item) { return item.kind == Node::Kind::table; };
  if (node.kind != Node::Kind::list || (!node.items.empty() && !is_table(node.items.front()))) return refuse_type(node, key, path);
  std::vector<Table> tables;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string item = fmt::format("{}.{}", path, i);
    if (is_table(node.items[i]))
      tables.push_back(table(node.items[i], key.keys, item));
    else
      report(node.items[i].mark, fmt::format("{}: expected a table, got {}", item, got(node.items[i])));
  }
  if (key.required && node.items.empty()) return refuse(node, key, fmt::format("{}: the list is empty", path));
  if (tables.size() != node.items.size()) return {};
  return tables;
}

Checker::Held Checker::default_of(const Key& key, const std::string& path) {
  const auto source = std::make_shared<WrittenText>(fmt::format("default of {}", path), fmt::format("v = {}\n", *key.default_value));
  const Node document = read_toml(source);
  Findings findings;
  Held held = Checker(schema_, findings).value(*document.entries.at("v"), key, path);
  if (!findings.problems.empty()) throw std::logic_error(format_problems(findings.problems));
  return held;
}

}  // namespace paracrine::sim
