#pragma once
#include <variant>

#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// A number in the unit `unit`; `seconds` besides for quantities that the clock counts.
struct HeldQuantity {
  double value = 0.0;
  std::string unit;
  bool whole_seconds = false;
  std::int64_t seconds = 0;
};

/// One checked value. monostate: it was refused.
struct Table::Value {
  std::variant<std::monostate, HeldQuantity, std::int64_t, bool, std::string, std::vector<std::string>, Table, std::vector<Table>> held;
  Mark mark;
  bool written = false;
};

}  // namespace paracrine::sim
