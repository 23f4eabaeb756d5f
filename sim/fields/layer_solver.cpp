#include "sim/fields/layer_solver.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace paracrine::sim {

namespace {

constexpr std::size_t lanes = 4;
typedef double Lanes __attribute__((vector_size(lanes * sizeof(double))));  // GNU C: one operation on four numbers, on any machine

inline Lanes load(const double* from) {
  Lanes result;
  std::memcpy(&result, from, sizeof result);
  return result;
}
inline void store(double* to, const Lanes& lanes_) { std::memcpy(to, &lanes_, sizeof lanes_); }

}  // namespace

LayerSolver::LayerSolver(const Grid& grid, double ratio) : plane_(grid.nx() * grid.ny()) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  const std::size_t nx = grid.nx();
  const std::vector<double>&face_x = grid.face_fraction(0), &face_y = grid.face_fraction(1);
  std::vector<std::size_t> unknown(plane_, none);
  for (std::size_t p = 0; p < plane_; ++p) {
    if (!grid.inside(p)) continue;
    unknown[p] = voxel_.size();
    voxel_.push_back(p);
    volume_.push_back(grid.volume_fraction()[p]);
  }
  for (std::size_t i = 0; i < voxel_.size(); ++i) {
    const std::size_t p = voxel_[i];
    const double left = p % nx > 0 ? ratio * face_x[p - 1] : 0.0, below = p >= nx ? ratio * face_y[p - nx] : 0.0;
    std::size_t first = i;
    if (left > 0.0) first = std::min(first, unknown[p - 1]);
    if (below > 0.0) first = std::min(first, unknown[p - nx]);
    first_.push_back(first);
    start_.push_back(entry_.size());
    entry_.resize(entry_.size() + (i - first), 0.0);
    if (left > 0.0) entry(i, unknown[p - 1]) = left;
    if (below > 0.0) entry(i, unknown[p - nx]) = below;
  }
  factorise();
}

/// Eliminates one unknown after the other. A diagonal entry is never formed by a difference: it is what its row has left over (at first the volume)
/// plus the row's other entries (Grassmann, Taksar and Heyman 1985, doi 10.1287/opre.33.5.1107), so the factor is exact to rounding for any step.
void LayerSolver::factorise() {
  const std::size_t count = voxel_.size();
  std::vector<double> over = volume_, column(count);
  std::vector<std::size_t> last(count);  // of each column: its last row
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = first_[i]; k <= i; ++k) last[k] = i;
  for (std::size_t k = 0; k < count; ++k) {
    double diagonal = over[k];
    for (std::size_t i = k + 1; i <= last[k]; ++i) {
      column[i] = first_[i] <= k ? entry(i, k) : 0.0;
      diagonal += column[i];
    }
    inverse_.push_back(1.0 / std::sqrt(diagonal));
    for (std::size_t i = k + 1; i <= last[k]; ++i) {
      if (first_[i] > k) continue;
      const double share = column[i] / diagonal;
      over[i] += share * over[k];
      double* row = &entry(i, k);
      for (std::size_t j = k + 1; j < i; ++j) row[j - k] += share * column[j];
      row[0] = column[i] * inverse_[k];
    }
  }
}

/// Forward and backward substitution for 4 x `width` layers side by side (`used` of them real), a block of unknowns at a time, so that what is
/// gathered from and scattered to the layers stays in the nearest cache.
template <std::size_t width>
void LayerSolver::solve(double* value, std::size_t used, std::vector<double>& work) const {
  constexpr std::size_t block = 64, stride = width * lanes;
  const std::size_t count = voxel_.size();
  work.resize(std::max(work.size(), count * stride));
  double* b = work.data();
  for (std::size_t begin = 0; begin < count; begin += block) {
    const std::size_t end = std::min(count, begin + block);
    std::fill(b + begin * stride, b + end * stride, 0.0);
    for (std::size_t l = 0; l < used; ++l)
      for (std::size_t i = begin; i < end; ++i) b[i * stride + l] = volume_[i] * value[l * plane_ + voxel_[i]];
    for (std::size_t i = begin; i < end; ++i) forward<width>(b, i);
  }
  for (std::size_t end = count; end > 0;) {
    const std::size_t begin = (end - 1) / block * block;
    for (std::size_t i = end; i-- > begin;) backward<width>(b, i);
    for (std::size_t l = 0; l < used; ++l)
      for (std::size_t i = begin; i < end; ++i) value[l * plane_ + voxel_[i]] = b[i * stride + l];
    end = begin;
  }
}

template <std::size_t width>
void LayerSolver::forward(double* b, std::size_t i) const {
  constexpr std::size_t stride = width * lanes;
  Lanes sum[width];
  for (std::size_t w = 0; w < width; ++w) sum[w] = load(b + i * stride + w * lanes);
  const double* row = entry_.data() + start_[i];
  const double* known = b + first_[i] * stride;
  const std::size_t length = i - first_[i];
  for (std::size_t k = 0; k < length; ++k)
    for (std::size_t w = 0; w < width; ++w) sum[w] += row[k] * load(known + k * stride + w * lanes);
  for (std::size_t w = 0; w < width; ++w) store(b + i * stride + w * lanes, sum[w] * inverse_[i]);
}

template <std::size_t width>
void LayerSolver::backward(double* b, std::size_t i) const {
  constexpr std::size_t stride = width * lanes;
  Lanes solved[width];
  for (std::size_t w = 0; w < width; ++w) {
    solved[w] = load(b + i * stride + w * lanes) * inverse_[i];
    store(b + i * stride + w * lanes, solved[w]);
  }
  const double* row = entry_.data() + start_[i];
  double* open = b + first_[i] * stride;
  const std::size_t length = i - first_[i];
  for (std::size_t k = 0; k < length; ++k)
    for (std::size_t w = 0; w < width; ++w) {
      double* target = open + k * stride + w * lanes;
      store(target, load(target) + row[k] * solved[w]);
    }
}

/// The same for one layer, the vector along the rows of the factor.
void LayerSolver::solve_one(double* value, std::vector<double>& work) const {
  const std::size_t count = voxel_.size();
  work.resize(std::max(work.size(), count));
  double* b = work.data();
  for (std::size_t i = 0; i < count; ++i) {
    const double *row = entry_.data() + start_[i], *known = b + first_[i];
    const std::size_t length = i - first_[i], whole = length - length % (2 * lanes);
    Lanes even = {}, odd = {};
    for (std::size_t k = 0; k < whole; k += 2 * lanes) {
      even += load(row + k) * load(known + k);
      odd += load(row + k + lanes) * load(known + k + lanes);
    }
    even += odd;
    double rest = volume_[i] * value[voxel_[i]];
    for (std::size_t k = whole; k < length; ++k) rest += row[k] * known[k];
    b[i] = (((even[0] + even[1]) + (even[2] + even[3])) + rest) * inverse_[i];
  }
  for (std::size_t i = count; i-- > 0;) {
    const double solved = b[i] * inverse_[i];
    const double* __restrict row = entry_.data() + start_[i];
    double* __restrict open = b + first_[i];
    const std::size_t length = i - first_[i];
    for (std::size_t k = 0; k < length; ++k) open[k] += row[k] * solved;
    value[voxel_[i]] = solved;
  }
}

void LayerSolver::advance(double* value, std::size_t layers, std::vector<double>& work) const {
  constexpr std::size_t many = 4;
  for (std::size_t z = 0; z < layers;) {
    const std::size_t left = layers - z;
    double* layer = value + z * plane_;
    if (left > lanes) {
      solve<many>(layer, std::min(many * lanes, left), work);
      z += many * lanes;
    } else if (left > 1) {
      solve<1>(layer, left, work);
      z += left;
    } else {
      solve_one(layer, work);
      z += 1;
    }
  }
}

}  // namespace paracrine::sim
