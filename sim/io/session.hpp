#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/catalogue.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// Requests from outside (signal handlers, another thread) to a session that runs; looked at after every visit.
struct Requests {
  std::atomic<int> stop{0};        // != 0: checkpoint and stop after this visit
  std::atomic<int> checkpoint{0};  // != 0: checkpoint and go on
};

struct Progress {
  std::int64_t time_s = 0, start_s = 0, end_s = 0;
  double wall_s = 0.0;
  double visits_per_s = 0.0;
  double seconds_left = 0.0;                            // estimate of wall time
  std::vector<std::pair<std::string, double>> numbers;  // a few observables of the last row, with units in the name
};

struct SessionOptions {
  std::string output;  // RUN.h5; RUN.h5.part and RUN.h5.ckpt lie beside it
  bool force = false;
  int threads = 0;                      // 0: available_processors()
  double checkpoint_every_s = 600.0;    // of wall time; <= 0: none but at a stop
  std::optional<std::int64_t> until_s;  // stop early at this simulated time
  std::string command_line;
  Requests* requests = nullptr;
  std::function<void(const Progress&)> on_progress;  // at most every 0.1 s
  std::function<void(const std::string& path, std::int64_t time_s)> on_checkpoint;
  std::function<void(const std::string& path)> verify;  // how a .part is checked before it is opened (verify.hpp); none: in this process
  std::function<void(const std::string&)> on_warning;   // of what the user should know at once; it is in the result's notes, too
  std::function<void(CommitStage)> on_commit;           // test hook
};

struct SessionResult {
  enum class End { complete, until, stopped } end = End::complete;
  std::string path;        // the complete file, or the .part
  std::string checkpoint;  // the last one, when not complete
  std::int64_t time_s = 0, end_s = 0;
  double wall_s = 0.0;
  std::vector<Note> notes;  // what the model says at the end, and warnings of the recorder
};

/// Runs a scenario into a file. Refuses (InputError) before anything is written; RunError keeps .part and checkpoints.
SessionResult run(const Catalogue& catalogue, const Scenario& scenario, const SessionOptions& options);
/// Goes on from RUN.h5.part (its newest whole checkpoint) or from a checkpoint. Wants the same version and build.
SessionResult resume(const Catalogue& catalogue, const std::string& path, const SessionOptions& options);

}  // namespace paracrine::sim::io
