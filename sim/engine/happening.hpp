#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace paracrine::sim {

/// Something that a scenario asks for at a time, as the run does it.
struct Happening {
  std::string section;     // list of tables that asks for it
  std::size_t entry = 0;   // number in the list
  std::int64_t which = 1;  // of the times that the entry asks for
  std::int64_t times = 1;
  std::int64_t asked_s = 0;                                  // as written
  std::int64_t start_s = 0;                                  // as done
  double stop_s = std::numeric_limits<double>::quiet_NaN();  // its end, or that of the run where it comes first; NaN: it happens at once
  double share = 1.0;                                        // of it that happens before the run ends; 0: it does not happen
  double amount = std::numeric_limits<double>::quiet_NaN();  // what happens before the run ends, in `unit`; NaN: it has no amount
  std::string unit = "1";
};

}  // namespace paracrine::sim
