#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/io/checkpoint.hpp"
#include "sim/io/recorder.hpp"

namespace paracrine::sim::io {

/// What `paracrine info` says of a file: run (complete, in progress or killed) or checkpoint.
struct FileInfo {
  enum class Kind { run, checkpoint } kind = Kind::run;
  RunInfo run;
  std::string status;  // "complete", "running", "interrupted"
  RowCounts rows;
  double time_d = 0.0;  // of the last committed row
  double end_d = 0.0;
  double wall_time_s = 0.0;
  struct Audit {
    std::string species;
    double largest_error;
  };
  std::vector<Audit> audit;
  std::vector<std::string> series;  // "name [unit]"
  std::string schema_version;
};

/// Whether a file is known to be whole: because it has just been verified in a child process (verify.hpp). Otherwise its checksum is looked at first.
enum class Trust { none, verified };

/// Reads a file's description. Works on a file that is being written or whose writer was killed. InputError: no such file, not ours, newer major
/// version, damaged.
FileInfo inspect(const std::string& path, Trust trust = Trust::none);
/// Hash of every dataset outside /provenance and every attribute, but for those that may differ between equal runs (creation time, host, threads,
/// wall time, status). 32 hexadecimal digits (XXH3, 128 bits) over names, shapes and values in the order of names; committed rows only.
std::string digest(const std::string& path, Trust trust = Trust::none);
/// Writes a compact complete file of all committed rows of `path` (a run, finished or not) to `out`: readable by older readers. InputError when `out`
/// exists and not force.
void pack(const std::string& path, const std::string& out, bool force, Trust trust = Trust::none);

}  // namespace paracrine::sim::io
