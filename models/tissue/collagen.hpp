#pragma once
#include <cstddef>

#include "sim/engine/patch.hpp"
#include "sim/fields/field.hpp"

/// Collagen of a lobule: what the processes of the matrix and its readouts share.
namespace paracrine::models {

inline constexpr double collagen_per_hydroxyproline = 7.46;  // by mass; Neuman & Logan 1950 J Biol Chem 184:299
inline constexpr double full_stain_mg_per_mL = 47.0;         // stained collagen of a place that is scar and nothing else

/// Fields of collagen [mg/mL of tissue], by number in the patch.
struct CollagenFields {
  std::size_t structural = 0, fibrillar = 0, crosslinked = 0;
};

sim::Field structural_collagen_field(const sim::Grid& grid);
sim::Field fibrillar_collagen_field(const sim::Grid& grid);
sim::Field crosslinked_collagen_field(const sim::Grid& grid);

/// Collagen of all pools in a patch's slab [ng].
double collagen_ng(const sim::Patch& patch, const CollagenFields& fields);

/// Hydroxyproline [ug/g] of a concentration of collagen [mg/mL] in tissue of 1 g/mL.
inline double hydroxyproline_ug_per_g(double collagen_mg_per_mL) { return 1000.0 * collagen_mg_per_mL / collagen_per_hydroxyproline; }

}  // namespace paracrine::models
