#include "sim/scenario/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/core/text.hpp"

namespace paracrine::sim {

namespace {

using Source = std::shared_ptr<const WrittenText>;

struct Segment {
  std::string name;
  Mark mark;
};

int characters(std::string_view text) {
  int count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(character_bytes(text));
  return count;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 1 && static_cast<unsigned char>(text.front()) > 0x7F) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Mark mark_part(const Source& source, std::string_view part) {
  const std::string_view before(source->text().data(), static_cast<std::size_t>(part.data() - source->text().data()));
  return {source, 1, characters(before) + 1, std::max(1, characters(part))};
}

/// Keys and indices of the path, with quotes around a key taken off.
std::vector<Segment> segments_of(const Source& source, std::string_view path) {
  std::vector<Segment> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    std::size_t end = begin;
    char quote = 0;
    for (; end < path.size() && (quote || path[end] != '.'); ++end) {
      if (quote == 0 && (path[end] == '"' || path[end] == '\''))
        quote = path[end];
      else if (path[end] == quote)
        quote = 0;
    }
    const std::string_view part = trimmed(path.substr(begin, end - begin));
    std::string_view name = part;
    if (name.size() > 1 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) name = name.substr(1, name.size() - 2);
    segments.push_back({std::string(name), mark_part(source, part)});
    begin = end + 1;
  }
  return segments;
}

std::optional<std::size_t> index_of(const std::string& name) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (name.empty() || error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return index;
}

void set_mark(Node& node, const Source& source, int shift) {
  node.mark.source = source;
  node.mark.column += node.mark.line == 1 ? shift : 0;
  if (node.key_mark.source) {
    node.key_mark.source = source;
    node.key_mark.column += node.key_mark.line == 1 ? shift : 0;
  }
  for (Node& item : node.items) set_mark(item, source, shift);
  for (auto& [key, value] : node.entries) set_mark(*value, source, shift);
}

/// The value as TOML, read from a document of its own with one key; empty when it is none.
std::optional<Node> toml_value(const Source& source, std::string_view value) {
  constexpr std::string_view key = "v=";
  Node document = read_toml(std::make_shared<WrittenText>(source->name(), std::string(key) + std::string(value), false));
  if (document.entries.size() != 1) return std::nullopt;
  Node node = std::move(*document.entries.begin()->second);
  set_mark(node, source, mark_part(source, value).column - 1 - static_cast<int>(key.size()));
  return node;
}

std::optional<Node> value_of(const Source& source, std::string_view value, Findings& findings) {
  const bool plain = value.find_first_of("\"'[{\n") != 0;
  try {
    if (std::optional<Node> node = toml_value(source, value)) {
      if (plain) node->as_written = std::string(value);
      return node;
    }
  } catch (const InputError& error) {
    if (!plain) {
      findings.error(mark_part(source, value).place(), error.problems().front().message,
                     {"A value is written as in TOML; a word or a quantity may stand without quotes."});
      return std::nullopt;
    }
  }
  Node node;
  node.kind = Node::Kind::text;
  node.text = node.as_written = std::string(value);
  node.mark = mark_part(source, value);
  return node;
}

std::string path_until(const std::vector<Segment>& segments, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) path += (i ? "." : "") + segments[i].name;
  return path;
}

/// The place that a segment names inside `node`, made when it is not there; nothing, and a problem, when there can be none.
Node* enter(Node& node, const std::vector<Segment>& segments, std::size_t i, Findings& findings) {
  const Segment& segment = segments[i];
  const std::string path = path_until(segments, i);
  if (node.kind == Node::Kind::list) {
    const std::optional<std::size_t> index = index_of(segment.name);
    if (!index || *index > node.items.size()) {
      const std::string entries = node.items.size() == 1 ? "1 entry" : fmt::format("{} entries", node.items.size());
      findings.error(
          segment.mark.place(),
          fmt::format("{} is a list of {}: expected an index from 0 to {}, got {}", path, entries, node.items.size(), in_quotes(segment.name)),
          {fmt::format("{}.{} appends an entry.", path, node.items.size())});
      return nullptr;
    }
    if (*index == node.items.size()) {
      node.items.emplace_back();
      node.items.back().mark = node.items.back().key_mark = segment.mark;
    }
    return &node.items[*index];
  }
  if (node.kind != Node::Kind::table) {
    findings.error(segment.mark.place(), fmt::format("{} is a single value, which has no key {}", path, in_quotes(segment.name)));
    return nullptr;
  }
  std::unique_ptr<Node>& entry = node.entries[segment.name];
  if (!entry) {
    entry = std::make_unique<Node>();
    const bool list = i + 1 < segments.size() && index_of(segments[i + 1].name);
    entry->kind = list ? Node::Kind::list : Node::Kind::table;
    entry->mark = entry->key_mark = segment.mark;
  }
  return entry.get();
}

/// The full name of a parameter may have dots: everything behind "parameters." is one key.
void set_parameter(Node& root, const std::vector<Segment>& segments, Node value, Findings& findings) {
  Node document;
  document.mark = root.mark;
  std::unique_ptr<Node>& table = document.entries["parameters"] = std::make_unique<Node>();
  table->mark = table->key_mark = segments.front().mark;
  if (segments.size() == 1) {
    value.key_mark = segments.front().mark;
    *table = std::move(value);
  } else {
    std::string name = segments[1].name;
    for (std::size_t i = 2; i < segments.size(); ++i) name += "." + segments[i].name;
    value.key_mark = segments[1].mark;
    value.key_mark.length = segments.back().mark.column + segments.back().mark.length - segments[1].mark.column;
    table->entries[name] = std::make_unique<Node>(std::move(value));
  }
  flatten_parameters(document, findings.problems);
  merge(root, std::move(document));
}

void set_key(Node& root, const std::vector<Segment>& segments, Node value, Findings& findings) {
  Node* place = &root;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    place = enter(*place, segments, i, findings);
    if (!place) return;
  }
  value.key_mark = segments.back().mark;
  merge(*place, std::move(value));
}

}  // namespace

void apply_override(Node& root, const std::string& text, Findings& findings) {
  const auto source = std::make_shared<WrittenText>("--set " + text, text, false);
  const std::string_view whole = source->text();
  if (!is_utf8(whole)) return findings.error(mark_part(source, whole).place(), "it is not valid UTF-8 text");
  const std::size_t equals = whole.find('=');
  const std::string_view path = trimmed(whole.substr(0, equals));
  const std::string_view value = equals == std::string_view::npos ? std::string_view() : trimmed(whole.substr(equals + 1));
  const std::vector<Segment> segments = segments_of(source, path);
  const bool nameless = std::any_of(segments.begin(), segments.end(), [](const Segment& segment) { return segment.name.empty(); });
  if (value.empty() || nameless)
    return findings.error(mark_part(source, whole).place(), "expected path=value", {"Such as time.duration=\"14 d\" or therapy.0.cells=1e6"});
  if (segments.size() > static_cast<std::size_t>(most_levels))
    return findings.error(mark_part(source, path).place(), fmt::format("a path with more than {} parts", most_levels));
  if (segments.front().name == "include") return findings.error(segments.front().mark.place(), "include: only a file can include others");
  std::optional<Node> node = value_of(source, value, findings);
  if (!node) return;
  if (segments.front().name == "parameters")
    set_parameter(root, segments, std::move(*node), findings);
  else
    set_key(root, segments, std::move(*node), findings);
}

}  // namespace paracrine::sim
