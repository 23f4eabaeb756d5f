#pragma once
#include <cstdint>
#include <string>

namespace paracrine::sim::io {

/// Opens a run or a checkpoint and looks at all of it: structure, types, and the checksum. InputError says what is wrong.
void verify(const std::string& path);

/// Bounds for a child process that reads a file which anybody may have made.
struct VerifyLimits {
  double seconds = 5.0;               // of processor time, besides those for the size; twenty times as many of wall time
  double bytes_per_second = 20e6;     // the slowest pace that is waited for
  std::uint64_t memory = 4ULL << 30;  // bytes of address space beyond those in use
};
/// The same in a child process with limits, because libhdf5 can crash or hang on damaged metadata: whatever happens to the child, this process lives,
/// and InputError says that the file is damaged. To be called before this process has threads.
void verify_in_child(const std::string& path, const VerifyLimits& limits = {});

}  // namespace paracrine::sim::io
