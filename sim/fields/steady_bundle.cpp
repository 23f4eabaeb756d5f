#include "sim/fields/steady_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

constexpr double nothing = 1e-200;  // a source below it is none
constexpr double most = 1e9;        // of a start, in s of the source

}  // namespace

SteadyBundle::SteadyBundle(const Grid& grid)
    : grid_(&grid), halo_(grid.nz() > 1 ? grid.nx() * grid.ny() : grid.nx() + 1), padded_(grid.size() + 2 * halo_) {
  constexpr std::size_t vectors = 13;
  memory_ = std::make_unique_for_overwrite<Lanes[]>(vectors * padded_);
  Vector next = memory_.get();
  for (Vector* vector : {&diagonal_, &towards_x_, &towards_y_, &towards_z_, &pivot_, &behind_, &ahead_, &right_, &solution_, &residual_, &direction_,
                         &image_, &step_}) {
    *vector = next;
    const std::size_t end = halo_ + grid.size();
    std::memset(static_cast<void*>(next), 0, halo_ * sizeof(Lanes));
    std::memset(static_cast<void*>(next + end), 0, halo_ * sizeof(Lanes));
    next += padded_;
  }
}

SteadyBundle::Lanes SteadyBundle::dot(const Lanes* a, const Lanes* b, std::size_t count) {
  Lanes first{}, second{}, third{}, fourth{};
  std::size_t v = 0;
  for (; v + 4 <= count; v += 4) {
    first += a[v] * b[v];
    second += a[v + 1] * b[v + 1];
    third += a[v + 2] * b[v + 2];
    fourth += a[v + 3] * b[v + 3];
  }
  for (; v < count; ++v) first += a[v] * b[v];
  return (first + second) + (third + fourth);
}

/// Matrix, right side and start, per volume of a full voxel: sum over faces of A D / h^2 (c[i] - c[j]) + V k c[i] = V s.
void SteadyBundle::assemble(std::span<Field* const> fields) {
  const Grid& grid = *grid_;
  const std::size_t nx = grid.nx(), plane = grid.nz() > 1 ? nx * grid.ny() : nx;
  Lanes conductance{};
  scale_.fill(0.0);
  for (std::size_t l = 0; l < fields.size(); ++l) {
    for (const double source : fields[l]->source_per_s) scale_[l] = std::max(scale_[l], source);
    if (scale_[l] < nothing) scale_[l] = 0.0;
    conductance[l] = static_cast<float>(fields[l]->diffusion_um2_per_s / (grid.spacing_um() * grid.spacing_um()));
  }
  for (std::size_t v = 0; v < grid.size(); ++v) {
    const std::size_t i = v + halo_;
    towards_x_[i] = conductance * static_cast<float>(grid.face_fraction(0)[v]);
    towards_y_[i] = conductance * static_cast<float>(grid.face_fraction(1)[v]);
    towards_z_[i] = conductance * static_cast<float>(grid.face_fraction(2)[v]);
    Lanes faces = towards_x_[i - 1] + towards_y_[i - nx] + towards_x_[i] + towards_y_[i];
    if (grid.nz() > 1) faces += towards_z_[i - plane] + towards_z_[i];
    diagonal_[i] = faces;
    right_[i] = solution_[i] = Lanes{};
    if (!grid.inside(v)) continue;
    const double volume = grid.volume_fraction()[v];
    for (std::size_t l = 0; l < fields.size(); ++l) {
      const Field& field = *fields[l];
      diagonal_[i][l] += static_cast<float>(volume * (field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v])));
      if (scale_[l] == 0.0) continue;
      right_[i][l] = static_cast<float>(volume * field.source_per_s[v] / scale_[l]);
      solution_[i][l] = static_cast<float>(std::min(field.value[v] / scale_[l], most));
    }
  }
}

/// As SteadySolver's. Voxels without any coefficient, and lanes without a field, keep pivot 0.
void SteadyBundle::factorise() {
  constexpr float kept = 0.97F, least = 1e-3F;
  const std::size_t nx = grid_->nx(), plane = grid_->nz() > 1 ? nx * grid_->ny() : 0, end = halo_ + grid_->size();
  for (std::size_t i = halo_; i < end; ++i) {
    const std::size_t x = i - 1, y = i - nx, z = i - plane;
    const Lanes wx = towards_x_[x], wy = towards_y_[y];
    Lanes squares = wx * wx * pivot_[x] + wy * wy * pivot_[y];
    Lanes fill = wx * pivot_[x] * (towards_y_[x] + towards_z_[x]) + wy * pivot_[y] * (towards_x_[y] + towards_z_[y]);
    if (plane > 0) {
      const Lanes wz = towards_z_[z];
      squares += wz * wz * pivot_[z];
      fill += wz * pivot_[z] * (towards_x_[z] + towards_y_[z]);
    }
    const Lanes diagonal = diagonal_[i], pivot = diagonal - squares - kept * fill, floor = least * diagonal;
    const Lanes bounded = pivot > floor ? pivot : floor;
    pivot_[i] = diagonal > 0.0F ? 1.0F / bounded : Lanes{};
    behind_[i] = wx * pivot_[i];
    ahead_[i] = towards_x_[i] * pivot_[i];
  }
}

void SteadyBundle::residual() {
  const std::size_t nx = grid_->nx(), plane = grid_->nz() > 1 ? nx * grid_->ny() : 0, end = halo_ + grid_->size();
  const Lanes* c = solution_;
  for (std::size_t i = halo_; i < end; ++i) {
    residual_[i] = right_[i] - diagonal_[i] * c[i] + towards_x_[i] * c[i + 1] + towards_x_[i - 1] * c[i - 1] + towards_y_[i] * c[i + nx] +
                   towards_y_[i - nx] * c[i - nx];
    if (plane > 0) residual_[i] += towards_z_[i] * c[i + plane] + towards_z_[i - plane] * c[i - plane];
  }
}

/// image = matrix * direction; gives direction . image.
SteadyBundle::Lanes SteadyBundle::multiply() {
  const std::size_t nx = grid_->nx(), plane = grid_->nz() > 1 ? nx * grid_->ny() : 0, end = halo_ + grid_->size();
  const Lanes *p = direction_, *wx = towards_x_, *wy = towards_y_, *wz = towards_z_, *diagonal = diagonal_;
  Lanes* __restrict image = image_;
  for (std::size_t i = halo_; i < end; ++i) {
    image[i] = diagonal[i] * p[i] - (wx[i] * p[i + 1] + wx[i - 1] * p[i - 1]) - (wy[i] * p[i + nx] + wy[i - nx] * p[i - nx]);
    if (plane > 0) image[i] -= wz[i] * p[i + plane] + wz[i - plane] * p[i - plane];
  }
  return dot(direction_ + halo_, image_ + halo_, grid_->size());
}

/// step = (incomplete factor)^-1 residual, forward then backward substitution.
void SteadyBundle::precondition() {
  const std::size_t nx = grid_->nx(), plane = grid_->nz() > 1 ? nx * grid_->ny() : 0, end = halo_ + grid_->size();
  const Lanes *wy = towards_y_, *wz = towards_z_, *pivot = pivot_, *behind = behind_, *ahead = ahead_, *r = residual_;
  Lanes* __restrict q = step_;
  for (std::size_t i = halo_; i < end; ++i) {
    Lanes known = r[i] + wy[i - nx] * q[i - nx];
    if (plane > 0) known += wz[i - plane] * q[i - plane];
    q[i] = known * pivot[i] + behind[i] * q[i - 1];
  }
  for (std::size_t i = end; i-- > halo_;) {
    Lanes known = wy[i] * q[i + nx];
    if (plane > 0) known += wz[i] * q[i + plane];
    q[i] = (q[i] + known * pivot[i]) + ahead[i] * q[i + 1];
  }
}

/// One step along the direction; gives the new residual's square.
SteadyBundle::Lanes SteadyBundle::advance(const Lanes& alpha) {
  Lanes even{}, odd{};
  const std::size_t end = halo_ + grid_->size();
  Lanes* __restrict solution = solution_, * __restrict residual = residual_;
  const Lanes *direction = direction_, *image = image_;
  for (std::size_t i = halo_; i < end; ++i) {
    solution[i] += alpha * direction[i];
    const Lanes left = residual[i] - alpha * image[i];
    residual[i] = left;
    (i % 2 == 0 ? even : odd) += left * left;
  }
  return even + odd;
}

int SteadyBundle::solve(std::span<Field* const> fields, double relative_tolerance, int most_iterations) {
  if (fields.size() > lanes) throw std::invalid_argument(fmt::format("a bundle holds at most {} fields", lanes));
  if (!(relative_tolerance >= smallest_tolerance))
    throw std::invalid_argument(fmt::format("a bundle of fields is solved to {:g} at the best", smallest_tolerance));
  for (const Field* field : fields) {
    require_valid(*field, *grid_);
    const bool uptake = std::any_of(field->uptake_per_s.begin(), field->uptake_per_s.end(), [](double rate) { return rate > 0.0; });
    if (!(field->decay_per_s > 0.0) && !uptake)
      throw RunError(fmt::format("field \"{}\": it has neither decay nor uptake anywhere, so it has no steady state", field->name));
  }
  assemble(fields);
  factorise();
  const std::size_t count = grid_->size();
  const auto norm_squared = [&](const Lanes* a) { return dot(a + halo_, a + halo_, count); };
  const Lanes source = norm_squared(right_);
  Lanes target{};
  for (std::size_t l = 0; l < fields.size(); ++l) {
    target[l] = static_cast<float>(relative_tolerance * relative_tolerance) * source[l];
  }
  residual();
  int iterations = 0;
  Lanes before{}, left = norm_squared(residual_);
  const auto unfinished = [&] {
    for (std::size_t l = 0; l < fields.size(); ++l)
      if (!(left[l] <= target[l])) return true;
    return false;
  };
  std::memset(static_cast<void*>(step_), 0, padded_ * sizeof(Lanes));
  for (; iterations < most_iterations && unfinished(); ++iterations) {
    precondition();
    const Lanes product = dot(residual_ + halo_, step_ + halo_, count);
    if (iterations == 0) {
      std::memcpy(static_cast<void*>(direction_), static_cast<const void*>(step_), padded_ * sizeof(Lanes));
    } else {
      const Lanes beta = before > 0.0F ? product / before : Lanes{};
      for (std::size_t i = halo_; i < halo_ + count; ++i) direction_[i] = step_[i] + beta * direction_[i];
    }
    const Lanes curvature = multiply(), alpha = curvature > 0.0F ? product / curvature : Lanes{};
    before = product;
    left = advance(alpha);
  }
  for (std::size_t l = 0; l < fields.size(); ++l) {
    if (!(left[l] <= target[l]))
      throw RunError(fmt::format("field \"{}\": the steady state did not converge in {} iterations", fields[l]->name, iterations));
    for (std::size_t v = 0; v < count; ++v) fields[l]->value[v] = scale_[l] * static_cast<double>(std::max(0.0F, solution_[v + halo_][l]));
  }
  return iterations;
}

}  // namespace paracrine::sim
