#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/error.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

class StateReader;

/// What a checkpoint says beside the state: of which run, at what time, after which rows.
struct CheckpointInfo {
  RunInfo run;
  RowCounts rows;
  std::string rows_checksum{};  // of those rows; empty: not known
  std::int64_t time_s = 0;
  double wall_time_s = 0.0;  // of the run so far, over all its parts
};

/// A checkpoint could not be written; those before it stay.
class CheckpointError : public RunError {
  using RunError::RunError;
};

/// Writes a checkpoint into `folder` (made when missing) as ckpt-NNNNNN.ckpt: aside, synced, renamed, folder synced; then all but the last two are
/// removed. Returns its path. Throws CheckpointError when it cannot be written; nothing of it is left then, and nothing of the older ones is lost.
std::string write_checkpoint(const std::string& folder, const CheckpointInfo& info, const std::function<void(Archive&)>& save);
/// Writes the content of a checkpoint into an empty file. Throws WriteError.
void write_state_file(const std::string& path, CheckpointInfo info, const std::function<void(Archive&)>& save);
/// The checkpoints of a folder by number, newest first, whatever they hold.
std::vector<std::string> checkpoint_paths(const std::string& folder);
/// The checkpoints of a folder that read whole, newest first.
std::vector<std::string> list_checkpoints(const std::string& folder);
/// The newest checkpoint in the form of versions before, which this one does not read; empty when there is none.
std::string old_checkpoint(const std::string& folder);
/// Removes the checkpoints of the same folder that are newer than `path`: they belong to an abandoned branch of the run.
void drop_checkpoints_after(const std::string& path);
/// Removes all checkpoints of a folder, and the folder when nothing else is in it and it is not to be kept.
void remove_checkpoints(const std::string& folder, bool keep_folder = false);
/// Removes what a killed process left of checkpoints that it was writing. For the holder of the folder's lock.
void remove_unfinished_checkpoints(const std::string& folder);

/// A checkpoint to read. Its checksum was compared with all that it holds before anything of it is used. Every failure is an InputError that names
/// the file. `poll` is called in between and may throw to end the work.
class Checkpoint {
 public:
  explicit Checkpoint(const std::string& path, std::function<void()> poll = {});
  ~Checkpoint();
  Checkpoint(Checkpoint&&) noexcept;
  Checkpoint& operator=(Checkpoint&&) noexcept;
  const std::string& path() const { return path_; }
  const CheckpointInfo& info() const { return info_; }
  /// Loads the state, once.
  void load(const std::function<void(Archive&)>& load);
  /// Hash of the state, 32 hexadecimal digits: equal for equal states. Instead of load.
  std::string digest();

 private:
  std::string path_;
  std::unique_ptr<StateReader> reader_;
  CheckpointInfo info_;
};

CheckpointInfo read_checkpoint_info(const std::string& path);
/// Loads the state of a checkpoint.
void read_checkpoint(const std::string& path, const std::function<void(Archive&)>& load);
/// Whether a file begins as a checkpoint does.
bool is_checkpoint_file(const std::string& path);

}  // namespace paracrine::sim::io
