#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/mark.hpp"

namespace paracrine::sim {

/// A value of a TOML document, with the places of its key and of itself.
struct Node {
  enum class Kind { text, integer, number, boolean, date, list, table };
  Kind kind = Kind::table;
  std::string text;
  std::int64_t integer = 0;
  double number = 0.0;
  bool flag = false;
  std::vector<Node> items;                               // of a list
  std::map<std::string, std::unique_ptr<Node>> entries;  // of a table
  Mark mark;                                             // of the value
  Mark key_mark;                                         // of the key it stands under
  std::string as_written;                                // of a scalar in an override, which may stand for a text without quotes

  Node* find(const std::string& key) {
    const auto found = entries.find(key);
    return found == entries.end() ? nullptr : found->second.get();
  }
};

/// Reads TOML 1.0. Throws InputError with the place of the first thing that is no TOML, or of what is beyond the limits below.
Node read_toml(const std::shared_ptr<const WrittenText>& source);

/// Limits far above any sensible scenario, so that no file can make the reader work or nest without end.
inline constexpr std::size_t most_bytes = std::size_t{4} << 20;
inline constexpr int most_levels = 32;
inline constexpr std::size_t most_values = 100000;

/// Lays `over` on `base`: tables are merged key by key, everything else is replaced as a whole.
void merge(Node& base, Node&& over);

/// Brings the entries of a [parameters] table, nested or with dots in their keys, to one level of full names.
/// A name that is given twice is reported.
void flatten_parameters(Node& root, std::vector<Problem>& problems);

}  // namespace paracrine::sim
