#include "sim/engine/patch.hpp"

#include <string>

namespace paracrine::sim {

void Patch::archive(Archive& archive) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    in_group(archive, "field_" + std::to_string(i), [&] { fields[i].archive(archive, grid ? grid->size() : 0); });
  for (std::size_t i = 0; i < populations.size(); ++i) in_group(archive, "agents_" + std::to_string(i), [&] { populations[i].archive(archive); });
  archive.vector("scalars", scalars);
  archive.vector("clearance_mL_per_h", clearance_mL_per_h);
  archive.vector("uptaken", uptaken);
}

}  // namespace paracrine::sim
