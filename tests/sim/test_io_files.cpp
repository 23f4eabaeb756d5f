#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "sim/core/error.hpp"
#include "sim/io/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using tests::ScratchFolder;
namespace fs = std::filesystem;

namespace {
std::string name_of(const std::string& path) { return fs::path(path).filename().string(); }
}  // namespace

TEST_CASE("files: random digits differ from call to call") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string text = sim::io::random_hex(16);
    REQUIRE(text.size() == 32);
    REQUIRE(text.find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(text);
  }
  REQUIRE(seen.size() == 100);
  REQUIRE(sim::io::random_hex(0).empty());
}

TEST_CASE("files: a file aside is new, empty, in the same folder, of another name each time, with the permissions of the umask") {
  const ScratchFolder folder;
  const mode_t before = umask(027);
  const std::string one = sim::io::unique_aside(folder / "run.h5"), two = sim::io::unique_aside(folder / "run.h5");
  umask(before);
  CHECK(one != two);
  for (const auto& path : {one, two}) {
    CHECK(fs::path(path).parent_path() == folder.path());
    CHECK(name_of(path).starts_with(".run.h5."));
    CHECK(fs::file_size(path) == 0);
    CHECK(fs::is_regular_file(fs::symlink_status(path)));
    CHECK(fs::status(path).permissions() == static_cast<fs::perms>(0640));
    CHECK(sim::io::is_unique_aside(name_of(path), "run"));
    CHECK(sim::io::is_unique_aside(name_of(path), "run.h5"));
    CHECK_FALSE(sim::io::is_unique_aside(name_of(path), "other"));
  }
}

TEST_CASE("files: names that are not aside are told apart") {
  for (const char* name : {"", ".tmp", "run.h5", "run.h5.tmp", ".run.h5.tmp", ".run.h5.0123456789abcde.tmp", ".run.h5.0123456789abcdeg.tmp",
                           ".run.h5-0123456789abcdef.tmp", "run.h5.0123456789abcdef.tmp", ".run.h5.0123456789abcdef.tmp2"})
    CHECK_FALSE(sim::io::is_unique_aside(name, "run.h5"));
  CHECK(sim::io::is_unique_aside(".run.h5.0123456789abcdef.tmp", "run.h5"));
}

TEST_CASE("files: a file aside of a very long name fits its folder, with whole characters") {
  const ScratchFolder folder;
  std::string name;
  for (int i = 0; i < 120; ++i) name += "\u00b5";
  const std::string aside = name_of(sim::io::unique_aside(folder / ("x" + name + ".h5")));
  CHECK(aside.size() < 255);
  CHECK(aside.starts_with(".x\u00b5"));
  CHECK(aside.find("\u00b5.") != std::string::npos);
}

TEST_CASE("files: a folder that takes no file says so") {
  const ScratchFolder folder;
  REQUIRE_THROWS_WITH(sim::io::unique_aside(folder / "missing/run.h5"),
                      "cannot write " + (folder / "missing/run.h5") + ": No such file or directory");
}
