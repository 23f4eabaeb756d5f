#pragma once
#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/io/commits.hpp"
#include "sim/io/content.hpp"
#include "sim/io/files.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"
#include "sim/io/target.hpp"

namespace paracrine::sim::io {

/// What a recorder keeps of its file. recorder.cpp opens, commits and closes it; recorder_rows.cpp appends the waiting rows.
struct Recorder::State {
  /// What is written of the agents in one group of patches.
  struct AgentTargets {
    Target obs, id, patch, kind, row_size;
    std::vector<Target> columns{};
    std::uint64_t written = 0;  // agents, committed
  };

  std::string path;
  Layout layout;
  bool live = true;
  bool resumed = false;
  bool failed = false;
  h5::Id file;
  std::vector<std::vector<Target>> series;  // by series, by observable
  std::vector<Target> audit;
  std::vector<std::vector<Target>> fields;  // by group of patches, by field
  std::vector<AgentTargets> agents;         // by group of patches
  std::vector<Target> events;               // event, code, subject, value
  std::vector<Target> times;                // of events, fields, agents, audit, other series, root: in the order of their writing
  std::vector<Target> log;                  // commit, commits
  std::vector<Target*> valued;              // all but the log and dimensions without values, in the order of paths
  Commit last_commit;
  std::uint64_t commits = 0;
  std::map<std::string, Checksum> constants;  // of the values that do not grow
  RowCounts counts;
  std::vector<double> largest_error;  // by species
  std::vector<Snapshot> waiting;
  std::size_t rows_waiting = 0;
  std::chrono::steady_clock::time_point waiting_since{};
  std::vector<std::string> warnings;

  State(std::string place, const Layout& what, Mode mode) : path(std::move(place)), layout(what) {
    live = mode == Mode::live || (mode == Mode::automatic && keeps_write_order_at(folder_of(path)));
    if (!live)
      warnings.push_back(fmt::format(
          "{} lies on a file system that does not keep the order of writes: the file can be read when the run has ended, not before", path));
    largest_error.assign(layout.audit_species.size(), 0.0);
  }
  void begin(const std::function<void()>& fill);
  void open_targets();
  void open_agents(const Layout::Patches& patches);
  void begin_commits();
  void continue_commits();
  void for_all_targets(const std::function<void(Target&)>& action);
  void stage(std::vector<Target>& targets);
  void stage(Target& target);
  void flush(const std::function<void(CommitStage)>& hook, bool sync);
  void write_series(const std::vector<const Snapshot*>& rows);
  void write_audit(const std::vector<const Snapshot*>& rows);
  void write_events(RowCounts& next);
  void write_fields(RowCounts& next);
  void write_agents(RowCounts& next);
  void write_agents_of(std::size_t group, const Snapshot& snapshot, std::size_t from);
  void write_sizes();
  std::vector<std::vector<double>> times_of(const std::vector<const Snapshot*>& rows) const;
  std::uint64_t written_times(std::size_t target) const;
  void log_commit(const RowCounts& next);
  void give_up();
  [[noreturn]] void fail(const h5::Error& error);
};

}  // namespace paracrine::sim::io
