#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/io/session.hpp"

namespace paracrine::cli {

/// What is about to run.
struct RunStart {
  std::string what;  // scenario file, or the file that is resumed
  std::string title, model, output;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;
  int threads = 1;
  bool resumed = false;
};

/// Says how a run goes. Called from one thread.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void start(const RunStart& start) = 0;
  virtual void progress(const sim::io::Progress& progress) = 0;
  virtual void checkpoint(const std::string& path, std::int64_t time_s) = 0;
  virtual void warning(const sim::Problem& problem) = 0;
  /// `resume_command` is empty when the run is complete; `exit_status` is what the process will end with.
  virtual void done(const sim::io::SessionResult& result, const std::string& resume_command, int exit_status) = 0;
  virtual void error(const std::string& message, const std::vector<sim::Problem>& problems, int exit_status) = 0;
};

struct ReportOptions {
  std::string progress = "auto";  // auto, bar, line, none
  bool json = false, quiet = false, verbose = false;
  std::string program;  // as typed, for the commands that are proposed
};

/// Simulated time per wall time, by the time that is left; 0 where it is not known yet.
double speed_of_run(const sim::io::Progress& progress);

/// A bar on a terminal and lines otherwise, on standard error; or one JSON object per line on standard output.
std::unique_ptr<Reporter> make_reporter(const ReportOptions& options);
std::unique_ptr<Reporter> make_text_reporter(const ReportOptions& options);
std::unique_ptr<Reporter> make_json_reporter(const ReportOptions& options);

}  // namespace paracrine::cli
