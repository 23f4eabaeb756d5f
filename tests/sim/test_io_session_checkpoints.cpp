#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "sim/core/build_info.hpp"
#include "sim/core/error.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/sessions.hpp"
#include "tests/support/toy.hpp"
#include "tests/support/toy_session.hpp"

using namespace paracrine;
using sim::io::CommitStage;
using sim::io::SessionResult;
using tests::hour;
using tests::listing;
using tests::ScratchFolder;
using tests::toy_scenario;
namespace fs = std::filesystem;

namespace {

/// Bytes held by files that this process has open and that have no name any more.
std::uintmax_t bytes_without_name() {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    struct stat facts {};
    if (stat(entry.path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_nlink == 0) bytes += static_cast<std::uintmax_t>(facts.st_size);
  }
  return bytes;
}

/// Lets files grow to `bytes` in this process and no further.
void limit_files(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &limit);
}

/// What ends `output` when no checkpoint after the third row finds room, while rows do; run in a process of its own. `until_s`: stop there.
int run_without_room(const std::string& output, std::optional<std::int64_t> until_s, const std::string& digest) {
  signal(SIGXFSZ, SIG_IGN);
  const sim::Catalogue catalogue = toy::catalogue();
  sim::io::SessionOptions options{.output = output, .threads = 1, .checkpoint_every_s = 1e-9, .until_s = until_s};
  int commits = 0;
  std::vector<std::string> warned;
  options.on_commit = [&](CommitStage stage) {
    if (stage == CommitStage::begin || stage == CommitStage::closing) limit_files(RLIM_INFINITY);
    if (stage == CommitStage::time_written && ++commits >= 3) limit_files(3000);
  };
  options.on_warning = [&](const std::string& text) { warned.push_back(text); };
  try {
    const auto result = sim::io::run(catalogue, toy_scenario(catalogue), options);
    if (warned.size() != 1 || result.notes.empty() || !result.notes.back().warning || result.notes.back().text != warned.front()) return 2;
    if (!warned.front().starts_with("no checkpoint at ") ||
        !warned.front().ends_with(": it would be larger than the limit on file sizes (ulimit -f); the run goes on, and it is tried again"))
      return 3;
    return sim::io::digest(result.path) == digest ? 0 : 4;
  } catch (const sim::RunError& error) {
    const std::string text = error.what();
    if (!until_s || warned.size() != 1) return 5;
    if (!text.starts_with("cannot write " + output + ".ckpt/ckpt-") ||
        text.find(": it would be larger than the limit on file sizes (ulimit -f)\nThe run stops without this checkpoint. Its rows up to 5 h are in " +
                  output + ".part. It can be resumed from the checkpoint before, " + output + ".ckpt/ckpt-") == std::string::npos)
      return 6;
    return bytes_without_name() == 0 ? 0 : 7;
  }
}

int in_a_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("session: checkpoints that find no room are told once, and the run goes on to the same end", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const std::string digest = tests::digest_of_run(catalogue, toy_scenario(catalogue), folder / "other.h5", 1);
  CHECK(in_a_child([&] { return run_without_room(folder / "run.h5", {}, digest); }) == 0);
  CHECK(listing(folder) == std::vector<std::string>{"other.h5", "run.h5"});
}

TEST_CASE("session: a last checkpoint that finds no room leaves rows and older checkpoints as they were", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const std::string run = folder / "run.h5", part = run + ".part";
  CHECK(in_a_child([&] { return run_without_room(run, 5 * hour, ""); }) == 0);
  CHECK(sim::io::list_checkpoints(run + ".ckpt").size() == 2);
  CHECK(std::distance(fs::directory_iterator(run + ".ckpt"), fs::directory_iterator()) == 2);
  const auto info = sim::io::inspect(part);
  CHECK(info.status == "running");
  CHECK(info.rows.rows == 6);
  sim::io::pack(part, folder / "packed.h5", false);
  CHECK(sim::io::inspect(folder / "packed.h5").rows == info.rows);
  CHECK(sim::io::digest(sim::io::resume(catalogue, part, {.threads = 1}).path) ==
        tests::digest_of_run(catalogue, toy_scenario(catalogue), folder / "other.h5", 1));
}

TEST_CASE("session: a checkpoint folder that is taken away is told, and made again", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const std::string run = folder / "run.h5", ckpt = run + ".ckpt";
  sim::io::SessionOptions options{.output = run, .threads = 1, .checkpoint_every_s = 1e-9};
  int written = 0;
  options.on_checkpoint = [&](const std::string&, std::int64_t) {
    if (++written == 2) {
      fs::remove_all(ckpt);
      std::ofstream(ckpt) << "in the way";
    }
  };
  std::vector<std::string> warned;
  options.on_warning = [&](const std::string& text) {
    warned.push_back(text);
    fs::remove(ckpt);
  };
  const auto result = sim::io::run(catalogue, toy_scenario(catalogue), options);
  CHECK(result.end == SessionResult::End::complete);
  CHECK(written > 3);
  REQUIRE(warned.size() == 1);
  CHECK(warned.front().find("no checkpoint at ") == 0);
  CHECK(warned.front().find("cannot write " + ckpt) != std::string::npos);
}

TEST_CASE("session: a checkpoint of another run is refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario one = toy_scenario(catalogue), other = toy_scenario(catalogue, {"seed=4"});
  const std::string a = folder / "a.h5", b = folder / "b.h5", mixed = folder / "mixed.h5";
  sim::io::run(catalogue, one, {.output = a, .threads = 1, .until_s = 5 * hour});
  sim::io::run(catalogue, other, {.output = b, .threads = 1, .until_s = 5 * hour});
  fs::copy(a + ".part", mixed + ".part");
  fs::copy(b + ".ckpt", mixed + ".ckpt");
  const std::string part_id = sim::io::inspect(a + ".part").run.run_id, other_id = sim::io::inspect(b + ".part").run.run_id;
  CHECK(part_id.size() == 32);
  CHECK(part_id != other_id);
  const std::string checkpoint = mixed + ".ckpt/ckpt-000001.ckpt";
  const std::string text = "\"" + checkpoint + "\" belongs to another run than \"" + mixed + ".part\" (run ids " + other_id + " and " + part_id +
                           ")\n   = Put the checkpoints of this run into \"" + mixed +
                           ".ckpt\", and those of other runs elsewhere.\n   = The rows can be kept: paracrine pack " + mixed + ".part";
  for (const std::string& path : {mixed + ".part", checkpoint, mixed + ".ckpt"}) {
    CHECK_THROWS_WITH(sim::io::resume(catalogue, path, {.threads = 1}), text);
    CHECK_FALSE(fs::exists(mixed));
  }
  CHECK(sim::io::inspect(mixed + ".part").status == "interrupted");
}

TEST_CASE("session: a checkpoint that follows other rows than those of the .part is refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "run.h5", .threads = 1, .until_s = 5 * hour});
  sim::Simulation simulation(catalogue, scenario, 1);
  auto info = sim::io::read_checkpoint_info(stopped.checkpoint);
  CHECK(info.rows_checksum.size() == 32);
  sim::io::read_checkpoint(stopped.checkpoint, [&](sim::Archive& archive) { simulation.archive(archive); });
  info.rows_checksum.front() = info.rows_checksum.front() == '0' ? '1' : '0';
  const std::string other = sim::io::write_checkpoint(folder / "run.h5.ckpt", info, [&](sim::Archive& archive) { simulation.archive(archive); });
  const std::string text = "the rows of \"" + stopped.path + "\" are not those that the checkpoint \"" + other +
                           "\" follows\n   = Its rows can be kept: paracrine pack " + stopped.path +
                           "\n   = To start anew, run the scenario with --force.";
  for (const std::string& path : {stopped.path, other}) CHECK_THROWS_WITH(sim::io::resume(catalogue, path, {.threads = 1}), text);
  CHECK(sim::io::inspect(stopped.path).status == "interrupted");
  CHECK(sim::io::resume(catalogue, stopped.checkpoint, {.threads = 1}).end == SessionResult::End::complete);
}

TEST_CASE("session: a run keeps its id over stops, and equal runs have other ids and one digest", "[property]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string whole = sim::io::run(catalogue, scenario, {.output = folder / "whole.h5", .threads = 1}).path;
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "run.h5", .threads = 1, .until_s = 5 * hour});
  const std::string id = sim::io::inspect(stopped.path).run.run_id;
  CHECK(sim::io::inspect(stopped.checkpoint).run.run_id == id);
  const std::string resumed = sim::io::resume(catalogue, stopped.path, {.threads = 1}).path;
  CHECK(sim::io::inspect(resumed).run.run_id == id);
  CHECK(sim::io::inspect(whole).run.run_id != id);
  CHECK(sim::io::digest(resumed) == sim::io::digest(whole));
}

TEST_CASE("session: a zeroed page of the newest checkpoint is noticed, and the one before is used", "[property]") {
  constexpr std::size_t page = 4096;
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "b.h5", .threads = 1, .checkpoint_every_s = 1e-9, .until_s = 5 * hour});
  std::string whole(fs::file_size(stopped.checkpoint), '\0');
  std::ifstream(stopped.checkpoint, std::ios::binary).read(whole.data(), static_cast<std::streamsize>(whole.size()));
  for (std::size_t at = 0; at < whole.size(); at += page) {
    std::string zeroed = whole;
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(at), std::min(page, whole.size() - at), '\0');
    std::ofstream(stopped.checkpoint, std::ios::binary).write(zeroed.data(), static_cast<std::streamsize>(zeroed.size()));
    CHECK_THROWS_AS(sim::io::read_checkpoint_info(stopped.checkpoint), sim::InputError);
  }
  CHECK(sim::io::digest(sim::io::resume(catalogue, stopped.path, {.threads = 1}).path) == digest);
}

TEST_CASE("session: a stop that is asked for while a checkpoint is read leaves everything as it was", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "run.h5", .threads = 1, .until_s = 5 * hour});
  sim::io::Requests requests;
  requests.stop = SIGTERM;
  const auto result = sim::io::resume(catalogue, stopped.path, {.threads = 1, .requests = &requests});
  CHECK(result.end == SessionResult::End::stopped);
  CHECK(result.path == stopped.path);
  CHECK(result.checkpoint == stopped.checkpoint);
  CHECK(result.time_s == 5 * hour);
  CHECK(sim::io::inspect(stopped.path).status == "interrupted");
  CHECK(sim::io::resume(catalogue, stopped.path, {.threads = 1}).end == SessionResult::End::complete);
}

TEST_CASE("session: checkpoints of older versions and links in place of the folder are refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string run = folder / "run.h5", old = run + ".ckpt/ckpt-000007.h5";
  sim::io::run(catalogue, scenario, {.output = run, .threads = 1, .until_s = 5 * hour});
  fs::remove_all(run + ".ckpt");
  fs::create_directory(run + ".ckpt");
  std::ofstream(old) << "old";
  const std::string text = "\"" + old +
                           "\" is a checkpoint of an older version of paracrine, which this one does not read\n"
                           "   = Resume with the program that began the run, or run the scenario anew with --force.";
  CHECK_THROWS_WITH(sim::io::resume(catalogue, run + ".part", {.threads = 1}), text);
  CHECK_THROWS_WITH(sim::io::resume(catalogue, old, {.threads = 1}), text);
  CHECK(sim::io::run(catalogue, scenario, {.output = run, .force = true, .threads = 1}).end == SessionResult::End::complete);
  CHECK(listing(folder) == std::vector<std::string>{"run.h5"});
  fs::create_directory(folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", folder / "x.h5.ckpt");
  CHECK_THROWS_WITH(sim::io::run(catalogue, scenario, {.output = folder / "x.h5", .force = true, .threads = 1}),
                    "\"" + (folder / "x.h5.ckpt") +
                        "\" is a symbolic link, and checkpoints need a folder of their own\n   = Remove the link, or choose another name with -o.");
}
