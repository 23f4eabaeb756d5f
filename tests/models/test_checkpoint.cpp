#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "models/catalogue.hpp"
#include "sim/core/error.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using tests::MemoryArchive;

namespace {

sim::Scenario scenario_of(const sim::Catalogue& catalogue, const std::string& text) {
  return sim::parse_scenario(text, "test.toml", ".", {}, catalogue.model_info());
}

/// Injured lobules, MSC and particles on their way: every agent kind has agents, and events wait for the next row.
constexpr const char* full_world = R"(
model = "cirrhosis"
seed = 5
[time]
duration = "2 d"
record_every = "6 h"
[liver]
lobules = 3
[numerics]
msc_weight = 100
[[injury]]
cause = "ccl4"
start = "0 d"
stop = "2 d"
every = "1 d"
dose = "0.5 mL/kg"
[[therapy]]
product = "msc"
source = "adipose"
cells = 1e5
route = "peripheral_vein"
at = "1 d"
[[therapy]]
product = "particle"
count = 1e4
diameter = "10 um"
route = "peripheral_vein"
at = "1 d"
)";

/// The state of a run between two rows, in an archive.
struct Saved {
  sim::Catalogue catalogue = models::catalogue();
  sim::Scenario scenario = scenario_of(catalogue, full_world);
  MemoryArchive archive;
  Saved() {
    sim::Simulation simulation(catalogue, scenario, 1);
    while (simulation.time_s() < 86400 + 1200) {
      if (simulation.snapshot_due()) simulation.snapshot();
      simulation.visit();
    }
    simulation.archive(archive);
    archive.load();
  }
  /// What loading says of a changed archive; "" when it is taken.
  std::string refusal(const MemoryArchive& changed) const {
    MemoryArchive copy = changed;
    sim::Simulation simulation(catalogue, scenario, 1);
    try {
      simulation.archive(copy);
    } catch (const sim::RunError& error) {
      return error.what();
    }
    return "";
  }
  template <class T>
  std::string refusal(const std::string& entry, std::size_t row, T value) const {
    MemoryArchive changed = archive;
    REQUIRE(changed.entries.contains(entry));
    std::memcpy(changed.entries.at(entry).bytes.data() + row * sizeof(T), &value, sizeof(T));
    return refusal(changed);
  }
};

}  // namespace

TEST_CASE("checkpoint: 2000 lobules are stopped and resumed to the same result", "[property]") {
  const tests::ScratchFolder folder;
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = scenario_of(catalogue, R"(
model = "cirrhosis"
seed = 3
[time]
duration = "20 min"
record_every = "10 min"
[liver]
lobules = 2000
[[injury]]
cause = "ccl4"
start = "0 d"
stop = "1 d"
every = "1 d"
dose = "0.5 mL/kg"
[output]
lobules = false
fields = []
agents = []
[parameters]
"lobule.radius" = "110 um"
"lobule.radius_sd" = "5 um"
"lobule.smallest_radius" = "90 um"
"lobule.largest_radius" = "130 um"
)");
  const auto whole = sim::io::run(catalogue, scenario, {.output = folder / "whole.h5", .threads = 2});
  const auto stopped = sim::io::run(catalogue, scenario, {.output = folder / "run.h5", .threads = 2, .until_s = 600});
  REQUIRE(stopped.end == sim::io::SessionResult::End::until);
  const auto resumed = sim::io::resume(catalogue, stopped.path, {.threads = 2});
  REQUIRE(resumed.end == sim::io::SessionResult::End::complete);
  CHECK(sim::io::digest(resumed.path) == sim::io::digest(whole.path));
}

TEST_CASE("checkpoint: an index, a time, a place or an id out of its bounds is refused by its place", "[unit]") {
  const Saved saved;
  REQUIRE(saved.refusal(saved.archive).empty());
  const std::string lung = "patch_0/agents_0/", liver = "patch_64/agents_2/";
  CHECK(saved.refusal(liver + "columns/voxel", 3, std::uint32_t{4000000})
            .starts_with("macrophage of liver 0: voxel in row 3 is 4000000, and must be below "));
  CHECK(saved.refusal(liver + "columns/voxel", 3, std::uint32_t{0}).ends_with("the number of voxels of its grid, and inside"));
  CHECK(saved.refusal(liver + "columns/x", 1, 1e30F).starts_with("macrophage of liver 0: x in row 1 is 1.0000000150474662e+30, and must be -"));
  CHECK(saved.refusal(liver + "columns/z", 1, -1.0F) == "macrophage of liver 0: z in row 1 is -1, and must be 0 to 19.2, in the patch's grid");
  CHECK(saved.refusal(liver + "columns/state", 0, std::uint8_t{3}) ==
        "macrophage of liver 0: state in row 0 is 3, and must be below 3, the number of its meanings");
  CHECK(saved.refusal(lung + "columns/dose", 0, std::uint8_t{2}) ==
        "msc of lung 0: dose in row 0 is 2, and must be below 2, the number of therapy entries");
  CHECK(saved.refusal(lung + "columns/entry_time", 0, 1e6) ==
        "msc of lung 0: entry_time in row 0 is 1000000, and must be from 0 to the present time, 88200 s");
  CHECK(saved.refusal(lung + "columns/label", 0, 1.5) == "msc of lung 0: label in row 0 is 1.5, and must be 0 to 1");
  CHECK(saved.refusal(lung + "columns/bed", 0, std::uint8_t{4}) == "msc of lung 0: bed in row 0 is 4, and must be below 4 where whereabouts is 1");
  CHECK(saved.refusal(lung + "id", 0, std::uint64_t{200} << 40 | 1) ==
        "msc of patch 0: id " + std::to_string(std::uint64_t{200} << 40 | 1) + " in row 0 was given to no agent of its kind");
  CHECK(saved.refusal(lung + "id", 0, std::uint64_t{1} << 39).ends_with(" in row 0 was given to no agent of its kind"));
  std::uint64_t second = 0;
  std::memcpy(&second, saved.archive.entries.at(lung + "id").bytes.data() + sizeof second, sizeof second);
  CHECK(saved.refusal(lung + "id", 0, second) == "msc: two agents have the id " + std::to_string(second));
  CHECK(saved.refusal("patch_64/agents_3/id", 0, (std::uint64_t{64} << 40) + (std::uint64_t{3} << 36) + 2) ==
        "agent kind hepatocyte: the agents of patch 64 are not those of the scenario");
  CHECK(saved.refusal("time_s", 0, std::int64_t{87601}) == "the state is at 87601 s after 49 visits, which is the end of no visit of its scenario");
  CHECK(saved.refusal("visit", 0, std::int64_t{1}) == "the state is at 88200 s after 1 visits, which is the end of no visit of its scenario");
  CHECK(saved.refusal("slow_since_s", 0, std::int64_t{-600}) == "slow processes acted until -600 s, which is the end of no visit before 88200 s");
  CHECK(saved.refusal("deal_cursor", 0, 64.0) == "the next patch of group lung is number 64, of 64");
  CHECK(saved.refusal("events/code", 0, std::uint32_t{99}).ends_with(" is none of this run up to 88200 s"));
  CHECK(saved.refusal("patch_64/scalars", 0, std::numeric_limits<double>::quiet_NaN()).ends_with(" of patch 64 is nan, and must be a finite number"));
  MemoryArchive fewer = saved.archive;
  for (auto& [name, entry] : fewer.entries)
    if (name.starts_with("patch_64/agents_3/") && name != "patch_64/agents_3/ids_given")
      entry.bytes.resize(entry.bytes.size() - sim::size_of(entry.type));
  CHECK(saved.refusal(fewer).starts_with("agent kind hepatocyte: "));
}

TEST_CASE("checkpoint: no integer takes its largest value, and no floating-point number is not finite", "[property]") {
  const Saved saved;
  // what is used as no index: the segment is cut to those that there are, the subject is only written
  const std::set<std::string> free{"columns/segment", "events/subject"};
  std::set<std::string> looked_at;
  for (const auto& [name, entry] : saved.archive.entries) {
    if (entry.bytes.empty()) continue;
    std::string kind = name;  // one patch stands for those like it
    if (kind.starts_with("patch_")) kind = kind.substr(kind.find('/') + 1);
    if (!looked_at.insert(kind).second) continue;
    if (std::any_of(free.begin(), free.end(), [&](const std::string& ending) { return name.ends_with(ending); })) continue;
    MemoryArchive changed = saved.archive;
    auto& bytes = changed.entries.at(name).bytes;
    std::fill_n(bytes.end() - static_cast<std::ptrdiff_t>(sim::size_of(entry.type)), sim::size_of(entry.type), std::byte{0xFF});
    CAPTURE(name);
    CHECK_FALSE(saved.refusal(changed).empty());
  }
  CHECK(looked_at.size() > 90);
}
