#include "sim/core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "sim/core/error.hpp"
#include "sim/core/unit_table.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t longest_unit = 64;
constexpr int highest_power = 9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// U+00B5 MICRO SIGN and U+03BC GREEK SMALL LETTER MU are both in use for micro.
std::string with_plain_micro(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const bool micro = text.substr(0, 2) == "\xC2\xB5" || text.substr(0, 2) == "\xCE\xBC";
    plain.push_back(micro ? 'u' : text.front());
    text.remove_prefix(micro ? 2 : 1);
  }
  return plain;
}

const UnitSymbol* find_symbol(std::string_view name) {
  const auto found = std::find_if(unit_symbols.begin(), unit_symbols.end(), [&](const UnitSymbol& s) { return s.name == name; });
  return found == unit_symbols.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_symbol(std::string_view name) {
  if (name.substr(0, 5) == "month") throw UnitError(fmt::format("\"{}\" has no fixed length (write \"4 week\" or \"30 d\")", name));
  std::size_t letters = name.size();
  while (letters > 0 && is_digit(name[letters - 1])) --letters;
  if (letters > 0 && letters < name.size() && find_symbol(name.substr(0, letters)))
    throw UnitError(fmt::format("unknown unit {} (a power is written \"{}^{}\")", in_quotes(name), name.substr(0, letters), name.substr(letters)));
  std::vector<std::string> known;
  for (const UnitSymbol& symbol : unit_symbols) known.emplace_back(symbol.name);
  for (const auto& [word, symbol] : std::initializer_list<std::pair<std::string_view, std::string_view>>{{"hour", "h"},
                                                                                                         {"hours", "h"},
                                                                                                         {"hr", "h"},
                                                                                                         {"minute", "min"},
                                                                                                         {"minutes", "min"},
                                                                                                         {"sec", "s"},
                                                                                                         {"second", "s"},
                                                                                                         {"seconds", "s"},
                                                                                                         {"percent", "%"},
                                                                                                         {"wk", "week"}})
    if (name == word) throw UnitError(fmt::format("unknown unit \"{}\" (did you mean \"{}\"?)", word, symbol));
  const std::string near = nearest_name(name, known);
  throw UnitError(near.empty() ? fmt::format("unknown unit {}", in_quotes(name))
                               : fmt::format("unknown unit {} (did you mean \"{}\"?)", in_quotes(name), near));
}

struct Factor {
  const UnitSymbol* symbol = nullptr;
  int power = 1;
};

int parse_power(std::string_view text, std::string_view whole) {
  int power = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), power);
  if (error != std::errc() || end != text.data() + text.size())
    throw UnitError(fmt::format("no whole number after \"^\" in the unit {}", in_quotes(whole)));
  if (power == 0 || std::abs(power) > highest_power)
    throw UnitError(fmt::format("power {} in the unit {} (-{} to {}, not 0)", power, in_quotes(whole), highest_power, highest_power));
  return power;
}

Factor parse_factor(std::string_view text, std::string_view whole) {
  const std::size_t caret = text.find('^');
  const std::string_view name = trimmed(text.substr(0, caret));
  if (name.empty()) throw UnitError(fmt::format("something is missing in the unit {}", in_quotes(whole)));
  const UnitSymbol* symbol = find_symbol(name);
  if (!symbol) refuse_symbol(name);
  return {symbol, caret == std::string_view::npos ? 1 : parse_power(text.substr(caret + 1), whole)};
}

void refuse_foreign_signs(std::string_view text) {
  if (text.size() > longest_unit) throw UnitError(fmt::format("unit {} is too long", in_quotes(text)));
  if (text.find_first_of("()") != std::string_view::npos)
    throw UnitError(fmt::format("parentheses in the unit {} (write \"mL/min/kg\")", in_quotes(text)));
  if (text.find("**") != std::string_view::npos) throw UnitError(fmt::format("\"**\" in the unit {} (a power is written \"um^2\")", in_quotes(text)));
  for (const std::string_view sign : {"\xC2\xB2", "\xC2\xB3", "\xC2\xB9", "\xE2\x81\xBB"})
    if (text.find(sign) != std::string_view::npos)
      throw UnitError(fmt::format("a raised figure in the unit {} (a power is written \"um^2\")", in_quotes(text)));
  if (text.find_first_of(" .") != std::string_view::npos || text.find("\xC2\xB7") != std::string_view::npos)
    throw UnitError(fmt::format("the unit {} (a product is written \"Pa*s\", a quotient \"mL/min\")", in_quotes(text)));
}

/// Factors of the unit, denominators with negative powers.
std::vector<Factor> parse_factors(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) throw UnitError("no unit");
  refuse_foreign_signs(text);
  std::vector<Factor> factors;
  bool divides = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("*/", begin), text.size());
    Factor factor = parse_factor(text.substr(begin, end - begin), text);
    if (divides) factor.power = -factor.power;
    factors.push_back(factor);
    if (end == text.size()) break;
    if (text[end] == '*' && divides)
      throw UnitError(fmt::format("\"*\" after \"/\" in the unit {} can be read in two ways (write \"mL/min/kg\")", in_quotes(text)));
    divides = text[end] == '/';
    begin = end + 1;
  }
  return factors;
}

double scaled(double value, int decade) {
  constexpr int exact = 22;  // powers of ten up to here are doubles without rounding
  for (; decade > exact; decade -= exact) value *= 1e22;
  for (; decade < -exact; decade += exact) value /= 1e22;
  return decade >= 0 ? value * std::pow(10.0, decade) : value / std::pow(10.0, -decade);
}

std::size_t number_length(std::string_view text, double& value) {
  const std::size_t sign = !text.empty() && text.front() == '+' ? 1 : 0;
  const auto [end, error] = std::from_chars(text.data() + sign, text.data() + text.size(), value);
  const std::size_t length = static_cast<std::size_t>(end - text.data());
  if (error == std::errc::result_out_of_range) throw UnitError(fmt::format("{} is out of the range of numbers", text.substr(0, length)));
  if (error != std::errc() || (sign && text.size() > 1 && text[1] == '-'))
    throw UnitError(fmt::format("{} does not begin with a number", in_quotes(text)));
  if (!std::isfinite(value)) throw UnitError(fmt::format("{} is not a finite number", in_quotes(text)));
  return length;
}

}  // namespace

Unit parse_unit(std::string_view text) {
  const std::string plain = with_plain_micro(text);
  Unit unit;
  std::array<int, 4> exponent{};
  for (const Factor& factor : parse_factors(plain)) {
    unit.factor *= std::pow(factor.symbol->factor, factor.power);
    unit.decade += factor.symbol->decade * factor.power;
    for (std::size_t i = 0; i < exponent.size(); ++i) exponent[i] += factor.symbol->exponent[i] * factor.power;
  }
  for (std::size_t i = 0; i < exponent.size(); ++i) {
    if (std::abs(exponent[i]) > 100) throw UnitError(fmt::format("the powers in the unit {} are too high", in_quotes(text)));
    unit.dimension.exponent[i] = static_cast<std::int8_t>(exponent[i]);
  }
  if (!(std::isfinite(unit.factor) && unit.factor > 0.0)) throw UnitError(fmt::format("the powers in the unit {} are too high", in_quotes(text)));
  return unit;
}

Quantity parse_quantity(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) throw UnitError("the text is empty");
  Quantity quantity;
  const std::size_t length = number_length(text, quantity.value);
  const std::string_view rest = trimmed(text.substr(length));
  if (rest.empty()) {
    quantity.bare = true;
    return quantity;
  }
  if (rest.size() > 1 && rest[0] == ',' && is_digit(rest[1])) throw UnitError("a comma in the number (write a decimal point)");
  if (rest[0] == '_') throw UnitError("\"_\" in the number (write the digits without it)");
  quantity.unit = parse_unit(rest);
  return quantity;
}

double convert(const Quantity& quantity, const Unit& unit) {
  if (!(quantity.unit.dimension == unit.dimension))
    throw UnitError(fmt::format("{} is not {}", dimension_name(quantity.unit.dimension), dimension_name(unit.dimension)));
  double value = quantity.value;
  if (quantity.unit.factor != unit.factor) value = value * quantity.unit.factor / unit.factor;
  value = scaled(value, quantity.unit.decade - unit.decade);
  if (!std::isfinite(value)) throw UnitError("the value is too large to convert");
  if (value == 0.0 && quantity.value != 0.0) throw UnitError("the value is too small to convert");
  return value;
}

std::string dimension_name(const Dimension& dimension) {
  static constexpr std::pair<std::array<std::int8_t, 4>, std::string_view> named[] = {{no_dimension, "a plain number"},
                                                                                      {{-3, 1, 0, 0}, "mass concentration"},
                                                                                      {of_molarity, "molar concentration"},
                                                                                      {of_pressure, "pressure"},
                                                                                      {of_force, "force"},
                                                                                      {of_viscosity, "viscosity"}};
  for (const auto& [exponent, name] : named)
    if (exponent == dimension.exponent) return std::string(name);
  static constexpr std::array<std::string_view, 4> base = {"length", "mass", "time", "amount of substance"};
  std::string above, below;
  for (std::size_t i = 0; i < base.size(); ++i) {
    int power = std::abs(dimension.exponent[i]);
    if (power == 0) continue;
    std::string word(base[i]);
    if (i == 0 && (power == 2 || power == 3)) word = std::exchange(power, 1) == 2 ? "area" : "volume";
    if (power > 1) word += fmt::format("^{}", power);
    if (dimension.exponent[i] > 0)
      above += fmt::format("{}{}", above.empty() ? "" : "*", word);
    else
      below += fmt::format("/{}", word);
  }
  return fmt::format("{}{}", above.empty() ? "1" : above, below);
}

std::string example_of(std::string_view unit) { return unit == "1" ? "1" : fmt::format("1 {}", unit); }

std::vector<std::string> units_of(const Dimension& dimension) {
  std::vector<std::string> names;
  for (const UnitSymbol& symbol : unit_symbols)
    if (symbol.offered && symbol.exponent == dimension.exponent) names.emplace_back(symbol.name);
  return names;
}

std::string file_unit(std::string_view text) {
  const std::string plain = with_plain_micro(trimmed(text));
  const std::vector<Factor> factors = parse_factors(plain);
  if (std::all_of(factors.begin(), factors.end(), [](const Factor& factor) { return factor.symbol->file.empty(); })) return plain;
  std::string above, below;
  for (const Factor& factor : factors) {
    const std::string_view spelling = factor.symbol->file.empty() ? factor.symbol->name : factor.symbol->file;
    if (spelling == "-") throw UnitError(fmt::format("the unit \"{}\" has no spelling that all readers of files understand", factor.symbol->name));
    for (const Factor& part : parse_factors(spelling)) {
      if (part.symbol->name == "1") continue;
      const int power = part.power * factor.power;
      const std::string word = std::abs(power) > 1 ? fmt::format("{}^{}", part.symbol->name, std::abs(power)) : std::string(part.symbol->name);
      if (power > 0)
        above += fmt::format("{}{}", above.empty() ? "" : "*", word);
      else
        below += fmt::format("/{}", word);
    }
  }
  return fmt::format("{}{}", above.empty() ? "1" : above, below);
}

std::string format_duration(std::int64_t seconds) {
  for (const auto& [length, name] : std::initializer_list<std::pair<std::int64_t, std::string_view>>{{86400, "d"}, {3600, "h"}, {60, "min"}})
    if (seconds != 0 && seconds % length == 0) return fmt::format("{} {}", seconds / length, name);
  return fmt::format("{} s", seconds);
}

std::string format_number(double value) {
  std::array<char, 40> fixed, scientific;
  const auto text_of = [value](std::array<char, 40>& buffer, std::chars_format format) {
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    return error == std::errc() ? std::string(buffer.data(), end) : std::string();
  };
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  std::string plain = text_of(fixed, std::chars_format::fixed);
  std::string power = text_of(scientific, std::chars_format::scientific);
  const std::size_t e = power.find('e');
  std::size_t digits = e + 2;
  while (digits + 1 < power.size() && power[digits] == '0') ++digits;
  power = fmt::format("{}{}{}", power.substr(0, e + 1), power[e + 1] == '-' ? "-" : "", power.substr(digits));
  constexpr std::size_t tolerated = 3;  // 60000 reads better than 6e4, 1e6 better than 1000000
  return plain.empty() || power.size() + tolerated < plain.size() ? power : plain;
}

std::string format_rounded(double value) {
  constexpr int digits_behind_first = 3;
  std::array<char, 40> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific, digits_behind_first);
  double rounded = value;
  if (std::isfinite(value)) std::from_chars(buffer.data(), written.ptr, rounded);
  return format_number(rounded);
}

}  // namespace paracrine::sim
