#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/engine/catalogue.hpp"
#include "sim/engine/plan.hpp"
#include "sim/engine/snapshot.hpp"
#include "sim/engine/world.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// A run in the making: a World and its clock. Knows nothing of files. Built from a resolved scenario; the result depends on scenario, seed and
/// program alone.
///
/// A visit: compartment processes (doses); the compartments alone over the visit, with the patches' clearances; every patch by one thread, its
/// processes in order; what patches send each other and the compartments, in the order of patches. Slow processes act over several visits at once, in
/// the last of them, and always before a state that is written.
class Simulation {
 public:
  Simulation(const Catalogue& catalogue, const Scenario& scenario, int threads);

  std::int64_t time_s() const { return time_s_; }
  std::int64_t end_s() const { return plan_.end_s(); }
  bool finished() const { return time_s_ >= plan_.end_s(); }
  /// True when a row, a field frame or an agent frame belongs at the present time.
  bool snapshot_due() const { return written(time_s_); }
  /// The state at the present time, and the events since the snapshot before. Throws RunError when a balance does not close within 1e-9.
  Snapshot snapshot();
  const Layout& layout() const { return layout_; }
  /// Numbers of the root's observables that tell a user how the run goes.
  const std::vector<std::size_t>& progress() const { return progress_; }
  /// Advances by one visit. Throws RunError naming process, patch, time and value when a number is not finite.
  void visit();
  World& world() { return *world_; }
  const World& world() const { return *world_; }
  /// What the model says at the end.
  std::vector<Note> closing_notes() const { return world_->closing_notes ? world_->closing_notes(*world_) : std::vector<Note>(); }
  void set_threads(int threads) { threads_ = threads; }
  /// All state, in both directions. Taken between visits, after the snapshot of that time was taken.
  /// Throws RunError for a loaded state that cannot be one of this scenario.
  void archive(Archive& archive);

 private:
  void check_loaded_clock() const;
  int worthwhile_threads() const;  // one, where there is too little to do for more; the result does not depend on it
  void step_compartments(const Step& step);
  bool written(std::int64_t time_s) const;  // whether a row or a frame belongs there
  Step slow_step(const Step& visit) const;
  std::vector<double> add_up(const std::vector<std::shared_ptr<const Readout>>& readouts) const;  // sums over the patches, in their order
  std::vector<double> measure(std::span<const double> sums) const;                                // the root series

  double agent_bytes_seen_ = 0.0;  // that agents took when the machine's memory was last looked at
  std::unique_ptr<World> world_;
  std::vector<std::vector<std::vector<std::size_t>>> written_;  // by group and process: fields that it writes
  Plan plan_;
  Layout layout_;
  std::vector<std::size_t> progress_;
  std::int64_t time_s_ = 0;
  std::int64_t index_ = 0;
  std::int64_t slow_since_s_ = 0;  // until when the slow processes have acted
  std::uint64_t seed_ = 0;
  int threads_ = 1;
};

}  // namespace paracrine::sim
