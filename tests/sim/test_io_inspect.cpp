#include <filesystem>
#include <fstream>

#include "sim/core/build_info.hpp"
#include "sim/core/error.hpp"
#include "sim/io/content.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/recorder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_check.hpp"
#include "tests/support/sample_run.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using sim::io::Recorder;
using sim::io::Status;
using tests::check_sample;
using tests::ScratchFolder;
namespace h5 = sim::io::h5;

namespace {

/// A closed .part or complete run; `change` may alter each snapshot.
std::string write_run(const std::string& path, std::uint64_t rows, Status status, const std::function<void(sim::Snapshot&)>& change = {},
                      const sim::io::RunInfo& info = tests::sample_info(), const sim::Layout& layout = tests::sample_layout()) {
  Recorder recorder(path + ".part", layout, info);
  for (std::uint64_t row = 0; row < rows; ++row) {
    auto snapshot = tests::sample_snapshot(layout, {}, row);
    if (change) change(snapshot);
    recorder.write(std::move(snapshot));
    recorder.commit_if_due();
  }
  recorder.close(status, 1.0, path);
  return status == Status::complete ? path : path + ".part";
}

}  // namespace

TEST_CASE("inspect: files that are not ours are refused", "[unit]") {
  const ScratchFolder folder;
  const std::string path = folder / "x.h5";
  CHECK_THROWS_WITH(sim::io::inspect(path), "no such file: \"" + path + "\"");
  CHECK_THROWS_WITH(sim::io::inspect(folder.path().string()), "\"" + folder.path().string() + "\" is a folder, not a file");
  std::ofstream(path) << "time,value\n0,1\n";
  CHECK_THROWS_WITH(sim::io::inspect(path), "\"" + path + "\" is no HDF5 file, so no output of paracrine");
  { h5::create_file(path, h5::Format::live, true); }
  CHECK_THROWS_WITH(sim::io::digest(path),
                    "\"" + path + "\" is an HDF5 file, but no run of paracrine\n" + "   = Its attribute \"filetype\" would be \"paracrine run\".");
}

TEST_CASE("inspect: a newer major version of the format is refused, a newer minor one is not", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write_run(folder / "run.h5", 3, Status::complete);
  const auto set_version = [&](const char* version) {
    const h5::Id file = h5::open_for_writing(path, true);
    h5::set_attribute(file.get(), "schema_version", std::string(version));
    h5::overwrite_attribute(file.get(), "checksum", sim::io::to_hex(sim::io::file_checksum(file.get())));
  };
  set_version("2.7");
  CHECK(sim::io::inspect(path).schema_version == "2.7");
  set_version("3.0");
  CHECK_THROWS_WITH(sim::io::inspect(path), "\"" + path + "\" has the format version 3.0, and this program (" + sim::build_info().version +
                                                ") reads versions up to 2.x\n   = Use the version of paracrine that wrote it, or a newer one.");
}

TEST_CASE("inspect: a file that was cut or overwritten is refused or read right, and never crashes", "[property]") {
  const ScratchFolder folder;
  const std::string whole = write_run(folder / "run.h5", 8, Status::complete), path = folder / "broken.h5";
  const auto size = std::filesystem::file_size(whole);
  const std::string digest = sim::io::digest(whole);
  int refused = 0;
  for (int i = 1; i < 60; ++i) {
    std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    if (i % 2) {
      std::filesystem::resize_file(path, size * static_cast<std::uintmax_t>(i) / 60);
    } else {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(size * static_cast<std::uintmax_t>(i) / 60));
      file << std::string(40, static_cast<char>(i));
    }
    try {
      sim::io::inspect(path);
      CHECK(sim::io::digest(path) == digest);
    } catch (const sim::InputError&) {
      ++refused;
    }
  }
  CHECK(refused >= 30);
}

TEST_CASE("digest: equal for equal values, whoever ran it, wherever and when", "[property]") {
  const ScratchFolder folder;
  const std::string digest = sim::io::digest(write_run(folder / "a.h5", 20, Status::complete));
  CHECK(digest.size() == 32);
  auto info = tests::sample_info();
  info.creation_time = "2027-01-01T00:00:00Z";
  info.host = "there";
  info.threads = 64;
  info.command_line = "otherwise";
  CHECK(sim::io::digest(write_run(folder / "b.h5", 20, Status::interrupted, {}, info)) == digest);
  info.seed = 5;
  CHECK(sim::io::digest(write_run(folder / "c.h5", 20, Status::complete, {}, info)) != digest);
}

TEST_CASE("digest: every part of the output counts, down to the last bit", "[property]") {
  const ScratchFolder folder;
  const std::string digest = sim::io::digest(write_run(folder / "a.h5", 9, Status::complete));
  int number = 0;
  const auto changed = [&](const std::function<void(sim::Snapshot&)>& change) {
    return sim::io::digest(write_run(folder / (std::to_string(number++) + ".h5"), 9, Status::complete, change)) != digest;
  };
  CHECK_FALSE(changed([](sim::Snapshot&) {}));
  CHECK(changed([](sim::Snapshot& s) { s.series[0][3] = std::nextafter(s.series[0][3], 9.0); }));
  CHECK(changed([](sim::Snapshot& s) { s.series[1][3] += 1.0; }));
  CHECK(changed([](sim::Snapshot& s) { s.audit[1] += 1.0; }));
  CHECK(changed([](sim::Snapshot& s) { s.audit_error[0] += 1e-15; }));
  CHECK(changed([](sim::Snapshot& s) {
    for (auto& event : s.events) event.value += 1.0;
  }));
  CHECK(changed([](sim::Snapshot& s) {
    for (auto& group : s.field_values) group[0][5] += 1.0F;
  }));
  CHECK(changed([](sim::Snapshot& s) {
    for (auto& id : s.agent_id) id ^= 1;
  }));
  CHECK(changed([](sim::Snapshot& s) {
    if (s.agents) s.agent_values[0][0] += 1.0;
  }));
  CHECK(changed([](sim::Snapshot& s) { s.time_s += 60; }));
  CHECK(sim::io::digest(write_run(folder / "short.h5", 8, Status::complete)) != digest);
}

TEST_CASE("digest: what is written at the start counts, down to the last bit", "[property]") {
  const ScratchFolder folder;
  const std::string digest = sim::io::digest(write_run(folder / "a.h5", 3, Status::complete));
  int number = 0;
  const auto changed = [&](const std::function<void(sim::Layout&)>& change) {
    sim::Layout layout = tests::sample_layout();
    change(layout);
    return sim::io::digest(write_run(folder / (std::to_string(number++) + ".h5"), 3, Status::complete, {}, tests::sample_info(), layout)) != digest;
  };
  CHECK_FALSE(changed([](sim::Layout&) {}));
  CHECK(changed([](sim::Layout& l) { l.series[1].constants[0].values[7] = std::nextafter(l.series[1].constants[0].values[7], 9.0); }));
  CHECK(changed([](sim::Layout& l) { l.series[1].constants[0].what.unit = "mL"; }));
  CHECK(changed([](sim::Layout& l) { l.series[1].constants[0].what.meaning = "another"; }));
  CHECK(changed([](sim::Layout& l) { l.series[1].constants.clear(); }));
  CHECK(changed([](sim::Layout& l) { l.fields[0].zone[59] = std::nextafter(l.fields[0].zone[59], 9.0F); }));
  CHECK(changed([](sim::Layout& l) { l.fields[0].zone.clear(); }));
  CHECK(changed([](sim::Layout& l) { l.fields[0].mask[59] = 0; }));
}

TEST_CASE("inspect: without zones and constants there are no such variables", "[unit]") {
  const ScratchFolder folder;
  sim::Layout layout = tests::sample_layout();
  layout.series[1].constants.clear();
  layout.fields[0].zone.clear();
  const std::string path = write_run(folder / "run.h5", 3, Status::complete, {}, tests::sample_info(), layout);
  const h5::Id file = sim::io::open_ours(path), other = sim::io::open_ours(write_run(folder / "other.h5", 3, Status::complete));
  for (const char* name : {"/fields/near/zone", "/blocks/volume"}) {
    CHECK_FALSE(h5::exists(file.get(), name));
    CHECK(h5::exists(other.get(), name));
  }
}

TEST_CASE("pack: the packed file holds the same and is smaller", "[unit]") {
  const ScratchFolder folder;
  const std::string run = write_run(folder / "run.h5", 57, Status::complete), packed = folder / "packed.h5", again = folder / "again.h5";
  sim::io::pack(run, packed, false);
  CHECK(check_sample(packed) == check_sample(run));
  CHECK(sim::io::digest(packed) == sim::io::digest(run));
  CHECK(sim::io::inspect(packed).status == "complete");
  CHECK(sim::io::inspect(packed).run.scenario_resolved == tests::sample_info().scenario_resolved);
  CHECK(std::filesystem::file_size(packed) < std::filesystem::file_size(run));
  sim::io::pack(packed, again, false);
  CHECK(sim::io::digest(again) == sim::io::digest(run));
}

TEST_CASE("pack: the output of a run in progress becomes an interrupted run", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(folder / "run.h5.part", layout, tests::sample_info());
  sim::io::pack(folder / "run.h5.part", folder / "empty.h5", false);
  CHECK(check_sample(folder / "empty.h5").rows == 0);
  for (std::uint64_t row = 0; row < 7; ++row) recorder.write(tests::sample_snapshot(layout, {}, row));
  recorder.commit();
  sim::io::pack(folder / "run.h5.part", folder / "packed.h5", false);
  CHECK(check_sample(folder / "packed.h5").rows == 7);
  CHECK(sim::io::inspect(folder / "run.h5.part").status == "running");
  CHECK(sim::io::inspect(folder / "packed.h5").status == "interrupted");
  CHECK(sim::io::digest(folder / "packed.h5") == sim::io::digest(folder / "run.h5.part"));
}

TEST_CASE("pack: nothing is overwritten unless told", "[unit]") {
  const ScratchFolder folder;
  const std::string run = write_run(folder / "run.h5", 3, Status::complete), out = folder / "out.h5";
  std::ofstream(out) << "precious";
  CHECK_THROWS_WITH(sim::io::pack(run, out, false), "\"" + out + "\" exists\n   = Use --force to overwrite it, or choose another name with -o.");
  CHECK(std::filesystem::file_size(out) == 8);
  CHECK_THROWS_WITH(sim::io::pack(run, run, true), "cannot pack \"" + run + "\" into itself\n   = Choose another name with -o.");
  CHECK_THROWS_WITH(sim::io::pack(run, folder / "missing/out.h5", false),
                    "the output folder \"" + (folder / "missing") + "\" does not exist\n   = Make it first: mkdir -p " + (folder / "missing"));
  sim::io::pack(run, out, true);
  CHECK(check_sample(out).rows == 3);
}

TEST_CASE("pack: a name that no file can have is refused", "[unit]") {
  const ScratchFolder folder;
  const std::string run = write_run(folder / "run.h5", 3, Status::complete);
  CHECK_THROWS_AS(sim::io::pack(run, "", false), sim::InputError);
  CHECK_THROWS_AS(sim::io::pack(run, folder / std::string(256, 'x'), false), sim::InputError);
  CHECK_THROWS_AS(sim::io::pack(run, folder / std::string(300, 'x'), false), sim::InputError);
  CHECK_THROWS_AS(sim::io::pack(run, folder.path().string(), true), sim::InputError);
  CHECK_THROWS_AS(sim::io::pack(run, "/proc/out.h5", false), sim::InputError);
  sim::io::pack(run, folder / std::string(255, 'x'), false);
}
