#include <fmt/format.h>

#include <Eigen/Dense>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.hpp"
#include "sim/fields/flow.hpp"

namespace paracrine::sim {

namespace {

using Vector = Eigen::VectorXd;

/// Generalised minimal residuals for  image(x) = right  from x = 0, by modified Gram-Schmidt and Givens rotations (Saad and Schultz 1986): the best x
/// of at most 300 images.
template <class Image>
Vector minimal_residual(const Image& image, const Vector& right, double relative_tolerance) {
  const Eigen::Index most = std::min<Eigen::Index>(right.size() + 1, 300);
  const double start = right.norm();
  if (!(start > 0.0)) return Vector::Zero(right.size());
  std::vector<Vector> basis = {right / start};
  Eigen::MatrixXd triangle = Eigen::MatrixXd::Zero(most + 1, most);
  Vector cosine(most), sine(most), target = Vector::Zero(most + 1);
  target[0] = start;
  Eigen::Index count = 0;
  while (count < most && std::abs(target[count]) > relative_tolerance * start) {
    const Eigen::Index j = count++;
    Vector next = image(basis.back());
    const double size = next.norm();
    for (Eigen::Index i = 0; i <= j; ++i) {
      triangle(i, j) = basis[static_cast<std::size_t>(i)].dot(next);
      next -= triangle(i, j) * basis[static_cast<std::size_t>(i)];
    }
    const double rest = next.norm();
    for (Eigen::Index i = 0; i < j; ++i) {
      const double upper = triangle(i, j), lower = triangle(i + 1, j);
      triangle(i, j) = cosine[i] * upper + sine[i] * lower;
      triangle(i + 1, j) = cosine[i] * lower - sine[i] * upper;
    }
    const double length = std::hypot(triangle(j, j), rest);
    cosine[j] = triangle(j, j) / length;
    sine[j] = rest / length;
    triangle(j, j) = length;
    target[j + 1] = -sine[j] * target[j];
    target[j] *= cosine[j];
    if (!(rest > 1e-15 * size)) break;
    basis.push_back(next / rest);
  }
  const Vector weights = triangle.topLeftCorner(count, count).triangularView<Eigen::Upper>().solve(target.head(count));
  Vector x = Vector::Zero(right.size());
  for (Eigen::Index i = 0; i < count; ++i) x += weights[i] * basis[static_cast<std::size_t>(i)];
  return x;
}

}  // namespace

/// Newton's method for the concentrations c of the voxels without flow, of which each has
///   residual = k c / (1 + c/K) + sum X (c - c_neighbour) - s = 0,
/// where the means of the neighbours with flow follow from c by a sweep. The residual is concave and its derivative an M-matrix, so from c = 0 the
/// iterates rise to the solution.
class FlowSweep::Settling {
 public:
  Settling(const FlowSweep& flow, const Load& load, Carriage& result) : flow_(flow), load_(load), result_(result) {
    const auto still = static_cast<Eigen::Index>(flow.still_.size());
    concentration_ = residual_ = Vector::Zero(still);
    fed_.assign(flow.size_, 0.0);
    arrived_.assign(flow.size_, 0.0);
    mean_.assign(flow.size_, 0.0);
    for (std::vector<double>* slope : {&slopes_.out_in, &slopes_.out_fed, &slopes_.mean_in, &slopes_.mean_fed}) slope->resize(flow.voxel_.size());
    require_steady_state();
  }

  void settle() {
    const bool saturates = std::isfinite(load_.half_saturation);
    constexpr int most_steps = 100;
    double least = std::numeric_limits<double>::infinity();
    int idle = 0;  // steps in a row that did not halve the error
    for (int step = 0; step < most_steps; ++step) {
      feed(concentration_);
      flow_.sweep(load_, fed_.data(), &slopes_, result_);
      const double error = largest_error(), of_all = std::abs(residual_.sum()) / (result_.entered + sources_);
      if (error <= rounding && !(of_all > 100.0 * rounding)) return add_still();
      idle = std::max(error, of_all) > 0.5 * least ? idle + 1 : 0;
      if (error <= tolerance && idle == 2) return add_still();
      least = std::min(least, std::max(error, of_all));
      if (step == 0 || saturates) factorise();
      const Vector right = factor_.solve(-residual_);
      concentration_ += minimal_residual([this](const Vector& x) { return image(x); }, right, 1e-8);
      concentration_ = concentration_.cwiseMax(0.0);
    }
    throw RunError(fmt::format("diffusion into the {} voxels without flow did not settle within {} steps", flow_.still_.size(), most_steps));
  }

 private:
  static constexpr double rounding = 4e-15, tolerance = 1e-12;  // of the residuals beside their terms

  double clearance(std::size_t j) const { return load_.clearance[flow_.still_[j]]; }
  double source(std::size_t j) const { return load_.source != nullptr ? load_.source[flow_.still_[j]] : 0.0; }
  double uptake(std::size_t j) const {
    const double c = concentration_[static_cast<Eigen::Index>(j)];
    return clearance(j) * c / (1.0 + c / load_.half_saturation);
  }

  /// Sorts out groups that meet no flow: without clearance they stay at 0; their sources must be less than they can take up.
  void require_steady_state() {
    const std::size_t groups = flow_.group_meets_flow_.size();
    std::vector<double> made(groups, 0.0), cleared(groups, 0.0);
    for (std::size_t j = 0; j < flow_.still_.size(); ++j) {
      made[flow_.group_[j]] += source(j);
      sources_ += source(j);
      cleared[flow_.group_[j]] += clearance(j);
    }
    empty_.assign(groups, 0);
    for (std::size_t j = 0; j < flow_.still_.size(); ++j) {
      const std::uint32_t group = flow_.group_[j];
      if (flow_.group_meets_flow_[group]) continue;
      if (source(j) > 0.0 && cleared[group] == 0.0)
        throw RunError(
            fmt::format("voxel {} has a source of {} per h that nothing takes away: neither it nor any voxel that it exchanges with has flow "
                        "or clearance",
                        flow_.still_[j], source(j)));
      if (source(j) > 0.0 && !(made[group] < cleared[group] * load_.half_saturation))
        throw RunError(
            fmt::format("voxel {} and those that it exchanges with have no flow and sources of {} per h, but can take up less than {} per h",
                        flow_.still_[j], made[group], cleared[group] * load_.half_saturation));
      empty_[group] = cleared[group] == 0.0;
    }
  }

  /// What diffusion brings into the voxels with flow, by their voxel.
  void feed(const Vector& c) {
    std::fill(fed_.begin(), fed_.end(), 0.0);
    for (const Contact& contact : flow_.contacts_)
      if (contact.still_neighbour == none) fed_[contact.neighbour] += contact.exchange * c[contact.still];
  }

  /// Computes the residuals and gives the largest of them beside its terms.
  double largest_error() {
    const auto count = flow_.still_.size();
    std::vector<double> terms(count);
    for (std::size_t j = 0; j < count; ++j) {
      residual_[static_cast<Eigen::Index>(j)] = uptake(j) - source(j);
      terms[j] = uptake(j) + source(j);
    }
    for (const Contact& contact : flow_.contacts_) {
      const double own = concentration_[contact.still];
      const double other = contact.still_neighbour != none ? concentration_[contact.still_neighbour] : result_.concentration[contact.neighbour];
      residual_[contact.still] += contact.exchange * (own - other);
      terms[contact.still] += contact.exchange * (own + other);
    }
    double largest = 0.0;
    for (std::size_t j = 0; j < count; ++j) {
      const double error = std::abs(residual_[static_cast<Eigen::Index>(j)]);
      if (!(error <= 1e-20 * result_.entered)) largest = std::max(largest, error / terms[j]);
    }
    return largest;
  }

  /// The derivative of the residuals at held means of the voxels with flow; groups that stay empty get rows of their own.
  void factorise() {
    const auto count = static_cast<Eigen::Index>(flow_.still_.size());
    std::vector<Eigen::Triplet<double>> entries;
    for (Eigen::Index j = 0; j < count; ++j) {
      const double saturation = 1.0 + concentration_[j] / load_.half_saturation;
      const auto n = static_cast<std::size_t>(j);
      entries.emplace_back(static_cast<int>(j), static_cast<int>(j), empty_[flow_.group_[n]] ? 1.0 : clearance(n) / (saturation * saturation));
    }
    for (const Contact& contact : flow_.contacts_) {
      if (empty_[flow_.group_[contact.still]]) continue;
      const int j = static_cast<int>(contact.still);
      entries.emplace_back(j, j, contact.exchange);
      if (contact.still_neighbour < contact.still) entries.emplace_back(j, static_cast<int>(contact.still_neighbour), -contact.exchange);
    }
    Eigen::SparseMatrix<double> matrix(count, count);
    matrix.setFromTriplets(entries.begin(), entries.end());
    factor_.compute(matrix);
    if (factor_.info() != Eigen::Success) throw RunError("the factorisation for diffusion into voxels without flow failed");
  }

  /// (factor)^-1 (derivative of the residuals) x: what x adds to the means downstream, by a sweep of the slopes.
  Vector image(const Vector& x) {
    feed(x);
    std::fill(arrived_.begin(), arrived_.end(), 0.0);
    for (std::size_t i = 0; i < flow_.voxel_.size(); ++i) {
      const std::uint32_t v = flow_.voxel_[i];
      mean_[v] = slopes_.mean_in[i] * arrived_[v] + slopes_.mean_fed[i] * fed_[v];
      const double out = slopes_.out_in[i] * arrived_[v] + slopes_.out_fed[i] * fed_[v];
      for (std::uint32_t s = flow_.begin_[i]; s < flow_.begin_[i + 1]; ++s) arrived_[flow_.to_[s]] += out * flow_.share_[s];
    }
    Vector back = Vector::Zero(x.size());
    for (const Contact& contact : flow_.contacts_)
      if (contact.still_neighbour == none) back[contact.still] += contact.exchange * mean_[contact.neighbour];
    return x - factor_.solve(back);
  }

  /// Enters the voxels without flow into the result.
  void add_still() {
    for (std::size_t j = 0; j < flow_.still_.size(); ++j) {
      const std::uint32_t v = flow_.still_[j];
      result_.concentration[v] = concentration_[static_cast<Eigen::Index>(j)];
      result_.uptake[v] = uptake(j);
      result_.entered += source(j);
      result_.taken += uptake(j);
    }
  }

  const FlowSweep& flow_;
  const Load& load_;
  Carriage& result_;
  Vector concentration_, residual_;           // per voxel without flow
  std::vector<double> fed_, arrived_, mean_;  // per voxel
  double sources_ = 0.0;                      // of all voxels without flow
  std::vector<char> empty_;                   // per group
  Slopes slopes_;
  Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>, Eigen::Lower> factor_;
};

void FlowSweep::settle(const Load& load, Carriage& result) const { Settling(*this, load, result).settle(); }

}  // namespace paracrine::sim
