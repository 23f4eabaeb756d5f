#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/agents/population.hpp"
#include "sim/compartments/compartments.hpp"
#include "sim/core/archive.hpp"
#include "sim/fields/field.hpp"
#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// One visit of a patch: from start to start + duration, in whole seconds. `index` counts visits and is the step of random numbers.
struct Step {
  std::int64_t start_s = 0;
  std::int64_t duration_s = 0;
  std::uint32_t index = 0;
  std::uint64_t seed = 0;
  std::int64_t end_s() const { return start_s + duration_s; }
  double duration_h() const { return static_cast<double>(duration_s) / 3600.0; }
  Random random(ProcessStream stream) const { return Random(seed, index, stream); }
};

/// Agents that the compartments send into a patch in this visit: `count` of them, between two times; `tag` and `batch` say of which dose and which
/// part of it.
struct Arrival {
  std::size_t population = 0;
  std::uint32_t tag = 0;
  std::uint32_t batch = 0;
  std::int64_t count = 0;
  double from_s = 0.0;
  double to_s = 0.0;
};

/// Agents on their way to another patch. They keep their ids. Filled in the visit, delivered after it in a fixed order.
struct Departures {
  Population agents;
  std::vector<std::uint32_t> group;  // destination group of each; which of its patches: id modulo their number
};

/// What processes of one patch keep between visits to save work: it can be made anew from the patch's state, bit for bit, at any time (after a
/// checkpoint was read it is), and so is no state itself.
class Derived {
 public:
  virtual ~Derived() = default;
};

/// A patch of tissue: grid, fields and agents of one place, visited by one thread at a time. What a process may touch.
class Patch {
 public:
  Patch(std::uint32_t index, std::uint32_t group) : index_(index), group_(group) {}
  std::uint32_t index() const { return index_; }
  std::uint32_t group() const { return group_; }

  Population& agents(std::size_t kind) { return populations[kind]; }
  const Population& agents(std::size_t kind) const { return populations[kind]; }
  Field& field(std::size_t number) { return fields[number]; }
  const Field& field(std::size_t number) const { return fields[number]; }
  /// Sends agent `row` to a patch of another group after this visit. The caller removes the row here.
  void depart(std::size_t kind, std::size_t row, std::uint32_t destination_group) {
    departures[kind].agents.take(populations[kind], row);
    departures[kind].group.push_back(destination_group);
  }
  /// Hands an amount to a pool of the compartments, where it is from the end of this visit.
  void deposit(PoolIndex pool, double amount) { deposits[pool] += amount; }
  /// The same, but entering the pool at a constant rate over the next visit.
  void deposit_over_next_visit(PoolIndex pool, double amount) { slow_deposits[pool] += amount; }
  void archive(Archive& archive);

  std::optional<Grid> grid;
  std::vector<Field> fields;
  std::vector<Population> populations;            // by number of the kind in the world
  std::vector<double> scalars;                    // named by the world
  std::vector<Arrival> arrivals;                  // of this visit
  std::vector<Departures> departures;             // by kind
  std::vector<double> deposits;                   // by pool, of this visit
  std::vector<double> slow_deposits;              // by pool, of this visit; enter over the next
  std::vector<double> clearance_mL_per_h;         // by uptake: this patch's linear coefficient, set by its processes
  std::vector<double> uptaken;                    // by uptake: amount that this patch took up in the compartments' last step
  std::vector<float> zone;                        // per voxel of the grid: 0 where blood enters the tissue, 1 where it leaves; empty: no such thing
  std::vector<std::unique_ptr<Derived>> derived;  // by slot, set by the disease that builds the world

 private:
  std::uint32_t index_;
  std::uint32_t group_;
};

}  // namespace paracrine::sim
