#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// What a checkpoint says beside the state: of which run, at what time, after which rows.
struct CheckpointInfo {
  RunInfo run;
  RowCounts rows;
  std::int64_t time_s = 0;
  double wall_time_s = 0.0;  // of the run so far, over all its parts
};

/// Writes a checkpoint into `folder` (made when missing) as ckpt-NNNNNN.h5: aside, synced, renamed, folder synced; then all but the last two are
/// removed. Returns its path. Throws RunError when it cannot be written (nothing of the older ones is lost).
std::string write_checkpoint(const std::string& folder, const CheckpointInfo& info, const std::function<void(Archive&)>& save);
/// The checkpoints of a folder that read whole, newest first.
std::vector<std::string> list_checkpoints(const std::string& folder);
/// Removes the checkpoints of the same folder that are newer than `path`: they belong to a course of the run that was left.
void drop_checkpoints_after(const std::string& path);
/// Removes all checkpoints of a folder, and the folder when nothing else is in it and it is not to be kept.
void remove_checkpoints(const std::string& folder, bool keep_folder = false);
CheckpointInfo read_checkpoint_info(const std::string& path);
/// Loads the state. InputError when the file is damaged or not a checkpoint.
void read_checkpoint(const std::string& path, const std::function<void(Archive&)>& load);

}  // namespace paracrine::sim::io
