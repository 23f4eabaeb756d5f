#pragma once
#include <cstddef>
#include <vector>

namespace paracrine::sim {

/// One backward Euler step of diffusion along a line of full voxels without flux at its ends,
///   (1 + 2 r) c[i] - r (c[i - 1] + c[i + 1]) = c_old[i],   r = D dt / h^2,
/// factorised once (Thomas algorithm): forward d[i] = inverse[i] c[i] + carry[i] d[i - 1], backward c[i] = d[i] + carry[i] c[i + 1].
/// All coefficients are positive, so positive values stay positive to the last bit.
struct LineFactor {
  LineFactor(std::size_t count, double ratio);
  std::vector<double> inverse;
  std::vector<double> carry;
};

/// Sweeps all lines of a plane [ny][nx] along x. `work` is scratch.
void sweep_x(double* plane, std::size_t nx, std::size_t ny, const LineFactor& factor, std::vector<double>& work);
/// Sweeps all lines of a plane [ny][nx] along y.
void sweep_y(double* plane, std::size_t nx, std::size_t ny, const LineFactor& factor);
/// Sweeps the columns [begin, begin + width) of a box of `nz` planes of `stride` voxels along z. `work` is scratch.
void sweep_z(double* box, std::size_t stride, std::size_t nz, std::size_t begin, std::size_t width, const LineFactor& factor,
             std::vector<double>& work);

}  // namespace paracrine::sim
