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
