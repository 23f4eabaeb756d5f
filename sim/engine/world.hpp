#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/compartments/compartments.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/patch.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::sim {

/// Patches of one sort, side by side in the world, with the processes that act on them in this order.
struct PatchGroup {
  std::string name;
  std::size_t first = 0;
  std::size_t count = 0;
  std::vector<std::shared_ptr<const Process>> processes;
};

/// One term of a balance: `value` is read at a row from the world and from the sums of the audit's readout.
struct AuditTerm {
  std::string name;  // "released", "uptake_liver", "circulating", "decayed": a variable of /audit
  bool in = false;   // what came in, against what is stored or has left
  std::function<double(const World&, std::span<const double> sums)> value;
};
/// A conserved quantity: the sum of what came in equals the sum of the other terms.
struct AuditSpecies {
  std::string name;
  std::string unit;
  std::vector<AuditTerm> terms;
};
/// All balances, and what must be added up over the patches for them (no readout: nothing).
struct Audit {
  std::shared_ptr<const Readout> readout;
  std::vector<AuditSpecies> species;
};

/// A group of the output with one column per patch of a patch group: (time, patch).
struct PatchSeries {
  std::string name;        // of the HDF5 group
  std::string patch_name;  // what one patch is called: "lobule", "block"
  std::size_t group = 0;
  std::vector<std::shared_ptr<const Readout>> readouts;  // their observables side by side
  /// What does not change in a run, one number per patch: (patch).
  struct Constant {
    Observable what;
    std::function<double(const World&, const Patch&)> value;
  };
  std::vector<Constant> constants{};
};

/// Something that the model says at the end of a run.
struct Note {
  std::string text;
  bool warning = false;
};

/// The whole state of one run, and what acts on it. Built by a disease, advanced by Simulation. Two Worlds in one process do not know of each other.
class World {
 public:
  // --- building -------------------------------------------------------------------------------------------------------------------
  std::size_t add_kind(const AgentKind& kind);  // number of the kind in every patch
  std::size_t add_scalar(std::string name);     // number of the scalar in every patch
  std::size_t add_value(std::string name);      // number of a value that belongs to no patch
  /// Adds `count` patches; call after all kinds, scalars, pools and uptakes are there. Every patch gets empty populations of all kinds.
  std::size_t add_group(std::string name, std::size_t count);
  Patch& patch(std::size_t index) { return *patches_[index]; }
  const Patch& patch(std::size_t index) const { return *patches_[index]; }
  std::size_t patches() const { return patches_.size(); }

  Compartments compartments;
  std::vector<PatchGroup> groups;
  std::vector<std::shared_ptr<const CompartmentProcess>> compartment_processes;
  std::vector<std::shared_ptr<const Readout>> readouts;  // root series, in order
  std::vector<PatchSeries> patch_series;
  Audit audit;
  int threads = 1;                          // that may be used to build it; what is built does not depend on them
  std::int64_t slow_step_s = 0;             // longest time over which processes of Pace::slow act at once; 0: they act at every visit
  std::vector<std::string> event_meanings;  // by code
  std::vector<const AgentKind*> kinds;
  std::vector<std::string> scalar_names;
  std::vector<std::string> value_names;
  std::vector<std::pair<std::string, std::size_t>> index_bounds;  // of what columns of Domain::index number: "therapy" and how many there are
  std::vector<double> agent_weight;                               // by kind: cells per agent
  std::vector<ParameterInfo> parameters;                          // as resolved, all of the model

  /// What is said at the end of a run. None: nothing.
  std::function<std::vector<Note>(const World&)> closing_notes;

  // --- state besides patches and compartments ---------------------------------------------------------------------------------------
  std::vector<Event> events;   // since the last row
  std::vector<double> values;  // by number of add_value; written by compartment processes

  /// How many there are of what columns with this `index_of` number; std::logic_error when the model does not say.
  std::size_t index_bound(const std::string& index_of) const;
  /// Sends `count` agents into the patches of a group, dealt round and round from where the last deal stopped.
  void send(std::size_t group, Arrival arrival);
  /// For building: calls body(i) for i in [0, count) on `threads` threads. What is built must not depend on the order.
  void for_all(std::size_t count, const std::function<void(std::size_t)>& body) const;
  /// After all patches were visited: delivers departures and deposits in the order of patches, and empties the arrivals.
  void exchange();

  /// Throws RunError for a loaded number that cannot be; agents are looked at by check_loaded_state.
  void archive(Archive& archive);

 private:
  std::vector<std::unique_ptr<Patch>> patches_;
  std::vector<double> deal_cursor_;  // by group: next patch to be dealt to
};

}  // namespace paracrine::sim
