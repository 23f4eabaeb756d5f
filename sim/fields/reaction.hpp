#pragma once
#include <cstddef>
#include <vector>

#include "sim/fields/field.hpp"

namespace paracrine::sim {

/// The exact solution of dc/dt = -k c + s over a duration, k = decay + uptake, voxel by voxel:
///   c <- exp(-k t) c + t phi(k t) s,   phi(z) = (1 - exp(-z)) / z
class Reaction {
 public:
  Reaction(const Field& field, double duration_s);
  /// Advances the voxels [begin, end) of the field.
  void apply(double* value, std::size_t begin, std::size_t end) const;
  /// t phi(decay t): the time over which what is there at the end was exposed to anything else.
  double effective_s() const { return collected_s_; }

 private:
  static constexpr std::size_t block = 128;
  void apply_block(double* value, std::size_t begin, std::size_t count) const;

  double duration_s_;
  double decay_per_s_;
  double decayed_;      // exp(-decay t)
  double collected_s_;  // t phi(decay t)
  const double* uptake_;
  const double* source_;
};

}  // namespace paracrine::sim
