#include "models/tissue/collagen.hpp"

namespace paracrine::models {

namespace {

sim::Field collagen_field(const char* name, const char* meaning, const sim::Grid& grid) {
  sim::Field field(name, "mg/mL", grid);
  field.meaning = meaning;
  return field;
}

}  // namespace

sim::Field structural_collagen_field(const sim::Grid& grid) {
  return collagen_field("collagen_structural", "collagen of portal tracts, vein walls and basement membranes, not stained, per volume of tissue",
                        grid);
}

sim::Field fibrillar_collagen_field(const sim::Grid& grid) {
  return collagen_field("collagen", "fibrillar collagen, not cross-linked, per volume of tissue", grid);
}

sim::Field crosslinked_collagen_field(const sim::Grid& grid) {
  return collagen_field("collagen_crosslinked", "cross-linked fibrillar collagen, per volume of tissue", grid);
}

double collagen_ng(const sim::Patch& patch, const CollagenFields& fields) {
  constexpr double ng_per_mg = 1e6, mL_per_um3 = 1e-12;
  double sum = 0.0;
  for (const std::size_t field : {fields.structural, fields.fibrillar, fields.crosslinked}) sum += sim::amount(patch.field(field), *patch.grid);
  return sum * ng_per_mg * mL_per_um3;
}

}  // namespace paracrine::models
