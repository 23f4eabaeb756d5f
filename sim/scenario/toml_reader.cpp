#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "sim/scenario/document.hpp"
#include "sim/scenario/nesting.hpp"
#include "sim/scenario/toml_guard.hpp"

namespace paracrine::sim {

namespace {

using Source = std::shared_ptr<const WrittenText>;

Mark mark_of(const Source& source, const toml::source_region& region) {
  Mark mark{source, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column), 1};
  const bool one_line = region.end.line == region.begin.line;
  const auto to_line_end = [&] {
    int length = 0;
    for (const char c : source->line(mark.line)) length += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    return length - mark.column + 1;
  };
  mark.length = std::max(1, one_line ? static_cast<int>(region.end.column) - mark.column : to_line_end());
  return mark;
}

[[noreturn]] void refuse(const Mark& mark, const std::string& message, std::vector<std::string> hints = {}) {
  throw InputError(std::vector<Problem>{{mark.place(), message, std::move(hints)}});
}

/// Copies what toml++ read into our own document.
class Converter {
 public:
  explicit Converter(Source source) : source_(std::move(source)) {}

  Node convert(const toml::node& from, int level) {
    Node node;
    node.mark = mark_of(source_, from.source());
    if (level > most_levels) refuse(node.mark, fmt::format("nested more than {} levels deep", most_levels));
    if (++values_ > most_values) refuse(node.mark, fmt::format("more than {} values in one file", most_values));
    switch (from.type()) {
      case toml::node_type::table:
        convert_table(*from.as_table(), level, node);
        break;
      case toml::node_type::array:
        node.kind = Node::Kind::list;
        for (const toml::node& item : *from.as_array()) node.items.push_back(convert(item, level + 1));
        break;
      case toml::node_type::string:
        node.kind = Node::Kind::text;
        node.text = from.as_string()->get();
        break;
      case toml::node_type::integer:
        node.kind = Node::Kind::integer;
        node.integer = from.as_integer()->get();
        break;
      case toml::node_type::floating_point:
        node.kind = Node::Kind::number;
        node.number = from.as_floating_point()->get();
        break;
      case toml::node_type::boolean:
        node.kind = Node::Kind::boolean;
        node.flag = from.as_boolean()->get();
        break;
      default:
        node.kind = Node::Kind::date;
    }
    return node;
  }

 private:
  void convert_table(const toml::table& from, int level, Node& node) {
    node.kind = Node::Kind::table;
    for (const auto& [key, value] : from) {
      auto child = std::make_unique<Node>(convert(value, level + 1));
      child->key_mark = mark_of(source_, key.source());
      node.entries.emplace(std::string(key.str()), std::move(child));
    }
  }

  Source source_;
  std::size_t values_ = 0;
};

/// What most often stands behind a syntax error in a scenario: a quantity or a word without quotes.
std::vector<std::string> syntax_hints(std::string_view line, std::string_view description) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  std::string_view value = line.substr(equals + 1);
  value = value.substr(0, value.find('#'));
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front()))) value.remove_prefix(1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back()))) value.remove_suffix(1);
  const bool letters = std::any_of(value.begin(), value.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)); });
  if (!letters || description.find("redefine") != std::string_view::npos || value.size() > 60 ||
      value.find_first_of("\"'[]{}=,") != std::string_view::npos)
    return {};
  return {fmt::format("A quantity with a unit, and any other text, stands in quotes: {}", in_quotes(value))};
}

/// toml++ gives no place when an assumption breaks. The parser reads from the front, so the line is the shortest prefix of lines that
/// breaks it.
int line_of_broken_assumption(const WrittenText& source) {
  const auto breaks = [&](int lines) {
    const std::string_view last = source.line(lines);
    const std::size_t bytes = static_cast<std::size_t>(last.data() + last.size() - source.text().data());
    try {
      static_cast<void>(toml::parse(std::string_view(source.text()).substr(0, bytes)));
    } catch (const TomlAssumptionBroken&) {
      return true;
    } catch (const std::exception&) {
    }
    return false;
  };
  int low = 1, high = source.lines();
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (breaks(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

std::string plain_description(std::string_view description) {
  const std::size_t colon = description.find(": ");
  if (description.substr(0, 20) == "Error while parsing " && colon != std::string_view::npos)
    return fmt::format("not valid TOML ({}): {}", description.substr(20, colon - 20), description.substr(colon + 2));
  return fmt::format("not valid TOML: {}", description);
}

}  // namespace

Node read_toml(const Source& source) {
  if (source->text().size() > most_bytes)
    throw InputError({{Place{.file = source->name()}, fmt::format("longer than {} MiB, which no scenario is", most_bytes >> 20), {}}});
  if (const std::optional<std::size_t> byte = too_long_key(source->text())) {
    const auto [line, column] = source->line_and_column(*byte);
    refuse({source, line, column}, fmt::format("a key with more than {} parts", most_levels));
  }
  try {
    const toml::table table = toml::parse(std::string_view(source->text()));
    Node root = Converter(source).convert(table, 0);
    root.mark = {source};
    return root;
  } catch (const toml::parse_error& error) {
    const Mark mark = mark_of(source, error.source());
    refuse(mark, plain_description(error.description()), syntax_hints(source->line(mark.line), error.description()));
  } catch (const TomlAssumptionBroken&) {
    const int line = line_of_broken_assumption(*source);
    refuse({source, line, 1, static_cast<int>(source->line(line).size())}, "not valid TOML: this line is no key, value or [table]");
  }
}

}  // namespace paracrine::sim
