#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/document.hpp"
#include "sim/scenario/table_value.hpp"

namespace paracrine::sim {

/// Turns a document into checked tables, after a schema. Collects everything that is wrong or doubtful.
class Checker {
 public:
  Checker(const Schema& schema, Findings& findings) : schema_(schema), findings_(findings) {}

  /// All keys of a scenario, with [processes] and [parameters] last.
  Table root(const Node& document);
  /// The parameters of the model with the values of the document's [parameters].
  void parameters(const Node& document, std::vector<ParameterInfo>& parameters, Table& root);

 private:
  using Held = decltype(Table::Value::held);

  Table table(const Node& node, const std::vector<Key>& keys, const std::string& path);
  Table table_of_defaults(const std::vector<Key>& keys, const std::string& path, const Mark& mark);
  void absent(const Key& key, const std::string& path, Table& table);
  void add(Table& table, const Key& key, Held held, const Mark& mark, bool written);
  void unknown(const Node& entry, const std::string& name, const std::vector<Key>& keys, const std::string& path);
  Table processes(const Node* node, const Mark& mark);
  void unknown_parameter(const Node& entry, const std::string& name, const std::vector<ParameterInfo>& parameters);

  Held value(const Node& node, const Key& key, const std::string& path);
  Held quantity(const Node& node, const Key& key, const std::string& path);
  Held integer(const Node& node, const Key& key, const std::string& path);
  Held choice(const Node& node, const Key& key, const std::string& path);
  Held texts(const Node& node, const Key& key, const std::string& path);
  Held tables(const Node& node, const Key& key, const std::string& path);
  Held default_of(const Key& key, const std::string& path);
  bool clock(const Node& node, const Key& key, const std::string& path, HeldQuantity& held);
  bool in_range(const Node& node, const Key& key, const std::string& path, const HeldQuantity& held);
  Held refuse(const Node& node, const Key& key, std::string message, bool with_default = true);
  Held refuse_type(const Node& node, const Key& key, const std::string& path);

  void report(const Mark& mark, std::string message, std::vector<std::string> hints = {});
  void warn(const Mark& mark, std::string message, std::vector<std::string> hints);

  const Schema& schema_;
  Findings& findings_;
};

}  // namespace paracrine::sim
