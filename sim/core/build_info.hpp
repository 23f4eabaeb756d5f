#pragma once
#include <string>

namespace paracrine::sim {

/// What this program was built from. Written by CMake at build time.
struct BuildInfo {
  std::string version;       // "0.1.0"
  std::string git_revision;  // 40 digits, with "-dirty" for a changed tree; "unknown" outside git
  std::string build;  // 16 digits over all sources of sim/ and models/, compiler and flags: results are promised to be the same for the same build
  std::string compiler;
  std::string build_type;
};
const BuildInfo& build_info();
/// Versions of the libraries in use, as "HDF5 1.10.8, Eigen 3.4.0, ...", and the instruction sets that the program was built for.
std::string library_versions();
std::string cpu_features();

}  // namespace paracrine::sim
