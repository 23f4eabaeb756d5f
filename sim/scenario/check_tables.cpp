#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/checker.hpp"
#include "sim/scenario/wording.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t most_problems = 200;

std::string joined(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

bool read_elsewhere(const std::string& name) { return name == "include" || name == "processes" || name == "parameters"; }

std::vector<std::string> names_of(const std::vector<Key>& keys) {
  std::vector<std::string> names;
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

bool has_required(const std::vector<Key>& keys) {
  return std::any_of(keys.begin(), keys.end(), [](const Key& key) { return key.required; });
}

/// Paths of keys with this name in other tables.
void find_elsewhere(const std::string& name, const std::vector<Key>& keys, const std::string& path, std::vector<std::string>& found) {
  for (const Key& key : keys) {
    const std::string here = joined(path, key.name);
    if (key.name == name && !path.empty()) found.push_back(here);
    find_elsewhere(name, key.keys, key.type == KeyType::table_list ? here + ".0" : here, found);
  }
}

/// Whether the default of a key applies, by another choice of its table.
bool applies(const Key& key, const Table& table) {
  if (key.only_where.empty() || !table.word(key.only_where)) return true;  // not there, or refused
  return std::find(key.only_for.begin(), key.only_for.end(), table.text(key.only_where)) != key.only_for.end();
}

std::string example_for(const Key& key) {
  if (key.type == KeyType::table) return fmt::format("[{}]", key.name);
  if (key.type == KeyType::table_list) return fmt::format("[[{}]]", key.name);
  if (!key.choices.empty()) return fmt::format("{} = \"{}\"", key.name, key.choices.front());
  switch (key.type) {
    case KeyType::quantity: {
      const std::string text = key.whole_seconds ? "14 d" : with_unit(1.0, key.units.front());
      return is_plain_unit(key.units.front()) ? fmt::format("{} = {}", key.name, text) : fmt::format("{} = \"{}\"", key.name, text);
    }
    case KeyType::integer:
      return fmt::format("{} = 1", key.name);
    case KeyType::boolean:
      return fmt::format("{} = true", key.name);
    case KeyType::text_list:
      return fmt::format("{} = [\"...\"]", key.name);
    default:
      return fmt::format("{} = \"...\"", key.name);
  }
}

}  // namespace

void Checker::report(const Mark& mark, std::string message, std::vector<std::string> hints) {
  if (findings_.problems.size() < most_problems) findings_.error(mark.place(), std::move(message), std::move(hints));
}

void Checker::warn(const Mark& mark, std::string message, std::vector<std::string> hints) {
  if (findings_.warnings.size() < most_problems) findings_.warn(mark.place(), std::move(message), std::move(hints));
}

void Checker::add(Table& table, const Key& key, Held held, const Mark& mark, bool written) {
  table.entries_.emplace_back(key.name, std::make_shared<const Table::Value>(Table::Value{std::move(held), mark, written}));
}

Table Checker::table(const Node& node, const std::vector<Key>& keys, const std::string& path) {
  Table table;
  table.mark_ = node.mark;
  for (const Key& key : keys) {
    if (path.empty() && read_elsewhere(key.name)) continue;
    const auto found = node.entries.find(key.name);
    if (found == node.entries.end())
      absent(key, path, table);
    else
      add(table, key, value(*found->second, key, joined(path, key.name)), found->second->mark, true);
  }
  for (const auto& [name, entry] : node.entries) {
    const bool known = std::any_of(keys.begin(), keys.end(), [&name = name](const Key& key) { return key.name == name; });
    if (!known && !(path.empty() && read_elsewhere(name))) unknown(*entry, name, keys, path);
  }
  return table;
}

Table Checker::table_of_defaults(const std::vector<Key>& keys, const std::string& path, const Mark& mark) {
  Table table;
  table.mark_ = mark;
  for (const Key& key : keys) absent(key, path, table);
  return table;
}

/// A key that was not written: reported when it is required, else its default, an empty list, or a table of defaults.
void Checker::absent(const Key& key, const std::string& path, Table& table) {
  const std::string own_path = joined(path, key.name);
  if (key.required) {
    const std::string message =
        path.empty() ? fmt::format("the key \"{}\" is missing", key.name) : fmt::format("{}: the key \"{}\" is missing", path, key.name);
    report(table.mark_, message, {fmt::format("Such as: {}", example_for(key))});
    return;
  }
  if (!applies(key, table)) return;
  if (key.default_value)
    add(table, key, default_of(key, own_path), table.mark_, false);
  else if (key.type == KeyType::table && !has_required(key.keys))
    add(table, key, table_of_defaults(key.keys, own_path, table.mark_), table.mark_, false);
  else if (key.type == KeyType::table_list)
    add(table, key, std::vector<Table>(), table.mark_, false);
  else if (key.type == KeyType::text_list)
    add(table, key, std::vector<std::string>(), table.mark_, false);
}

void Checker::unknown(const Node& entry, const std::string& name, const std::vector<Key>& keys, const std::string& path) {
  if (findings_.problems.size() >= most_problems) return;
  const std::string message = path.empty() ? fmt::format("unknown key {}", in_quotes(name)) : fmt::format("{} has no key {}", path, in_quotes(name));
  std::vector<std::string> elsewhere;
  find_elsewhere(name, schema_.keys, "", elsewhere);
  std::vector<std::string> known = names_of(keys);
  if (path.empty())
    for (const char* own : {"include", "processes", "parameters"})
      if (std::find(known.begin(), known.end(), own) == known.end()) known.emplace_back(own);
  if (elsewhere.empty() || !nearest_name(name, known).empty())
    report(entry.key_mark, message, name_hints(name, known, "Keys here"));
  else
    report(entry.key_mark, message, {fmt::format("There is a key {}.", elsewhere.front())});
}

Table Checker::processes(const Node* node, const Mark& mark) {
  Table table;
  table.mark_ = node ? node->mark : mark;
  const Key switches{.name = "processes", .type = KeyType::table};
  if (node && node->kind != Node::Kind::table) {
    refuse_type(*node, switches, "processes");
    node = nullptr;
  }
  for (const std::string& name : schema_.processes) {
    const Key key{.name = name, .type = KeyType::boolean, .default_value = "true"};
    const auto found = node ? node->entries.find(name) : std::map<std::string, std::unique_ptr<Node>>::const_iterator();
    if (node && found != node->entries.end())
      add(table, key, value(*found->second, key, "processes." + name), found->second->mark, true);
    else
      add(table, key, true, table.mark_, false);
  }
  if (!node) return table;
  for (const auto& [name, entry] : node->entries)
    if (findings_.problems.size() < most_problems && std::find(schema_.processes.begin(), schema_.processes.end(), name) == schema_.processes.end())
      report(entry->key_mark, fmt::format("there is no process {} to switch", in_quotes(name)), name_hints(name, schema_.processes, "Processes"));
  return table;
}

Table Checker::root(const Node& document) {
  Table root = table(document, schema_.keys, "");
  const auto found = document.entries.find("processes");
  const bool there = found != document.entries.end();
  add(root, {.name = "processes"}, processes(there ? found->second.get() : nullptr, root.mark_), there ? found->second->mark : root.mark_, there);
  return root;
}

void Checker::parameters(const Node& document, std::vector<ParameterInfo>& parameters, Table& root) {
  Table table;
  table.mark_ = root.mark_;
  const auto found = document.entries.find("parameters");
  const bool there = found != document.entries.end();
  if (there && found->second->kind != Node::Kind::table) refuse_type(*found->second, {.name = "parameters", .type = KeyType::table}, "parameters");
  if (there && found->second->kind == Node::Kind::table) {
    table.mark_ = found->second->mark;
    for (const auto& [name, entry] : found->second->entries) {
      const auto known = std::find_if(parameters.begin(), parameters.end(), [&name = name](const ParameterInfo& row) { return row.name == name; });
      if (known == parameters.end()) {
        unknown_parameter(*entry, name, parameters);
        continue;
      }
      const Key key{.name = name,
                    .type = KeyType::quantity,
                    .units = {known->unit},
                    .default_value = as_toml(known->default_value, known->unit),
                    .physical = known->physical,
                    .published = known->published,
                    .published_source = known->source};
      Held held = value(*entry, key, name);
      if (const HeldQuantity* quantity = std::get_if<HeldQuantity>(&held)) {
        known->value = quantity->value;
        known->overridden = known->value != known->default_value;
      }
      add(table, key, std::move(held), entry->mark, true);
    }
  }
  add(root, {.name = "parameters"}, std::move(table), there ? found->second->mark : root.mark_, there);
}

void Checker::unknown_parameter(const Node& entry, const std::string& name, const std::vector<ParameterInfo>& parameters) {
  if (findings_.problems.size() >= most_problems) return;
  const std::size_t dot = name.rfind('.');
  const std::string part = name.substr(0, dot), own = dot == std::string::npos ? "" : name.substr(dot + 1);
  std::vector<std::string> all, of_part;
  for (const ParameterInfo& row : parameters) {
    all.push_back(row.name);
    if (row.name.size() > part.size() && row.name.compare(0, part.size() + 1, part + ".") == 0) of_part.push_back(row.name.substr(part.size() + 1));
  }
  if (!own.empty() && !of_part.empty())
    return report(entry.key_mark, fmt::format("{} has no parameter {}", part, in_quotes(own)), name_hints(own, of_part, "Its parameters"));
  report(entry.key_mark, fmt::format("there is no parameter {}", in_quotes(name)), name_hints(name, all, "Parameters"));
}

}  // namespace paracrine::sim
