#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/io/session.hpp"

namespace paracrine::driver {

/// What a user asks of a run or a resumed run, as written; the command line and Python take the same words.
struct RunRequest {
  int threads = 0;  // 0: every processor
  std::string checkpoint_every = "10 min", until;
};

/// Overrides that make a preview of a scenario: the mean-field twin, and nothing recorded but time series.
std::vector<std::string> preview_overrides();

/// The request, checked, as options of a session. InputError naming the option.
sim::io::SessionOptions session_options(const RunRequest& request);
/// How many threads will be used.
int threads_used(const RunRequest& request);
/// A warning when there are more threads than processors.
std::optional<sim::Problem> thread_warning(const RunRequest& request);

/// What a file says of its run; nothing when it cannot be read, for which resuming has the better words.
sim::io::RunInfo describe_run_file(const std::string& path);

}  // namespace paracrine::driver
