#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

#include "sim/core/error.hpp"
#include "sim/io/commits.hpp"
#include "sim/io/content.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/files.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder_state.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/schema.hpp"
#include "sim/io/target.hpp"

namespace paracrine::sim::io {

namespace {

constexpr std::size_t waiting_rows = 20;
constexpr std::chrono::seconds longest_wait{2};

using Rows = std::vector<const Snapshot*>;

}  // namespace

/// Makes the file aside, so that under its own name it can always be read.
void Recorder::State::begin(const std::function<void()>& fill) {
  std::string aside;
  try {
    aside = unique_aside(path);
    file = h5::create_file(aside, live ? h5::Format::live : h5::Format::compatible, true);
  } catch (const RunError& error) {
    throw InputError(error.what());
  } catch (const h5::Error& error) {
    discard(aside);
    throw InputError(explain_write_error(path, error.system_error(), error.what()));
  }
  try {
    fill();
    h5::flush_file(file.get());
    if (live) h5::check(H5Fstart_swmr_write(file.get()), "beginning to write for readers");
    open_targets();
    resumed ? continue_commits() : begin_commits();
    h5::sync_file(file.get());
  } catch (const h5::Error& error) {
    give_up();
    discard(aside);
    throw RunError(explain_write_error(path, error.system_error(), error.what()));
  } catch (...) {
    give_up();
    discard(aside);
    throw;
  }
  rename_durably(aside, path);
}

void Recorder::State::open_agents(const Layout::Patches& patches) {
  const auto target = [&](const std::string& name) { return Target(file.get(), agents_path(patches) + "/" + name); };
  agents.push_back({.obs = target("obs"), .id = target("id"), .patch = target("patch"), .kind = target("kind"), .row_size = target("row_size")});
  for (const auto& column : layout.agents.columns) agents.back().columns.push_back(target(column.name));
}

void Recorder::State::open_targets() {
  const hid_t id = file.get();
  for (const auto& group : layout.series) {
    auto& targets = series.emplace_back();
    for (const auto& observable : group.observables) targets.emplace_back(id, variable_path(group_path(group), observable.name));
  }
  for (const char* name : {"event", "code", "subject", "value"}) events.emplace_back(id, std::string("/events/") + name);
  times.emplace_back(id, "/events/event_time");
  for (const auto& group : layout.fields) {
    auto& targets = fields.emplace_back();
    for (const auto& name : group.names) targets.emplace_back(id, variable_path(fields_path(group.patches), name));
    times.emplace_back(id, variable_path(fields_path(group.patches), fields_time));
  }
  if (!layout.agents.kinds.empty())
    for (const auto& patches : layout.agents.groups) {
      open_agents(patches);
      times.emplace_back(id, variable_path(agents_path(patches), agents_time));
    }
  if (!layout.audit_species.empty()) {
    for (const auto& term : layout.audit_terms) audit.emplace_back(id, "/audit/" + term);
    audit.emplace_back(id, "/audit/relative_error");
    audit.emplace_back(id, "/audit/largest_relative_error");
    times.emplace_back(id, "/audit/time");
  }
  for (std::size_t i = layout.series.size(); i-- > 0;) times.emplace_back(id, variable_path(group_path(layout.series[i]), "time"));
  log.emplace_back(id, "/provenance/commit");
  log.emplace_back(id, commits_path);
  for_all_targets([&](Target& target) {
    const bool of_log = target.path() == log[0].path() || target.path() == log[1].path();
    if (!of_log && !stands_for_length(target.get())) valued.push_back(&target);
  });
  std::sort(valued.begin(), valued.end(), [](const Target* a, const Target* b) { return a->path() < b->path(); });
}

void Recorder::State::for_all_targets(const std::function<void(Target&)>& action) {
  for (auto* groups : {&series, &fields})
    for (auto& group : *groups)
      for (auto& target : group) action(target);
  for (auto& group : agents) {
    for (auto* target : {&group.obs, &group.id, &group.patch, &group.kind, &group.row_size}) action(*target);
    for (auto& target : group.columns) action(target);
  }
  for (auto* group : {&audit, &events, &times, &log})
    for (auto& target : *group) action(target);
}

/// The first entry of the log, before the first row.
void Recorder::State::begin_commits() {
  last_commit = {{}, beginning_checksum(file.get(), &constants)};
  log_commit({});
}

/// The log of a run that goes on behind rows that are in the file.
void Recorder::State::continue_commits() {
  beginning_checksum(file.get(), &constants);
  const auto written = read_commits(file.get());
  if (written.empty() || written.back().rows != counts) throw h5::Error("no commit left the rows that are needed", 0);
  last_commit = written.back();
  commits = written.size();
  const CommittedLengths lengths(file.get(), counts);
  for (auto* target : valued) {
    const auto type = h5::element_type_of(h5::type_of_dataset(target->get()).get());
    target->read_back(type.value(), lengths.of(target->path(), target->get()));
  }
  log[1].read_back(ElementType::u64, commits);
  for (std::size_t i = 0; i < agents.size(); ++i) agents[i].written = lengths.of(agents[i].id.path(), agents[i].id.get());
}

void Recorder::State::stage(Target& target) {
  if (live) target.flush();
}

void Recorder::State::stage(std::vector<Target>& targets) {
  if (!live) return;
  for (auto& target : targets) target.flush();
}

/// Entries of each of the times that are committed.
std::uint64_t Recorder::State::written_times(std::size_t target) const {
  if (target == 0) return counts.events;
  if (target <= fields.size()) return counts.field_frames;
  return target <= fields.size() + agents.size() ? counts.agent_frames : counts.rows;
}

/// One entry of the table of commits, which stands before the times: rows whose time is set are in it.
void Recorder::State::log_commit(const RowCounts& next) {
  if (commits > 0) {
    AddedRows added;
    for (auto* target : valued)
      if (const auto checksum = target->take_added()) added.emplace_back(target->path(), *checksum);
    last_commit = next_commit(last_commit, next, added);
  }
  log[0].grow(commits + 1);
  log[1].append(commits, 1, to_columns(last_commit));
  stage(log);
  ++commits;
}

void Recorder::State::flush(const std::function<void(CommitStage)>& hook, bool sync) {
  const auto tell = [&](CommitStage where) {
    if (hook) hook(where);
  };
  if (failed) throw RunError(fmt::format("cannot write {}: an earlier write failed", path));
  try {
    if (!waiting.empty()) {
      Rows rows;
      for (const auto& snapshot : waiting)
        if (snapshot.row) rows.push_back(&snapshot);
      tell(CommitStage::begin);
      RowCounts next = counts;
      next.rows += rows.size();
      if (!audit.empty()) next.audit_rows += rows.size();
      write_series(rows);
      write_audit(rows);
      write_events(next);
      write_fields(next);
      write_agents(next);
      tell(CommitStage::data_written);
      write_sizes();
      tell(CommitStage::counts_written);
      const auto values = times_of(rows);
      for (std::size_t i = 0; i < times.size(); ++i) times[i].hash(values[i].size(), ElementType::f64, values[i].data());
      if (next != counts) log_commit(next);
      tell(CommitStage::logged);
      for (std::size_t i = 0; i < times.size(); ++i) {
        times[i].write(written_times(i), values[i].size(), ElementType::f64, values[i].data());
        stage(times[i]);
      }
      counts = next;
      if (!live) h5::flush_file(file.get());
      tell(CommitStage::time_written);
      waiting.clear();
      rows_waiting = 0;
    }
    if (sync) h5::sync_file(file.get());
  } catch (const h5::Error& error) {
    fail(error);
  }
}

void Recorder::State::give_up() {
  failed = true;
  for_all_targets([](Target& target) { target.abandon(); });
  file.abandon();
  waiting.clear();
}

void Recorder::State::fail(const h5::Error& error) {
  give_up();
  throw RunError(explain_write_error(path, error.system_error(), error.what()));
}

Recorder::Recorder(std::string path, const Layout& layout, const RunInfo& info, Mode mode)
    : state_(std::make_unique<State>(std::move(path), layout, mode)) {
  State& state = *state_;
  if (std::filesystem::exists(state.path)) throw InputError(fmt::format("\"{}\" exists", state.path));
  state.begin([&] { create_schema(state.file.get(), layout, info); });
}

Recorder::Recorder(std::string path, const Layout& layout, const RunInfo& info, const std::string& old_part, const RowCounts& rows, Mode mode)
    : state_(std::make_unique<State>(std::move(path), layout, mode)) {
  State& state = *state_;
  const h5::Id old = open_ours(old_part);
  if (!holds(committed_rows(old.get()), rows))
    throw InputError(fmt::format("\"{}\" holds fewer rows than the {} that are needed to go on", old_part, rows.rows));
  state.counts = rows;
  state.resumed = true;
  state.begin([&] {
    try {
      copy_run(old.get(), state.file.get(), rows, CopyMode::growing);
    } catch (const h5::Error& error) {
      if (error.system_error() != 0) throw;
      throw InputError(fmt::format("\"{}\" is damaged: {}", old_part, error.what()));
    }
    h5::set_attribute(state.file.get(), "threads", static_cast<std::int32_t>(info.threads));
    h5::set_attribute(state.file.get(), "host", info.host);
    h5::overwrite_attribute(state.file.get(), "status", status_name(Status::running));
    h5::overwrite_attribute(state.file.get(), "wall_time_s", 0.0);
  });
  if (!state.audit.empty() && rows.audit_rows > 0)
    h5::read_rows(state.audit.back().get(), H5T_NATIVE_DOUBLE, rows.audit_rows - 1, 1, state.largest_error.data());
}

Recorder::~Recorder() = default;

void Recorder::write(Snapshot snapshot) {
  State& state = *state_;
  if (state.waiting.empty()) state.waiting_since = std::chrono::steady_clock::now();
  if (snapshot.row) ++state.rows_waiting;
  state.waiting.push_back(std::move(snapshot));
}

void Recorder::commit_if_due() {
  State& state = *state_;
  if (state.waiting.empty()) return;
  if (state.rows_waiting >= waiting_rows || std::chrono::steady_clock::now() - state.waiting_since >= longest_wait) state.flush(on_commit, false);
}

void Recorder::commit() { state_->flush(on_commit, true); }

RowCounts Recorder::rows() const { return state_->counts; }
Checksum Recorder::rows_checksum() const { return state_->last_commit.checksum; }

void Recorder::close(Status status, double wall_time_s, const std::string& final_path) {
  State& state = *state_;
  const auto tell = [&](CommitStage where) {
    if (on_commit) on_commit(where);
  };
  state.flush(on_commit, true);
  try {
    tell(CommitStage::closing);
    state.for_all_targets([](Target& target) { target.close(); });
    tell(CommitStage::variables_closed);
    // Not by closing and opening again: that would need a lock, which any reader of the file would deny.
    h5::overwrite_attribute(state.file.get(), "wall_time_s", wall_time_s);
    h5::overwrite_attribute(state.file.get(), "status", status_name(status));
    auto checksums = std::move(state.constants);
    for (const auto* target : state.valued) checksums.emplace(target->path(), target->whole());
    checksums.emplace(commits_path, state.log[1].whole());
    h5::overwrite_attribute(state.file.get(), "checksum", to_hex(file_checksum(state.file.get(), std::move(checksums))));
    h5::flush_file(state.file.get());
    h5::sync_file(state.file.get());
    tell(CommitStage::status_written);
    state.file.close("closing the file");
  } catch (const h5::Error& error) {
    state.fail(error);
  }
  state.failed = true;  // until the file has its name
  tell(CommitStage::file_closed);
  sync_path(state.path);
  if (status == Status::complete) rename_durably(state.path, final_path);
  state.failed = false;
  tell(CommitStage::renamed);
}

void Recorder::abandon() { state_->give_up(); }

bool Recorder::failed() const { return state_->failed; }
const std::vector<std::string>& Recorder::warnings() const { return state_->warnings; }

}  // namespace paracrine::sim::io
