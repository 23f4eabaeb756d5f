#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "models/catalogue.hpp"
#include "sim/core/build_info.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/session.hpp"

// The main scenario (a million MSC into a tail vein of a mouse, 14 days): its time on two threads; two threads against two independent runs of one
// thread each, side by side; the recorder's share of a run with rows every 6 hours; memory. All in one process, in turn, medians.

namespace {

using namespace paracrine;
using Clock = std::chrono::steady_clock;

constexpr int repetitions = 5;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void simulate(const sim::Catalogue& catalogue, const sim::Scenario& scenario, int threads) {
  sim::Simulation simulation(catalogue, scenario, threads);
  while (true) {
    if (simulation.snapshot_due()) simulation.snapshot();
    if (simulation.finished()) return;
    simulation.visit();
  }
}

/// Seconds that the recorder takes in a run, and the whole of it.
std::pair<double, double> record(const sim::Catalogue& catalogue, const sim::Scenario& scenario, const std::string& file) {
  const Clock::time_point start = Clock::now();
  double recorder_s = 0.0;
  const auto timed = [&](auto&& call) {
    const Clock::time_point begin = Clock::now();
    call();
    recorder_s += seconds_since(begin);
  };
  sim::Simulation simulation(catalogue, scenario, 2);
  std::unique_ptr<sim::io::Recorder> recorder;
  timed([&] { recorder = std::make_unique<sim::io::Recorder>(file + ".part", simulation.layout(), sim::io::RunInfo{}); });
  while (true) {
    if (simulation.snapshot_due()) {
      sim::Snapshot snapshot = simulation.snapshot();
      timed([&] { recorder->write(std::move(snapshot)); });
    }
    timed([&] { recorder->commit_if_due(); });
    if (simulation.finished()) break;
    simulation.visit();
  }
  timed([&] { recorder->close(sim::io::Status::complete, 0.0, file); });
  return {recorder_s, seconds_since(start)};
}

void measure(const std::string& scenario_file) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::load_scenario(scenario_file, {}, catalogue.model_info());
  const sim::Scenario six_hourly = sim::load_scenario(scenario_file, {"time.record=[]"}, catalogue.model_info());
  const std::string folder = (std::filesystem::temp_directory_path() / ("paracrine_bench_" + std::to_string(getpid()))).string();
  std::filesystem::create_directories(folder);
  std::vector<double> two_threads, one_thread, side_by_side, ratio, whole, recorder_share;
  for (int i = 0; i < repetitions; ++i) {
    Clock::time_point start = Clock::now();
    simulate(catalogue, scenario, 2);
    two_threads.push_back(seconds_since(start));
    start = Clock::now();
    {
      std::thread other([&] { simulate(catalogue, scenario, 1); });
      simulate(catalogue, scenario, 1);
      other.join();
    }
    side_by_side.push_back(seconds_since(start));
    ratio.push_back(side_by_side.back() / (2.0 * two_threads.back()));
    start = Clock::now();
    simulate(catalogue, scenario, 1);
    one_thread.push_back(seconds_since(start));
    const auto [recorder_s, run_s] = record(catalogue, six_hourly, folder + "/" + std::to_string(i) + ".h5");
    whole.push_back(run_s);
    recorder_share.push_back(recorder_s / run_s);
  }
  std::filesystem::remove_all(folder);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("main scenario, simulation alone: two threads %.2f s, one thread %.2f s, two runs side by side %.2f s (medians of %d)\n",
              median(two_threads), median(one_thread), median(side_by_side), repetitions);
  std::printf("two threads reach %.1f %% of what two independent runs reach together (aim: 95)\n", 100.0 * median(ratio));
  std::printf("with its file, rows every 6 h: %.2f s; the recorder takes %.2f %% of it (aim: below 2)\n", median(whole),
              100.0 * median(recorder_share));
  std::printf("largest memory, of two simulations at once: %.0f MB\n", static_cast<double>(usage.ru_maxrss) / 1024.0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) {
    std::fprintf(stderr, "usage: bench_run [SCENARIO.toml]\n");
    return 2;
  }
  if (getenv("OMP_WAIT_POLICY") == nullptr) {  // as the command line does
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", argv);
  }
  try {
    measure(argc == 2 ? argv[1] : PARACRINE_SOURCE_DIR "/scenarios/delivery/mouse_iv_msc_delivery.toml");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
