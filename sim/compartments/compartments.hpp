#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/compartments/block.hpp"
#include "sim/compartments/totals.hpp"
#include "sim/core/archive.hpp"

namespace paracrine::sim {

using FlowIndex = std::size_t;
using UptakeIndex = std::size_t;
using CompetitionIndex = std::size_t;

/// Well-stirred amounts and the flows between them. Every change is a transfer from one pool to another (or in from outside, or out to a pool that
/// stands for "gone"), so mass is conserved term by term. Amounts in double; each flow's total is accumulated at its own place, with compensation.
///
/// In a step the linear part is followed exactly (matrix exponential, cached while step and rates stay the same): amounts and the time integral of
/// every pool. A flow's transfer is rate x that integral, and pools change by transfers only. Saturable and competing flows are linearised about the
/// predicted middle of sub-steps (second order, one-step, so a checkpoint is whole).
class Compartments {
 public:
  /// `volume_mL` > 0 gives the pool a concentration; 0 means amount only.
  PoolIndex add_pool(std::string name, std::string unit, double volume_mL = 0.0);
  /// Linear flow: rate_per_h x amount of `from`.
  FlowIndex add_flow(std::string name, PoolIndex from, PoolIndex to, double rate_per_h);
  /// Saturable flow: maximum_per_h x C / (half_saturation + C), C = concentration of `from` in unit/mL.
  FlowIndex add_saturable_flow(std::string name, PoolIndex from, PoolIndex to, double maximum_per_h, double half_saturation_per_mL);
  /// Uptake by the patches: clearance (set each visit: the sum over patches) x concentration of `from`, into `to`.
  UptakeIndex add_uptake(std::string name, PoolIndex from, PoolIndex to);

  /// Phagocytosis that saturates: all losses of a competition are slowed by one factor,
  ///   f = 1 / (1 + sum over its counted pools of C_j / half_saturation),   C_j = concentration of pool j in unit/mL.
  /// Until a pool counts in it, f is 1.
  CompetitionIndex add_competition(double half_saturation_per_mL);
  /// The concentration of `pool` counts in the sum. All counted pools of a competition have one unit.
  void count_in(CompetitionIndex competition, PoolIndex pool);
  /// Flow that competes: rate_per_h x f x amount of `from`, which need not be counted itself.
  FlowIndex add_competing_flow(std::string name, PoolIndex from, PoolIndex to, double rate_per_h, CompetitionIndex competition);
  /// Uptake by the patches that competes: clearance (without competition) x f x concentration of `from`.
  UptakeIndex add_uptake(std::string name, PoolIndex from, PoolIndex to, CompetitionIndex competition);

  void set_flow_rate(FlowIndex flow, double rate_per_h);
  void set_clearance(UptakeIndex uptake, double clearance_mL_per_h);
  double clearance(UptakeIndex uptake) const;

  /// Puts an amount into a pool at once, from outside the compartments; counted in received(pool).
  void receive(PoolIndex pool, double amount);
  /// Puts an amount into a pool at a constant rate over the next step; until then it counts as part of the pool and as received.
  void receive_over_step(PoolIndex pool, double amount);
  /// Takes an amount out of a pool, out of the compartments (into agents, say); counted in given(pool). More than there is: RunError.
  void give(PoolIndex pool, double amount);
  /// An amount moved at once between two pools of the compartments.
  void transfer(PoolIndex from, PoolIndex to, double amount);

  /// Advances everything by one step. Throws RunError when a value is negative beyond rounding or not finite, naming pool and value.
  void step(double duration_h);

  std::size_t pools() const;
  std::size_t uptakes() const;
  const std::string& uptake_name(UptakeIndex uptake) const;
  PoolIndex pool(const std::string& name) const;  // std::out_of_range when there is none
  const std::string& pool_name(PoolIndex pool) const;
  const std::string& pool_unit(PoolIndex pool) const;
  double volume_mL(PoolIndex pool) const;
  double amount(PoolIndex pool) const;   // what waits to enter over the next step included; never below 0
  double waiting(PoolIndex pool) const;  // what waits to enter over the next step
  double concentration_per_mL(PoolIndex pool) const;
  double received(PoolIndex pool) const;  // over the whole run
  double given(PoolIndex pool) const;
  double transferred(FlowIndex flow) const;   // over the whole run
  double taken_up(UptakeIndex uptake) const;  // over the whole run
  /// Time integral of the concentration that an uptake saw in the last step, amount x h / mL, times f where it competes: a patch's share is its
  /// clearance x this.
  double exposure_h_per_mL(UptakeIndex uptake) const;
  /// Largest imbalance of any step so far: |change of all pools - received + given| / scale.
  double largest_step_error() const;

  /// Amounts, what waits to enter, all totals, rates and clearances. The pools and flows themselves are built again before loading.
  void archive(Archive& archive);

 private:
  struct Pool {
    std::string name, unit;
    double volume_mL = 0.0;
    std::size_t family = 0;  // pools that any flow connects: one balance
  };
  struct Edge {
    std::string name;
    Block::Edge in_block;  // ends and kind
    std::size_t block = 0;
  };
  struct Family {
    double imbalance = 0.0, imbalance_carry = 0.0, held = 0.0, received = 0.0;
  };
  struct Competition {
    double half_saturation_per_mL = 0.0;
    std::vector<PoolIndex> counted;
  };
  std::size_t add_edge(std::string name, const Block::Edge& edge, double coefficient);
  UptakeIndex number_uptake(std::size_t edge);
  void check_competition(CompetitionIndex competition) const;
  void set_coefficient(std::size_t edge, double coefficient);
  void prepare();
  void advance_blocks(double duration_h);
  void check_pools(double duration_h) const;
  void check_balance();
  void take(PoolIndex pool, double amount, const char* verb);
  void check_loaded() const;

  std::vector<Pool> pools_;
  std::vector<Edge> edges_;                   // flows and uptakes in the order of their making
  std::vector<std::size_t> flows_, uptakes_;  // their edges
  std::vector<Competition> competitions_;
  std::vector<Block> blocks_;
  bool prepared_ = false;

  // state
  Totals amounts_, received_, given_, expected_;  // by pool; expected_: the amount at the last step's end and what was exchanged since
  Totals transferred_;                            // by edge
  std::vector<double> waiting_;                   // by pool: enters over the next step
  std::vector<double> coefficients_;              // by edge: rate_per_h, maximum_per_h or clearance_mL_per_h
  std::vector<double> exposures_;                 // by uptake
  double largest_step_error_ = 0.0;

  // scratch of a step
  std::vector<double> throughput_;   // by pool: what was there or came in
  std::vector<Family> family_sums_;  // by family
};

}  // namespace paracrine::sim
