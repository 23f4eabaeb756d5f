#include "bindings/cli/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/core/build_info.hpp"
#include "sim/core/parallel.hpp"

namespace paracrine::cli {

std::string version_text() {
  const sim::BuildInfo& info = sim::build_info();
  return fmt::format("paracrine {}\ngit {}, build {} ({}, {}, {})\n{}\n", info.version, info.git_revision, info.build, info.compiler, info.build_type,
                     sim::cpu_features(), sim::library_versions());
}

std::string version_json() {
  const sim::BuildInfo& info = sim::build_info();
  const nlohmann::ordered_json json{{"version", info.version},
                                    {"git_revision", info.git_revision},
                                    {"build", info.build},
                                    {"compiler", info.compiler},
                                    {"build_type", info.build_type},
                                    {"cpu_features", sim::cpu_features()},
                                    {"libraries", sim::library_versions()},
                                    {"processors", sim::available_processors()}};
  return json.dump(2) + "\n";
}

}  // namespace paracrine::cli
