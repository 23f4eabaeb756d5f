#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/core/parameters.hpp"
#include "sim/scenario/mark.hpp"
#include "sim/scenario/schema.hpp"

namespace paracrine::sim {

/// A table of a scenario after it was checked against its schema: every key that is there or has a default. Keys that are absent without
/// a default, or whose value was refused, throw std::out_of_range when read; so does a key read as another type than its own.
class Table {
 public:
  bool has(const std::string& key) const;
  /// The value in the unit that `unit(key)` names (the allowed unit with the dimension that was written; the first one unless alternatives were
  /// declared).
  double quantity(const std::string& key) const;
  const std::string& unit(const std::string& key) const;
  std::int64_t seconds(const std::string& key) const;  // a quantity of time in whole seconds
  std::int64_t integer(const std::string& key) const;
  bool flag(const std::string& key) const;
  const std::string& text(const std::string& key) const;                // also the word that stands for a number
  bool word(const std::string& key) const;                              // a word of `choices` stands instead of a number
  const std::vector<std::string>& texts(const std::string& key) const;  // an absent list is there, empty
  const Table& table(const std::string& key) const;                     // an absent table is there, filled with defaults, unless it has required keys
  const std::vector<Table>& tables(const std::string& key) const;       // an absent list is there, empty
  /// Where the key was written; of a default, where its table stands; line 0 when nowhere.
  Place place(const std::string& key) const;
  Place place() const;                         // of the table itself
  bool written(const std::string& key) const;  // by the user, not a default

  struct Value;
  /// Every key in the order of the schema, for the writer.
  const std::vector<std::pair<std::string, std::shared_ptr<const Value>>>& entries() const { return entries_; }

 private:
  friend class Checker;
  const Value* find(const std::string& key) const;
  template <class T>
  const T& get(const std::string& key) const;
  std::vector<std::pair<std::string, std::shared_ptr<const Value>>> entries_;
  Mark mark_;
};

/// Things wrong or doubtful, collected so that the user sees all at once.
struct Findings {
  std::vector<Problem> problems;
  std::vector<Problem> warnings;
  void error(Place place, std::string message, std::vector<std::string> hints = {}) {
    problems.push_back({std::move(place), std::move(message), std::move(hints)});
  }
  void warn(Place place, std::string message, std::vector<std::string> hints = {}) {
    warnings.push_back({std::move(place), std::move(message), std::move(hints)});
  }
};

/// One file that went into a scenario, as written.
struct SourceText {
  std::string file;
  std::string text;
};

/// A scenario ready to run: merged from its file, includes and overrides, checked completely.
struct Scenario {
  std::string model;
  Table root;
  std::vector<ParameterInfo> parameters;  // of the model, with overrides
  std::vector<SourceText> sources;        // the file itself first, then its includes
  std::vector<std::string> overrides;     // as given
  std::vector<Problem> warnings;

  double parameter(const std::string& name) const;  // in the table's unit; std::out_of_range when there is none
  bool process(const std::string& name) const;      // its switch
};

/// What the reader needs to know of the models; the catalogue gives it.
struct ModelInfo {
  std::function<std::vector<std::string>()> models;  // names, for `model = "..."`
  std::function<Schema(const std::string& model)> schema;
  std::function<std::vector<ParameterInfo>(const std::string& model, const std::string& variant)> parameters;  // with the defaults of the variant
  std::string variant_key = "species";                                                                         // root key that chooses the variant
  /// The model's own checks. Called also when the schema found problems, so that all are said at once; a check that reads a key whose value
  /// was refused is then left at that point.
  std::function<void(const Scenario&, Findings&)> check;
};

/// Reads, merges and checks a scenario. Throws InputError with every problem found.
Scenario load_scenario(const std::string& file, const std::vector<std::string>& overrides, const ModelInfo& models);
/// The same from a text in memory (`name` stands in messages; includes are relative to `folder`, and refused when it is empty).
Scenario parse_scenario(const std::string& text, const std::string& name, const std::string& folder, const std::vector<std::string>& overrides,
                        const ModelInfo& models);
/// The merged scenario with all defaults as TOML that reads back to the same scenario.
std::string to_toml(const Scenario& scenario);
/// JSON Schema (draft-04) of the scenario files of all models.
std::string json_schema(const ModelInfo& models);

}  // namespace paracrine::sim
