#include "bindings/driver/wording.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

namespace paracrine::driver {

std::string counted(std::uint64_t count, std::string_view noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

double option_seconds(const std::string& option, const std::string& text) {
  const std::vector<std::string> hints{"Write a time with its unit, such as \"14 d\", \"6 h\" or \"10 min\"."};
  try {
    const double seconds = sim::convert(sim::parse_quantity(text), sim::parse_unit("s"));
    if (!std::isfinite(seconds) || !(seconds >= 0.0))
      throw sim::InputError(fmt::format("{}: {} is not 0 or more", option, sim::in_quotes(text)), hints);
    return seconds;
  } catch (const sim::UnitError& error) {
    throw sim::InputError(fmt::format("{} {}: {}", option, sim::in_quotes(text), error.what()), hints);
  }
}

}  // namespace paracrine::driver
