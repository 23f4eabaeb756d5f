#pragma once
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paracrine::sim {

/// Exponents of length, mass, time and amount of substance. Counts (cells, particles, U) have no dimension.
struct Dimension {
  std::array<std::int8_t, 4> exponent{};
  bool operator==(const Dimension&) const = default;
};

/// A unit: factor * 10^decade in the coherent base (m, kg, s, mol), and its dimension. The power of ten stands apart so that
/// conversions between decimal units are rounded once: "5 ug" is exactly the double 0.005 in mg.
struct Unit {
  double factor = 1.0;
  Dimension dimension{};
  int decade = 0;
};

/// A value with the unit it was written in.
struct Quantity {
  double value = 0.0;
  Unit unit{};
  bool bare = false;  // written without any unit
};

/// A text that is no unit or no quantity; what() is a sentence fragment such as: unknown unit "minn" (did you mean "min"?)
class UnitError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Reads a unit: "1", "um", "mL/min/g", "um^2/s", "d^-1", "cells/kg", "%". Factors are joined by "*" and "/"; "/" divides by the next
/// factor only. Throws UnitError.
Unit parse_unit(std::string_view text);
/// Reads a value and a unit: "0.94 mL/min/g", "1e6 cells/kg", "-3 d", "36h"; a bare number has the unit 1. Throws UnitError, also for
/// values that are not finite.
Quantity parse_quantity(std::string_view text);
/// The value of `quantity` in `unit`; throws UnitError when the dimensions differ or the result is out of a double's range.
double convert(const Quantity& quantity, const Unit& unit);
/// The dimension in words: "length/time", "mass concentration", "volume/time/mass", "a plain number".
std::string dimension_name(const Dimension& dimension);
/// A quantity text that would do where `unit` is wanted ("1 um/min"; "1" for a plain number), for error messages.
std::string example_of(std::string_view unit);
/// The single units of this dimension that people write, such as s, min, h, d, week; empty for compound dimensions.
std::vector<std::string> units_of(const Dimension& dimension);
/// The same unit as UDUNITS and pint both read it, for files: "cells/kg" gives "1/kg", "nM" gives "nmol/L", "U/L" gives "1/L".
/// Throws UnitError for a unit without such a spelling ("%").
std::string file_unit(std::string_view text);
/// A duration in whole seconds written for people: "14 d", "6 h", "90 s".
std::string format_duration(std::int64_t seconds);
/// A short text that reads back as the same double: "0.5", "60000", "1e6", "2.5e-8".
std::string format_number(double value);
/// The same of the value with four digits at most: "2e6", "7.5e6", "0.3333".
std::string format_rounded(double value);

}  // namespace paracrine::sim
