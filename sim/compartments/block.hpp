#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sim/compartments/poisson_series.hpp"
#include "sim/compartments/propagator.hpp"

namespace paracrine::sim {

using PoolIndex = std::size_t;

/// Pools that lose to one another or compete, stepped together. Pools without a loss of their own (stores, "gone") are in no block: nothing depends
/// on them.
///
///   loss of pool i by an edge = k x_i,   k = rate (linear),   k = V / (K v_i + x_i) (saturable),   k = rate x f (competing)
///   f = 1 / (1 + sum over the counted pools j of a competition of x_j / (K v_j))
///
///   x [amount], k [1/h], V [amount/h] largest rate, K [amount/mL] half saturation, v [mL] volume. Without saturable and competing edges the step is
///   exact. With them, each sub-step h takes k of the predicted middle: half a sub-step with k of the start, then the whole with k of the middle
///   (second order). h is such that the relative error of k, estimated from its curvature over the sub-step and from the prediction, stays below a
///   tolerance (1e-7). Where every f stays at 1 within the tolerance, competing edges count as linear.
class Block {
 public:
  enum class Kind { linear, saturable, uptake };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Edge {
    PoolIndex from = 0, to = 0;
    Kind kind = Kind::linear;
    double half_saturation = 0.0;    // K v, as an amount, of a saturable edge
    double volume_mL = 0.0;          // of `from`, for uptakes
    std::size_t competition = none;  // number of the competition that slows it, the caller's
  };

  /// Makes `pool` one of this block; `number` of pools so far is its place.
  void add_pool(PoolIndex pool) { pools_.push_back(pool); }
  /// `pool`, one of this block, counts in a competition; `half_saturation` is K v, as an amount. Before the edges that it slows.
  void count(std::size_t competition, PoolIndex pool, double half_saturation);
  /// Adds a loss of a pool of this block; `id` is the caller's.
  void add_edge(std::size_t id, const Edge& edge);
  /// Makes room; after the last pool and edge.
  void finish();
  /// Allowed relative error of a rate in a sub-step.
  void set_rate_tolerance(double tolerance) { rate_tolerance_ = tolerance; }

  const std::vector<PoolIndex>& pools() const { return pools_; }
  /// Rates were changed: what is kept of them does not hold any more.
  void forget() { known_step_h_ = 0.0; }

  /// Follows the block over one step from `amounts` with `waiting` entering (both by PoolIndex); `coefficients` by edge id. Returns the id of the
  /// saturable or competing edge for which no sub-step is small enough, if any. Allocates nothing when step and rates are as in the last call and, in
  /// sub-steps, none is many times longer than the time in which a pool is emptied.
  std::optional<std::size_t> advance(double step_h, std::span<const double> amounts, std::span<const double> waiting,
                                     std::span<const double> coefficients);
  /// Sub-steps of the last step; 0 when it was followed as linear.
  std::size_t substeps() const { return substeps_; }
  /// Calls visit(id, amount transferred, time integral of the losing pool [amount x h], times f where the edge competes) for every edge, about the
  /// last step.
  template <class Visit>
  void for_each_transfer(Visit&& visit) const {
    for (const Loss& loss : losses_) visit(loss.id, loss.transferred, loss.slowed_by == none ? integral_[loss.from] : loss.slowed_integral);
  }

 private:
  struct Loss {
    std::size_t id = 0, from = 0, to = none;  // places in this block
    std::size_t slowed_by = none;             // place in competitions_
    Edge edge;
    double full_per_h = 0.0;       // linear and uptake: k without competition
    double rate_per_h = 0.0;       // k
    double moved = 0.0;            // in the last sub-step followed
    double transferred = 0.0;      // in the step
    double slowed_integral = 0.0;  // of f x
  };
  struct Competition {
    struct Counted {
      std::size_t place = 0;
      double half_saturation = 0.0;  // as an amount
    };
    std::size_t id = 0;  // the caller's
    std::vector<Counted> counted;
    double factor = 1.0, factor_middle = 1.0;  // f: present, and of the middle of the sub-step
    double sum(std::span<const double> x) const;
  };
  std::size_t place_of(PoolIndex pool) const;
  void set_full_rates(std::span<const double> coefficients);
  void set_changing_rates(std::span<const double> coefficients, std::span<const double> x);
  void remember_rates(std::vector<double>& rates) const;
  void fill_generator();
  bool thin(std::span<const double> x) const;
  void integrate_full_rates(double step_h, std::span<const double> coefficients);
  bool advance_as_linear(double step_h, std::span<const double> coefficients);
  void follow(double step_h, std::span<const double> start, std::span<double> end);
  double rate_error(double step_h, std::span<const double> middle);
  std::optional<std::size_t> advance_by_substeps(double step_h, std::span<const double> coefficients);
  void accept_substep();

  std::vector<PoolIndex> pools_;
  std::vector<Loss> losses_;
  std::vector<Competition> competitions_;
  std::vector<std::size_t> changing_;  // places in losses_ of those whose rate depends on amounts
  bool saturable_ = false;             // any edge is
  bool has_uptake_ = false;            // any edge is an uptake
  bool by_series_ = false;             // the rates of known_step_h_ are followed by the series
  Propagator propagator_;              // of a whole step with full rates
  double rate_tolerance_ = 1e-7;
  double known_step_h_ = 0.0;  // propagator_ is that of this step and the rates; 0: of nothing
  std::size_t substeps_ = 0;

  // scratch
  PoissonSeries series_;
  Propagator substep_propagator_;
  std::vector<double> generator_, start_, waiting_, inflow_, middle_, end_, integral_, part_, drift_, rate_start_, rate_middle_;
};

}  // namespace paracrine::sim
