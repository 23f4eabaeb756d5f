#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <tuple>

#include "bindings/cli/command.hpp"
#include "bindings/cli/reporter.hpp"
#include "bindings/cli/signals.hpp"
#include "bindings/cli/text.hpp"
#include "bindings/driver/failure.hpp"
#include "bindings/driver/other_files.hpp"
#include "bindings/driver/run_request.hpp"
#include "models/catalogue.hpp"
#include "sim/io/files.hpp"
#include "sim/io/run_title.hpp"
#include "sim/io/session.hpp"
#include "sim/io/verify.hpp"

namespace paracrine::cli {

namespace {

constexpr const char* exit_text =
    "Exit status: 0 done, or stopped by --until; 2 refused, nothing written; 1 failed while running,\n"
    "128 + signal stopped by a signal: the rows so far and a checkpoint stay, and `resume` continues.\n"
    "Ctrl-C once: finish the step, checkpoint, stop. Twice: at once. SIGUSR1: checkpoint, then continue.";

/// What run and resume share.
struct RunOptions {
  driver::RunRequest request;
  std::string progress = "auto";
  bool json = false, quiet = false, verbose = false;

  void declare(CLI::App& app) {
    app.add_option("--threads", request.threads, "Number of threads; 0 takes every processor. The result does not depend on it")
        ->type_name("N")
        ->default_val(0);
    app.add_option("--checkpoint-every", request.checkpoint_every, "Wall time between checkpoints; none turns them off (a stop still writes one)")
        ->type_name("WALL")
        ->default_val("10 min");
    app.add_option("--until", request.until, "Stop at the first end of a visit at or after this simulated time; `resume` continues from there")
        ->type_name("DURATION");
    app.add_option("--progress", progress, "How to show progress: a bar on a terminal, lines otherwise, unless chosen here")
        ->type_name("STYLE")
        ->check(CLI::IsMember({"auto", "bar", "line", "none"}))
        ->default_val("auto");
    app.add_flag("--json", json, "One JSON object per line on standard output: start, progress, checkpoint, warning, done, error");
    CLI::Option* q = app.add_flag("-q,--quiet", quiet, "Print errors only");
    app.add_flag("-v,--verbose", verbose, "Print more detail")->excludes(q);
    app.footer(exit_text);
  }
};

/// How to go on with a run that stopped. An older output that still stands under its name wants --force.
std::string resume_command(const Invocation& invocation, const std::string& part) {
  std::vector<std::string> words{invocation.program, "resume", part};
  if (sim::io::there(std::filesystem::path(part).replace_extension().string())) words.push_back("--force");
  return shell_line(words);
}

/// Runs `work` with a reporter and signal requests around it; every error goes through the reporter. A run that failed may have left the HDF5 library
/// in a state in which its clean-up crashes, so the process ends here without it.
int report_and_run(const RunOptions& run_options, const Invocation& invocation,
                   const std::function<sim::io::SessionResult(Reporter&, sim::io::SessionOptions&)>& work) {
  const auto reporter = make_reporter({.progress = run_options.progress,
                                       .json = run_options.json,
                                       .quiet = run_options.quiet,
                                       .verbose = run_options.verbose,
                                       .program = invocation.program});
  SignalRequests signals;
  try {
    sim::io::SessionOptions options = driver::session_options(run_options.request);
    options.command_line = invocation.command_line;
    options.requests = &signals.requests;
    options.on_progress = [&](const sim::io::Progress& progress) { reporter->progress(progress); };
    options.on_checkpoint = [&](const std::string& path, std::int64_t time_s) { reporter->checkpoint(path, time_s); };
    options.on_warning = [&](const std::string& text) {
      sim::Problem problem;
      problem.message = text;
      reporter->warning(problem);
    };
    const sim::io::SessionResult result = work(*reporter, options);
    const int status = result.end == sim::io::SessionResult::End::stopped ? 128 + signals.requests.stop.load() : 0;
    const bool complete = result.end == sim::io::SessionResult::End::complete;
    reporter->done(result, complete ? "" : resume_command(invocation, result.path), status);
    return status;
  } catch (const sim::InputError& error) {
    reporter->error(error.what(), error.problems(), 2);
    return 2;
  } catch (...) {
    const driver::Failure failure = driver::describe_current_exception();
    reporter->error(failure.message, {}, failure.exit_status);
    std::fflush(stdout);
    std::fflush(stderr);
    _exit(failure.exit_status);
  }
}

class Run : public Command {
 public:
  std::string name() const override { return "run"; }
  std::string summary() const override { return "Run a scenario into a file"; }

  void declare(CLI::App& app) override {
    app.add_option("SCENARIO", scenario_, "Scenario file (TOML)")->required()->type_name("FILE");
    app.add_option("-o,--output", output_, fmt::format("File to write; by default the scenario's name with {}, in the current folder", ending()))
        ->type_name("RUN.h5");
    app.add_option("--set", overrides_, "Override one key of the scenario, checked like the file; may be repeated: --set therapy.0.cells=3e6")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false);
    app.add_option("--seed", seed_, "Seed of all random numbers; the same as --set seed=N")->type_name("N");
    app.add_flag("--force", force_, "Overwrite the output");
    options_.declare(app);
  }

  int execute(const Invocation& invocation) override {
    return report_and_run(options_, invocation, [&](Reporter& reporter, sim::io::SessionOptions& options) {
      if (output_) refuse_standard_output(*output_);
      std::vector<std::string> overrides = overrides_;
      if (seed_) overrides.push_back(fmt::format("seed={}", checked_seed()));
      const sim::Catalogue catalogue = models::catalogue();
      const std::vector<std::string> further = further_overrides();
      // a wrong value is refused even where the further overrides replace it
      if (!further.empty()) std::ignore = driver::load_scenario(scenario_, overrides, catalogue.model_info());
      overrides.insert(overrides.end(), further.begin(), further.end());
      const sim::Scenario scenario = driver::load_scenario(scenario_, overrides, catalogue.model_info());
      options.output = output_.value_or(std::filesystem::path(scenario_).stem().string() + ending());
      options.force = force_;
      reporter.start({.what = scenario_,
                      .title = sim::io::run_title(scenario),
                      .model = scenario.model,
                      .output = options.output,
                      .overrides = overrides,
                      .seed = static_cast<std::uint64_t>(scenario.root.integer("seed")),
                      .threads = driver::threads_used(options_.request),
                      .resumed = false});
      for (const sim::Problem& warning : scenario.warnings) reporter.warning(warning);
      if (const auto warning = driver::thread_warning(options_.request)) reporter.warning(*warning);
      return sim::io::run(catalogue, scenario, options);
    });
  }

 protected:
  virtual std::string ending() const { return ".h5"; }
  virtual std::vector<std::string> further_overrides() const { return {}; }

 private:
  std::string checked_seed() const {
    if (seed_->empty() || seed_->size() > 19 || seed_->find_first_not_of("0123456789") != std::string::npos)
      throw sim::InputError(fmt::format("--seed: {} is not a whole number, 0 or more", sim::in_quotes(*seed_)));
    const std::size_t digit = seed_->find_first_not_of('0');  // TOML has no leading zeros
    return digit == std::string::npos ? "0" : seed_->substr(digit);
  }

  std::string scenario_;
  std::optional<std::string> output_;
  std::vector<std::string> overrides_;
  std::optional<std::string> seed_;
  bool force_ = false;
  RunOptions options_;
};

class Preview final : public Run {
 public:
  std::string name() const override { return "preview"; }
  std::string summary() const override { return "Run a scenario's mean-field twin: well mixed, in a fraction of a second"; }

 protected:
  std::string ending() const override { return ".preview.h5"; }
  std::vector<std::string> further_overrides() const override { return driver::preview_overrides(); }
};

class Resume final : public Command {
 public:
  std::string name() const override { return "resume"; }
  std::string summary() const override { return "Continue a stopped or killed run"; }

  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "RUN.h5.part, or one of the checkpoints in RUN.h5.ckpt/")->required()->type_name("RUN.h5.part|CHECKPOINT");
    app.add_flag("--force", force_, "Overwrite the output at the end");
    options_.declare(app);
  }

  int execute(const Invocation& invocation) override {
    return report_and_run(options_, invocation, [&](Reporter& reporter, sim::io::SessionOptions& options) {
      options.force = force_;
      options.verify = [](const std::string& path) { sim::io::verify_in_child(path); };
      const sim::Catalogue catalogue = models::catalogue();
      const sim::io::RunInfo run = driver::describe_run_file(file_);
      if (!run.model.empty() && !output().empty())
        reporter.start({.what = file_,
                        .title = run.title,
                        .model = run.model,
                        .output = output(),
                        .overrides = run.overrides,
                        .seed = run.seed,
                        .threads = driver::threads_used(options_.request),
                        .resumed = true});
      if (const auto warning = driver::thread_warning(options_.request)) reporter.warning(*warning);
      return sim::io::resume(catalogue, file_, options);
    });
  }

 private:
  /// RUN.h5 of RUN.h5.part or of RUN.h5.ckpt/ckpt-000001.ckpt; empty for another name.
  std::string output() const {
    const std::filesystem::path path(file_);
    if (path.extension() == ".part") return std::filesystem::path(path).replace_extension().string();
    return path.parent_path().extension() == ".ckpt" ? path.parent_path().replace_extension().string() : "";
  }

  std::string file_;
  bool force_ = false;
  RunOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_run() { return std::make_unique<Run>(); }
std::unique_ptr<Command> make_preview() { return std::make_unique<Preview>(); }
std::unique_ptr<Command> make_resume() { return std::make_unique<Resume>(); }

}  // namespace paracrine::cli
