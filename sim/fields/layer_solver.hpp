#pragma once
#include <cstddef>
#include <vector>

#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// One backward Euler step of diffusion within the layers of a prism, both directions at once:
///   V[i] c[i] + r sum over open faces A (c[i] - c[j]) = V[i] c_old[i],   r = D dt / h^2,
/// by a Cholesky factorisation inside the envelope of the matrix (Jennings 1966, doi 10.1093/comjnl/9.3.281), made once for all layers and steps.
/// At a slanted edge it is exact where sweeps along x and then y would each shut the edge on their own and err by the square root of the step.
/// Off-diagonal entries of the factor are 0 or below, so positive values stay positive to the last bit.
class LayerSolver {
 public:
  LayerSolver(const Grid& grid, double ratio);
  /// Advances all layers of `value`. `work` is scratch.
  void advance(double* value, std::size_t layers, std::vector<double>& work) const;

 private:
  double& entry(std::size_t row, std::size_t column) { return entry_[start_[row] + (column - first_[row])]; }
  void factorise();
  template <std::size_t width>
  void solve(double* value, std::size_t used, std::vector<double>& work) const;
  template <std::size_t width>
  void forward(double* b, std::size_t i) const;
  template <std::size_t width>
  void backward(double* b, std::size_t i) const;
  void solve_one(double* value, std::vector<double>& work) const;

  std::size_t plane_;               // voxels of a layer of the box
  std::vector<std::size_t> voxel_;  // of each unknown, in a layer
  std::vector<double> volume_;      // of each unknown
  std::vector<std::size_t> first_;  // first column of each row of the factor
  std::vector<std::size_t> start_;  // where its entries begin
  std::vector<double> entry_;       // the rows without their diagonal, negated
  std::vector<double> inverse_;     // 1 / diagonal
};

}  // namespace paracrine::sim
