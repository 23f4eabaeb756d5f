#include "sim/scenario/write.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/units.hpp"
#include "sim/scenario/table_value.hpp"
#include "sim/scenario/wording.hpp"

namespace paracrine::sim {

namespace {

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
          out += c;
    }
  }
  return out + "\"";
}

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : toml_text(key);
}

/// Writes a value that stands on one line; nothing for tables, lists of tables that are not empty, and refused values.
struct OneLine {
  std::string operator()(const HeldQuantity& held) const { return as_toml(held.value, held.unit, held.whole_seconds); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const { return toml_text(value); }
  std::string operator()(const std::vector<std::string>& values) const {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : ", ") + toml_text(value);
    return "[" + text + "]";
  }
  std::string operator()(const std::vector<Table>& tables) const { return tables.empty() ? "[]" : ""; }
  std::string operator()(const Table&) const { return ""; }
  std::string operator()(std::monostate) const { return ""; }
};

void write_table(const Table& table, const std::string& path, std::string& out, const std::string& without = "") {
  for (const auto& [key, value] : table.entries()) {
    const std::string text = std::visit(OneLine{}, value->held);
    if (!text.empty()) out += fmt::format("{} = {}\n", toml_key(key), text);
  }
  for (const auto& [key, value] : table.entries()) {
    if (key == without) continue;
    const std::string own_path = path.empty() ? toml_key(key) : path + "." + toml_key(key);
    if (const Table* inner = std::get_if<Table>(&value->held); inner && !inner->entries().empty()) {
      out += fmt::format("\n[{}]\n", own_path);
      write_table(*inner, own_path, out);
    }
    if (const auto* list = std::get_if<std::vector<Table>>(&value->held))
      for (const Table& inner : *list) {
        out += fmt::format("\n[[{}]]\n", own_path);
        write_table(inner, own_path, out);
      }
  }
}

}  // namespace

std::string to_toml(const Scenario& scenario) {
  std::string out;
  write_table(scenario.root, "", out);
  return out;
}

std::string to_complete_toml(const Scenario& scenario) {
  std::string out;
  write_table(scenario.root, "", out, "parameters");
  if (!scenario.parameters.empty()) out += "\n[parameters]\n";
  for (const ParameterInfo& row : scenario.parameters) out += fmt::format("{} = {}\n", toml_key(row.name), as_toml(row.value, row.unit));
  return out;
}

}  // namespace paracrine::sim
