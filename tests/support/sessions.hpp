#pragma once
#include <string>

#include "sim/io/inspect.hpp"
#include "sim/io/session.hpp"

/// Runs a scenario in several ways that must not matter, and gives the digest of each output.
namespace paracrine::tests {

inline std::string digest_of_run(const sim::Catalogue& catalogue, const sim::Scenario& scenario, const std::string& output, int threads) {
  return sim::io::digest(sim::io::run(catalogue, scenario, {.output = output, .threads = threads, .checkpoint_every_s = 0.0}).path);
}

/// With a checkpoint after every visit.
inline std::string digest_of_run_with_checkpoints(const sim::Catalogue& catalogue, const sim::Scenario& scenario, const std::string& output,
                                                  int threads) {
  return sim::io::digest(sim::io::run(catalogue, scenario, {.output = output, .threads = threads, .checkpoint_every_s = 1e-9}).path);
}

/// Stopped at `until_s`, then resumed with another number of threads.
inline std::string digest_of_resumed_run(const sim::Catalogue& catalogue, const sim::Scenario& scenario, const std::string& output,
                                         std::int64_t until_s, int threads_before, int threads_after) {
  const auto stopped =
      sim::io::run(catalogue, scenario, {.output = output, .threads = threads_before, .checkpoint_every_s = 0.0, .until_s = until_s});
  return sim::io::digest(sim::io::resume(catalogue, stopped.path, {.threads = threads_after, .checkpoint_every_s = 0.0}).path);
}

}  // namespace paracrine::tests
