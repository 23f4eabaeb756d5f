#pragma once
#include <string>

#include "sim/engine/snapshot.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// Creates every group, dataset, dimension scale and attribute of a new run file: docs/output_format.md as code. Nothing can be added once it grows.
void create_schema(hid_t file, const Layout& layout, const RunInfo& info);

/// Times of the frames: not "time", which in a tree of groups would stand for the rows of the root.
inline constexpr const char* fields_time = "fields_time";
inline constexpr const char* agents_time = "agents_time";
/// "/fields/<group of patches>", "/agents/<group of patches>".
std::string fields_path(const Layout::Patches& patches);
std::string agents_path(const Layout::Patches& patches);

/// "/" for the root series, "/lobules" for others.
std::string group_path(const Layout::Series& series);
/// "/name" in the root group, "/lobules/name" elsewhere.
std::string variable_path(const std::string& group, const std::string& name);

}  // namespace paracrine::sim::io
