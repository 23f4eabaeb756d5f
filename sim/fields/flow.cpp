#include "sim/fields/flow.hpp"

#include <fmt/format.h>

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

void require_valid(const Grid& grid, std::span<const double> values, const char* name) {
  if (values.size() != grid.size())
    throw std::invalid_argument(fmt::format("the {} of a flow has {} values for a grid of {} voxels", name, values.size(), grid.size()));
  for (std::size_t v = 0; v < values.size(); ++v)
    if (!(values[v] >= 0.0) || !std::isfinite(values[v]))
      throw std::invalid_argument(fmt::format("the {} of voxel {} is {}: it must be finite and not negative", name, v, values[v]));
}

void require_somewhere(const Grid& grid, std::span<const double> values, const char* name) {
  for (std::size_t v = 0; v < values.size(); ++v)
    if (grid.inside(v) && values[v] > 0.0) return;
  throw std::invalid_argument(fmt::format("the {} of a flow is 0 everywhere in the domain", name));
}

/// The faces with conductance: those of voxel v are begin[v] .. begin[v + 1].
struct Links {
  std::vector<std::size_t> begin;
  std::vector<std::uint32_t> to;
  std::vector<double> conductance;
};

Links links_of(const Grid& grid, std::span<const double> k) {
  const std::size_t steps[3] = {1, grid.nx(), grid.nx() * grid.ny()};
  Links links;
  links.begin.reserve(grid.size() + 1);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    links.begin.push_back(links.to.size());
    const auto add = [&](std::size_t w, double open) {
      const double conductance = open * 2.0 / (1.0 / k[v] + 1.0 / k[w]);
      if (!(conductance > 0.0)) return;
      links.to.push_back(static_cast<std::uint32_t>(w));
      links.conductance.push_back(conductance);
    };
    for (const std::size_t axis : {2u, 1u, 0u})
      if (v >= steps[axis]) add(v - steps[axis], grid.face_fraction(axis)[v - steps[axis]]);
    for (const std::size_t axis : {0u, 1u, 2u})
      if (v + steps[axis] < grid.size()) add(v + steps[axis], grid.face_fraction(axis)[v]);
  }
  links.begin.push_back(links.to.size());
  return links;
}

/// The voxels of all parts that links join to both inlet and outlet. In parts joined to the inlet alone the potential becomes 1.
std::vector<std::uint32_t> joined(const Grid& grid, const Links& links, std::span<const double> k, std::span<const double> inlet,
                                  std::span<const double> outlet, std::vector<double>& potential) {
  std::vector<char> seen(grid.size(), 0);
  std::vector<std::uint32_t> result, part;
  for (std::size_t start = 0; start < grid.size(); ++start) {
    if (seen[start] || !grid.inside(start) || k[start] <= 0.0) continue;
    part.assign(1, static_cast<std::uint32_t>(start));
    seen[start] = 1;
    bool has_inlet = false, has_outlet = false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::uint32_t v = part[i];
      has_inlet = has_inlet || inlet[v] > 0.0;
      has_outlet = has_outlet || outlet[v] > 0.0;
      for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l)
        if (!seen[links.to[l]]) {
          seen[links.to[l]] = 1;
          part.push_back(links.to[l]);
        }
    }
    if (has_inlet && has_outlet) result.insert(result.end(), part.begin(), part.end());
    if (has_inlet && !has_outlet)
      for (const std::uint32_t v : part) potential[v] = 1.0;
  }
  std::sort(result.begin(), result.end());
  return result;
}

void solve(const Links& links, const std::vector<std::uint32_t>& voxels, std::span<const double> inlet, std::span<const double> outlet,
           std::vector<double>& potential) {
  const auto count = static_cast<int>(voxels.size());
  std::vector<int> unknown(potential.size(), -1);
  for (int i = 0; i < count; ++i) unknown[voxels[static_cast<std::size_t>(i)]] = i;
  std::vector<Eigen::Triplet<double>> entries;
  Eigen::VectorXd right(count);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t v = voxels[static_cast<std::size_t>(i)];
    double diagonal = inlet[v] + outlet[v];
    for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l) {
      diagonal += links.conductance[l];
      const int j = unknown[links.to[l]];
      if (j < i) entries.emplace_back(i, j, -links.conductance[l]);
    }
    entries.emplace_back(i, i, diagonal);
    right[i] = inlet[v];
  }
  Eigen::SparseMatrix<double> matrix(count, count);
  matrix.setFromTriplets(entries.begin(), entries.end());
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>, Eigen::Lower> factor(matrix);
  if (factor.info() != Eigen::Success) throw RunError("the potential of a flow has no solution: the factorisation of its conductances failed");
  const Eigen::VectorXd solution = factor.solve(right);
  if (!solution.allFinite()) throw RunError("the potential of a flow has no solution: it is not finite");
  for (int i = 0; i < count; ++i) potential[voxels[static_cast<std::size_t>(i)]] = solution[i];
}

/// What flows out of voxel v as the potential says; only to neighbours in `flowing`.
double raw_outflow(const Links& links, const std::vector<char>& flowing, const std::vector<double>& p, std::span<const double> outlet,
                   std::size_t v) {
  double out = outlet[v] * p[v];
  for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l)
    if (flowing[links.to[l]] && p[v] > p[links.to[l]]) out += links.conductance[l] * (p[v] - p[links.to[l]]);
  return out;
}

/// Whether the inlet holds the potential of v, so that its flow is better known from the voxel's balance than from 1 - p.
bool held(const Links& links, std::span<const double> inlet, std::span<const double> outlet, std::size_t v) {
  double others = outlet[v];
  for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l) others += links.conductance[l];
  return inlet[v] > others;
}

/// Per voxel whether it has flow: not negligible, and on a way from the inlet to the outlet through such voxels. `order` is by falling potential.
std::vector<char> with_flow(const Links& links, const std::vector<std::uint32_t>& order, const std::vector<double>& p, std::span<const double> inlet,
                            std::span<const double> outlet) {
  std::vector<char> joint(p.size(), 0), flowing(p.size(), 0), fed(p.size(), 0);
  for (const std::uint32_t v : order) joint[v] = 1;
  std::vector<double> out(p.size(), 0.0);
  double mean = 0.0;
  for (const std::uint32_t v : order) mean += (out[v] = raw_outflow(links, joint, p, outlet, v)) / static_cast<double>(order.size());
  for (const std::uint32_t v : order) {
    fed[v] = fed[v] || (inlet[v] > 0.0 && (p[v] < 1.0 || held(links, inlet, outlet, v)));
    flowing[v] = fed[v] && out[v] > PotentialFlow::negligible * mean;
    if (!flowing[v]) continue;
    for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l)
      if (p[links.to[l]] < p[v]) fed[links.to[l]] = 1;
  }
  for (std::size_t i = order.size(); i-- > 0;) {
    const std::uint32_t v = order[i];
    bool drained = outlet[v] * p[v] > 0.0;
    for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l) drained = drained || (flowing[links.to[l]] && p[links.to[l]] < p[v]);
    flowing[v] = flowing[v] && drained;
  }
  return flowing;
}

}  // namespace

PotentialFlow::PotentialFlow(const Grid& grid, std::span<const double> conductance, std::span<const double> inlet, std::span<const double> outlet)
    : potential_(grid.size(), 0.0), inflow_(grid.size(), 0.0), outflow_(grid.size(), 0.0), through_(grid.size(), 0.0) {
  require_valid(grid, conductance, "conductance");
  require_valid(grid, inlet, "inlet");
  require_valid(grid, outlet, "outlet");
  require_somewhere(grid, inlet, "inlet");
  require_somewhere(grid, outlet, "outlet");
  const Links links = links_of(grid, conductance);
  order_ = joined(grid, links, conductance, inlet, outlet, potential_);
  if (order_.empty()) return;
  solve(links, order_, inlet, outlet, potential_);
  std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) { return potential_[a] > potential_[b]; });
  const std::vector<char> flowing = with_flow(links, order_, potential_, inlet, outlet);
  std::erase_if(order_, [&](std::uint32_t v) { return !flowing[v]; });

  std::vector<double> arrived(grid.size(), 0.0);
  for (const std::uint32_t v : order_) {
    const double out = raw_outflow(links, flowing, potential_, outlet, v);
    inflow_[v] = held(links, inlet, outlet, v) ? std::max(0.0, out - arrived[v]) : inlet[v] * std::max(0.0, 1.0 - potential_[v]);
    through_[v] = arrived[v] + inflow_[v];
    total_ += inflow_[v];
    const double balance = through_[v] / out;
    outflow_[v] = balance * outlet[v] * potential_[v];
    for (std::size_t l = links.begin[v]; l < links.begin[v + 1]; ++l) {
      const std::uint32_t w = links.to[l];
      if (!flowing[w] || !(potential_[v] > potential_[w])) continue;
      streams_.push_back({v, w, balance * links.conductance[l] * (potential_[v] - potential_[w])});
      arrived[w] += streams_.back().flow;
    }
  }
}

}  // namespace paracrine::sim
