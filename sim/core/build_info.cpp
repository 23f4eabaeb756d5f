#include "sim/core/build_info.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <string_view>

#include "build_info_generated.hpp"

namespace paracrine::sim {

namespace {

constexpr std::string_view instruction_set() {
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
  return "x86-64-v4";
#elif defined(__AVX2__) && defined(__BMI2__) && defined(__FMA__)
  return "x86-64-v3";
#elif defined(__SSE4_2__) && defined(__POPCNT__)
  return "x86-64-v2";
#elif defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "unknown";
#endif
}

}  // namespace

const BuildInfo& build_info() {
  static const BuildInfo info{.version = built_from::version,
                              .git_revision = built_from::git_revision,
                              .build = built_from::build,
                              .compiler = built_from::compiler,
                              .build_type = built_from::build_type};
  return info;
}

std::string library_versions() {
  return fmt::format("Eigen {}.{}.{}, fmt {}.{}.{}, OpenMP {}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, FMT_VERSION / 10000,
                     FMT_VERSION / 100 % 100, FMT_VERSION % 100, _OPENMP);
}

std::string cpu_features() { return std::string(instruction_set()); }

}  // namespace paracrine::sim
