#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace paracrine::sim {

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool contains(double value) const { return value >= low && value <= high; }
};

/// Where a value comes from.
enum class Source { unset, measured, model, derived, fitted, assumed };

/// How a parameter spreads where it is varied. normal: spread = standard deviation; lognormal: spread = geometric standard deviation;
/// uniform: over the published range; fixed: not varied.
enum class Spread { fixed, uniform, normal, lognormal };
struct Distribution {
  Spread kind = Spread::fixed;
  double spread = 0.0;
};

/// Another default of the same parameter, chosen by name (a species, say), with its own range and source.
struct Variant {
  std::string_view name{};
  double value = 0.0;
  Range published{};
  Source kind = Source::unset;
  std::string_view source{};
};

/// One row of a parameter table. The default is the member's initial value in struct P.
template <class P>
struct Parameter {
  std::string_view name{};
  double P::*member = nullptr;
  std::string_view unit{};
  Range physical{.low = std::numeric_limits<double>::quiet_NaN(), .high = std::numeric_limits<double>::quiet_NaN()};
  Range published{.low = std::numeric_limits<double>::quiet_NaN(), .high = std::numeric_limits<double>::quiet_NaN()};
  Distribution distribution{};
  Source kind = Source::unset;
  std::string_view meaning{};
  std::string_view source{};
  std::array<Variant, 2> variants{};
};

/// True when a table describes every member of its struct (all members are double), each once, whole: name, unit, both ranges, kind, meaning,
/// source, default inside the physical range. Every table stands beside a static_assert(complete(table)), so a missing entry does not compile.
template <class P, std::size_t N>
consteval bool complete(const std::array<Parameter<P>, N>& table) {
  if (N * sizeof(double) != sizeof(P)) throw "a member of the struct has no row in the table, or is no double";
  const P defaults{};
  for (std::size_t i = 0; i < N; ++i) {
    const Parameter<P>& row = table[i];
    if (row.name.empty() || row.unit.empty() || row.meaning.empty()) throw "a row lacks its name, unit or meaning";
    if (row.kind == Source::unset || row.source.empty()) throw "a parameter without a source";
    if (!(row.physical.low <= row.physical.high)) throw "a row lacks its physical range";
    if (!(row.published.low <= row.published.high)) throw "a row lacks its published range";
    if (!(defaults.*row.member >= row.physical.low && defaults.*row.member <= row.physical.high)) throw "a default lies outside the physical range";
    for (std::size_t j = 0; j < i; ++j)
      if (table[j].name == row.name || table[j].member == row.member) throw "a name or member stands twice";
    for (const Variant& variant : row.variants)
      if (!variant.name.empty() && (variant.kind == Source::unset || variant.source.empty() || !(variant.published.low <= variant.published.high)))
        throw "a variant lacks its source or range";
  }
  return true;
}

/// A parameter as the scenario reader, `paracrine params` and the output see it: full name, default per variant, ranges, sources.
struct ParameterInfo {
  std::string name;  // "lung_arrest.segments"
  std::string unit;
  double value = 0.0;  // default of the chosen variant, or the override
  double default_value = 0.0;
  Range physical, published;
  Distribution distribution;
  Source kind = Source::unset;
  std::string meaning, source;
  bool overridden = false;
};

std::string_view source_name(Source kind);
std::string_view spread_name(Spread kind);

/// The rows of one table as ParameterInfo, with the defaults of `variant` ("" or an unknown name: the struct's own).
template <class P, std::size_t N>
std::vector<ParameterInfo> describe(std::string_view prefix, const std::array<Parameter<P>, N>& table, std::string_view variant) {
  std::vector<ParameterInfo> rows;
  const P defaults{};
  for (const Parameter<P>& row : table) {
    ParameterInfo info{.name = std::string(prefix) + "." + std::string(row.name),
                       .unit = std::string(row.unit),
                       .value = defaults.*row.member,
                       .default_value = defaults.*row.member,
                       .physical = row.physical,
                       .published = row.published,
                       .distribution = row.distribution,
                       .kind = row.kind,
                       .meaning = std::string(row.meaning),
                       .source = std::string(row.source)};
    for (const Variant& other : row.variants)
      if (!other.name.empty() && other.name == variant) {
        info.value = info.default_value = other.value;
        info.published = other.published;
        info.kind = other.kind;
        info.source = std::string(other.source);
      }
    rows.push_back(std::move(info));
  }
  return rows;
}

/// Reads the struct of one table out of a list of resolved parameters (in the table's own units). Every row must be there.
template <class P, std::size_t N>
P collect(std::string_view prefix, const std::array<Parameter<P>, N>& table, const std::function<double(const std::string&)>& value_of) {
  P result{};
  for (const Parameter<P>& row : table) result.*row.member = value_of(std::string(prefix) + "." + std::string(row.name));
  return result;
}

}  // namespace paracrine::sim
