#include "sim/compartments/propagator.hpp"

#include <Eigen/Core>
#include <unsupported/Eigen/MatrixFunctions>

namespace paracrine::sim {

void Propagator::compute(std::span<const double> generator_per_h, std::size_t n, double step_h) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = static_cast<Eigen::Index>(n);
  const Eigen::Map<const Matrix> generator(generator_per_h.data(), size, size);
  Matrix augmented = Matrix::Zero(3 * size, 3 * size);
  augmented.topLeftCorner(size, size) = generator * step_h;
  augmented.block(0, size, size, size).setIdentity();
  augmented.block(size, 2 * size, size, size).setIdentity();
  const Matrix exponential = augmented.exp();
  n_ = n;
  of_start_.resize(n * n);
  of_inflow_.resize(n * n);
  Eigen::Map<Matrix>(of_start_.data(), size, size) = step_h * exponential.block(0, size, size, size);
  Eigen::Map<Matrix>(of_inflow_.data(), size, size) = step_h * exponential.block(0, 2 * size, size, size);
}

void Propagator::integrate(std::span<const double> start, std::span<const double> inflow, std::span<double> integral) const {
  for (std::size_t row = 0; row < n_; ++row) {
    double sum = 0.0;
    for (std::size_t column = 0; column < n_; ++column)
      sum += of_start_[row * n_ + column] * start[column] + of_inflow_[row * n_ + column] * inflow[column];
    integral[row] = sum;
  }
}

}  // namespace paracrine::sim
