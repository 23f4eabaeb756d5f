#include <cstdint>
#include <memory>
#include <vector>

#include "sim/engine/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine;

namespace {

/// Writes down when it acted, and adds up over how long.
class Clock final : public sim::Process {
 public:
  Clock(sim::Pace pace, std::size_t seconds, std::vector<sim::Step>& steps) : pace_(pace), seconds_(seconds), steps_(&steps) {}
  std::string_view name() const override { return "clock"; }
  sim::Pace pace() const override { return pace_; }
  void advance(sim::Patch& patch, const sim::Step& step) const override {
    patch.scalars[seconds_] += static_cast<double>(step.duration_s);
    steps_->push_back(step);
  }

 private:
  sim::Pace pace_;
  std::size_t seconds_;
  std::vector<sim::Step>* steps_;
};

struct Clocks {
  std::vector<sim::Step> fast, slow;
  sim::Catalogue catalogue;
  explicit Clocks(std::int64_t slow_step_s) {
    catalogue.add(sim::Disease{.name = "clocks",
                               .meaning = "two processes that count seconds",
                               .keys = {},
                               .parts = {},
                               .switches = {},
                               .fields = {},
                               .agents = {},
                               .check = {},
                               .build = [this, slow_step_s](const sim::Scenario&, sim::World& world) {
                                 world.slow_step_s = slow_step_s;
                                 const std::size_t fast_s = world.add_scalar("fast_s"), slow_s = world.add_scalar("slow_s");
                                 world.add_group("only", 1);
                                 world.groups[0].processes = {std::make_shared<Clock>(sim::Pace::visit, fast_s, fast),
                                                              std::make_shared<Clock>(sim::Pace::slow, slow_s, slow)};
                               }});
  }
  sim::Scenario scenario() const {
    return sim::parse_scenario("model = \"clocks\"\n[time]\nduration = \"11 h\"\nrecord_every = \"5 h\"\n[numerics]\nvisit = \"30 min\"\n",
                               "clocks.toml", ".", {}, catalogue.model_info());
  }
};

void check_joined(const std::vector<sim::Step>& steps, std::int64_t end_s) {
  std::int64_t at_s = 0;
  for (const sim::Step& step : steps) {
    REQUIRE(step.start_s == at_s);
    REQUIRE(step.duration_s > 0);
    at_s = step.end_s();
  }
  CHECK(at_s == end_s);
}

}  // namespace

TEST_CASE("engine: slow processes act over several visits, none longer than asked, and are never behind a row", "[unit]") {
  Clocks clocks(2 * 3600);
  sim::Simulation simulation(clocks.catalogue, clocks.scenario(), 1);
  while (!simulation.finished()) {
    simulation.visit();
    const std::vector<double>& scalars = simulation.world().patch(0).scalars;
    if (simulation.snapshot_due()) CHECK(scalars[0] == scalars[1]);
    CHECK(scalars[0] - scalars[1] < 2.0 * 3600.0);
  }
  check_joined(clocks.fast, 11 * 3600);
  check_joined(clocks.slow, 11 * 3600);
  CHECK(clocks.fast.size() == 22);
  std::vector<std::int64_t> hours;
  for (const sim::Step& step : clocks.slow) hours.push_back(step.end_s() / 3600);
  CHECK(hours == std::vector<std::int64_t>{2, 4, 5, 7, 9, 10, 11});  // rows at 5, 10 and 11 h
  for (const sim::Step& step : clocks.slow) CHECK(step.index == clocks.fast[static_cast<std::size_t>(step.end_s() / 1800 - 1)].index);
}

TEST_CASE("engine: without a slow step slow processes act at every visit", "[unit]") {
  for (const std::int64_t slow_step_s : {0, 1, 1800, 3599}) {
    Clocks clocks(slow_step_s);
    sim::Simulation simulation(clocks.catalogue, clocks.scenario(), 1);
    while (!simulation.finished()) simulation.visit();
    CHECK(clocks.slow.size() == clocks.fast.size());
  }
}

TEST_CASE("engine: a state saved amid a slow step goes on to the same steps", "[property]") {
  Clocks through(2 * 3600), before(2 * 3600), after(2 * 3600);
  sim::Simulation whole(through.catalogue, through.scenario(), 1), first(before.catalogue, before.scenario(), 1),
      second(after.catalogue, after.scenario(), 1);
  while (!whole.finished()) whole.visit();
  for (int i = 0; i < 7; ++i) first.visit();  // 3.5 h: an hour and a half behind
  tests::MemoryArchive archive;
  first.archive(archive);
  archive.load();
  second.archive(archive);
  while (!second.finished()) second.visit();
  std::vector<sim::Step> joined = before.slow;
  joined.insert(joined.end(), after.slow.begin(), after.slow.end());
  check_joined(joined, 11 * 3600);
  REQUIRE(joined.size() == through.slow.size());
  for (std::size_t i = 0; i < joined.size(); ++i) CHECK(joined[i].end_s() == through.slow[i].end_s());
}
