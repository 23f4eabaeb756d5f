#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>

#include "sim/core/error.hpp"
#include "sim/io/checkpoint.hpp"
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
  std::vector<std::int32_t> large = std::vector<std::int32_t>(400000);
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
    }
  }
  void archive(sim::Archive& archive) {
    archive.vector("doubles", doubles);
    sim::in_group(archive, "inner", [&] {
      archive.vector("floats", floats);
      archive.vector("empty", empty);
      sim::in_group(archive, "innermost", [&] { archive.vector("ids", ids); });
      archive.vector("codes", codes);
    });
    archive.vector("large", large);
    archive.scalar("clock", clock);
    archive.scalar("index", index);
  }
  bool equals(const Sample& other) const {
    return std::memcmp(doubles.data(), other.doubles.data(), 4 * sizeof(double)) == 0 && doubles.size() == other.doubles.size() &&
           floats == other.floats && empty == other.empty && ids == other.ids && codes == other.codes && large == other.large &&
           clock == other.clock && index == other.index;
  }
};

sim::io::CheckpointInfo sample_checkpoint(std::int64_t time_s) {
  return {.run = tests::sample_info(),
          .rows = {.rows = 5, .audit_rows = 5, .events = 2, .field_frames = 1, .agent_frames = 1, .agent_rows = 100},
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
  CHECK(path == folder / "run.h5.ckpt/ckpt-000001.h5");
  CHECK(read(path).equals(Sample(true)));
  const auto info = sim::io::read_checkpoint_info(path);
  CHECK(info.time_s == 3600);
  CHECK(info.wall_time_s == 1.25);
  CHECK(info.rows == sample_checkpoint(0).rows);
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
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{folder / "ckpt-000004.h5", folder / "ckpt-000003.h5"});
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  sim::io::drop_checkpoints_after(folder / "ckpt-000003.h5");
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{folder / "ckpt-000003.h5"});
  sim::io::remove_checkpoints(folder.path().string());
  CHECK_FALSE(std::filesystem::exists(folder.path()));
  CHECK(sim::io::list_checkpoints(folder.path().string()).empty());
}

TEST_CASE("checkpoint: damage anywhere is noticed, or hits no value", "[property]") {
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1), second = write(folder.path().string(), 2);
  const auto size = std::filesystem::file_size(second);
  int refused = 0, harmless = 0;
  for (std::uintmax_t position = 0; position < size; position += position < 20000 ? 97 : 39989) {
    flip(second, position);
    if (sim::io::list_checkpoints(folder.path().string()).front() == first) {
      ++refused;
      CHECK_THROWS_AS((sim::io::read_checkpoint_info(second), read(second)), sim::InputError);
    } else {
      ++harmless;
      CHECK(read(second).equals(Sample(true)));
    }
    flip(second, position);
  }
  CHECK(refused > harmless);
  CHECK(sim::io::list_checkpoints(folder.path().string()).front() == second);
}

TEST_CASE("checkpoint: a cut file is skipped, and one that is none is refused", "[unit]") {
  const ScratchFolder folder;
  const std::string first = write(folder.path().string(), 1), second = write(folder.path().string(), 2);
  std::filesystem::resize_file(second, std::filesystem::file_size(second) / 2);
  CHECK(sim::io::list_checkpoints(folder.path().string()) == std::vector<std::string>{first});
  CHECK_THROWS_AS(read(second), sim::InputError);
  CHECK_THROWS_WITH(read(folder / "none.h5"), "no such file: \"" + (folder / "none.h5") + "\"");
}

TEST_CASE("checkpoint: a state that does not fit is refused", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write(folder.path().string(), 1);
  std::vector<float> values;
  CHECK_THROWS_AS(sim::io::read_checkpoint(path, [&](sim::Archive& archive) { archive.vector("doubles", values); }), sim::InputError);
  CHECK_THROWS_AS(sim::io::read_checkpoint(path, [&](sim::Archive& archive) { archive.vector("absent", values); }), sim::InputError);
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
