#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sim/compartments/propagator.hpp"

namespace paracrine::sim {

using PoolIndex = std::size_t;

/// Pools that lose to one another, stepped together. Pools without a loss of their own (stores, "gone") are in no block: nothing depends on them.
///
///   loss of pool i by an edge = k x_i,   k = rate (linear),   k = V / (K v_i + x_i) (saturable)
///
///   x [amount], k [1/h], V [amount/h] largest rate, K [amount/mL] half saturation, v [mL] volume. Without saturable edges the step is exact. With
///   them, each sub-step h takes k of the predicted middle: half a sub-step with k of the start, then the whole with k of the middle (second order).
///   h is such that the relative error of k, estimated from its curvature over the sub-step and from the prediction, stays below a tolerance (1e-7).
class Block {
 public:
  enum class Kind { linear, saturable, uptake };
  struct Edge {
    PoolIndex from = 0, to = 0;
    Kind kind = Kind::linear;
    double half_saturation = 0.0;  // K v, as an amount
    double volume_mL = 0.0;        // of `from`, for uptakes
  };

  /// Makes `pool` one of this block; `number` of pools so far is its place.
  void add_pool(PoolIndex pool) { pools_.push_back(pool); }
  /// Adds a loss of a pool of this block; `id` is the caller's.
  void add_edge(std::size_t id, const Edge& edge);
  /// Makes room; after the last pool and edge.
  void finish();
  /// Allowed relative error of a saturable rate in a sub-step.
  void set_rate_tolerance(double tolerance) { rate_tolerance_ = tolerance; }

  const std::vector<PoolIndex>& pools() const { return pools_; }
  /// Rates were changed: what is kept of them does not hold any more.
  void forget() { known_step_h_ = 0.0; }

  /// Follows the block over one step from `amounts` with `waiting` entering (both by PoolIndex); `coefficients` by edge id. Returns the id of the
  /// saturable edge for which no sub-step is small enough, if any. Allocates nothing when there are no saturable edges and step and rates are as in
  /// the last call.
  std::optional<std::size_t> advance(double step_h, std::span<const double> amounts, std::span<const double> waiting,
                                     std::span<const double> coefficients);
  /// Calls visit(id, amount transferred, time integral of the losing pool [amount x h]) for every edge, about the last step.
  template <class Visit>
  void for_each_transfer(Visit&& visit) const {
    for (const Loss& loss : losses_) visit(loss.id, loss.transferred, integral_[loss.from]);
  }

 private:
  static constexpr std::size_t outside = static_cast<std::size_t>(-1);
  struct Loss {
    std::size_t id = 0, from = 0, to = outside;  // places in this block
    Edge edge;
    double rate_per_h = 0.0;  // k
    double transferred = 0.0;
  };
  void set_rates(std::span<const double> coefficients);
  void set_saturable_rates(std::span<const double> coefficients, std::span<const double> x);
  void fill_generator();
  void follow(double step_h, std::span<const double> start, std::span<double> end);
  double rate_error(double step_h, std::span<const double> middle) const;
  std::optional<std::size_t> advance_by_substeps(double step_h, std::span<const double> coefficients);

  std::vector<PoolIndex> pools_;
  std::vector<Loss> losses_;
  std::vector<std::size_t> saturable_;  // their places in losses_
  Propagator propagator_;
  double rate_tolerance_ = 1e-7;
  double known_step_h_ = 0.0;  // the propagator is that of this step and the rates; 0: of nothing

  // scratch
  std::vector<double> generator_, start_, waiting_, inflow_, middle_, end_, integral_, part_, rate_start_, rate_middle_;
};

}  // namespace paracrine::sim
