#include "sim/scenario/document.hpp"

#include <fmt/format.h>

namespace paracrine::sim {

namespace {

/// `start`: where the name began, so that a dotted key is marked as a whole.
void flatten(const std::string& prefix, const Mark& start, Node& from, Node& into, std::vector<Problem>& problems) {
  for (auto& [key, value] : from.entries) {
    const std::string name = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    if (start.line == value->key_mark.line && start.source == value->key_mark.source && start.column < value->key_mark.column && !prefix.empty()) {
      value->key_mark.length += value->key_mark.column - start.column;
      value->key_mark.column = start.column;
    }
    if (value->kind == Node::Kind::table) {
      const Mark own = value->key_mark;
      flatten(name, own, *value, into, problems);
      continue;
    }
    const Mark mark = value->key_mark;
    const auto [there, added] = into.entries.try_emplace(name, nullptr);
    if (added)
      there->second = std::move(value);
    else
      problems.push_back({mark.place(),
                          fmt::format("the parameter {} is given twice", in_quotes(name)),
                          {fmt::format("It stands also in line {}.", there->second->key_mark.line)}});
  }
}

}  // namespace

void merge(Node& base, Node&& over) {
  if (base.kind != Node::Kind::table || over.kind != Node::Kind::table) {
    base = std::move(over);
    return;
  }
  base.mark = over.mark;
  base.key_mark = over.key_mark;
  for (auto& [key, value] : over.entries) {
    std::unique_ptr<Node>& mine = base.entries[key];
    if (mine)
      merge(*mine, std::move(*value));
    else
      mine = std::move(value);
  }
}

void flatten_parameters(Node& root, std::vector<Problem>& problems) {
  Node* parameters = root.find("parameters");
  if (!parameters || parameters->kind != Node::Kind::table) return;
  Node flat;
  flat.mark = parameters->mark;
  flat.key_mark = parameters->key_mark;
  flatten("", flat.key_mark, *parameters, flat, problems);
  *parameters = std::move(flat);
}

}  // namespace paracrine::sim
