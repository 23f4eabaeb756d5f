#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/core/parameters.hpp"

namespace paracrine::sim {

enum class KeyType {
  quantity,  // a string with a unit ("3.5 d"); a plain number only where a unit "1" is allowed
  integer,
  boolean,
  text,
  choice,      // text out of `choices`
  text_list,   // list of texts, out of `choices` where there are any
  table,       // [name], with `keys`
  table_list,  // [[name]] or a list of inline tables, with `keys`
};

/// One key of a scenario file.
struct Key {
  std::string name;
  KeyType type = KeyType::text;
  std::vector<std::string>
      units{};  // quantity: units whose dimension is allowed; a value is held in the unit of its dimension. The first is canonical
  std::optional<std::string> default_value{};  // TOML source: "\"6 h\"", "1", "true", "[]"; none: absent unless written (lists: empty)
  bool required = false;                       // an error when absent (inside a table that is there); of a list: when empty
  Range physical{};  // quantity, integer: outside is an error (in the first unit, for values of its dimension; a low end of 0 in every unit)
  bool exclusive_low = false;  // the low end itself is refused ("more than 0")
  bool exclusive_high = false;
  bool whole_seconds = false;  // quantity of time that the clock counts: a whole number of seconds
  Range published{};           // outside is a warning
  std::string published_source{};
  std::vector<std::string> choices{};  // of choice and text_list; of quantity and integer: words that may stand instead of a number ("auto")
  std::string only_where{};            // a choice of the same table, listed before this key: the default applies only where it is one of `only_for`
  std::vector<std::string> only_for{};
  std::vector<Key> keys{};  // of table and table_list
  std::string meaning{};
};

/// All keys of the scenario files of one model: what the engine reads itself and what the disease registers.
struct Schema {
  std::string model;
  std::vector<Key> keys;                  // of the root; include, processes and parameters are the reader's own and need no entry
  std::vector<std::string> processes;     // names allowed in [processes], each true or false, default true
  std::vector<ParameterInfo> parameters;  // names allowed in [parameters] with the defaults of no variant in particular
};

}  // namespace paracrine::sim
