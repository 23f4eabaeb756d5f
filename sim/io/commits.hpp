#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/io/checksum.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// What /provenance/commits says of one commit: the rows in the file behind it, and a checksum of the rows that it added, chained with the one
/// before. The first entry has no rows, and the checksum of what stands beside them (content.hpp: beginning_checksum).
struct Commit {
  RowCounts rows;
  Checksum checksum;
};

inline constexpr const char* commits_path = "/provenance/commits";
/// Names of the columns of /provenance/commits.
std::vector<std::string> commit_columns();
std::vector<std::uint64_t> to_columns(const Commit& commit);

/// Checksums of the values that one commit added, by path of the dataset.
using AddedRows = std::vector<std::pair<std::string, Checksum>>;
/// The next link of the chain. `added` is in the order of paths, and only of datasets that got rows.
Commit next_commit(const Commit& before, const RowCounts& rows, const AddedRows& added);

/// The commits of a file, as far as they are written; none: the file keeps no such table. h5::Error when they contradict each other.
std::vector<Commit> read_commits(hid_t file);
/// Computes the chain up to the commit with exactly these rows anew. h5::Error when the file's content is not what its commits say.
void verify_commits(hid_t file, const RowCounts& rows);
/// Compares an open run with the checksums in it: that of the whole file when it is finished, otherwise those of its commits. A file of format 1 has
/// none and passes. h5::Error when it differs.
void verify_run(hid_t file);
/// The checksum of the commit that left exactly these rows; none when there is no such commit.
std::optional<Checksum> checksum_of_rows(hid_t file, const RowCounts& rows);

}  // namespace paracrine::sim::io
