#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/error.hpp"
#include "sim/fields/relaxation.hpp"

namespace paracrine::sim {

namespace {

/// Sum of products in a fixed order that fits vector registers.
double dot(const double* __restrict a, const double* __restrict b, std::size_t count) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  const std::size_t whole = count - count % lanes;
  for (std::size_t v = 0; v < whole; v += lanes)
    for (std::size_t l = 0; l < lanes; ++l) sums[l] += a[v + l] * b[v + l];
  double rest = 0.0;
  for (std::size_t v = whole; v < count; ++v) rest += a[v] * b[v];
  return (((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))) + rest;
}

double norm(const std::vector<double>& a) { return std::sqrt(dot(a.data(), a.data(), a.size())); }

}  // namespace

SteadySolver::SteadySolver(const Grid& grid) : grid_(&grid), halo_(grid.nz() > 1 ? grid.nx() * grid.ny() : grid.nx() + 1) {
  const std::size_t padded = grid.size() + 2 * halo_;
  for (std::vector<double>* vector :
       {&diagonal_, &towards_x_, &towards_y_, &towards_z_, &pivot_, &behind_, &ahead_, &right_, &solution_, &residual_, &direction_, &image_, &step_})
    vector->assign(padded, 0.0);
}

/// Matrix, right side and start, per volume of a full voxel: sum over faces of A D / h^2 (c[i] - c[j]) + V k c[i] = V s.
void SteadySolver::assemble(const Field& field) {
  const Grid& grid = *grid_;
  const double conductance = field.diffusion_um2_per_s / (grid.spacing_um() * grid.spacing_um());
  const std::size_t nx = grid.nx(), plane = halo_;
  const std::vector<double>& volume = grid.volume_fraction();
  for (std::size_t v = 0; v < grid.size(); ++v) {
    const std::size_t i = v + halo_;
    towards_x_[i] = conductance * grid.face_fraction(0)[v];
    towards_y_[i] = conductance * grid.face_fraction(1)[v];
    if (grid.nz() > 1) towards_z_[i] = conductance * grid.face_fraction(2)[v];
    const double loss = field.decay_per_s + (field.uptake_per_s.empty() ? 0.0 : field.uptake_per_s[v]);
    const double faces = towards_x_[i - 1] + towards_y_[i - nx] + towards_z_[i - plane] + towards_x_[i] + towards_y_[i] + towards_z_[i];
    diagonal_[i] = volume[v] * loss + faces;
    right_[i] = field.source_per_s.empty() ? 0.0 : volume[v] * field.source_per_s[v];
    solution_[i] = grid.inside(v) ? field.value[v] : 0.0;
  }
}

/// Incomplete factor of the matrix: inverse pivots, and the x-neighbours' entries times the pivot, on which substitution waits. The share `kept` of
/// the fill that is dropped goes onto the diagonal. Voxels without any coefficient keep pivot 0.
void SteadySolver::factorise() {
  constexpr double kept = 0.97;
  const std::size_t nx = grid_->nx(), plane = halo_, end = halo_ + grid_->size();
  for (std::size_t i = halo_; i < end; ++i) {
    const std::size_t x = i - 1, y = i - nx, z = i - plane;
    const double wx = towards_x_[x], wy = towards_y_[y], wz = towards_z_[z];
    const double squares = wx * wx * pivot_[x] + wy * wy * pivot_[y] + wz * wz * pivot_[z];
    const double fill = wx * pivot_[x] * (towards_y_[x] + towards_z_[x]) + wy * pivot_[y] * (towards_x_[y] + towards_z_[y]) +
                        wz * pivot_[z] * (towards_x_[z] + towards_y_[z]);
    const double pivot = diagonal_[i] - squares - kept * fill;
    pivot_[i] = diagonal_[i] > 0.0 ? 1.0 / std::max(pivot, 1e-3 * diagonal_[i]) : 0.0;
    behind_[i] = wx * pivot_[i];
    ahead_[i] = towards_x_[i] * pivot_[i];
  }
}

/// residual = right - matrix * solution.
void SteadySolver::residual() {
  const std::size_t nx = grid_->nx(), plane = halo_, end = halo_ + grid_->size();
  const std::vector<double>& c = solution_;
  for (std::size_t i = halo_; i < end; ++i)
    residual_[i] = right_[i] - diagonal_[i] * c[i] + towards_x_[i] * c[i + 1] + towards_x_[i - 1] * c[i - 1] + towards_y_[i] * c[i + nx] +
                   towards_y_[i - nx] * c[i - nx] + towards_z_[i] * c[i + plane] + towards_z_[i - plane] * c[i - plane];
}

/// image = matrix * direction; gives direction . image.
double SteadySolver::multiply() {
  const std::size_t nx = grid_->nx(), plane = halo_, end = halo_ + grid_->size();
  const double *p = direction_.data(), *wx = towards_x_.data(), *wy = towards_y_.data(), *wz = towards_z_.data(), *diagonal = diagonal_.data();
  double* __restrict image = image_.data();
  for (std::size_t i = halo_; i < end; ++i)
    image[i] = diagonal[i] * p[i] - (wx[i] * p[i + 1] + wx[i - 1] * p[i - 1]) - (wy[i] * p[i + nx] + wy[i - nx] * p[i - nx]);
  if (grid_->nz() > 1)
    for (std::size_t i = halo_; i < end; ++i) image[i] -= wz[i] * p[i + plane] + wz[i - plane] * p[i - plane];
  return dot(direction_.data(), image_.data(), direction_.size());
}

/// step = (incomplete factor)^-1 residual, forward then backward substitution.
void SteadySolver::precondition() {
  const std::size_t nx = grid_->nx(), plane = halo_, end = halo_ + grid_->size();
  const double *wy = towards_y_.data(), *wz = towards_z_.data(), *pivot = pivot_.data();
  double* q = step_.data();
  const bool deep = grid_->nz() > 1;
  for (std::size_t i = halo_; i < end; ++i) {
    double known = residual_[i] + wy[i - nx] * q[i - nx];
    if (deep) known += wz[i - plane] * q[i - plane];
    q[i] = known * pivot[i] + behind_[i] * q[i - 1];
  }
  for (std::size_t i = end; i-- > halo_;) {
    double known = wy[i] * q[i + nx];
    if (deep) known += wz[i] * q[i + plane];
    q[i] = (q[i] + known * pivot[i]) + ahead_[i] * q[i + 1];
  }
}

/// Conjugate gradients from `solution_` on until the residual of the recurrence is at most `target`; false when the matrix proves singular.
bool SteadySolver::iterate(double target, int most_iterations, int& iterations) {
  double before = 0.0;
  for (bool first = true; iterations < most_iterations && !(norm(residual_) <= target); first = false) {
    precondition();
    const double product = dot(residual_.data(), step_.data(), step_.size()), beta = first ? 0.0 : product / before;
    for (std::size_t i = 0; i < step_.size(); ++i) direction_[i] = step_[i] + beta * direction_[i];
    const double curvature = multiply();
    if (!(curvature > 0.0)) return false;
    const double alpha = product / curvature;
    for (std::size_t i = 0; i < step_.size(); ++i) {
      solution_[i] += alpha * direction_[i];
      residual_[i] -= alpha * image_[i];
    }
    before = product;
    ++iterations;
  }
  return true;
}

/// Without a source: 0 where there is a loss, else the mean of the start.
void SteadySolver::settle(Field& field, bool any_loss) const {
  const double mean = any_loss ? 0.0 : amount(field, *grid_) / grid_->domain_volume_um3();
  for (std::size_t v = 0; v < grid_->size(); ++v) field.value[v] = grid_->inside(v) ? mean : 0.0;
}

SteadyResult SteadySolver::solve(Field& field, double relative_tolerance, int most_iterations) {
  require_valid(field, *grid_);
  assemble(field);
  const std::vector<double>& volume = grid_->volume_fraction();
  bool any_loss = false, any_sink = false;
  for (std::size_t v = 0; v < volume.size(); ++v) {
    any_loss = any_loss || (volume[v] > 0.0 && (field.decay_per_s > 0.0 || (!field.uptake_per_s.empty() && field.uptake_per_s[v] > 0.0)));
    any_sink = any_sink || right_[v + halo_] < 0.0;
  }
  const double source = norm(right_);
  if (source == 0.0) {
    settle(field, any_loss);
    return {};
  }
  if (!any_loss)
    throw RunError(
        fmt::format("field \"{}\": it has a source but neither decay nor uptake anywhere, so it has no steady state; give it a loss or "
                    "follow it in time",
                    field.name));
  factorise();
  SteadyResult result;
  residual();
  bool regular = true;
  while (!(norm(residual_) <= relative_tolerance * source) && regular && result.iterations < most_iterations) {
    regular = iterate(relative_tolerance * source, most_iterations, result.iterations);
    residual();
  }
  result.residual = norm(residual_) / source;
  if (!(result.residual <= relative_tolerance))
    throw RunError(fmt::format("field \"{}\": the steady state did not converge: relative residual {:.3g} after {} iterations, wanted {:.3g}",
                               field.name, result.residual, result.iterations, relative_tolerance));
  for (std::size_t v = 0; v < volume.size(); ++v) field.value[v] = any_sink ? solution_[v + halo_] : std::max(0.0, solution_[v + halo_]);
  return result;
}

}  // namespace paracrine::sim
