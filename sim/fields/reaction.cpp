#include "sim/fields/reaction.hpp"

#include <algorithm>
#include <cmath>

#include "sim/fields/exponential.hpp"

namespace paracrine::sim {

Reaction::Reaction(const Field& field, double duration_s)
    : duration_s_(duration_s),
      decay_per_s_(field.decay_per_s),
      decayed_(std::exp(-field.decay_per_s * duration_s)),
      collected_s_(field.decay_per_s > 0.0 ? -std::expm1(-field.decay_per_s * duration_s) / field.decay_per_s : duration_s),
      uptake_(field.uptake_per_s.empty() ? nullptr : field.uptake_per_s.data()),
      source_(field.source_per_s.empty() ? nullptr : field.source_per_s.data()) {}

void Reaction::apply(double* value, std::size_t begin, std::size_t end) const {
  if (uptake_ != nullptr) {
    for (std::size_t v = begin; v < end; v += block) apply_block(value, v, std::min(block, end - v));
  } else if (source_ != nullptr) {
    const double decayed = decayed_, collected = collected_s_;
    for (std::size_t v = begin; v < end; ++v) value[v] = decayed * value[v] + collected * source_[v];
  } else if (decayed_ != 1.0) {
    const double decayed = decayed_;
    for (std::size_t v = begin; v < end; ++v) value[v] *= decayed;
  }
}

/// The same with uptake per voxel, for at most `block` voxels.
void Reaction::apply_block(double* value, std::size_t begin, std::size_t count) const {
  double exponent[block], bounded[block];
  double* __restrict target = value + begin;
  const double* uptake = uptake_ + begin;
  const double decay = decay_per_s_, duration = duration_s_;
  for (std::size_t i = 0; i < count; ++i) exponent[i] = std::max(smallest_exponent, (decay + uptake[i]) * duration);
  for (std::size_t i = 0; i < count; ++i) bounded[i] = std::min(largest_exponent, exponent[i]);
  if (source_ != nullptr) {
    const double* source = source_ + begin;
    for (std::size_t i = 0; i < count; ++i) {
      const Relaxed relaxed = relax(bounded[i]);
      target[i] = relaxed.decayed * target[i] + duration * (relaxed.lost / exponent[i]) * source[i];
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) target[i] *= relax(bounded[i]).decayed;
  }
}

}  // namespace paracrine::sim
