// Kills a process that writes a run, again and again, and looks at what it leaves: kill_harness [KILLS].
// A third of the kills hit between the data and the time of a commit, the others any moment from before the file exists to its end. Then, beside
// these, every stage of closing the file, and every single change of the file that closing it makes, for a run that is complete and one that stops;
// and writes that end in the middle, at a page of memory. Every file must be readable, every committed value right, and packing must keep them all.
// Prints its tally; exit status 0 when nothing is wrong.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

/// Kills this process at a change of a file, or in the middle of a write, counted from when the count is set: the HDF5 library calls the functions
/// below. A write that is killed ends at a page of memory, as in the kernel.
class FatalChange {
 public:
  static FatalChange& instance() {
    static FatalChange change;
    return change;
  }
  void set(int number) { left_ = number; }
  void set_torn(int number) { torn_left_ = number; }
  void count() {
    if (left_ > 0 && --left_ == 0) raise(SIGKILL);
  }
  /// Bytes of this write that reach the file: all, or, where it is to be torn, those before its first page boundary.
  size_t whole(size_t bytes, off_t at) {
    constexpr off_t page = 4096;
    const auto before = static_cast<size_t>(page - at % page);
    if (torn_left_ == 0 || before >= bytes || --torn_left_ > 0) return bytes;
    return before;
  }

 private:
  int left_ = 0, torn_left_ = 0;
};

extern "C" {
ssize_t pwrite(int file, const void* data, size_t bytes, off_t at) {
  FatalChange::instance().count();
  const size_t reach = FatalChange::instance().whole(bytes, at);
  const ssize_t written = syscall(SYS_pwrite64, file, data, reach, at);
  if (reach < bytes) raise(SIGKILL);
  return written;
}
ssize_t pwrite64(int file, const void* data, size_t bytes, off64_t at) { return pwrite(file, data, bytes, at); }

int ftruncate(int file, off_t length) noexcept {
  FatalChange::instance().count();
  return static_cast<int>(syscall(SYS_ftruncate, file, length));
}
int ftruncate64(int file, off64_t length) noexcept { return ftruncate(file, length); }
}

namespace {

using namespace paracrine;
using sim::io::CommitStage;
const tests::SampleSize size{.variables = 12, .agents = 50};
constexpr std::uint64_t all_rows = 240;

/// Where a writer kills itself: nowhere, in commit `number` behind its data or its counts, at stage `number` of closing, at change `number` of the
/// file while it is closed, in the middle of write `number` of those that cross a page.
enum class Fate { none, after_data, after_counts, stage, change, torn };
constexpr std::array closing_stages{CommitStage::closing, CommitStage::variables_closed, CommitStage::status_written, CommitStage::file_closed,
                                    CommitStage::renamed};

/// The writer.
int write(const std::string& folder, Fate fate, int number, sim::io::Status end) {
  const sim::Layout layout = tests::sample_layout(size);
  sim::io::Recorder recorder(folder + "/run.h5.part", layout, tests::sample_info());
  if (fate == Fate::torn) FatalChange::instance().set_torn(number);
  int commit = 0;
  recorder.on_commit = [&](CommitStage stage) {
    if (stage == CommitStage::begin) ++commit;
    const bool after_data = fate == Fate::after_data && stage == CommitStage::data_written;
    const bool after_counts = fate == Fate::after_counts && stage == CommitStage::counts_written;
    if (commit == number && (after_data || after_counts)) raise(SIGKILL);
    if (fate == Fate::stage && stage == closing_stages.at(static_cast<std::size_t>(number))) raise(SIGKILL);
    if (fate == Fate::change && stage == CommitStage::closing) FatalChange::instance().set(number);
  };
  for (std::uint64_t row = 0; row < all_rows; ++row) {
    recorder.write(tests::sample_snapshot(layout, size, row));
    if (row % 3 == 2) recorder.commit();
  }
  recorder.close(end, 1.0, folder + "/run.h5");
  return 0;
}

pid_t start_writer(const std::string& program, const std::string& folder, Fate fate, int number, sim::io::Status end = sim::io::Status::complete) {
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string of_fate = std::to_string(static_cast<int>(fate)), of_number = std::to_string(number),
                    of_end = std::to_string(static_cast<int>(end));
  execl(program.c_str(), program.c_str(), "--write", folder.c_str(), of_fate.c_str(), of_number.c_str(), of_end.c_str(), nullptr);
  _exit(127);
}

struct Tally {
  int kills = 0, between = 0, closing = 0, torn = 0, no_file = 0, no_row = 0, partial = 0, complete = 0, wrong = 0;
  std::uint64_t rows = 0;
};

/// Waits for a writer; whether it was killed. Throws when it failed by itself.
bool was_killed(pid_t writer) {
  int status = 0;
  waitpid(writer, &status, 0);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) throw std::runtime_error("the writer failed by itself");
  return killed;
}

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
  const auto u = sim::Random(1, static_cast<std::uint32_t>(number), sim::ProcessStream(1)).uniforms(sim::agent_id(0, 0), 0);
  const bool between = number % 3 == 0;
  const Fate fate = between ? (u[1] < 0.5 ? Fate::after_counts : Fate::after_data) : Fate::none;
  const pid_t writer = start_writer(program, folder.path().string(), fate, 1 + static_cast<int>(u[0] * 60.0));
  if (!between) {
    std::this_thread::sleep_for(std::chrono::duration<double>(u[0] * longest_s));
    kill(writer, SIGKILL);
  }
  const bool killed = was_killed(writer);
  if (killed) ++tally.kills;
  if (killed && between) ++tally.between;
  look(folder.path().string(), tally);
}

/// A writer that is killed while it closes its file, and what can be said of the file whatever the moment: all rows, and a state. False when the
/// writer came to its end.
bool kill_closing(const std::string& program, Fate fate, int number, sim::io::Status end, Tally& tally) {
  const tests::ScratchFolder folder;
  if (!was_killed(start_writer(program, folder.path().string(), fate, number, end))) return false;
  ++tally.closing;
  look(folder.path().string(), tally);
  const std::string part = folder / "run.h5.part";
  if (!std::filesystem::exists(part)) return true;
  const sim::io::FileInfo info = sim::io::inspect(part);
  if (info.rows.rows != all_rows) throw std::runtime_error("closing lost rows");
  if (info.status != "running" && info.status != sim::io::status_name(end)) throw std::runtime_error("the status is \"" + info.status + "\"");
  const sim::Layout layout = tests::sample_layout(size);
  sim::io::Recorder recorder(part, layout, tests::sample_info(), part, info.rows);
  recorder.write(tests::sample_snapshot(layout, size, all_rows));
  recorder.close(sim::io::Status::complete, 2.0, folder / "run.h5");
  if (tests::check_sample(folder / "run.h5", size).rows != all_rows + 1) throw std::runtime_error("the run did not go on");
  return true;
}

void kill_at_every_point_of_closing(const std::string& program, Tally& tally) {
  constexpr int most_changes = 1000;
  for (const auto end : {sim::io::Status::complete, sim::io::Status::interrupted})
    for (const auto fate : {Fate::stage, Fate::change}) {
      const int first = fate == Fate::stage ? 0 : 1, last = fate == Fate::stage ? static_cast<int>(closing_stages.size()) : most_changes;
      bool killed = true;
      for (int number = first; killed && number < last; ++number) {
        try {
          killed = kill_closing(program, fate, number, end, tally);
        } catch (const std::exception& error) {
          ++tally.wrong;
          std::printf("closing as %s, %s %d: %s\n", sim::io::status_name(end).c_str(), fate == Fate::stage ? "stage" : "change", number,
                      error.what());
        }
      }
    }
}

/// A writer that is killed in the middle of a write, for every write that crosses a page, with wider and wider gaps between them.
void kill_in_writes(const std::string& program, Tally& tally) {
  for (int number = 1;; number += 1 + number / 40) {
    try {
      const tests::ScratchFolder folder;
      if (!was_killed(start_writer(program, folder.path().string(), Fate::torn, number))) return;
      ++tally.torn;
      look(folder.path().string(), tally);
    } catch (const std::exception& error) {
      ++tally.wrong;
      std::printf("torn write %d: %s\n", number, error.what());
    }
  }
}

/// Wall time of one undisturbed writer.
double time_of_writer(const std::string& program) {
  const tests::ScratchFolder folder;
  const auto start = std::chrono::steady_clock::now();
  if (was_killed(start_writer(program, folder.path().string(), Fate::none, 0))) throw std::runtime_error("the writer was killed by another");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int kill_all(const std::string& program, int kills) {
  constexpr int least_torn = 50, most_stages = 2 * static_cast<int>(closing_stages.size());
  // the least of three: on a busy machine one may take long, and writers would end before they are killed
  const double longest_s = 0.9 * std::min({time_of_writer(program), time_of_writer(program), time_of_writer(program)});
  Tally tally;
  for (int number = 0; tally.kills < kills && number < 5 * kills; ++number) {
    try {
      kill_one(program, number, longest_s, tally);
    } catch (const std::exception& error) {
      ++tally.wrong;
      std::printf("writer %d: %s\n", number, error.what());
    }
  }
  kill_at_every_point_of_closing(program, tally);
  kill_in_writes(program, tally);
  std::printf(
      "%d kills, %d of them between data and time, %d while the file was closed, and %d in the middle of a write: %d before the file existed, %d "
      "before its first row, %d with "
      "part of the rows, %d complete; %llu "
      "rows right; %d wrong\n",
      tally.kills, tally.between, tally.closing, tally.torn, tally.no_file, tally.no_row, tally.partial, tally.complete,
      static_cast<unsigned long long>(tally.rows), tally.wrong);
  return tally.wrong == 0 && tally.kills >= kills && 3 * tally.between >= kills && tally.partial > kills / 2 && tally.closing > most_stages &&
                 tally.torn > least_torn
             ? 0
             : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 6 && std::string(argv[1]) == "--write")
      return write(argv[2], static_cast<Fate>(std::atoi(argv[3])), std::atoi(argv[4]), static_cast<sim::io::Status>(std::atoi(argv[5])));
    return kill_all("/proc/self/exe", argc > 1 ? std::atoi(argv[1]) : 120);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
