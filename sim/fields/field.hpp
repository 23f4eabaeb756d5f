#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// One substance on the grid of a patch: concentration (in `unit`), first-order uptake rate and source, all per voxel of the grid, 0 outside the
/// domain. Values, uptake and source are state and go into the checkpoint, so that it is whole whichever process writes them last; so is the start of
/// the quasi-steady solver, which is the values themselves. The constants (diffusion, decay) come from the parameters.
struct Field {
  std::string name;
  std::string unit;
  std::string meaning;
  double diffusion_um2_per_s = 0.0;
  double decay_per_s = 0.0;
  std::vector<double> value;         // [unit]
  std::vector<double> uptake_per_s;  // position-dependent loss beside the decay; empty means none anywhere
  std::vector<double> source_per_s;  // [unit/s]; empty means none anywhere

  Field(std::string name_, std::string unit_, const Grid& grid) : name(std::move(name_)), unit(std::move(unit_)), value(grid.size(), 0.0) {}
  /// `voxels`: of the grid. Throws RunError when what is loaded has another number or a value that is not finite.
  void archive(Archive& archive, std::size_t voxels);
};

/// Amount in the domain: sum of value x open volume, in unit x um^3.
double amount(const Field& field, const Grid& grid);

/// Throws RunError naming the field, the place and the number when sizes do not fit the grid, a value or source is not finite, or a diffusion, decay
/// or uptake is negative or not finite. The solvers call it first.
void require_valid(const Field& field, const Grid& grid);

}  // namespace paracrine::sim
