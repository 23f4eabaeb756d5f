#pragma once
#include <array>
#include <string_view>

#include "sim/core/units.hpp"

namespace paracrine::sim {

/// One unit symbol. `file` is its spelling in files (empty: the symbol itself; "-": none that UDUNITS and pint share).
struct UnitSymbol {
  std::string_view name;
  double factor;
  int decade;
  std::array<std::int8_t, 4> exponent;  // length, mass, time, amount
  std::string_view file = {};
  bool offered = true;  // named in messages as a unit that would do
};

inline constexpr std::array<std::int8_t, 4> no_dimension{0, 0, 0, 0}, of_length{1, 0, 0, 0}, of_volume{3, 0, 0, 0}, of_mass{0, 1, 0, 0},
    of_time{0, 0, 1, 0}, of_amount{0, 0, 0, 1}, of_molarity{-3, 0, 0, 1}, of_pressure{-1, 1, -2, 0}, of_force{1, 1, -2, 0},
    of_viscosity{-1, 1, -1, 0}, of_rate{0, 0, -1, 0};

/// All unit symbols. Sources of the factors: SI brochure (9th edition, 2019); mmHg 133.322387415 Pa and cmH2O 98.0665 Pa as in UDUNITS;
/// Da from CODATA 2018; a year is 365.25 d.
inline constexpr auto unit_symbols = std::to_array<UnitSymbol>({
    {"1", 1.0, 0, no_dimension},
    {"%", 1.0, -2, no_dimension, "-"},
    {"cell", 1.0, 0, no_dimension, "1", false},
    {"cells", 1.0, 0, no_dimension, "1"},
    {"particle", 1.0, 0, no_dimension, "1", false},
    {"particles", 1.0, 0, no_dimension, "1"},
    {"count", 1.0, 0, no_dimension, "", false},
    {"U", 1.0, 0, no_dimension, "1", false},
    {"IU", 1.0, 0, no_dimension, "1", false},
    {"m", 1.0, 0, of_length},
    {"cm", 1.0, -2, of_length},
    {"mm", 1.0, -3, of_length},
    {"um", 1.0, -6, of_length},
    {"nm", 1.0, -9, of_length},
    {"L", 1.0, -3, of_volume},
    {"dL", 1.0, -4, of_volume},
    {"mL", 1.0, -6, of_volume},
    {"uL", 1.0, -9, of_volume},
    {"nL", 1.0, -12, of_volume},
    {"pL", 1.0, -15, of_volume},
    {"fL", 1.0, -18, of_volume},
    {"kg", 1.0, 0, of_mass},
    {"g", 1.0, -3, of_mass},
    {"mg", 1.0, -6, of_mass},
    {"ug", 1.0, -9, of_mass},
    {"ng", 1.0, -12, of_mass},
    {"pg", 1.0, -15, of_mass},
    {"fg", 1.0, -18, of_mass},
    {"Da", 1.66053906660, -27, of_mass, "-", false},
    {"kDa", 1.66053906660, -24, of_mass, "-", false},
    {"ms", 1.0, -3, of_time, "", false},
    {"s", 1.0, 0, of_time},
    {"min", 60.0, 0, of_time},
    {"h", 3600.0, 0, of_time},
    {"d", 86400.0, 0, of_time},
    {"day", 86400.0, 0, of_time, "d", false},
    {"days", 86400.0, 0, of_time, "d", false},
    {"week", 604800.0, 0, of_time},
    {"weeks", 604800.0, 0, of_time, "week", false},
    {"year", 31557600.0, 0, of_time, "-"},
    {"years", 31557600.0, 0, of_time, "-", false},
    {"Hz", 1.0, 0, of_rate, "s^-1"},
    {"mol", 1.0, 0, of_amount},
    {"mmol", 1.0, -3, of_amount},
    {"umol", 1.0, -6, of_amount},
    {"nmol", 1.0, -9, of_amount},
    {"pmol", 1.0, -12, of_amount},
    {"fmol", 1.0, -15, of_amount},
    {"M", 1.0, 3, of_molarity, "mol/L"},
    {"mM", 1.0, 0, of_molarity, "mmol/L"},
    {"uM", 1.0, -3, of_molarity, "umol/L"},
    {"nM", 1.0, -6, of_molarity, "nmol/L"},
    {"pM", 1.0, -9, of_molarity, "pmol/L"},
    {"fM", 1.0, -12, of_molarity, "fmol/L"},
    {"Pa", 1.0, 0, of_pressure},
    {"kPa", 1.0, 3, of_pressure},
    {"mmHg", 133.322387415, 0, of_pressure},
    {"cmH2O", 98.0665, 0, of_pressure},
    {"N", 1.0, 0, of_force},
    {"mN", 1.0, -3, of_force},
    {"uN", 1.0, -6, of_force},
    {"nN", 1.0, -9, of_force},
    {"pN", 1.0, -12, of_force},
    {"dyn", 1.0, -5, of_force, "-"},
    {"cP", 1.0, -3, of_viscosity, "-"},
});

}  // namespace paracrine::sim
