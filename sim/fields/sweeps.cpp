#include "sim/fields/sweeps.hpp"

#include <algorithm>

namespace paracrine::sim {

namespace {

constexpr std::size_t lanes = 8;  // lines along x swept together, side by side in the scratch

}  // namespace

LineFactor::LineFactor(std::size_t count, double ratio) : inverse(count), carry(count) {
  double over = 1.0;  // what a row's pivot exceeds its entry towards the next voxel by; a sum, never a difference, so exact to rounding for any ratio
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) over = 1.0 + over * carry[i - 1];
    inverse[i] = 1.0 / (over + (i + 1 < count ? ratio : 0.0));
    carry[i] = ratio * inverse[i];
  }
}

void sweep_x(double* __restrict plane, std::size_t nx, std::size_t ny, const LineFactor& factor, std::vector<double>& work) {
  work.resize(std::max(work.size(), nx * lanes));
  double* __restrict buffer = work.data();
  for (std::size_t first = 0; first < ny; first += lanes) {
    const std::size_t used = std::min(lanes, ny - first);
    const double* line[lanes];
    for (std::size_t l = 0; l < lanes; ++l) line[l] = plane + (first + std::min(l, used - 1)) * nx;
    double d[lanes] = {};
    for (std::size_t x = 0; x < nx; ++x) {
      const double inverse = factor.inverse[x], carry = factor.carry[x];
      for (std::size_t l = 0; l < lanes; ++l) d[l] = inverse * line[l][x] + carry * d[l];
      for (std::size_t l = 0; l < lanes; ++l) buffer[x * lanes + l] = d[l];
    }
    for (std::size_t l = 0; l < lanes; ++l) d[l] = 0.0;
    for (std::size_t x = nx; x-- > 0;) {
      const double carry = factor.carry[x];
      for (std::size_t l = 0; l < lanes; ++l) d[l] = buffer[x * lanes + l] + carry * d[l];
      for (std::size_t l = 0; l < lanes; ++l) buffer[x * lanes + l] = d[l];
    }
    for (std::size_t l = 0; l < used; ++l) {
      double* __restrict target = plane + (first + l) * nx;
      for (std::size_t x = 0; x < nx; ++x) target[x] = buffer[x * lanes + l];
    }
  }
}

void sweep_y(double* plane, std::size_t nx, std::size_t ny, const LineFactor& factor) {
  for (std::size_t x = 0; x < nx; ++x) plane[x] *= factor.inverse[0];
  for (std::size_t y = 1; y < ny; ++y) {
    const double inverse = factor.inverse[y], carry = factor.carry[y];
    double* __restrict row = plane + y * nx;
    const double* __restrict before = row - nx;
    for (std::size_t x = 0; x < nx; ++x) row[x] = inverse * row[x] + carry * before[x];
  }
  for (std::size_t y = ny - 1; y-- > 0;) {
    const double carry = factor.carry[y];
    double* __restrict row = plane + y * nx;
    const double* __restrict after = row + nx;
    for (std::size_t x = 0; x < nx; ++x) row[x] += carry * after[x];
  }
}

void sweep_z(double* box, std::size_t stride, std::size_t nz, std::size_t begin, std::size_t width, const LineFactor& factor,
             std::vector<double>& work) {
  work.resize(std::max(work.size(), nz * width));
  for (std::size_t z = 0; z < nz; ++z) {
    const double inverse = factor.inverse[z], carry = factor.carry[z];
    const double* __restrict source = box + z * stride + begin;
    double* __restrict row = work.data() + z * width;
    if (z == 0) {
      for (std::size_t i = 0; i < width; ++i) row[i] = inverse * source[i];
    } else {
      const double* __restrict before = row - width;
      for (std::size_t i = 0; i < width; ++i) row[i] = inverse * source[i] + carry * before[i];
    }
  }
  const double* last = work.data() + (nz - 1) * width;
  std::copy(last, last + width, box + (nz - 1) * stride + begin);
  for (std::size_t z = nz - 1; z-- > 0;) {
    const double carry = factor.carry[z];
    const double* __restrict row = work.data() + z * width;
    const double* __restrict after = box + (z + 1) * stride + begin;
    double* __restrict target = box + z * stride + begin;
    for (std::size_t i = 0; i < width; ++i) target[i] = row[i] + carry * after[i];
  }
}

}  // namespace paracrine::sim
