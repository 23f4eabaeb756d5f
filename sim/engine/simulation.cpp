#include "sim/engine/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "sim/core/error.hpp"
#include "sim/core/finite.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/layout.hpp"
#include "sim/engine/state_check.hpp"

namespace paracrine::sim {

namespace {

constexpr double largest_imbalance = 1e-9;
// With less to do in all, waking another thread costs more than it saves: some 30 us, against 3 ns an agent and ten times as much a voxel.
constexpr std::size_t least_work = 10000, work_of_a_voxel = 10;

std::size_t work(const Patch& patch) {
  std::size_t sum = patch.grid ? work_of_a_voxel * patch.fields.size() * patch.grid->size() : 0;
  for (const Population& population : patch.populations) sum += population.size();
  for (const Arrival& arrival : patch.arrivals) sum += static_cast<std::size_t>(arrival.count);
  return sum;
}

std::string where(const World& world, const Patch& patch, const Process& process, const Step& step) {
  return fmt::format("{} in {} {} at {}", process.name(), world.groups[patch.group()].name, patch.index() - world.groups[patch.group()].first,
                     format_duration(step.end_s()));
}

/// What patches hand to the compartments must be finite and no patch may take up less than nothing.
void check_patch(const World& world, const Patch& patch, const Process& process, std::span<const std::size_t> written, const Step& step) {
  const auto fail = [&](const std::string& what, double value) {
    throw RunError(fmt::format("{}: {} is {}", where(world, patch, process, step), what, value));
  };
  if (!all_valid<true>(patch.scalars))
    for (std::size_t i = 0; i < patch.scalars.size(); ++i)
      if (!std::isfinite(patch.scalars[i])) fail(world.scalar_names[i], patch.scalars[i]);
  const auto require = [&](const std::vector<double>& values, const auto& name) {
    if (all_valid<false>(values)) return;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!(std::isfinite(values[i]) && values[i] >= 0.0)) fail(name(i), values[i]);
  };
  const auto handed = [&](std::size_t i) { return "the amount handed to " + world.compartments.pool_name(i); };
  require(patch.deposits, handed);
  require(patch.slow_deposits, handed);
  require(patch.clearance_mL_per_h, [&](std::size_t i) { return "the clearance of " + world.compartments.uptake_name(i); });
  for (const std::size_t number : written)
    require(patch.fields[number].value, [&](std::size_t v) { return fmt::format("{} in voxel {}", patch.fields[number].name, v); });
}

/// Stops a run whose agents grow in number until the machine has no room: each time they take a quarter of a gigabyte more, what is free must be
/// enough for as much again. `seen` is what they took when they were last looked at.
void check_memory(const World& world, const Step& step, double& seen) {
  constexpr double looked_at = 256e6;
  double bytes = 0.0;
  std::vector<double> of_kind(world.kinds.size(), 0.0);
  for (std::size_t i = 0; i < world.patches(); ++i) {
    const Patch& patch = world.patch(i);
    for (std::size_t kind = 0; kind < patch.populations.size(); ++kind) of_kind[kind] += static_cast<double>(patch.populations[kind].capacity());
    for (const Arrival& arrival : patch.arrivals) of_kind[arrival.population] += static_cast<double>(arrival.count);
  }
  for (std::size_t kind = 0; kind < of_kind.size(); ++kind)
    if (world.patches() > 0) bytes += of_kind[kind] * static_cast<double>(world.patch(0).populations[kind].bytes_per_agent());
  if (bytes < seen + looked_at) return;
  const auto available = static_cast<double>(available_memory());
  if (available < bytes - seen) {
    const auto most = static_cast<std::size_t>(std::max_element(of_kind.begin(), of_kind.end()) - of_kind.begin());
    throw RunError(fmt::format("{} agents of kind {} at {}: agents take {} of memory, and {} are free", format_rounded(of_kind[most]),
                               world.kinds[most]->name, format_duration(step.start_s), format_bytes(bytes), format_bytes(available)));
  }
  seen = bytes;
}

}  // namespace

namespace {

/// Those that the disease names, else the first ones.
std::vector<std::size_t> progress_of(const std::vector<std::string>& names, const std::vector<Observable>& observables) {
  constexpr std::size_t unnamed = 3;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; names.empty() && i < std::min(unnamed, observables.size()); ++i) chosen.push_back(i);
  for (const std::string& name : names)
    for (std::size_t i = 0; i < observables.size(); ++i)
      if (observables[i].name == name) chosen.push_back(i);
  assert(names.empty() || chosen.size() == names.size());
  return chosen;
}

}  // namespace

Simulation::Simulation(const Catalogue& catalogue, const Scenario& scenario, int threads)
    : world_(std::make_unique<World>()), plan_(scenario), seed_(static_cast<std::uint64_t>(scenario.root.integer("seed"))), threads_(threads) {
  world_->parameters = scenario.parameters;
  world_->threads = threads;
  catalogue.disease(scenario.model).build(scenario, *world_);
  layout_ = make_layout(*world_, scenario);
  progress_ = progress_of(catalogue.disease(scenario.model).progress, layout_.series.front().observables);
  for (const PatchGroup& group : world_->groups) {
    written_.emplace_back();
    for (const auto& process : group.processes) written_.back().push_back(process->written_fields());
  }
}

int Simulation::worthwhile_threads() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < world_->patches() && sum < least_work; ++i) sum += work(world_->patch(i));
  return sum < least_work ? 1 : threads_;
}

bool Simulation::written(std::int64_t time_s) const {
  return plan_.row(time_s) || (!layout_.fields.empty() && plan_.fields(time_s)) || (!layout_.agents.kinds.empty() && plan_.agents(time_s));
}

void Simulation::visit() {
  const Step step{.start_s = time_s_, .duration_s = plan_.visit_end(time_s_) - time_s_, .index = static_cast<std::uint32_t>(index_), .seed = seed_};
  const Step slow = slow_step(step);
  for (const auto& process : world_->compartment_processes) process->advance(*world_, step);
  check_memory(*world_, step, agent_bytes_seen_);
  step_compartments(step);
  parallel_for(world_->patches(), worthwhile_threads(), [&](std::size_t i) {
    Patch& patch = world_->patch(i);
    const PatchGroup& group = world_->groups[patch.group()];
    for (std::size_t p = 0; p < group.processes.size(); ++p) {
      const Process& process = *group.processes[p];
      const bool is_slow = process.pace() == Pace::slow;
      if (is_slow && slow.duration_s == 0) continue;
      try {
        process.advance(patch, is_slow ? slow : step);
      } catch (const RunError& error) {
        throw RunError(fmt::format("{}: {}", where(*world_, patch, process, step), error.what()));
      }
      check_patch(*world_, patch, process, written_[patch.group()][p], step);
    }
  });
  world_->exchange();
  time_s_ = step.end_s();
  if (slow.duration_s > 0) slow_since_s_ = time_s_;
  ++index_;
}

/// What slow processes do in this visit: all since they last acted, so that they are never behind a state that is written; or nothing yet.
Step Simulation::slow_step(const Step& visit) const {
  const std::int64_t end_s = visit.end_s();
  const bool due = end_s == plan_.end_s() || written(end_s) || plan_.visit_end(end_s) - slow_since_s_ > world_->slow_step_s;
  return {.start_s = slow_since_s_, .duration_s = due ? end_s - slow_since_s_ : 0, .index = visit.index, .seed = visit.seed};
}

void Simulation::step_compartments(const Step& step) {
  Compartments& compartments = world_->compartments;
  for (UptakeIndex u = 0; u < compartments.uptakes(); ++u) {
    double total = 0.0;
    for (std::size_t i = 0; i < world_->patches(); ++i) total += world_->patch(i).clearance_mL_per_h[u];
    compartments.set_clearance(u, total);
  }
  try {
    compartments.step(step.duration_h());
  } catch (const RunError& error) {
    throw RunError(fmt::format("{} at {}", error.what(), format_duration(step.end_s())));
  }
  for (UptakeIndex u = 0; u < compartments.uptakes(); ++u) {
    const double exposure = compartments.exposure_h_per_mL(u);
    for (std::size_t i = 0; i < world_->patches(); ++i) {
      Patch& patch = world_->patch(i);
      patch.uptaken[u] = patch.clearance_mL_per_h[u] * exposure;
    }
  }
}

std::vector<double> Simulation::add_up(const std::vector<std::shared_ptr<const Readout>>& readouts) const {
  std::size_t sums = 0;
  for (const auto& readout : readouts) sums += readout->sums();
  const std::size_t patches = world_->patches();
  std::vector<double> parts(patches * sums, 0.0);
  parallel_for(patches, worthwhile_threads(), [&](std::size_t i) {
    std::size_t offset = i * sums;
    for (const auto& readout : readouts) {
      readout->measure(world_->patch(i), std::span(parts).subspan(offset, readout->sums()));
      offset += readout->sums();
    }
  });
  std::vector<double> total(sums, 0.0);
  for (std::size_t i = 0; i < patches; ++i)
    for (std::size_t s = 0; s < sums; ++s) total[s] += parts[i * sums + s];
  return total;
}

std::vector<double> Simulation::measure(std::span<const double> sums) const {
  std::vector<double> values;
  std::size_t offset = 0;
  for (const auto& readout : world_->readouts) {
    const std::size_t first = values.size();
    values.resize(first + readout->observables().size());
    readout->finish(*world_, sums.subspan(offset, readout->sums()), std::span(values).subspan(first));
    offset += readout->sums();
  }
  return values;
}

Snapshot Simulation::snapshot() {
  Snapshot snapshot;
  snapshot.time_s = time_s_;
  snapshot.events.swap(world_->events);
  if (plan_.row(time_s_)) {
    snapshot.row = true;
    // the audit often reads what a readout of the series has added up already
    std::vector<std::shared_ptr<const Readout>> readouts = world_->readouts;
    std::size_t audit_sums = 0;
    const auto same = std::find(readouts.begin(), readouts.end(), world_->audit.readout);
    for (auto it = readouts.begin(); it != same; ++it) audit_sums += (*it)->sums();
    if (same == readouts.end() && world_->audit.readout) readouts.push_back(world_->audit.readout);
    const std::vector<double> total = add_up(readouts);
    snapshot.series.push_back(measure(total));
    for (std::size_t s = 1; s < layout_.series.size(); ++s) {
      const PatchSeries& series = world_->patch_series[s - 1];
      const PatchGroup& group = world_->groups[series.group];
      std::vector<double> values;
      for (const auto& readout : series.readouts) {
        const std::size_t before = values.size(), length = readout->observables().size();
        values.resize(before + length * group.count);
        parallel_for(group.count, worthwhile_threads(), [&](std::size_t i) {
          std::vector<double> sums(readout->sums(), 0.0), one(length);
          readout->measure(world_->patch(group.first + i), sums);
          readout->finish(*world_, sums, one);
          for (std::size_t o = 0; o < length; ++o) values[before + o * group.count + i] = one[o];
        });
      }
      snapshot.series.push_back(std::move(values));
    }
    fill_audit(*world_, layout_, std::span(total).subspan(audit_sums), snapshot);
    for (std::size_t s = 0; s < snapshot.audit_error.size(); ++s)
      if (!(snapshot.audit_error[s] <= largest_imbalance))
        throw RunError(fmt::format("the balance of {} does not close at {}: relative error {:.3g}, more than {:g}", layout_.audit_species[s],
                                   format_duration(time_s_), snapshot.audit_error[s], largest_imbalance));
  }
  if (!layout_.fields.empty() && plan_.fields(time_s_)) fill_fields(*world_, layout_, snapshot);
  if (!layout_.agents.kinds.empty() && plan_.agents(time_s_)) fill_agents(*world_, layout_, snapshot);
  return snapshot;
}

void Simulation::archive(Archive& archive) {
  archive.scalar("time_s", time_s_);
  archive.scalar("visit", index_);
  archive.scalar("slow_since_s", slow_since_s_);
  if (archive.loading()) check_loaded_clock();
  world_->archive(archive);
  if (archive.loading()) check_loaded_state(*world_, time_s_);
}

/// The clock stands at the end of a visit of the plan, and the number of visits is the one until then.
void Simulation::check_loaded_clock() const {
  std::int64_t at_s = 0, visits = 0;
  bool slow = slow_since_s_ == 0;
  while (at_s < time_s_ && at_s < plan_.end_s()) {
    at_s = plan_.visit_end(at_s);
    ++visits;
    slow = slow || at_s == slow_since_s_;
  }
  if (at_s != time_s_ || visits != index_)
    throw RunError(fmt::format("the state is at {} s after {} visits, which is the end of no visit of its scenario", time_s_, index_));
  if (!slow) throw RunError(fmt::format("slow processes acted until {} s, which is the end of no visit before {} s", slow_since_s_, time_s_));
}

}  // namespace paracrine::sim
