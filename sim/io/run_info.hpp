#pragma once
#include <string>

#include "sim/core/archive.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

inline constexpr const char* run_filetype = "paracrine run";
inline constexpr const char* old_checkpoint_filetype = "paracrine checkpoint";
inline constexpr const char* schema_version = "2.0";
inline constexpr int schema_major = 2;

inline constexpr std::size_t status_room = 11;    // bytes of the longest status
inline constexpr std::size_t checksum_room = 32;  // bytes of a checksum; none: the file is not finished

std::string status_name(Status status);
/// What a run's file says of its state. "running" when that cannot be read: its writer was killed while it changed it.
std::string read_status(hid_t file);

/// Writes the root attributes (status "running") and the /provenance group of a new run file.
void write_run_info(hid_t file, const RunInfo& info);
RunInfo read_run_info(hid_t file);
/// The same as part of a checkpoint, in both directions.
void archive_run_info(Archive& archive, RunInfo& info);

/// Opens a run for reading. InputError when there is none, it is not ours, of a newer major version, or damaged.
h5::Id open_ours(const std::string& path);

}  // namespace paracrine::sim::io
