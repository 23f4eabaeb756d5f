#include "sim/fields/field.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "sim/core/error.hpp"
#include "sim/core/finite.hpp"

namespace paracrine::sim {

namespace {

template <bool signed_>
void require(const Field& field, const Grid& grid, std::string_view what, const std::vector<double>& values) {
  if (values.size() != grid.size())
    throw RunError(fmt::format("field \"{}\": {} has {} numbers, the grid has {} voxels", field.name, what, values.size(), grid.size()));
  if (all_valid<signed_>(values)) return;
  std::size_t v = 0;
  while (std::isfinite(values[v]) && (signed_ || values[v] >= 0.0)) ++v;
  throw RunError(fmt::format("field \"{}\": {} is {} in voxel x = {}, y = {}, z = {}; it must be {}", field.name, what, values[v], v % grid.nx(),
                             v / grid.nx() % grid.ny(), v / (grid.nx() * grid.ny()), signed_ ? "finite" : "finite and 0 or above"));
}

template <bool signed_>
void require_loaded(const std::string& field, std::string_view what, const std::vector<double>& values) {
  if (all_valid<signed_>(values)) return;
  std::size_t v = 0;
  while (std::isfinite(values[v]) && (signed_ || values[v] >= 0.0)) ++v;
  throw RunError(
      fmt::format("field \"{}\": {} is {} in voxel {}; it must be {}", field, what, values[v], v, signed_ ? "finite" : "finite and 0 or above"));
}

void require_rate(const Field& field, std::string_view what, double rate) {
  if (!std::isfinite(rate) || rate < 0.0)
    throw RunError(fmt::format("field \"{}\": {} is {}; it must be finite and 0 or above", field.name, what, rate));
}

}  // namespace

void Field::archive(Archive& archive, std::size_t voxels) {
  archive.vector("value", value);
  archive.vector_or_none("uptake_per_s", uptake_per_s, voxels);
  archive.vector_or_none("source_per_s", source_per_s, voxels);
  if (!archive.loading()) return;
  require_loaded<true>(name, "value", value);
  require_loaded<false>(name, "uptake_per_s", uptake_per_s);
  require_loaded<true>(name, "source_per_s", source_per_s);
}

double amount(const Field& field, const Grid& grid) {
  const std::vector<double>& fraction = grid.volume_fraction();
  double sum = 0.0;
  for (std::size_t v = 0; v < fraction.size(); ++v) sum += fraction[v] * field.value[v];
  return sum * grid.voxel_volume_um3();
}

void require_valid(const Field& field, const Grid& grid) {
  require_rate(field, "diffusion_um2_per_s", field.diffusion_um2_per_s);
  require_rate(field, "decay_per_s", field.decay_per_s);
  require<true>(field, grid, "value", field.value);
  if (!field.uptake_per_s.empty()) require<false>(field, grid, "uptake_per_s", field.uptake_per_s);
  if (!field.source_per_s.empty()) require<true>(field, grid, "source_per_s", field.source_per_s);
}

}  // namespace paracrine::sim
