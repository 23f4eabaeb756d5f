#include "sim/fields/steady_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

constexpr double nothing = 1e-200;  // a source below it is none
constexpr double most = 1e9;        // of a start, in s of the source

using Block = std::array<Lanes, field_lanes>;

/// Eight rows of eight become columns.
void transpose(Block& rows) {
  Block pairs, fours;
  for (std::size_t i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pairs[i + 1] = __builtin_shufflevector(rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (std::size_t i = 0; i < 8; i += 4)
    for (std::size_t j = 0; j < 2; ++j) {
      fours[i + 2 * j] = __builtin_shufflevector(pairs[i + j], pairs[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[i + 2 * j + 1] = __builtin_shufflevector(pairs[i + j], pairs[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (std::size_t i = 0; i < 4; ++i) {
    rows[i] = __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[i + 4] = __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Calls `block(first voxel, how many)` for whole blocks of eight voxels, whose number the compiler then knows, and for the rest.
template <class Each>
void in_blocks(std::size_t count, const Each& block) {
  std::size_t v = 0;
  for (; v + field_lanes <= count; v += field_lanes) block(v, std::integral_constant<std::size_t, field_lanes>{});
  if (v < count) block(v, count - v);
}

/// Lanes of `vector` from one function per lane of (lane, first voxel, how many, where to).
template <class Values>
void gather(Lanes* vector, std::size_t count, std::size_t used, const Values& values) {
  in_blocks(count, [&](std::size_t v, auto here) {
    Block block{};
    for (std::size_t l = 0; l < used; ++l) values(l, v, here, reinterpret_cast<float*>(&block[l]));
    transpose(block);
    for (std::size_t k = 0; k < here; ++k) vector[v + k] = block[k];
  });
}

/// Largest of 0 and the numbers, in chains that do not wait for each other.
double largest(const std::vector<double>& numbers) {
  std::array<double, 8> chains{};
  std::size_t v = 0;
  for (; v + chains.size() <= numbers.size(); v += chains.size())
    for (std::size_t k = 0; k < chains.size(); ++k) chains[k] = std::max(chains[k], numbers[v + k]);
  for (; v < numbers.size(); ++v) chains[0] = std::max(chains[0], numbers[v]);
  return *std::max_element(chains.begin(), chains.end());
}

}  // namespace

SteadyBundle::SteadyBundle(const Grid& grid)
    : grid_(&grid),
      multigrid_(grid),
      solution_(multigrid_.next_vector()),
      residual_(multigrid_.next_vector()),
      direction_(multigrid_.next_vector()),
      image_(multigrid_.next_vector()),
      step_(multigrid_.next_vector()) {}

Lanes SteadyBundle::dot(const Lanes* a, const Lanes* b) const {
  Lanes sum{};
  for (const LaneMultigrid::Row& row : multigrid_.finest().rows) {
    Lanes even{}, odd{};
    std::size_t i = row.begin;
    for (; i + 2 <= row.end; i += 2) {
      even += a[i] * b[i];
      odd += a[i + 1] * b[i + 1];
    }
    if (i < row.end) even += a[i] * b[i];
    sum += even + odd;
  }
  return sum;
}

/// Losses, right side (in the place of the residual) and start, per volume of a full voxel: sum over faces of A D / h^2 (c[i] - c[j]) + V k c[i] = V
/// s.
void SteadyBundle::assemble(std::span<Field* const> fields) {
  const double* open = grid_->volume_fraction().data();
  const std::size_t halo = multigrid_.finest().halo, count = grid_->size();
  Lanes conductance{};
  std::array<double, lanes> inverse{};
  for (std::size_t l = 0; l < fields.size(); ++l) {
    conductance[l] = static_cast<float>(fields[l]->diffusion_um2_per_s / (grid_->spacing_um() * grid_->spacing_um()));
    scale_[l] = largest(fields[l]->source_per_s);
    if (scale_[l] < nothing) scale_[l] = 0.0;
    inverse[l] = scale_[l] > 0.0 ? 1.0 / scale_[l] : 0.0;
  }
  gather(multigrid_.finest().diagonal + halo, count, fields.size(), [&](std::size_t l, std::size_t v, auto here, float* loss) {
    const double decay = fields[l]->decay_per_s;
    const double* uptake = fields[l]->uptake_per_s.empty() ? nullptr : fields[l]->uptake_per_s.data() + v;
    if (uptake != nullptr)
      for (std::size_t k = 0; k < here; ++k) loss[k] = static_cast<float>(open[v + k] * (decay + uptake[k]));
    else
      for (std::size_t k = 0; k < here; ++k) loss[k] = static_cast<float>(open[v + k] * decay);
  });
  gather(residual_ + halo, count, fields.size(), [&](std::size_t l, std::size_t v, auto here, float* right) {
    if (scale_[l] == 0.0) return;
    const double* source = fields[l]->source_per_s.data() + v;
    for (std::size_t k = 0; k < here; ++k) right[k] = static_cast<float>(open[v + k] * source[k] * inverse[l]);
  });
  gather(solution_ + halo, count, fields.size(), [&](std::size_t l, std::size_t v, auto here, float* start) {
    const double* value = fields[l]->value.data() + v;
    for (std::size_t k = 0; k < here; ++k) start[k] = open[v + k] > 0.0 ? static_cast<float>(std::min(value[k] * inverse[l], most)) : 0.0F;
  });
  multigrid_.set_matrix(conductance);
}

/// residual = right - matrix * solution, with the right side in the place of the residual.
template <bool deep>
void SteadyBundle::residual() {
  const LaneMultigrid::Level& level = multigrid_.finest();
  const Lanes conductance = multigrid_.conductance();
  for (const LaneMultigrid::Row& row : level.rows)
    for (std::size_t i = row.begin; i < row.end; ++i)
      residual_[i] = (residual_[i] - level.diagonal[i] * solution_[i]) + conductance * LaneMultigrid::neighbours<deep>(level, solution_, i);
}

/// direction = step + beta direction, and image = matrix * direction likewise; gives direction . image.
template <bool deep>
Lanes SteadyBundle::turn(const Lanes& beta) {
  const LaneMultigrid::Level& level = multigrid_.finest();
  const Lanes conductance = multigrid_.conductance(), factor = beta;
  Lanes curvature{};
  for (const LaneMultigrid::Row& row : level.rows) {
    Lanes of_row{};
    for (std::size_t i = row.begin; i < row.end; ++i) {
      const Lanes image = level.diagonal[i] * step_[i] - conductance * LaneMultigrid::neighbours<deep>(level, step_, i);
      const Lanes turned = step_[i] + factor * direction_[i], turned_image = image + factor * image_[i];
      direction_[i] = turned;
      image_[i] = turned_image;
      of_row += turned * turned_image;
    }
    curvature += of_row;
  }
  return curvature;
}

/// A step of length alpha along the direction; gives the square of the residual's norm.
Lanes SteadyBundle::advance(const Lanes& alpha) {
  const Lanes length = alpha;
  Lanes left{};
  for (const LaneMultigrid::Row& row : multigrid_.finest().rows) {
    Lanes of_row{};
    for (std::size_t i = row.begin; i < row.end; ++i) {
      solution_[i] += length * direction_[i];
      const Lanes residual = residual_[i] - length * image_[i];
      residual_[i] = residual;
      of_row += residual * residual;
    }
    left += of_row;
  }
  return left;
}

void SteadyBundle::check(std::span<Field* const> fields, double relative_tolerance) const {
  if (fields.size() > lanes) throw std::invalid_argument(fmt::format("a bundle holds at most {} fields", lanes));
  if (!(relative_tolerance >= smallest_tolerance))
    throw std::invalid_argument(fmt::format("a bundle of fields is solved to {:g} at the best", smallest_tolerance));
  for (const Field* field : fields) {
    require_valid(*field, *grid_);
    if (field->decay_per_s > 0.0) continue;
    if (!std::any_of(field->uptake_per_s.begin(), field->uptake_per_s.end(), [](double rate) { return rate > 0.0; }))
      throw RunError(fmt::format("field \"{}\": it has neither decay nor uptake anywhere, so it has no steady state", field->name));
  }
}

int SteadyBundle::solve(std::span<Field* const> fields, double relative_tolerance, int most_iterations) {
  check(fields, relative_tolerance);
  assemble(fields);
  const bool deep = grid_->nz() > 1;
  const Lanes target = dot(residual_, residual_) * static_cast<float>(relative_tolerance * relative_tolerance);
  deep ? residual<true>() : residual<false>();
  int iterations = 0;
  Lanes before{}, left = dot(residual_, residual_);
  const auto unfinished = [&] {
    for (std::size_t l = 0; l < fields.size(); ++l)
      if (!(left[l] <= target[l])) return true;
    return false;
  };
  for (; iterations < most_iterations && unfinished(); ++iterations) {
    multigrid_.apply(residual_, step_);
    const Lanes product = dot(residual_, step_), beta = before > 0.0F ? product / before : Lanes{};
    const Lanes curvature = deep ? turn<true>(beta) : turn<false>(beta), alpha = curvature > 0.0F ? product / curvature : Lanes{};
    before = product;
    left = advance(alpha);
  }
  for (std::size_t l = 0; l < fields.size(); ++l)
    if (!(left[l] <= target[l]))
      throw RunError(fmt::format("field \"{}\": the steady state did not converge in {} iterations", fields[l]->name, iterations));
  give_back(fields);
  return iterations;
}

void SteadyBundle::give_back(std::span<Field* const> fields) const {
  const Lanes* solution = solution_ + multigrid_.finest().halo;
  in_blocks(grid_->size(), [&](std::size_t v, auto here) {
    Block block{};
    for (std::size_t k = 0; k < here; ++k) block[k] = solution[v + k];
    transpose(block);
    for (std::size_t l = 0; l < fields.size(); ++l) {
      double* value = fields[l]->value.data() + v;
      for (std::size_t k = 0; k < here; ++k) value[k] = scale_[l] * static_cast<double>(std::max(0.0F, block[l][k]));
    }
  });
}

}  // namespace paracrine::sim
