#pragma once
#include <string>
#include <vector>

#include "sim/scenario/document.hpp"
#include "sim/scenario/schema.hpp"

namespace paracrine::sim {

/// What a user wrote, for messages: "12 um" in quotes, 14, true, "a list of tables".
std::string got(const Node& node);
/// What a value of this key looks like: length/time (such as "1 um/min"); true or false; one of "mouse", "human".
std::string expected(const Key& key, const std::string& path);
/// The physical range in words: "0 or more", "more than 0 s", "0 to 100 um/min".
std::string range_words(const Key& key);
/// A value with its unit: 14 um/min; durations of the clock as people write them.
std::string with_unit(double value, const std::string& unit, bool whole_seconds = false);
/// The value as it stands in a scenario: 0.5 or "14 um/min".
std::string as_toml(double value, const std::string& unit, bool whole_seconds = false);
/// Names in quotes, joined by commas.
std::string list_of(const std::vector<std::string>& names);
/// The unit has no dimension and no factor: a plain number will do.
bool is_plain_unit(const std::string& unit);

/// "The default is ..." where there is one.
std::vector<std::string> default_hint(const Key& key);
/// "Did you mean ...?" or, when nothing is near, what there is.
std::vector<std::string> name_hints(const std::string& wrong, const std::vector<std::string>& known, const std::string& what);

}  // namespace paracrine::sim
