#include "bindings/driver/run_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bindings/driver/wording.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/verify.hpp"

namespace paracrine::driver {

namespace {

constexpr int most_threads = 4096;
constexpr double rounding = 1e-12;  // relative, of converting a time to seconds

}  // namespace

std::vector<std::string> preview_overrides() { return {"numerics.method=mean_field", "output.fields=[]", "output.agents=[]"}; }

sim::io::SessionOptions session_options(const RunRequest& request) {
  if (request.threads < 0 || request.threads > most_threads)
    throw sim::InputError(fmt::format("--threads: {} is not a number from 0 to {}", request.threads, most_threads));
  sim::io::SessionOptions options;
  options.threads = request.threads;
  const bool none = request.checkpoint_every == "none" || request.checkpoint_every == "0";
  options.checkpoint_every_s = none ? 0.0 : option_seconds("--checkpoint-every", request.checkpoint_every);
  if (request.until.empty()) return options;
  const double seconds = option_seconds("--until", request.until);
  if (!(seconds > 0.0 && seconds < 9e15)) throw sim::InputError(fmt::format("--until {}: a run cannot stop there", sim::in_quotes(request.until)));
  options.until_s = std::llround(seconds);
  if (std::abs(seconds - static_cast<double>(*options.until_s)) > rounding * std::max(1.0, seconds))
    throw sim::InputError(fmt::format("--until {}: not a whole number of seconds", sim::in_quotes(request.until)));
  return options;
}

int threads_used(const RunRequest& request) { return request.threads > 0 ? request.threads : sim::available_processors(); }

std::optional<sim::Problem> thread_warning(const RunRequest& request) {
  const int processors = sim::available_processors();
  if (request.threads <= processors) return std::nullopt;
  sim::Problem problem;
  problem.message = fmt::format("{} threads on {}: oversubscription will slow the run", request.threads,
                                counted(static_cast<std::uint64_t>(processors), "processor"));
  problem.hints.push_back(fmt::format("--threads {} uses them all.", processors));
  return problem;
}

sim::io::RunInfo describe_run_file(const std::string& path) {
  try {
    sim::io::verify_in_child(path);
    return sim::io::inspect(path, sim::io::Trust::verified).run;
  } catch (const sim::InputError&) {
    return {};
  }
}

}  // namespace paracrine::driver
