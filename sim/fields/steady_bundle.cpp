#include "sim/fields/steady_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

constexpr int most_iterations = 500;
constexpr float nothing = 1e-30F;  // a source below it is none
constexpr double most = 1e9;       // of a start, in s of the source

using Block = std::array<Lanes, field_lanes>;

/// Eight rows of eight become columns.
inline void transpose(Block& rows) {
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

}  // namespace

SteadyBundle::SteadyBundle(const Grid& grid)
    : grid_(&grid),
      multigrid_(grid),
      solution_(multigrid_.next_vector()),
      residual_(multigrid_.next_vector()),
      direction_(multigrid_.next_vector()),
      image_(multigrid_.next_vector()),
      step_(multigrid_.next_vector()) {
  multigrid_.clear_halo(solution_);
  multigrid_.clear(step_);
}

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

/// Divides the sources by the largest of each field and gives what they were multiplied by.
Lanes SteadyBundle::scale_sources(std::span<Field* const> fields) {
  const LaneMultigrid::Level& level = multigrid_.finest();
  constexpr float infinite = std::numeric_limits<float>::infinity();
  Lanes source{}, loss{};
  auto valid = source >= 0.0F;
  for (const LaneMultigrid::Row& row : level.rows)
    for (std::size_t i = row.begin; i < row.end; ++i) {
      const Lanes s = residual_[i], k = level.diagonal[i];
      valid &= (s >= 0.0F) & (s < infinite) & (k >= 0.0F) & (k < infinite);
      source = s > source ? s : source;
      loss = k > loss ? k : loss;
    }
  Lanes inverse{};
  for (std::size_t l = 0; l < fields.size(); ++l) {
    if (!valid[l]) throw RunError(fmt::format("field \"{}\": a source or loss is negative or not finite", fields[l]->name));
    if (!(loss[l] > 0.0F))
      throw RunError(fmt::format("field \"{}\": it has neither decay nor uptake anywhere, so it has no steady state", fields[l]->name));
    scale_[l] = source[l] >= nothing ? static_cast<double>(source[l]) : 0.0;
    inverse[l] = source[l] >= nothing ? 1.0F / source[l] : 0.0F;
  }
  for (const LaneMultigrid::Row& row : level.rows)
    for (std::size_t i = row.begin; i < row.end; ++i) residual_[i] *= inverse;
  return inverse;
}

/// Diffusion, and the values as they are for a start.
void SteadyBundle::start(std::span<Field* const> fields, const Lanes& inverse) {
  Lanes conductance{};
  std::array<double, lanes> factors{};
  for (std::size_t l = 0; l < fields.size(); ++l) {
    factors[l] = static_cast<double>(inverse[l]);
    conductance[l] = static_cast<float>(fields[l]->diffusion_um2_per_s / (grid_->spacing_um() * grid_->spacing_um()));
  }
  multigrid_.set_matrix(conductance);
  Lanes* solution = solution_ + multigrid_.finest().halo;
  in_blocks(grid_->size(), [&](std::size_t v, auto here) {
    Block block{};
    for (std::size_t l = 0; l < fields.size(); ++l) {
      const double *value = fields[l]->value.data() + v, factor = factors[l];
      float* row = reinterpret_cast<float*>(&block[l]);
      for (std::size_t k = 0; k < here; ++k) row[k] = static_cast<float>(std::min(value[k] * factor, most));
    }
    transpose(block);
    for (std::size_t k = 0; k < here; ++k) solution[v + k] = block[k];
  });
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

/// direction = step + beta direction, and image = matrix * direction likewise; gives direction . image. `first`: there is no direction yet.
template <bool deep, bool first>
Lanes SteadyBundle::turn(const Lanes& beta) {
  const LaneMultigrid::Level& level = multigrid_.finest();
  const Lanes conductance = multigrid_.conductance(), factor = beta;
  Lanes curvature{};
  for (const LaneMultigrid::Row& row : level.rows) {
    Lanes of_row{};
    for (std::size_t i = row.begin; i < row.end; ++i) {
      const Lanes image = level.diagonal[i] * step_[i] - conductance * LaneMultigrid::neighbours<deep>(level, step_, i);
      const Lanes turned = first ? step_[i] : step_[i] + factor * direction_[i], turned_image = first ? image : image + factor * image_[i];
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
  for (const Field* field : fields)
    if (field->value.size() != grid_->size()) throw std::invalid_argument("a field of another grid is in the bundle");
}

int SteadyBundle::solve(std::span<Field* const> fields, double relative_tolerance, int least_iterations) {
  check(fields, relative_tolerance);
  start(fields, scale_sources(fields));
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
  for (; iterations < most_iterations && (iterations < least_iterations || unfinished()); ++iterations) {
    multigrid_.apply(residual_, step_);
    const Lanes product = dot(residual_, step_), beta = before > 0.0F ? product / before : Lanes{};
    const Lanes curvature =
        iterations == 0 ? (deep ? turn<true, true>(beta) : turn<false, true>(beta)) : (deep ? turn<true, false>(beta) : turn<false, false>(beta));
    const Lanes alpha = curvature > 0.0F ? product / curvature : Lanes{};
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
      const double scale = scale_[l];
      const float* row = reinterpret_cast<const float*>(&block[l]);
      for (std::size_t k = 0; k < here; ++k) value[k] = scale * static_cast<double>(std::max(0.0F, row[k]));
    }
  });
}

}  // namespace paracrine::sim
