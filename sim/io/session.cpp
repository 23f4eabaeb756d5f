#include "sim/io/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "sim/core/build_info.hpp"
#include "sim/core/error.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/commits.hpp"
#include "sim/io/files.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/run_title.hpp"
#include "sim/io/session_places.hpp"
#include "sim/io/verify.hpp"

namespace paracrine::sim::io {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds progress_interval{100};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string present_time() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

int threads_of(const SessionOptions& options) { return options.threads > 0 ? options.threads : available_processors(); }

RunInfo describe_run(const Scenario& scenario, const Simulation& simulation, const SessionOptions& options) {
  const BuildInfo& build = build_info();
  RunInfo info;
  info.run_id = random_hex(16);
  info.software_version = build.version;
  info.git_revision = build.git_revision;
  info.build = build.build;
  info.seed = static_cast<std::uint64_t>(scenario.root.integer("seed"));
  info.end_s = simulation.end_s();
  info.threads = threads_of(options);
  info.host = host_name();
  info.cpu_features = cpu_features();
  info.creation_time = present_time();
  info.title = run_title(scenario);
  info.model = scenario.model;
  for (const auto& source : scenario.sources)
    info.scenario_written += fmt::format("# {}\n{}{}", source.file, source.text, source.text.ends_with('\n') ? "" : "\n");
  info.scenario_resolved = to_toml(scenario);
  info.scenario_file = scenario.sources.empty() ? "" : scenario.sources.front().file;
  info.command_line = options.command_line;
  info.environment = fmt::format("{}\n{}, {}", library_versions(), build.compiler, build.build_type);
  info.overrides = scenario.overrides;
  return info;
}

/// A request to stop came while a checkpoint was being read.
struct StopRequested {};

/// One run on its way, new or resumed.
class Session {
 public:
  Session(Places places, Simulation& simulation, Recorder& recorder, RunInfo info, const SessionOptions& options, double wall_before_s)
      : places_(std::move(places)),
        simulation_(simulation),
        recorder_(recorder),
        info_(std::move(info)),
        options_(options),
        wall_before_s_(wall_before_s),
        begin_s_(simulation.time_s()) {
    recorder_.on_commit = options.on_commit;
  }

  SessionResult go(bool first_row) {
    try {
      if (first_row) record();
      tell_progress(true);
      const SessionResult::End end = advance();
      tell_progress(true);
      return finish(end);
    } catch (...) {
      keep_what_is_there();
      throw;
    }
  }

 private:
  SessionResult::End advance() {
    while (true) {
      if (simulation_.finished()) return SessionResult::End::complete;
      if (options_.until_s && simulation_.time_s() >= *options_.until_s) return SessionResult::End::until;
      if (options_.requests && options_.requests->stop != 0) return SessionResult::End::stopped;
      const bool asked = options_.requests && options_.requests->checkpoint.exchange(0) != 0;
      const bool due = options_.checkpoint_every_s > 0.0 && seconds_since(last_checkpoint_) >= options_.checkpoint_every_s;
      if (asked || due) try_checkpoint();
      simulation_.visit();
      ++visits_;
      record();
      tell_progress(false);
    }
  }

  void record() {
    if (simulation_.snapshot_due()) {
      Snapshot snapshot = simulation_.snapshot();
      if (snapshot.row && !snapshot.series.empty()) last_row_ = snapshot.series.front();
      recorder_.write(std::move(snapshot));
    }
    recorder_.commit_if_due();
  }

  double wall_s() const { return wall_before_s_ + seconds_since(start_); }

  std::string checkpoint() {
    recorder_.commit();
    const CheckpointInfo info{.run = info_,
                              .rows = recorder_.rows(),
                              .rows_checksum = to_hex(recorder_.rows_checksum()),
                              .time_s = simulation_.time_s(),
                              .wall_time_s = wall_s()};
    last_checkpoint_ = Clock::now();  // whether it can be written or not: it is tried again when the next one is due
    std::string path = write_checkpoint(places_.checkpoints, info, [&](Archive& archive) { simulation_.archive(archive); });
    if (options_.on_checkpoint) options_.on_checkpoint(path, simulation_.time_s());
    return path;
  }

  /// A checkpoint that the run can do without. Each kind of failure is told once.
  void try_checkpoint() {
    try {
      checkpoint();
    } catch (const CheckpointError& problem) {
      if (std::find(checkpoint_failures_.begin(), checkpoint_failures_.end(), problem.what()) != checkpoint_failures_.end()) return;
      checkpoint_failures_.emplace_back(problem.what());
      const std::string text =
          fmt::format("no checkpoint at {}: {}; the run goes on, and it is tried again", format_duration(simulation_.time_s()), problem.what());
      notes_.push_back({text, true});
      if (options_.on_warning) options_.on_warning(text);
    }
  }

  /// The checkpoint with which a run stops.
  std::string last_checkpoint() {
    try {
      return checkpoint();
    } catch (const CheckpointError& problem) {
      recorder_.abandon();  // the disk that did not take the checkpoint may not take another change to the rows either
      const auto older = list_checkpoints(places_.checkpoints);
      throw RunError(fmt::format("{}\nThe run stops without this checkpoint. Its rows up to {} are in {}. {}", problem.what(),
                                 format_duration(simulation_.time_s()), places_.part,
                                 older.empty() ? "There is no older checkpoint, so it cannot be resumed."
                                               : fmt::format("It can be resumed from the checkpoint before, {}.", older.front())));
    }
  }

  SessionResult finish(SessionResult::End end) {
    SessionResult result{
        .end = end, .path = places_.part, .time_s = simulation_.time_s(), .end_s = simulation_.end_s(), .notes = simulation_.closing_notes()};
    const bool complete = end == SessionResult::End::complete;
    if (!complete) result.checkpoint = last_checkpoint();
    result.notes.insert(result.notes.end(), notes_.begin(), notes_.end());
    recorder_.close(complete ? Status::complete : Status::interrupted, wall_s(), places_.output);
    if (complete) {
      remove_checkpoints(places_.checkpoints);
      result.path = places_.output;
    }
    result.wall_s = wall_s();
    return result;
  }

  /// After a failure: the rows so far, in a file that is closed, unless writing itself or the last checkpoint failed.
  void keep_what_is_there() noexcept {
    if (recorder_.failed()) return;
    try {
      recorder_.close(Status::interrupted, wall_s(), places_.output);
    } catch (const std::exception&) {
      return;  // what was committed stays readable; the failure before this one is what the user hears of
    }
  }

  void tell_progress(bool always) {
    if (!options_.on_progress || (!always && Clock::now() - last_progress_ < progress_interval)) return;
    last_progress_ = Clock::now();
    const double here_s = seconds_since(start_), done_s = static_cast<double>(simulation_.time_s() - begin_s_);
    Progress progress{.time_s = simulation_.time_s(), .start_s = begin_s_, .end_s = simulation_.end_s(), .wall_s = wall_s()};
    if (options_.until_s) progress.end_s = std::min(progress.end_s, *options_.until_s);
    if (here_s > 0.0) progress.visits_per_s = static_cast<double>(visits_) / here_s;
    if (done_s > 0.0) progress.seconds_left = here_s / done_s * static_cast<double>(std::max<std::int64_t>(0, progress.end_s - progress.time_s));
    const auto& observables = simulation_.layout().series.front().observables;
    for (const std::size_t i : simulation_.progress())
      if (i < last_row_.size())
        progress.numbers.emplace_back(
            observables[i].unit == "1" ? observables[i].name : fmt::format("{} [{}]", observables[i].name, observables[i].unit), last_row_[i]);
    options_.on_progress(progress);
  }

  Places places_;
  Simulation& simulation_;
  Recorder& recorder_;
  RunInfo info_;
  const SessionOptions& options_;
  double wall_before_s_;
  std::int64_t begin_s_;
  Clock::time_point start_ = Clock::now(), last_checkpoint_ = start_, last_progress_ = start_;
  std::uint64_t visits_ = 0;
  std::vector<double> last_row_;
  std::vector<std::string> checkpoint_failures_;  // told already
  std::vector<Note> notes_;
};

[[noreturn]] void refuse_without_checkpoint(const Places& places) {
  if (const std::string old = old_checkpoint(places.checkpoints); !old.empty())
    throw InputError(fmt::format("\"{}\" is a checkpoint of an older version of paracrine, which this one does not read", old),
                     {"Resume with the program that began the run, or run the scenario anew with --force."});
  throw InputError(
      fmt::format("there is no whole checkpoint in \"{}\", so \"{}\" cannot be resumed", places.checkpoints, places.part),
      {fmt::format("Its rows can be kept: paracrine pack {}", shell_word(places.part)), "To start anew, run the scenario with --force."});
}

void check_same_run(const Checkpoint& checkpoint, const Places& places, const std::string& run_id) {
  const std::string& other = checkpoint.info().run.run_id;
  if (other == run_id) return;
  const auto shown = [](const std::string& id) { return id.empty() ? "none" : id; };
  throw InputError(
      fmt::format("\"{}\" belongs to another run than \"{}\" (run ids {} and {})", checkpoint.path(), places.part, shown(other), shown(run_id)),
      {fmt::format("Put the checkpoints of this run into \"{}\", and those of other runs elsewhere.", places.checkpoints),
       fmt::format("The rows can be kept: paracrine pack {}", shell_word(places.part))});
}

/// The checkpoint to go on from: the named one, or the newest whole one whose rows the .part holds.
Checkpoint choose_checkpoint(const std::string& path, const Places& places, const FileInfo& part, const std::function<void()>& poll) {
  if (names_checkpoint(path, places)) {
    if (path.ends_with(".h5")) refuse_without_checkpoint(places);
    Checkpoint named(path, poll);
    check_same_run(named, places, part.run.run_id);
    if (!holds(part.rows, named.info().rows))
      throw InputError(fmt::format("\"{}\" holds fewer rows than the checkpoint \"{}\" follows", places.part, path), {"Name an older checkpoint."});
    return named;
  }
  for (const auto& candidate : checkpoint_paths(places.checkpoints)) {
    std::optional<Checkpoint> checkpoint;
    try {
      checkpoint.emplace(candidate, poll);
    } catch (const InputError&) {
      continue;  // damaged: the one before it may be whole
    }
    check_same_run(*checkpoint, places, part.run.run_id);
    if (holds(part.rows, checkpoint->info().rows)) return std::move(*checkpoint);
  }
  refuse_without_checkpoint(places);
}

/// A checkpoint follows certain rows, not only as many.
void check_same_rows(const std::string& part, const CheckpointInfo& info, const std::string& path) {
  const auto checksum = checksum_of_rows(open_ours(part).get(), info.rows);
  if (info.rows_checksum.empty() || (checksum && to_hex(*checksum) == info.rows_checksum)) return;
  throw InputError(fmt::format("the rows of \"{}\" are not those that the checkpoint \"{}\" follows", part, path),
                   {fmt::format("Its rows can be kept: paracrine pack {}", shell_word(part)), "To start anew, run the scenario with --force."});
}

void check_same_program(const RunInfo& info, const std::string& path) {
  const BuildInfo& own = build_info();
  if (info.software_version == own.version && info.build == own.build) return;
  throw InputError(fmt::format("\"{}\" was written by paracrine {} (build {}), and this is {} (build {}): the values would not be the same", path,
                               info.software_version, info.build, own.version, own.build),
                   {"Resume with the program that began the run, or run the scenario anew."});
}

}  // namespace

SessionResult run(const Catalogue& catalogue, const Scenario& scenario, const SessionOptions& options) {
  if (!is_output_name(options.output))
    throw InputError(fmt::format("\"{}\" cannot be the name of the output", options.output),
                     {"Give the final name, such as \"run.h5\"; \".part\" is added while the run goes on."});
  const Places places(options.output);
  check_place(places);
  check_inputs(places, scenario);
  check_free(places, options.force);
  require_threads(threads_of(options));
  Simulation simulation(catalogue, scenario, threads_of(options));
  const auto held = lock(places);
  check_free(places, options.force);  // another run may have ended in between
  if (options.force) {
    std::remove(places.part.c_str());
    remove_checkpoints(places.checkpoints, true);
  }
  const RunInfo info = describe_run(scenario, simulation, options);
  std::unique_ptr<Recorder> recorder;
  try {
    recorder = std::make_unique<Recorder>(places.part, simulation.layout(), info);
  } catch (...) {
    remove_checkpoints(places.checkpoints);
    throw;
  }
  SessionResult result = Session(places, simulation, *recorder, info, options, 0.0).go(true);
  for (const auto& warning : recorder->warnings()) result.notes.push_back({warning, true});
  return result;
}

namespace {

SessionResult resume(const Catalogue& catalogue, const std::string& path, const Places& places, const SessionOptions& options) {
  const auto poll = [&options] {
    if (options.requests && options.requests->stop != 0) throw StopRequested{};
  };
  if (!there(path)) throw InputError(fmt::format("no such file: \"{}\"", path));
  if (!there(places.part))
    throw InputError(fmt::format("\"{}\" is missing: its rows are needed to go on", places.part), {"To start anew, run the scenario with --force."});
  check_place(places);
  if (there(places.output) && !options.force)
    throw InputError(fmt::format("\"{}\" exists", places.output), {"Move it away, or resume with --force to overwrite it at the end."});
  std::error_code error;
  if (!fs::is_directory(places.checkpoints, error)) refuse_without_checkpoint(places);
  const auto held = lock(places);
  options.verify ? options.verify(places.part) : verify(places.part);
  Checkpoint checkpoint = choose_checkpoint(path, places, inspect(places.part, Trust::verified), poll);
  const std::string from = checkpoint.path();
  CheckpointInfo info = checkpoint.info();
  check_same_program(info.run, from);
  check_same_rows(places.part, info, from);
  if (options.until_s && *options.until_s < info.time_s)
    throw InputError(fmt::format("--until {} lies before the checkpoint at {}", format_duration(*options.until_s), format_duration(info.time_s)));

  const Scenario scenario = parse_scenario(info.run.scenario_resolved, from, folder_of(places.output), {}, catalogue.model_info());
  require_threads(threads_of(options));
  Simulation simulation(catalogue, scenario, threads_of(options));
  checkpoint.load([&](Archive& archive) { simulation.archive(archive); });
  if (simulation.time_s() != info.time_s)
    throw InputError(fmt::format("\"{}\" is damaged: it says that it is at {} and holds a state at {}", from, format_duration(info.time_s),
                                 format_duration(simulation.time_s())));
  info.run.threads = threads_of(options);
  info.run.host = host_name();
  Recorder recorder(places.part, simulation.layout(), info.run, places.part, info.rows);
  drop_checkpoints_after(from);
  SessionResult result = Session(places, simulation, recorder, info.run, options, info.wall_time_s).go(false);
  for (const auto& warning : recorder.warnings()) result.notes.push_back({warning, true});
  return result;
}

/// A run that was asked to stop before it went on: everything is as it was.
SessionResult not_resumed(const Places& places, const std::string& path) {
  SessionResult result{.end = SessionResult::End::stopped, .path = places.part};
  const auto whole = list_checkpoints(places.checkpoints);
  result.checkpoint = names_checkpoint(path, places) ? path : whole.empty() ? "" : whole.front();
  if (result.checkpoint.empty()) return result;
  const CheckpointInfo info = read_checkpoint_info(result.checkpoint);
  result.time_s = info.time_s;
  result.end_s = info.run.end_s;
  result.wall_s = info.wall_time_s;
  return result;
}

}  // namespace

SessionResult resume(const Catalogue& catalogue, const std::string& path, const SessionOptions& options) {
  const Places places = places_of(path);
  try {
    return resume(catalogue, path, places, options);
  } catch (const StopRequested&) {
    return not_resumed(places, path);
  }
}

}  // namespace paracrine::sim::io
