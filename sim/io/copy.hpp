#pragma once
#include <map>
#include <string>
#include <vector>

#include "sim/io/commits.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// Where a file keeps the frames of fields or agents: one group per group of patches, each with a time of this name. Format 1 had one group for all.
struct FrameGroups {
  std::vector<std::string> paths;
  std::string time;
};
FrameGroups field_groups(hid_t file);
FrameGroups agent_groups(hid_t file);

/// Committed lengths of a run file: those of its last commit whose times are all set; in a file without a table of commits, the rows whose time is
/// set.
RowCounts committed_rows(hid_t file);

/// How many entries of every dataset belong to each of some commits.
class CommittedLengths {
 public:
  /// h5::Error when the agents' counts per frame are negative, or not those of the commits.
  CommittedLengths(hid_t file, const std::vector<Commit>& commits);
  CommittedLengths(hid_t file, const RowCounts& rows) : CommittedLengths(file, std::vector<Commit>{{rows, {}}}) {}
  /// The first dimension of datasets that do not grow is whole.
  hsize_t of(const std::string& path, hid_t dataset, std::size_t commit = 0) const;

 private:
  std::vector<Commit> commits_;
  std::map<std::string, std::vector<std::uint64_t>> agents_;  // by path of the dimension: entries behind each commit
  std::uint64_t written_commits_ = 0;                         // entries of /provenance/commits up to the last of the commits
};

/// growing: dimensions stay extensible, with the old file's chunks. packed: fixed, small datasets contiguous, large ones compressed, no table of
/// commits.
enum class CopyMode { growing, packed };
/// Copies everything of a run file into a new empty one, with the first `rows` of what grows.
void copy_run(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode);

}  // namespace paracrine::sim::io
