#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "sim/core/error.hpp"
#include "sim/io/files.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/recorder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_check.hpp"
#include "tests/support/sample_run.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using sim::io::CommitStage;
using sim::io::Recorder;
using sim::io::Status;
using tests::check_sample;
using tests::ScratchFolder;

namespace {

void record(Recorder& recorder, const sim::Layout& layout, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t row = first; row < last; ++row) {
    recorder.write(tests::sample_snapshot(layout, {}, row));
    recorder.commit_if_due();
  }
}

/// A complete run of `rows` rows.
std::string write_run(const std::string& path, std::uint64_t rows, Recorder::Mode mode = Recorder::Mode::automatic) {
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(path + ".part", layout, tests::sample_info(), mode);
  record(recorder, layout, 0, rows);
  recorder.close(Status::complete, 2.0, path);
  return path;
}

}  // namespace

TEST_CASE("recorder: a complete run holds every value, and its description", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write_run(folder / "run.h5", 57);
  CHECK_FALSE(std::filesystem::exists(path + ".part"));
  const auto rows = check_sample(path);
  CHECK(rows.rows == 57);
  CHECK(rows.agent_frames == 15);
  const auto info = sim::io::inspect(path);
  CHECK(info.rows == rows);
  CHECK(info.status == "complete");
  CHECK(info.time_d == 14.0);
  CHECK(info.end_d == 25.0);
  CHECK(info.wall_time_s == 2.0);
  CHECK(info.series.size() == 30);
  CHECK(info.series.at(1) == "observable_1 [ng/mL]");
  REQUIRE(info.audit.size() == 2);
  CHECK(info.audit[0].species == "msc");
  CHECK(info.audit[0].largest_error == 1e-13 * 6.0);
  CHECK(info.run.seed == 18446744073709551615ULL);
  CHECK(info.run.overrides == tests::sample_info().overrides);
  CHECK(info.run.scenario_resolved == tests::sample_info().scenario_resolved);
  CHECK(std::filesystem::file_size(path) < 1'000'000);
}

TEST_CASE("recorder: the check of a file notices a wrong value", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(folder / "run.h5.part", layout, tests::sample_info());
  for (std::uint64_t row = 0; row < 5; ++row) {
    auto snapshot = tests::sample_snapshot(layout, {}, row);
    if (row == 3) snapshot.series[0][7] += 1e-15;
    recorder.write(std::move(snapshot));
  }
  recorder.close(Status::complete, 1.0, folder / "run.h5");
  CHECK_THROWS_WITH(check_sample(folder / "run.h5"), "wrong: /observable_7");
}

TEST_CASE("recorder: a run can be read while it is being written", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string part = folder / "run.h5.part";
  int stop[2];
  REQUIRE(pipe(stop) == 0);
  const pid_t writer = fork();
  if (writer == 0) {
    try {
      Recorder recorder(part, layout, tests::sample_info());
      for (std::uint64_t row = 0; row < 3000; ++row) {
        recorder.write(tests::sample_snapshot(layout, {}, row));
        if (row % 5 == 4) recorder.commit();
      }
      recorder.close(Status::complete, 1.0, folder / "run.h5");
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }
  std::uint64_t last = 0;
  int grown = 0, status = 0;
  while (waitpid(writer, &status, WNOHANG) == 0) {
    if (!std::filesystem::exists(part)) continue;
    try {
      const auto rows = check_sample(part);
      REQUIRE(rows.rows >= last);
      if (rows.rows > last) ++grown;
      last = rows.rows;
    } catch (const sim::InputError&) {
      if (std::filesystem::exists(part)) throw;  // otherwise it was renamed between the two looks
    }
  }
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(grown >= 3);
  CHECK(check_sample(folder / "run.h5").rows == 3000);
}

TEST_CASE("recorder: a run goes on from the first rows of another", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string whole = write_run(folder / "whole.h5", 57), part = folder / "run.h5.part";
  sim::io::RowCounts rows;
  {
    Recorder recorder(part, layout, tests::sample_info());
    record(recorder, layout, 0, 24);
    recorder.commit();
    rows = recorder.rows();
    record(recorder, layout, 24, 40);
    recorder.close(Status::interrupted, 1.0, folder / "run.h5");
  }
  CHECK(sim::io::inspect(part).status == "interrupted");
  CHECK(check_sample(part).rows == 40);
  auto info = tests::sample_info();
  info.threads = 7;
  {
    Recorder recorder(part, layout, info, part, rows);
    CHECK(check_sample(part).rows == 24);
    CHECK(sim::io::inspect(part).run.threads == 7);
    record(recorder, layout, 24, 57);
    recorder.close(Status::complete, 3.0, folder / "run.h5");
  }
  CHECK(check_sample(folder / "run.h5").rows == 57);
  CHECK(sim::io::digest(folder / "run.h5") == sim::io::digest(whole));
  rows.rows = 58;
  CHECK_THROWS_AS(Recorder(folder / "other.part", layout, info, folder / "run.h5", rows), sim::InputError);
  CHECK_FALSE(std::filesystem::exists(folder / "other.part"));
}

TEST_CASE("recorder: stages of a commit come in order, and nothing is committed before the time", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string part = folder / "run.h5.part";
  Recorder recorder(part, layout, tests::sample_info());
  std::vector<CommitStage> stages;
  std::vector<std::uint64_t> seen;
  recorder.on_commit = [&](CommitStage stage) {
    stages.push_back(stage);
    seen.push_back(check_sample(part).rows);
  };
  record(recorder, layout, 0, 6);
  CHECK(stages.empty());
  recorder.commit();
  CHECK(stages == std::vector<CommitStage>{CommitStage::begin, CommitStage::data_written, CommitStage::counts_written, CommitStage::logged,
                                           CommitStage::time_written});
  CHECK(seen == std::vector<std::uint64_t>{0, 0, 0, 0, 6});
}

TEST_CASE("recorder: an abandoned file stays as the last commit left it", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string part = folder / "run.h5.part";
  Recorder recorder(part, layout, tests::sample_info());
  record(recorder, layout, 0, 7);
  recorder.commit();
  record(recorder, layout, 7, 9);
  recorder.abandon();
  CHECK(recorder.failed());
  CHECK_THROWS_AS(recorder.commit(), sim::RunError);
  CHECK_THROWS_AS(recorder.close(Status::complete, 1.0, folder / "run.h5"), sim::RunError);
  CHECK(check_sample(part).rows == 7);
  CHECK(sim::io::inspect(part).status == "running");
}

TEST_CASE("recorder: twenty rows are committed at once", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(folder / "run.h5.part", layout, tests::sample_info());
  record(recorder, layout, 0, 20);
  CHECK(recorder.rows().rows == 20);
}

TEST_CASE("recorder: an existing file and a folder that is missing are refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  std::ofstream(folder / "run.h5.part") << "precious";
  CHECK_THROWS_WITH(Recorder(folder / "run.h5.part", layout, tests::sample_info()), "\"" + (folder / "run.h5.part") + "\" exists");
  CHECK(std::filesystem::file_size(folder / "run.h5.part") == 8);
  CHECK_THROWS_AS(Recorder(folder / "missing/run.h5.part", layout, tests::sample_info()), sim::InputError);
}

TEST_CASE("recorder: a write that fails ends the recording and keeps what was committed", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string part = folder / "run.h5.part";
  const pid_t writer = fork();
  if (writer == 0) {
    signal(SIGXFSZ, SIG_IGN);
    Recorder recorder(part, layout, tests::sample_info());
    record(recorder, layout, 0, 40);
    recorder.commit();
    const rlimit limit{std::filesystem::file_size(part) + 20000, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    int answer = 1;
    try {
      record(recorder, layout, 40, 4000);
    } catch (const sim::RunError& error) {
      const bool text = error.what() == "cannot write " + part + ": it would be larger than the limit on file sizes (ulimit -f)";
      answer = text && recorder.failed() ? 0 : 2;
      try {
        recorder.commit();
        answer = 3;
      } catch (const sim::RunError&) {
      }
    }
    _exit(answer);
  }
  int status = 0;
  waitpid(writer, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(check_sample(part).rows >= 40);
}

TEST_CASE("recorder: in plain mode the ended file is the same", "[unit]") {
  const ScratchFolder folder;
  const std::string live = write_run(folder / "live.h5", 45, Recorder::Mode::live), plain = write_run(folder / "plain.h5", 45, Recorder::Mode::plain);
  CHECK(check_sample(plain).rows == 45);
  CHECK(sim::io::digest(plain) == sim::io::digest(live));
  Recorder recorder(folder / "x.part", tests::sample_layout(), tests::sample_info(), Recorder::Mode::plain);
  REQUIRE(recorder.warnings().size() == 1);
}

TEST_CASE("recorder: network and user-space file systems are not taken for local ones", "[unit]") {
  CHECK_FALSE(sim::io::keeps_write_order(0x6969));
  CHECK_FALSE(sim::io::keeps_write_order(static_cast<int>(0xFF534D42)));
  CHECK_FALSE(sim::io::keeps_write_order(0x65735546));
  CHECK_FALSE(sim::io::keeps_write_order(0x0BD00BD0));
  CHECK(sim::io::keeps_write_order(0xEF53));
  CHECK(sim::io::keeps_write_order(0x01021994));
}

TEST_CASE("recorder: equal runs give equal files, byte for byte", "[property]") {
  const ScratchFolder folder;
  const auto bytes = [](const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(bytes(write_run(folder / "a.h5", 30)) == bytes(write_run(folder / "b.h5", 30)));
}
