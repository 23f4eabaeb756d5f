#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "sim/core/units.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

namespace {

double in(const std::string& quantity, const std::string& unit) { return convert(parse_quantity(quantity), parse_unit(unit)); }

std::string unit_message(const std::string& text) {
  try {
    parse_unit(text);
  } catch (const UnitError& error) {
    return error.what();
  }
  return "accepted";
}

std::string quantity_message(const std::string& text) {
  try {
    parse_quantity(text);
  } catch (const UnitError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("units: conversions between decimal units are rounded once", "[unit]") {
  CHECK(in("1 mm", "um") == 1000.0);
  CHECK(in("5 ug", "mg") == 0.005);
  CHECK(in("10 ug", "mg") == 0.01);
  CHECK(in("0.1 mL", "uL") == 100.0);
  CHECK(in("3 ng/mL", "ug/L") == 3.0);
  CHECK(in("1 um^2/s", "mm^2/s") == 1e-6);
  CHECK(in("100 pg/mL", "ng/mL") == 0.1);
  CHECK(1e-6 / 1e-9 != 1000.0);  // what a plain quotient of factors would give
}

TEST_CASE("units: every symbol converts as its definition says", "[unit]") {
  CHECK(in("1 week", "d") == 7.0);
  CHECK(in("1 year", "d") == 365.25);
  CHECK(in("36 h", "d") == 1.5);
  CHECK(in("90 s", "min") == 1.5);
  CHECK(in("28.25 d", "s") == 2440800.0);
  CHECK(in("1 L", "m^3") == 0.001);
  CHECK(in("1 nM", "nmol/L") == 1.0);
  CHECK(in("1 M", "mol/m^3") == 1000.0);
  CHECK(in("50 %", "1") == 0.5);
  CHECK(in("1e6 cells/kg", "1/g") == 1000.0);
  CHECK(in("0.5 mL/kg", "uL/g") == 0.5);
  CHECK(in("1 mg/kg", "1") == 1e-6);
  CHECK(in("40 U/L", "1/mL") == 0.04);
  CHECK_THAT(in("10 mmHg", "kPa"), WithinRel(1.33322387415, 1e-12));
  CHECK_THAT(in("1 cmH2O", "Pa"), WithinRel(98.0665, 1e-12));
  CHECK_THAT(in("15 dyn/cm^2", "Pa"), WithinRel(1.5, 1e-12));
  CHECK_THAT(in("3.5 cP", "Pa*s"), WithinRel(3.5e-3, 1e-12));
  CHECK_THAT(in("40 kDa", "g"), WithinRel(40e3 * 1.66053906660e-24, 1e-12));
}

TEST_CASE("units: powers, quotients and both signs for micro are read", "[unit]") {
  CHECK(in("2 \xC2\xB5m", "um") == 2.0);
  CHECK(in("2 \xCE\xBCm", "um") == 2.0);
  CHECK(in("0.94 mL/min/g", "mL/min/g") == 0.94);
  CHECK(in("2 d^-1", "1/d") == 2.0);
  CHECK(in("36h", "h") == 36.0);
  CHECK(in("  +3e0  d ", "d") == 3.0);
  CHECK(in(".5 d", "h") == 12.0);
  CHECK(parse_quantity("7").bare);
  CHECK_FALSE(parse_quantity("7 cells").bare);
}

TEST_CASE("units: what is no unit is refused with what to write instead", "[unit]") {
  CHECK(unit_message("minn") == "unknown unit \"minn\" (did you mean \"min\"?)");
  CHECK(unit_message("ml") == "unknown unit \"ml\" (did you mean \"mL\"?)");
  CHECK(unit_message("hours") == "unknown unit \"hours\" (did you mean \"h\"?)");
  CHECK(unit_message("parsec") == "unknown unit \"parsec\"");
  CHECK(unit_message("months") == "\"months\" has no fixed length (write \"4 week\" or \"30 d\")");
  CHECK(unit_message("um2/s") == "unknown unit \"um2\" (a power is written \"um^2\")");
  CHECK(unit_message("um\xC2\xB2") == "a raised figure in the unit \"um\xC2\xB2\" (a power is written \"um^2\")");
  CHECK(unit_message("um**2") == "\"**\" in the unit \"um**2\" (a power is written \"um^2\")");
  CHECK(unit_message("mL/(min*kg)") == "parentheses in the unit \"mL/(min*kg)\" (write \"mL/min/kg\")");
  CHECK(unit_message("ng mL^-1") == "the unit \"ng mL^-1\" (a product is written \"Pa*s\", a quotient \"mL/min\")");
  CHECK(unit_message("mL/kg*min") == "\"*\" after \"/\" in the unit \"mL/kg*min\" can be read in two ways (write \"mL/min/kg\")");
  CHECK(unit_message("/h") == "something is missing in the unit \"/h\"");
  CHECK(unit_message("um/") == "something is missing in the unit \"um/\"");
  CHECK(unit_message("um^x") == "no whole number after \"^\" in the unit \"um^x\"");
  CHECK(unit_message("um^0") == "power 0 in the unit \"um^0\" (-9 to 9, not 0)");
  CHECK(unit_message("") == "no unit");
  CHECK(unit_message(std::string(70, 'x')).find("is too long") != std::string::npos);
  CHECK(unit_message("nL^9*nL^9*nL^9*nL^9").find("powers in the unit") != std::string::npos);
}

TEST_CASE("units: what is no quantity is refused with the reason", "[unit]") {
  CHECK(quantity_message("1e400 d") == "1e400 is out of the range of numbers");
  CHECK(quantity_message("nan d") == "\"nan d\" is not a finite number");
  CHECK(quantity_message("inf") == "\"inf\" is not a finite number");
  CHECK(quantity_message("soon") == "\"soon\" does not begin with a number");
  CHECK(quantity_message("+-3 d") == "\"+-3 d\" does not begin with a number");
  CHECK(quantity_message("") == "the text is empty");
  CHECK(quantity_message("3,5 d") == "a comma in the number (write a decimal point)");
  CHECK(quantity_message("1_000 d") == "\"_\" in the number (write the digits without it)");
  CHECK_THROWS_WITH(in("1e308 kg", "pg"), "the value is too large to convert");
  CHECK_THROWS_WITH(in("1e-320 pg", "kg"), "the value is too small to convert");
  CHECK_THROWS_WITH(in("1 um", "s"), "length is not time");
}

TEST_CASE("units: dimensions have names that people use", "[unit]") {
  const auto name = [](const std::string& unit) { return dimension_name(parse_unit(unit).dimension); };
  CHECK(name("1") == "a plain number");
  CHECK(name("um") == "length");
  CHECK(name("um/min") == "length/time");
  CHECK(name("um^2/s") == "area/time");
  CHECK(name("mL/min/g") == "volume/mass/time");
  CHECK(name("ng/mL") == "mass concentration");
  CHECK(name("nM") == "molar concentration");
  CHECK(name("ng/mL/um") == "mass/length^4");
  CHECK(name("cells/kg") == "1/mass");
  CHECK(name("mmHg") == "pressure");
  CHECK(name("Pa*s") == "viscosity");
  CHECK(name("dyn") == "force");
  CHECK(name("mol") == "amount of substance");
  CHECK(units_of(parse_unit("h").dimension) == std::vector<std::string>{"s", "min", "h", "d", "week", "year"});
  CHECK(units_of(parse_unit("um/min").dimension).empty());
  CHECK(example_of("um/min") == "1 um/min");
  CHECK(example_of("1") == "1");
}

TEST_CASE("units: files get spellings that UDUNITS and pint both read", "[unit]") {
  CHECK(file_unit("cells/kg") == "1/kg");
  CHECK(file_unit("nM") == "nmol/L");
  CHECK(file_unit("U/L") == "1/L");
  CHECK(file_unit("cells") == "1");
  CHECK(file_unit("1/nM") == "L/nmol");
  CHECK(file_unit("nM^-2") == "L^2/nmol^2");
  CHECK(file_unit("d^-1") == "d^-1");
  CHECK(file_unit("\xC2\xB5m^2/s") == "um^2/s");
  CHECK_THROWS_WITH(file_unit("%"), "the unit \"%\" has no spelling that all readers of files understand");
  for (const std::string unit : {"nM^-2", "U/L", "cells/kg", "uM/min", "Hz"}) {
    const Unit a = parse_unit(unit), b = parse_unit(file_unit(unit));
    CHECK(a.dimension == b.dimension);
    CHECK_THAT(a.factor * std::pow(10.0, a.decade), WithinRel(b.factor * std::pow(10.0, b.decade), 1e-12));
  }
}

TEST_CASE("units: numbers and durations are written shortly", "[unit]") {
  CHECK(format_number(0.5) == "0.5");
  CHECK(format_number(1e6) == "1e6");
  CHECK(format_number(1000) == "1000");
  CHECK(format_number(60000) == "60000");
  CHECK(format_number(0.001) == "0.001");
  CHECK(format_number(2.5e-8) == "2.5e-8");
  CHECK(format_number(-3) == "-3");
  CHECK(format_number(0) == "0");
  CHECK(format_number(1e300) == "1e300");
  CHECK(format_number(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(format_duration(14 * 86400) == "14 d");
  CHECK(format_duration(6 * 3600) == "6 h");
  CHECK(format_duration(5400) == "90 min");
  CHECK(format_duration(90) == "90 s");
  CHECK(format_duration(0) == "0 s");
}

TEST_CASE("units: every double reads back from its text", "[property]") {
  std::mt19937_64 random(1);
  int differ = 0, seven_digits_differ = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    differ += parse_quantity(format_number(value)).value != value;
    seven_digits_differ += static_cast<double>(static_cast<float>(value)) != value;  // the check can fail
  }
  CHECK(differ == 0);
  CHECK(seven_digits_differ > 1000);
}
