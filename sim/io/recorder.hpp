#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/snapshot.hpp"
#include "sim/io/checksum.hpp"

namespace paracrine::sim::io {

/// What stands beside the data in the file: who made it, from what. Attributes of the root and the /provenance group.
struct RunInfo {
  std::string run_id;  // 32 hexadecimal digits, made once for a new run and kept over its stops
  std::string software_version, git_revision, build;
  std::uint64_t seed = 0;
  std::int64_t end_s = 0;
  int threads = 1;
  std::string host, cpu_features, creation_time;  // ISO 8601, UTC
  std::string title, model;
  std::string scenario_written;   // the files as written, each after a comment line with its name
  std::string scenario_resolved;  // TOML with all defaults, reads back
  std::string scenario_file;
  std::string command_line, environment;
  std::vector<std::string> overrides;
};

enum class Status { running, complete, interrupted };

/// Where a commit, or the closing that follows the last one, stands; for tests that kill the process there.
enum class CommitStage { begin, data_written, counts_written, logged, time_written, closing, variables_closed, status_written, file_closed, renamed };

/// Writes a run into NAME.part in SWMR mode: rows are buffered and committed in the order data, counts, entry of the
/// table of commits, time. One thread owns it.
/// After a failed write it never touches the file again (RunError says why; `failed()` is true) and the process should end with _exit.
class Recorder {
 public:
  /// automatic: live where the file system keeps the order of writes, otherwise plain, in which a file can be read only after its end.
  enum class Mode { automatic, live, plain };

  /// Creates `path` (it must not exist). InputError when the place cannot be written.
  Recorder(std::string path, const Layout& layout, const RunInfo& info, Mode mode = Mode::automatic);
  /// Puts at `path` (which may be `old_part` itself) a new file with all that `old_part` says of its run and its first `rows`, to go on behind them.
  /// `info` gives the threads and the host. InputError when `old_part` holds fewer rows or other variables.
  Recorder(std::string path, const Layout& layout, const RunInfo& info, const std::string& old_part, const struct RowCounts& rows,
           Mode mode = Mode::automatic);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void write(Snapshot snapshot);   // buffered
  void commit_if_due();            // when rows wait for 2 s or more, or 20 of them
  void commit();                   // and fdatasync
  struct RowCounts rows() const;   // committed
  Checksum rows_checksum() const;  // of them, as in the last entry of the table of commits
  /// Ends the file: commits, sets status and wall time, leaves SWMR mode, syncs, closes. `complete`: renames it to `final_path`.
  void close(Status status, double wall_time_s, const std::string& final_path);
  /// Lets go of the file without another write: it stays as the last commit left it, with status "running". `failed()` is true from then on.
  void abandon();
  bool failed() const;
  const std::vector<std::string>& warnings() const;  // what the user should know of the place
  std::function<void(CommitStage)> on_commit;        // test hook

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Committed lengths of every extensible dimension of a file.
struct RowCounts {
  std::uint64_t rows = 0, audit_rows = 0, events = 0, field_frames = 0, agent_frames = 0, agent_rows = 0;
  bool operator==(const RowCounts&) const = default;
};
/// Whether a file with the rows `there` has at least the rows `wanted`, in every dimension.
bool holds(const RowCounts& there, const RowCounts& wanted);

}  // namespace paracrine::sim::io
