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

using namespace paracrine;
using sim::io::CommitStage;
using sim::io::SessionResult;
using tests::ScratchFolder;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t hour = 3600;

sim::Scenario toy_scenario(const sim::Catalogue& catalogue, const std::vector<std::string>& overrides = {}) {
  return sim::parse_scenario(R"(
model = "toy"
seed = 3
[time]
duration = "12 h"
record_every = "1 h"
[output]
fields = ["transient", "steady"]
fields_every = "4 h"
agents = ["walker"]
agents_every = "4 h"
)",
                             "toy.toml", ".", overrides, catalogue.model_info());
}

/// What is in a folder, by name.
std::vector<std::string> listing(const ScratchFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("session: a complete run leaves one file", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  std::vector<sim::io::Progress> told;
  const auto result = sim::io::run(catalogue, toy_scenario(catalogue),
                                   {.output = folder / "run.h5", .threads = 1, .on_progress = [&](const auto& p) { told.push_back(p); }});
  CHECK(result.end == SessionResult::End::complete);
  CHECK(result.path == folder / "run.h5");
  CHECK(result.time_s == 12 * hour);
  CHECK(listing(folder) == std::vector<std::string>{"run.h5"});
  const auto info = sim::io::inspect(result.path);
  CHECK(info.status == "complete");
  CHECK(info.rows.rows == 13);
  CHECK(info.rows.field_frames == 4);
  CHECK(info.rows.agent_frames == 4);
  CHECK(info.run.seed == 3);
  CHECK(info.run.build == sim::build_info().build);
  CHECK(info.run.scenario_written.starts_with("# toy.toml\n"));
  REQUIRE(told.size() >= 2);
  CHECK(told.front().time_s == 0);
  CHECK(told.back().time_s == 12 * hour);
  CHECK(told.back().numbers.size() >= 1);
}

TEST_CASE("session: checkpoints, stops, resumes and threads change nothing", "[property]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue, {"parameters.toy.speed=\"25 um/h\""});
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  CHECK(tests::digest_of_run(catalogue, scenario, folder / "b.h5", 2) == digest);
  CHECK(tests::digest_of_run(catalogue, scenario, folder / "c.h5", 7) == digest);
  CHECK(tests::digest_of_run_with_checkpoints(catalogue, scenario, folder / "d.h5", 2) == digest);
  CHECK(tests::digest_of_resumed_run(catalogue, scenario, folder / "e.h5", 5 * hour, 1, 1) == digest);
  CHECK(tests::digest_of_resumed_run(catalogue, scenario, folder / "f.h5", 5 * hour + 600, 2, 7) == digest);
  CHECK(tests::digest_of_resumed_run(catalogue, scenario, folder / "g.h5", 0, 7, 2) == digest);
  CHECK(tests::digest_of_run(catalogue, toy_scenario(catalogue, {"seed=4"}), folder / "h.h5", 1) != digest);
}

TEST_CASE("session: zones and constants are in the output, also of a resumed run and of a packed one", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const auto whole = sim::io::run(catalogue, scenario, {.output = folder / "whole.h5", .threads = 1});
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "run.h5", .threads = 1, .until_s = 5 * hour});
  const auto resumed = sim::io::resume(catalogue, stopped.path, {.threads = 1});
  sim::io::pack(resumed.path, folder / "packed.h5", false);
  const sim::Simulation simulation(catalogue, scenario, 1);
  const sim::Layout& layout = simulation.layout();
  for (const std::string& path : {whole.path, resumed.path, folder / "packed.h5"}) {
    CAPTURE(path);
    const sim::io::h5::Id file = sim::io::open_ours(path);
    const auto voxels = sim::io::h5::open_dataset(file.get(), "/lobules/voxels");
    CHECK(sim::io::h5::scales(voxels.get()) == std::vector<std::string>{"/lobules/patch"});
    CHECK(sim::io::h5::text_attribute(voxels.get(), "units") == "1");
    CHECK(sim::io::h5::text_attribute(voxels.get(), "long_name") == "voxels of the tissue");
    CHECK(sim::io::h5::read_vector<double>(voxels.get(), toy::left_patches) == layout.series.at(1).constants.at(0).values);
    const std::string group = "/fields/" + layout.fields.at(0).patches.group + "/";
    const auto zone = sim::io::h5::open_dataset(file.get(), group + "zone");
    CHECK(sim::io::h5::scales(zone.get()) == std::vector<std::string>{group + "patch", group + "z", group + "y", group + "x"});
    std::vector<float> stored(layout.fields[0].zone.size());
    sim::io::h5::read_all(zone.get(), sim::io::h5::memory_type(sim::ElementType::f32), stored.data());
    const auto same = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    CHECK(std::equal(stored.begin(), stored.end(), layout.fields[0].zone.begin(), same));
  }
}

TEST_CASE("session: a changed checkpoint changes the result", "[property]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "b.h5", .threads = 1, .until_s = 5 * hour});
  CHECK(stopped.end == SessionResult::End::until);
  sim::Simulation simulation(catalogue, scenario, 1);
  const auto info = sim::io::read_checkpoint_info(stopped.checkpoint);
  sim::io::read_checkpoint(stopped.checkpoint, [&](sim::Archive& archive) { simulation.archive(archive); });
  simulation.world().patch(0).scalars[toy::waiting] += 1e-9;
  const std::string changed = sim::io::write_checkpoint(stopped.path.substr(0, stopped.path.size() - 5) + ".ckpt", info,
                                                        [&](sim::Archive& archive) { simulation.archive(archive); });
  CHECK(sim::io::digest(sim::io::resume(catalogue, changed, {.threads = 1}).path) != digest);
}

TEST_CASE("session: a run goes on from a named older checkpoint, and drops what came after it", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  sim::io::run(catalogue, scenario, {.output = folder / "b.h5", .threads = 1, .checkpoint_every_s = 1e-9, .until_s = 5 * hour});
  const auto checkpoints = sim::io::list_checkpoints(folder / "b.h5.ckpt");
  REQUIRE(checkpoints.size() == 2);
  const auto result = sim::io::resume(catalogue, checkpoints[1], {.threads = 1, .until_s = 7 * hour});
  CHECK(result.end == SessionResult::End::until);
  CHECK(result.time_s == 7 * hour);
  CHECK(sim::io::inspect(folder / "b.h5.part").status == "interrupted");
  CHECK(sim::io::digest(sim::io::resume(catalogue, folder / "b.h5.part", {.threads = 1}).path) == digest);
  CHECK(listing(folder) == std::vector<std::string>{"a.h5", "b.h5"});
}

TEST_CASE("session: a damaged newest checkpoint is passed over", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "b.h5", .threads = 1, .checkpoint_every_s = 1e-9, .until_s = 5 * hour});
  fs::resize_file(stopped.checkpoint, fs::file_size(stopped.checkpoint) - 100);
  CHECK(sim::io::digest(sim::io::resume(catalogue, stopped.path, {.threads = 1}).path) == digest);
}

TEST_CASE("session: a killed run is resumed to the same result", "[property]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string digest = tests::digest_of_run(catalogue, scenario, folder / "a.h5", 1);
  const pid_t child = fork();
  if (child == 0) {
    sim::io::SessionOptions options{.output = folder / "b.h5", .threads = 1, .checkpoint_every_s = 1e-9};
    options.on_checkpoint = [](const std::string&, std::int64_t time_s) {
      if (time_s >= 7 * hour) raise(SIGKILL);
    };
    sim::io::run(catalogue, scenario, options);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CHECK(sim::io::inspect(folder / "b.h5.part").status == "running");
  CHECK(sim::io::digest(sim::io::resume(catalogue, folder / "b.h5.part", {.threads = 1}).path) == digest);
}

TEST_CASE("session: requests stop and checkpoint a run", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  sim::io::Requests requests;
  requests.checkpoint = 1;
  sim::io::SessionOptions options{.output = folder / "run.h5", .threads = 1, .requests = &requests};
  int checkpoints = 0;
  options.on_checkpoint = [&](const std::string&, std::int64_t) {
    if (++checkpoints == 1) requests.stop = SIGTERM;
  };
  const auto result = sim::io::run(catalogue, toy_scenario(catalogue), options);
  CHECK(result.end == SessionResult::End::stopped);
  CHECK(checkpoints == 2);
  CHECK(result.path == folder / "run.h5.part");
  CHECK(result.checkpoint == folder / "run.h5.ckpt/ckpt-000002.ckpt");
  CHECK(sim::io::inspect(result.path).status == "interrupted");
}

TEST_CASE("session: what cannot be written is refused before anything is", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const auto refused = [&](const std::string& output) {
    const auto before = listing(folder);
    std::string text = "not refused";
    try {
      sim::io::run(catalogue, scenario, {.output = output, .threads = 1});
    } catch (const sim::InputError& error) {
      text = error.what();
    }
    CHECK(listing(folder) == before);
    return text;
  };
  const std::string run = folder / "run.h5";
  CHECK(refused(folder / "no/run.h5") ==
        "the output folder \"" + (folder / "no") + "\" does not exist\n   = Make it first: mkdir -p " + (folder / "no"));
  const std::string odd = folder / "it's no folder";
  CHECK(refused(odd + "/run.h5").ends_with("mkdir -p '" + (folder / "it'\\''s no folder") + "'"));
  const std::string longest = std::string(249, 'x') + ".h5";
  CHECK(refused(folder / longest)
            .ends_with("is too long for a file, with \".part\" behind it while it is written\n   = Choose a shorter name with -o."));
  CHECK(refused("") ==
        "\"\" cannot be the name of the output\n   = Give the final name, such as \"run.h5\"; \".part\" is added while the run goes on.");
  CHECK(refused(folder / "x.part") ==
        "\"" + (folder / "x.part") +
            "\" cannot be the name of the output\n   = Give the final name, such as \"run.h5\"; \".part\" is added while the run goes on.");
  CHECK(
      refused("/proc/run.h5").starts_with(geteuid() == 0 ? "cannot write /proc/run.h5.ckpt: " : "the output folder \"/proc\" cannot be written to"));
  std::ofstream(run) << "precious";
  CHECK(refused(run) == "\"" + run + "\" exists\n   = Use --force to overwrite it, or choose another name with -o.");
  CHECK(refused(run + "/x.h5") == "\"" + run + "\" is no folder, so \"" + run + "/x.h5\" cannot be written");
  fs::remove(run);
  std::ofstream(run + ".part") << "precious";
  CHECK(refused(run) == "\"" + run + ".part\" exists: a run that has not ended\n   = Go on with it: paracrine resume " + run +
                            ".part\n   = Use --force to overwrite it, or choose another name with -o.");
  fs::remove(run + ".part");
  fs::create_directory(run + ".ckpt");
  std::ofstream(run + ".ckpt/ckpt-000001.ckpt") << "precious";
  CHECK(refused(run) ==
        "\"" + run +
            ".ckpt\" exists: checkpoints of a run whose rows are missing\n   = Use --force to overwrite it, or choose another name with -o.");
  const auto result = sim::io::run(catalogue, scenario, {.output = run, .force = true, .threads = 1});
  CHECK(listing(folder) == std::vector<std::string>{"run.h5"});
  CHECK(sim::io::inspect(result.path).status == "complete");
}

TEST_CASE("session: what cannot be resumed is refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string run = folder / "run.h5", part = run + ".part";
  const auto refused = [&](const std::string& path, std::optional<std::int64_t> until = {}) -> std::string {
    try {
      sim::io::resume(catalogue, path, {.threads = 1, .until_s = until});
    } catch (const sim::InputError& error) {
      return error.what();
    }
    return "not refused";
  };
  CHECK(refused(part) == "no such file: \"" + part + "\"");
  sim::io::run(catalogue, scenario, {.output = run, .threads = 1, .until_s = 3 * hour});
  CHECK(refused(run) ==
        "\"" + run + "\" is neither RUN.h5.part nor a checkpoint in RUN.h5.ckpt, so it cannot be resumed\n   = Did you mean \"" + part + "\"?");
  CHECK(refused(part, hour) == "--until 1 h lies before the checkpoint at 3 h");
  {
    const auto checkpoint = sim::io::list_checkpoints(run + ".ckpt").front();
    auto info = sim::io::read_checkpoint_info(checkpoint);
    info.run.build = "feedfacefeedface";
    const auto other = sim::io::write_checkpoint(run + ".ckpt", info, [](sim::Archive&) {});
    const std::string version = sim::build_info().version;
    CHECK(refused(other) == "\"" + other + "\" was written by paracrine " + version + " (build feedfacefeedface), and this is " + version +
                                " (build " + sim::build_info().build +
                                "): the values would not be the same\n   = Resume with the program that began the run, or run the scenario anew.");
  }
  fs::remove_all(run + ".ckpt");
  CHECK(refused(part) == "there is no whole checkpoint in \"" + run + ".ckpt\", so \"" + part +
                             "\" cannot be resumed\n   = Its rows can be kept: paracrine pack " + part +
                             "\n   = To start anew, run the scenario with --force.");
  CHECK(listing(folder) == std::vector<std::string>{"run.h5.part"});
}

TEST_CASE("session: a run that is being written is neither resumed nor overwritten", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::string run = folder / "run.h5",
                    text = "\"" + run + ".part\" is being written by another process\n   = Wait for its end, or choose another name with -o.";
  sim::io::SessionOptions options{.output = run, .threads = 1, .checkpoint_every_s = 1e-9};
  int looked = 0;
  options.on_checkpoint = [&](const std::string&, std::int64_t) {
    if (looked++ > 0) return;
    CHECK_THROWS_WITH(sim::io::resume(catalogue, run + ".part", {.threads = 1}), text);
    CHECK_THROWS_WITH(sim::io::run(catalogue, scenario, {.output = run, .force = true, .threads = 1}), text);
  };
  CHECK(sim::io::run(catalogue, scenario, options).end == SessionResult::End::complete);
  CHECK(looked > 1);
}

TEST_CASE("session: a numerical failure keeps the rows and the checkpoint", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  sim::io::SessionOptions options{.output = folder / "run.h5", .threads = 1, .checkpoint_every_s = 1e-9};
  options.on_checkpoint = [](const std::string&, std::int64_t time_s) {
    if (time_s >= 4 * hour) throw sim::RunError("walk in block 3 at 4 h: x is nan");
  };
  CHECK_THROWS_WITH(sim::io::run(catalogue, toy_scenario(catalogue), options), "walk in block 3 at 4 h: x is nan");
  CHECK(listing(folder) == std::vector<std::string>{"run.h5.ckpt", "run.h5.part"});
  CHECK(sim::io::inspect(folder / "run.h5.part").rows.rows == 5);
  CHECK(sim::io::inspect(folder / "run.h5.part").status == "interrupted");
  CHECK(sim::io::resume(catalogue, folder / "run.h5.part", {.threads = 1}).end == SessionResult::End::complete);
}

TEST_CASE("session: an older output stays until the new one takes its place", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  const std::string run = folder / "run.h5";
  const std::string old = tests::digest_of_run(catalogue, toy_scenario(catalogue), run, 1);
  sim::io::SessionOptions options{.output = run, .force = true, .threads = 1};
  int commits = 0;
  options.on_commit = [&](CommitStage stage) {
    if (stage == CommitStage::renamed) return;
    ++commits;
    CHECK(sim::io::digest(run) == old);
  };
  const sim::Scenario other = toy_scenario(catalogue, {"seed=4"});
  CHECK(sim::io::run(catalogue, other, options).end == SessionResult::End::complete);
  CHECK(commits > 4);
  CHECK(sim::io::digest(run) != old);
  CHECK(listing(folder) == std::vector<std::string>{"run.h5"});
}

TEST_CASE("session: an output that is one of the scenario's files is refused", "[unit]") {
  const ScratchFolder folder;
  const sim::Catalogue catalogue = toy::catalogue();
  sim::Scenario scenario = toy_scenario(catalogue);
  const std::string file = folder / "x.toml", base = folder / "base.toml";
  for (const auto& name : {file, base}) std::ofstream(name) << "precious";
  scenario.sources = {{file, "precious"}, {base, "precious"}};
  fs::create_symlink("x.toml", folder / "link.h5");
  const auto text = [](const std::string& output, const std::string& what) {
    return "the output \"" + output + "\" is " + what + "\n   = Choose another name with -o.";
  };
  for (const auto& name : {file, folder / "link.h5"})
    CHECK_THROWS_WITH(sim::io::run(catalogue, scenario, {.output = name, .force = true, .threads = 1}), text(name, "the scenario itself"));
  CHECK_THROWS_WITH(sim::io::run(catalogue, scenario, {.output = base, .force = true, .threads = 1}),
                    text(base, "a file that the scenario includes"));
  CHECK((fs::file_size(file) == 8 && fs::file_size(base) == 8));
}

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

TEST_CASE("session: a run keeps its id over stops; equal runs have other ids and one digest", "[property]") {
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
