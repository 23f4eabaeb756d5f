#pragma once
#include <string>

#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// Committed lengths of a run file: the rows whose time is set, in every group. Rows of the audit and of other series never exceed those of the root.
RowCounts committed_rows(hid_t file);
/// How many entries of a dataset are committed; the first dimension of datasets that do not grow is whole.
hsize_t committed_length(const std::string& group, const std::string& name, hid_t dataset, const RowCounts& rows);

/// growing: dimensions stay extensible, with the old file's chunks. packed: fixed, small datasets contiguous, large ones compressed.
enum class CopyMode { growing, packed };
/// Copies everything of a run file into a new empty one, with the first `rows` of what grows.
void copy_run(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode);

}  // namespace paracrine::sim::io
