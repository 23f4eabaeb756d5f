// Kills a process that writes a run, again and again, and looks at what it leaves: kill_harness [KILLS].
// A third of the kills hit between the data and the time of a commit, the others any moment from before the file exists to its end.
// Every file must be readable, every committed value right, and packing must keep them all. Prints its tally; exit status 0 when nothing is wrong.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "sim/core/random.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/recorder.hpp"
#include "tests/support/sample_check.hpp"
#include "tests/support/sample_run.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {

using namespace paracrine;
using sim::io::CommitStage;
const tests::SampleSize size{.variables = 12, .agents = 50};
constexpr std::uint64_t all_rows = 240;

/// The writer: `fatal_commit` >= 0 kills it there between data and time.
int write(const std::string& folder, int fatal_commit, bool after_counts) {
  const sim::Layout layout = tests::sample_layout(size);
  sim::io::Recorder recorder(folder + "/run.h5.part", layout, tests::sample_info());
  int commit = 0;
  recorder.on_commit = [&](CommitStage stage) {
    if (stage == CommitStage::begin) ++commit;
    if (commit == fatal_commit && stage == (after_counts ? CommitStage::counts_written : CommitStage::data_written)) raise(SIGKILL);
  };
  for (std::uint64_t row = 0; row < all_rows; ++row) {
    recorder.write(tests::sample_snapshot(layout, size, row));
    if (row % 3 == 2) recorder.commit();
  }
  recorder.close(sim::io::Status::complete, 1.0, folder + "/run.h5");
  return 0;
}

pid_t start_writer(const std::string& program, const std::string& folder, int fatal_commit, bool after_counts) {
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string commit = std::to_string(fatal_commit);
  execl(program.c_str(), program.c_str(), "--write", folder.c_str(), commit.c_str(), after_counts ? "1" : "0", nullptr);
  _exit(127);
}

struct Tally {
  int kills = 0, between = 0, no_file = 0, no_row = 0, partial = 0, complete = 0, wrong = 0;
  std::uint64_t rows = 0;
};

/// Looks at what a killed writer left. Throws when something is wrong.
void look(const std::string& folder, Tally& tally) {
  const std::string part = folder + "/run.h5.part", whole = folder + "/run.h5", packed = folder + "/packed.h5";
  const bool complete = std::filesystem::exists(whole);
  const std::string path = complete ? whole : part;
  if (!std::filesystem::exists(path)) {
    ++tally.no_file;
    return;
  }
  const sim::io::RowCounts rows = tests::check_sample(path, size);
  const sim::io::FileInfo info = sim::io::inspect(path);
  if (info.rows != rows) throw std::runtime_error("inspect counts other rows");
  if (complete && (info.status != "complete" || rows.rows != all_rows)) throw std::runtime_error("a file under its final name is not complete");
  sim::io::pack(path, packed, true);
  if (tests::check_sample(packed, size) != rows) throw std::runtime_error("packing changed the rows");
  if (sim::io::digest(path) != sim::io::digest(packed)) throw std::runtime_error("packing changed the digest");
  const std::string status = sim::io::inspect(packed).status;
  if (status != (info.status == "running" ? "interrupted" : info.status)) throw std::runtime_error("the packed file says " + status);
  ++(complete ? tally.complete : rows.rows == 0 ? tally.no_row : tally.partial);
  tally.rows += rows.rows;
}

void kill_one(const std::string& program, int number, double longest_s, Tally& tally) {
  const tests::ScratchFolder folder;
  const auto u = sim::Random(1, static_cast<std::uint32_t>(number), 1).uniforms(sim::agent_id(0, 0), 0);
  const bool between = number % 3 == 0;
  const int fatal_commit = between ? 1 + static_cast<int>(u[0] * 60.0) : -1;
  const pid_t writer = start_writer(program, folder.path().string(), fatal_commit, u[1] < 0.5);
  if (!between) {
    std::this_thread::sleep_for(std::chrono::duration<double>(u[0] * longest_s));
    kill(writer, SIGKILL);
  }
  int status = 0;
  waitpid(writer, &status, 0);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) throw std::runtime_error("the writer failed by itself");
  if (killed) ++tally.kills;
  if (killed && between) ++tally.between;
  look(folder.path().string(), tally);
}

/// Wall time of one undisturbed writer.
double time_of_writer(const std::string& program) {
  const tests::ScratchFolder folder;
  const auto start = std::chrono::steady_clock::now();
  int status = 0;
  waitpid(start_writer(program, folder.path().string(), -1, false), &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("the writer failed without being killed");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int kill_all(const std::string& program, int kills) {
  const double longest_s = 0.9 * time_of_writer(program);
  Tally tally;
  for (int number = 0; tally.kills < kills && number < 2 * kills; ++number) {
    try {
      kill_one(program, number, longest_s, tally);
    } catch (const std::exception& error) {
      ++tally.wrong;
      std::printf("writer %d: %s\n", number, error.what());
    }
  }
  std::printf(
      "%d kills, %d of them between data and time: %d before the file existed, %d before its first row, %d with part of the rows, %d complete; %llu "
      "rows right; %d wrong\n",
      tally.kills, tally.between, tally.no_file, tally.no_row, tally.partial, tally.complete, static_cast<unsigned long long>(tally.rows),
      tally.wrong);
  return tally.wrong == 0 && tally.kills >= kills && 3 * tally.between >= kills && tally.partial > kills / 2 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 5 && std::string(argv[1]) == "--write") return write(argv[2], std::atoi(argv[3]), std::string(argv[4]) == "1");
    return kill_all("/proc/self/exe", argc > 1 ? std::atoi(argv[1]) : 120);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
