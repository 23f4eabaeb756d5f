#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/units.hpp"
#include "sim/scenario/table_value.hpp"

namespace paracrine::sim {

const Table::Value* Table::find(const std::string& key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.first == key; });
  return found == entries_.end() ? nullptr : found->second.get();
}

template <class T>
const T& Table::get(const std::string& key) const {
  const Value* value = find(key);
  const T* held = value ? std::get_if<T>(&value->held) : nullptr;
  if (!held) throw std::out_of_range(fmt::format("the scenario key \"{}\" is absent, was refused, or has another type", key));
  return *held;
}

bool Table::has(const std::string& key) const { return find(key) != nullptr; }
double Table::quantity(const std::string& key) const { return get<HeldQuantity>(key).value; }
const std::string& Table::unit(const std::string& key) const { return get<HeldQuantity>(key).unit; }
std::int64_t Table::integer(const std::string& key) const { return get<std::int64_t>(key); }
bool Table::flag(const std::string& key) const { return get<bool>(key); }
const std::string& Table::text(const std::string& key) const { return get<std::string>(key); }
const std::vector<std::string>& Table::texts(const std::string& key) const { return get<std::vector<std::string>>(key); }
const Table& Table::table(const std::string& key) const { return get<Table>(key); }
const std::vector<Table>& Table::tables(const std::string& key) const { return get<std::vector<Table>>(key); }

std::int64_t Table::seconds(const std::string& key) const {
  const HeldQuantity& held = get<HeldQuantity>(key);
  if (held.whole_seconds) return held.seconds;
  return std::llround(convert({held.value, parse_unit(held.unit)}, parse_unit("s")));
}

bool Table::word(const std::string& key) const {
  const Value* value = find(key);
  return value && std::holds_alternative<std::string>(value->held);
}

Place Table::place(const std::string& key) const {
  const Value* value = find(key);
  return value && value->written ? value->mark.place() : mark_.place();
}

Place Table::place() const { return mark_.place(); }

bool Table::written(const std::string& key) const {
  const Value* value = find(key);
  return value && value->written;
}

double Scenario::parameter(const std::string& name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const ParameterInfo& parameter) { return parameter.name == name; });
  if (found == parameters.end()) throw std::out_of_range(fmt::format("there is no parameter \"{}\"", name));
  return found->value;
}

bool Scenario::process(const std::string& name) const { return root.table("processes").flag(name); }

}  // namespace paracrine::sim
