#include <sys/stat.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>

#include "sim/core/error.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/files.hpp"
#include "sim/io/inspect.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_run.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using tests::ScratchFolder;

namespace {

/// State of every element type, with an empty and a large list.
struct Sample {
  std::vector<double> doubles{1.0, -0.0, 1e-310, std::numeric_limits<double>::quiet_NaN()};
  std::vector<float> floats{0.1F};
  std::vector<std::uint64_t> empty, ids{18446744073709551615ULL};
  std::vector<std::uint8_t> codes{0, 255};
  std::vector<std::int32_t> large = std::vector<std::int32_t>(400000);  // packs well
  std::vector<double> mixed = std::vector<double>(5000);                // does not
  std::int64_t clock = -5;
  std::uint32_t index = 7;

  explicit Sample(bool filled) {
    if (!filled) {
      doubles.clear();
      floats.clear();
      ids.clear();
      codes.clear();
      large.clear();
      empty = {1, 2};
      clock = index = 0;
    } else {
      std::iota(large.begin(), large.end(), -1000);
      for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = std::sin(static_cast<double>(i));
    }
  }
  void archive(sim::Archive& archive) {
    archive.list("doubles", doubles, 4);
    sim::in_group(archive, "inner", [&] {
      archive.list("floats", floats, 1);
      archive.list("empty", empty, 0);
      sim::in_group(archive, "innermost", [&] { archive.list("ids", ids, 1); });
      archive.list("codes", codes, 2);
    });
    archive.list("large", large, 400000);
    archive.vector("mixed", mixed);
    archive.scalar("clock", clock);
    archive.scalar("index", index);
  }
  bool equals(const Sample& other) const {
    return std::memcmp(doubles.data(), other.doubles.data(), 4 * sizeof(double)) == 0 && doubles.size() == other.doubles.size() &&
           floats == other.floats && empty == other.empty && ids == other.ids && codes == other.codes && large == other.large &&
           mixed == other.mixed && clock == other.clock && index == other.index;
  }
};

sim::io::CheckpointInfo sample_checkpoint(std::int64_t time_s) {
  return {.run = tests::sample_info(),
          .rows = {.rows = 5, .audit_rows = 5, .events = 2, .field_frames = 1, .agent_frames = 1, .agent_rows = 100},
          .rows_checksum = "of rows",
          .time_s = time_s,
          .wall_time_s = 1.25};
}

std::string write(const std::string& folder, std::int64_t time_s) {
  Sample sample(true);
  return sim::io::write_checkpoint(folder, sample_checkpoint(time_s), [&](sim::Archive& archive) { sample.archive(archive); });
}

Sample read(const std::string& path) {
  Sample sample(false);
  sim::io::read_checkpoint(path, [&](sim::Archive& archive) { sample.archive(archive); });
  return sample;
}

void flip(const std::string& path, std::uintmax_t position) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(position));
  const char byte = static_cast<char>(file.get() ^ 0x10);
  file.seekp(static_cast<std::streamoff>(position));
  file.put(byte);
}

}  // namespace

TEST_CASE("checkpoint: state comes back bit for bit", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write(folder / "run.h5.ckpt", 3600);
  CHECK(path == folder / "run.h5.ckpt/ckpt-000001.ckpt");
  CHECK(read(path).equals(Sample(true)));
  const auto info = sim::io::read_checkpoint_info(path);
  CHECK(info.time_s == 3600);
  CHECK(info.wall_time_s == 1.25);
  CHECK(info.rows == sample_checkpoint(0).rows);
  CHECK(info.rows_checksum == "of rows");
  CHECK(info.run.run_id == tests::sample_info().run_id);
  CHECK(info.run.overrides == tests::sample_info().overrides);
  CHECK(info.run.scenario_resolved == tests::sample_info().scenario_resolved);
  const auto said = sim::io::inspect(path);
  CHECK(said.kind == sim::io::FileInfo::Kind::checkpoint);
  CHECK_THAT(said.time_d, WithinRel(1.0 / 24.0, 1e-15));
  CHECK(sim::io::digest(path).size() == 32);
}

TEST_CASE("checkpoint: the last two are kept", "[unit]") {
  const ScratchFolder folder;
  for (int i = 1; i <= 4; ++i) write(folder.path().string(), i);
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{folder / "ckpt-000004.ckpt", folder / "ckpt-000003.ckpt"});
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  sim::io::drop_checkpoints_after(folder / "ckpt-000003.ckpt");
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{folder / "ckpt-000003.ckpt"});
  sim::io::remove_checkpoints(folder.path().string());
  CHECK_FALSE(std::filesystem::exists(folder.path()));
  CHECK(sim::io::list_checkpoints(folder.path().string()).empty());
}

TEST_CASE("checkpoint: a byte that changed anywhere is noticed", "[property]") {
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1), second = write(folder.path().string(), 2);
  const auto size = std::filesystem::file_size(second);
  for (std::uintmax_t position = 0; position < size; position += position < 4000 || position + 40 > size ? 7 : 997) {
    CAPTURE(position);
    flip(second, position);
    CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{first});
    CHECK_THROWS_AS(sim::io::read_checkpoint_info(second), sim::InputError);
    CHECK_THROWS_AS(read(second), sim::InputError);
    flip(second, position);
  }
  CHECK(sim::io::list_checkpoints(folder.path().string()).front() == second);
}

TEST_CASE("checkpoint: every zeroed page is noticed", "[property]") {
  constexpr std::uintmax_t page = 4096;
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1), second = write(folder.path().string(), 2);
  std::string whole(std::filesystem::file_size(second), '\0');
  std::ifstream(second, std::ios::binary).read(whole.data(), static_cast<std::streamsize>(whole.size()));
  REQUIRE(whole.size() > 4 * page);
  for (std::size_t at = 0; at < whole.size(); at += page) {
    std::string zeroed = whole;
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(page, whole.size() - at), '\0');
    std::ofstream(second, std::ios::binary).write(zeroed.data(), static_cast<std::streamsize>(zeroed.size()));
    CAPTURE(at);
    CHECK_THROWS_AS(read(second), sim::InputError);
    CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{first});
  }
}

TEST_CASE("checkpoint: a cut file is skipped, and one that is none is refused", "[unit]") {
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1), second = write(folder.path().string(), 2);
  std::filesystem::resize_file(second, std::filesystem::file_size(second) / 2);
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{first});
  CHECK_THROWS_AS(read(second), sim::InputError);
  CHECK_THROWS_WITH(read(folder / "none.ckpt"), "no such file: \"" + (folder / "none.ckpt") + "\"");
}

TEST_CASE("checkpoint: a state that does not fit is refused", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write(folder.path().string(), 1);
  std::vector<float> values;
  std::vector<double> doubles(3);
  std::string text;
  double number = 0.0;
  const auto refused = [&](const std::function<void(sim::Archive&)>& load) -> std::string {
    try {
      sim::io::read_checkpoint(path, load);
    } catch (const sim::InputError& error) {
      return std::string(error.what()).substr(path.size() + 2);
    }
    return "not refused";
  };
  CHECK(refused([&](sim::Archive& archive) { archive.vector("doubles", values); }) == " is damaged: state/doubles is of another type");
  CHECK(refused([&](sim::Archive& archive) { archive.vector("absent", values); }) ==
        " is damaged: state/absent was expected, and there is \"doubles\"");
  CHECK(refused([&](sim::Archive& archive) { archive.vector("doubles", doubles); }) ==
        " is damaged: state/doubles: 4 values of doubles are stored, and 3 were expected");
  CHECK(refused([&](sim::Archive& archive) { archive.list("doubles", doubles, 2); }) ==
        " is damaged: state/doubles: 4 values of doubles are stored, and 2 were expected");
  CHECK(refused([&](sim::Archive& archive) { archive.scalar("doubles", number); }) ==
        " is damaged: state/doubles: 4 values of doubles are stored, and 1 were expected");
  CHECK(refused([&](sim::Archive& archive) { archive.enter("doubles"); }) == " is damaged: state/doubles was expected, and there is \"doubles\"");
  CHECK(refused([&](sim::Archive&) {}) == " is damaged: there is more in state/ than was expected");
  CHECK(refused([&](sim::Archive& archive) { throw(archive.loading() ? std::logic_error("no such pool") : std::logic_error("")); }) ==
        " does not fit its scenario: no such pool");
}

TEST_CASE("checkpoint: what is no checkpoint of this program is told apart", "[unit]") {
  const ScratchFolder folder;
  const std::string path = folder / "ckpt-000001.ckpt";
  const auto refused = [&](const std::string& content) -> std::string {
    std::ofstream(path, std::ios::binary) << content;
    try {
      sim::io::read_checkpoint_info(path);
    } catch (const sim::InputError& error) {
      return std::string(error.what()).substr(path.size() + 2);
    }
    return "not refused";
  };
  CHECK(refused("") == " is no checkpoint of paracrine");
  CHECK(refused("some text that is rather long, longer than a checksum") == " is no checkpoint of paracrine");
  CHECK(refused("PRCKPT\r\n") == " is damaged: it ends early");
  CHECK(refused(std::string("PRCKPT\r\n") + std::string(100, 'x')) == " is damaged: its checksum is not that of what it holds");
  CHECK_THROWS_WITH(sim::io::read_checkpoint_info(folder.path().string()), "\"" + folder.path().string() + "\" is a folder, not a file");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(sim::io::read_checkpoint_info(folder / "fifo"), "cannot read \"" + (folder / "fifo") + "\": it is no regular file");
}

TEST_CASE("checkpoint: links planted under its names are neither followed nor overwritten", "[unit]") {
  const ScratchFolder folder;
  const std::string precious = folder / "precious", ckpt = folder / "run.h5.ckpt";
  std::ofstream(precious) << "precious";
  std::filesystem::create_directory(ckpt);
  for (const char* name : {"ckpt-000001.ckpt", "ckpt-000002.ckpt", "ckpt-000001.ckpt.tmp", "ckpt-000003.ckpt.tmp"})
    std::filesystem::create_symlink(precious, ckpt + "/" + name);
  const std::string path = write(ckpt, 1);
  CHECK(path == ckpt + "/ckpt-000003.ckpt");
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  CHECK(std::filesystem::file_size(precious) == 8);
  CHECK(read(path).equals(Sample(true)));
  sim::io::remove_checkpoints(ckpt);
  CHECK(std::filesystem::file_size(precious) == 8);
}

TEST_CASE("checkpoint: what a killed process left unfinished is removed, and nothing else", "[unit]") {
  const ScratchFolder folder;
  const std::string whole = write(folder.path().string(), 1);
  const std::string unfinished = sim::io::unique_aside(folder / "ckpt-000002.ckpt"), other = folder / ".ckpt-note.tmp";
  std::ofstream(other) << "mine";
  sim::io::remove_unfinished_checkpoints(folder.path().string());
  CHECK_FALSE(std::filesystem::exists(unfinished));
  CHECK(std::filesystem::exists(other));
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{whole});
}

TEST_CASE("checkpoint: equal states have one digest, whatever the run", "[unit]") {
  const ScratchFolder folder;
  const std::string one = write(folder / "a", 1), two = write(folder / "b", 2);
  CHECK(sim::io::digest(one) == sim::io::digest(two));
  Sample sample(true);
  sample.index += 1;
  const std::string other = sim::io::write_checkpoint(folder / "c", sample_checkpoint(1), [&](sim::Archive& archive) { sample.archive(archive); });
  CHECK(sim::io::digest(one) != sim::io::digest(other));
}

TEST_CASE("checkpoint: when writing fails, the older ones stay", "[unit]") {
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1);
  CHECK_THROWS_AS(sim::io::write_checkpoint(folder.path().string(), sample_checkpoint(2), [](sim::Archive&) { throw sim::RunError("no"); }),
                  sim::RunError);
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{first});
  std::ofstream(folder / "file") << "";
  CHECK_THROWS_AS(write(folder / "file", 1), sim::RunError);
}
