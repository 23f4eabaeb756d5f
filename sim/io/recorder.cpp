#include "sim/io/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "sim/core/error.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/files.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/schema.hpp"
#include "sim/io/target.hpp"

namespace paracrine::sim::io {

namespace {

constexpr double seconds_per_day = 86400.0;
constexpr std::size_t waiting_rows = 20;
constexpr std::chrono::seconds longest_wait{2};

double in_days(std::int64_t time_s) { return static_cast<double>(time_s) / seconds_per_day; }

using Rows = std::vector<const Snapshot*>;

}  // namespace

struct Recorder::State {
  std::string path;
  Layout layout;
  bool live = true;
  bool failed = false;
  h5::Id file;
  std::vector<std::vector<Target>> series;  // by series, by observable
  std::vector<Target> audit, agent_columns, fields;
  std::vector<Target> events;  // event, code, subject, value
  std::vector<Target> agents;  // obs, id, patch, kind
  std::vector<Target> row_size;
  std::vector<Target> times;  // of events, fields, agents, audit, other series, root: in the order of their writing
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
  void for_all_targets(const std::function<void(Target&)>& action);
  void stage(std::vector<Target>& targets);
  void flush(const std::function<void(CommitStage)>& hook, bool sync);
  void write_series(const Rows& rows);
  void write_audit(const Rows& rows);
  std::size_t write_events();
  std::size_t write_fields();
  void write_agents(std::vector<std::int64_t>& sizes);
  void write_times(const Rows& rows);
  void give_up();
  [[noreturn]] void fail(const h5::Error& error);
};

/// Makes the file aside, so that under its own name it can always be read.
void Recorder::State::begin(const std::function<void()>& fill) {
  const std::string aside = path + ".new";
  try {
    file = h5::create_file(aside, live ? h5::Format::live : h5::Format::compatible, true);
  } catch (const h5::Error& error) {
    throw InputError(explain_write_error(path, error.system_error(), error.what()));
  }
  try {
    fill();
    h5::flush_file(file.get());
    if (live) h5::check(H5Fstart_swmr_write(file.get()), "beginning to write for readers");
    open_targets();
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

void Recorder::State::open_targets() {
  const hid_t id = file.get();
  for (const auto& group : layout.series) {
    auto& targets = series.emplace_back();
    for (const auto& observable : group.observables) targets.emplace_back(id, variable_path(group_path(group), observable.name));
  }
  for (const char* name : {"event", "code", "subject", "value"}) events.emplace_back(id, std::string("/events/") + name);
  times.emplace_back(id, "/events/time");
  if (!layout.fields.names.empty()) {
    for (const auto& name : layout.fields.names) fields.emplace_back(id, "/fields/" + name);
    times.emplace_back(id, "/fields/time");
  }
  if (!layout.agents.kinds.empty()) {
    for (const char* name : {"obs", "id", "patch", "kind"}) agents.emplace_back(id, std::string("/agents/") + name);
    for (const auto& column : layout.agents.columns) agent_columns.emplace_back(id, "/agents/" + column.name);
    row_size.emplace_back(id, "/agents/row_size");
    times.emplace_back(id, "/agents/time");
  }
  if (!layout.audit_species.empty()) {
    for (const auto& term : layout.audit_terms) audit.emplace_back(id, "/audit/" + term);
    audit.emplace_back(id, "/audit/relative_error");
    audit.emplace_back(id, "/audit/largest_relative_error");
    times.emplace_back(id, "/audit/time");
  }
  for (std::size_t i = layout.series.size(); i-- > 0;) times.emplace_back(id, variable_path(group_path(layout.series[i]), "time"));
}

void Recorder::State::for_all_targets(const std::function<void(Target&)>& action) {
  for (auto& group : series)
    for (auto& target : group) action(target);
  for (auto* group : {&audit, &agent_columns, &fields, &events, &agents, &row_size, &times})
    for (auto& target : *group) action(target);
}

void Recorder::State::stage(std::vector<Target>& targets) {
  if (!live) return;
  for (auto& target : targets) target.flush();
}

void Recorder::State::write_series(const Rows& rows) {
  std::vector<double> values;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const std::size_t length = layout.series[s].group.empty() ? 1 : layout.series[s].length;
    for (std::size_t o = 0; o < series[s].size() && length > 0; ++o) {
      values.clear();
      for (const auto* row : rows) {
        const auto from = row->series.at(s).begin() + static_cast<std::ptrdiff_t>(o * length);
        values.insert(values.end(), from, from + static_cast<std::ptrdiff_t>(length));
      }
      series[s][o].append(counts.rows, rows.size(), values);
    }
    stage(series[s]);
  }
}

void Recorder::State::write_audit(const Rows& rows) {
  if (audit.empty()) return;
  const std::size_t species = layout.audit_species.size(), terms = layout.audit_terms.size();
  std::vector<double> values;
  for (std::size_t term = 0; term < terms; ++term) {
    values.clear();
    for (const auto* row : rows)
      for (std::size_t i = 0; i < species; ++i) values.push_back(row->audit.at(i * terms + term));
    audit[term].append(counts.audit_rows, rows.size(), values);
  }
  values.clear();
  std::vector<double> largest;
  for (const auto* row : rows)
    for (std::size_t i = 0; i < species; ++i) {
      const double error = row->audit_error.at(i);
      if (!(std::abs(error) <= largest_error[i])) largest_error[i] = std::abs(error);
      values.push_back(error);
      largest.push_back(largest_error[i]);
    }
  audit[terms].append(counts.audit_rows, rows.size(), values);
  audit[terms + 1].append(counts.audit_rows, rows.size(), largest);
  stage(audit);
}

std::size_t Recorder::State::write_events() {
  std::vector<std::int32_t> codes, subjects;
  std::vector<double> values;
  for (const auto& snapshot : waiting)
    for (const auto& event : snapshot.events) {
      codes.push_back(static_cast<std::int32_t>(event.code));
      subjects.push_back(static_cast<std::int32_t>(event.subject));
      values.push_back(event.value);
    }
  const std::size_t count = codes.size();
  if (count == 0) return 0;
  events[0].grow(counts.events + count);
  events[1].append(counts.events, count, codes);
  events[2].append(counts.events, count, subjects);
  events[3].append(counts.events, count, values);
  stage(events);
  return count;
}

std::size_t Recorder::State::write_fields() {
  std::size_t frames = 0;
  for (const auto& snapshot : waiting) {
    if (!snapshot.fields || fields.empty()) continue;
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i].append(counts.field_frames + frames, 1, snapshot.field_values.at(i));
    ++frames;
  }
  stage(fields);
  return frames;
}

void Recorder::State::write_agents(std::vector<std::int64_t>& sizes) {
  if (agents.empty()) return;
  hsize_t first = counts.agent_rows;
  for (const auto& snapshot : waiting) {
    if (!snapshot.agents) continue;
    const hsize_t count = snapshot.agent_id.size();
    agents[1].append(first, count, snapshot.agent_id);
    agents[2].append(first, count, snapshot.agent_patch);
    agents[3].append(first, count, snapshot.agent_kind);
    for (std::size_t i = 0; i < agent_columns.size(); ++i) {
      const ElementType type = layout.agents.columns[i].type;
      agent_columns[i].append(first, count, type, converted(snapshot.agent_values.at(i), type).data());
    }
    first += count;
    sizes.push_back(static_cast<std::int64_t>(count));
  }
  if (first > counts.agent_rows) agents[0].grow(first);
  stage(agents);
  stage(agent_columns);
}

void Recorder::State::write_times(const Rows& rows) {
  std::vector<double> of_events, of_fields, of_agents, of_rows;
  for (const auto& snapshot : waiting) {
    for (const auto& event : snapshot.events) of_events.push_back(in_days(event.time_s));
    if (snapshot.fields) of_fields.push_back(in_days(snapshot.time_s));
    if (snapshot.agents) of_agents.push_back(in_days(snapshot.time_s));
  }
  for (const auto* row : rows) of_rows.push_back(in_days(row->time_s));
  std::size_t next = 0;
  const auto write = [&](std::uint64_t& count, const std::vector<double>& values) {
    times[next].append(count, values.size(), values);
    if (live) times[next].flush();
    count += values.size();
    ++next;
  };
  write(counts.events, of_events);
  if (!fields.empty()) write(counts.field_frames, of_fields);
  if (!agents.empty()) write(counts.agent_frames, of_agents);
  if (!audit.empty()) write(counts.audit_rows, of_rows);
  for (std::size_t i = 0; i < layout.series.size(); ++i) {
    std::uint64_t count = counts.rows;
    write(count, of_rows);
  }
  counts.rows += of_rows.size();
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
      write_series(rows);
      write_audit(rows);
      write_events();
      write_fields();
      std::vector<std::int64_t> sizes;
      write_agents(sizes);
      tell(CommitStage::data_written);
      if (!sizes.empty()) row_size[0].append(counts.agent_frames, sizes.size(), sizes);
      stage(row_size);
      tell(CommitStage::counts_written);
      write_times(rows);
      for (const auto size : sizes) counts.agent_rows += static_cast<std::uint64_t>(size);
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
  state.begin([&] {
    try {
      copy_run(old.get(), state.file.get(), rows, CopyMode::growing);
    } catch (const h5::Error& error) {
      if (error.system_error() != 0) throw;
      throw InputError(fmt::format("\"{}\" is damaged: {}", old_part, error.what()));
    }
    h5::set_attribute(state.file.get(), "threads", static_cast<std::int32_t>(info.threads));
    h5::set_attribute(state.file.get(), "host", info.host);
    h5::set_attribute(state.file.get(), "status", status_name(Status::running));
    h5::set_attribute(state.file.get(), "wall_time_s", 0.0);
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
