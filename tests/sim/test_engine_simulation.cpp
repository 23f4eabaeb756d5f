#include <cmath>
#include <filesystem>
#include <functional>

#include "models/catalogue.hpp"
#include "sim/engine/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"
#include "tests/support/toy.hpp"

using namespace paracrine;

namespace {

sim::Scenario toy_scenario(const sim::Catalogue& catalogue, const std::vector<std::string>& overrides = {}) {
  return sim::parse_scenario(R"(
model = "toy"
[time]
duration = "6 h"
record_every = "1 h"
[output]
fields = ["transient", "steady"]
fields_every = "3 h"
agents = ["walker"]
agents_every = "2 h"
)",
                             "toy.toml", ".", overrides, catalogue.model_info());
}

/// Every row of the root series, one after the other.
std::vector<double> run_through(sim::Simulation& simulation) {
  std::vector<double> values;
  while (true) {
    if (simulation.snapshot_due()) {
      const sim::Snapshot snapshot = simulation.snapshot();
      if (snapshot.row)
        for (const auto& series : snapshot.series) values.insert(values.end(), series.begin(), series.end());
      for (const auto& group : snapshot.field_values)
        for (const auto& field : group)
          for (const float v : field)
            if (!std::isnan(v)) values.push_back(static_cast<double>(v));
      for (const auto& column : snapshot.agent_values) values.insert(values.end(), column.begin(), column.end());
    }
    if (simulation.finished()) return values;
    simulation.visit();
  }
}

std::vector<double> run_with(const sim::Catalogue& catalogue, const sim::Scenario& scenario, int threads) {
  sim::Simulation simulation(catalogue, scenario, threads);
  return run_through(simulation);
}

}  // namespace

TEST_CASE("engine: the toy model gives the same values on 1, 2 and 7 threads", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::vector<double> one = run_with(catalogue, scenario, 1);
  REQUIRE(one.size() > 1000);
  CHECK(one == run_with(catalogue, scenario, 2));
  CHECK(one == run_with(catalogue, scenario, 7));
}

TEST_CASE("engine: a process that depends on its thread is found out", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue, {"processes.racy_off=false"});
  CHECK(run_with(catalogue, scenario, 1) != run_with(catalogue, scenario, 7));
}

TEST_CASE("engine: constants are taken from each patch of their group, and zones cover the tissue of the patches that have them", "[unit]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Simulation simulation(catalogue, toy_scenario(catalogue), 1);
  const sim::World& world = simulation.world();
  const sim::Layout& layout = simulation.layout();
  REQUIRE(layout.series.size() == 2);
  CHECK(layout.series[0].constants.empty());
  REQUIRE(layout.series[1].constants.size() == 1);
  CHECK(layout.series[1].constants[0].what.name == "voxels");
  const std::vector<double>& voxels = layout.series[1].constants[0].values;
  REQUIRE(voxels.size() == toy::left_patches);

  REQUIRE(layout.fields.size() == 2);
  REQUIRE(layout.fields[0].patches.count == toy::left_patches);
  CHECK(layout.fields[0].patches.patch_name == "lobule");
  CHECK(layout.fields[1].patches.patch_name == "patch");
  CHECK(layout.fields[1].zone.empty());
  for (const sim::Layout::FieldFrames& frames : layout.fields) {
    const bool zoned = !frames.zone.empty();
    if (zoned) REQUIRE(frames.zone.size() == frames.mask.size());
    REQUIRE(frames.numbers.size() == frames.patches.count);
    const std::size_t frame = frames.nz * frames.ny * frames.nx;
    for (std::size_t p = 0; p < frames.patches.count; ++p) {
      const sim::Patch& patch = world.patch(frames.patches.first + p);
      double inside = 0.0, in_zones = 0.0;
      for (std::size_t i = 0; i < frame; ++i) {
        inside += frames.mask[p * frame + i];
        if (zoned) in_zones += std::isnan(frames.zone[p * frame + i]) ? 0.0 : 1.0;
      }
      CAPTURE(frames.patches.group, p);
      CHECK(frames.numbers[p] == static_cast<std::int32_t>(p));
      CHECK(inside == toy::voxels_inside(*patch.grid));
      if (!zoned) continue;
      CHECK(in_zones == inside);
      CHECK(voxels[p] == inside);
      const std::size_t x = patch.grid->nx() / 2, y = patch.grid->ny() / 3;
      CHECK(frames.zone[(p * frames.ny + y) * frames.nx + x] == patch.zone[patch.grid->index(x, y, 0)]);
    }
  }
  CHECK(voxels[0] != voxels[1]);
}

TEST_CASE("engine: without zones there is no map of them, and one that does not fit its grid is our error", "[unit]") {
  const auto layout_of = [](const std::function<void(sim::Patch&)>& change) {
    sim::Catalogue catalogue;
    catalogue.add(sim::Part{.name = "toy", .meaning = "everything at once", .parameters = [](const std::string& variant) {
                              return sim::describe("toy", toy::parameters, variant);
                            }});
    catalogue.add(sim::Disease{.name = "toy",
                               .meaning = "a made-up model",
                               .keys = {},
                               .parts = {"toy"},
                               .switches = {"racy_off"},
                               .fields = {"transient", "steady"},
                               .agents = {"walker"},
                               .check = {},
                               .build = [&](const sim::Scenario& scenario, sim::World& world) {
                                 toy::build(scenario, world);
                                 for (std::size_t i = 0; i < world.patches(); ++i) change(world.patch(i));
                               }});
    return sim::Simulation(catalogue, toy_scenario(catalogue), 1).layout();
  };
  CHECK(layout_of([](sim::Patch& patch) { patch.zone.clear(); }).fields.at(0).zone.empty());
  CHECK_FALSE(layout_of([](sim::Patch&) {}).fields.at(0).zone.empty());
  const auto change = [](sim::Patch& patch) {
    if (patch.index() == 2) patch.zone.resize(7);
  };
  const sim::Catalogue catalogue = toy::catalogue();
  const std::size_t size = sim::Simulation(catalogue, toy_scenario(catalogue), 1).world().patch(2).grid->size();
  CHECK_THROWS_WITH(layout_of(change), "patch 2: a zone of 7 voxels, a grid of " + std::to_string(size));
}

TEST_CASE("engine: another seed gives other values", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  CHECK(run_with(catalogue, toy_scenario(catalogue), 1) != run_with(catalogue, toy_scenario(catalogue, {"seed=2"}), 1));
}

TEST_CASE("engine: two worlds in one process do not know of each other", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::vector<double> alone = run_with(catalogue, scenario, 1);
  sim::Simulation first(catalogue, scenario, 1), second(catalogue, toy_scenario(catalogue, {"seed=5"}), 1);
  for (int i = 0; i < 7; ++i) second.visit();
  CHECK(run_through(first) == alone);
}

TEST_CASE("engine: state saved in the middle and loaded into a new simulation goes on to the same values", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  const std::vector<double> through = run_with(catalogue, scenario, 2);
  sim::Simulation first(catalogue, scenario, 2);
  std::vector<double> values;
  tests::MemoryArchive archive;
  {
    // the first half, with its rows
    while (first.time_s() < 3 * 3600 + 600) {
      if (first.snapshot_due()) {
        const sim::Snapshot s = first.snapshot();
        if (s.row)
          for (const auto& series : s.series) values.insert(values.end(), series.begin(), series.end());
        for (const auto& group : s.field_values)
          for (const auto& field : group)
            for (const float v : field)
              if (!std::isnan(v)) values.push_back(static_cast<double>(v));
        for (const auto& column : s.agent_values) values.insert(values.end(), column.begin(), column.end());
      }
      first.visit();
    }
    first.archive(archive);
  }
  sim::Simulation second(catalogue, scenario, 1);
  archive.load();
  second.archive(archive);
  const std::vector<double> rest = run_through(second);
  values.insert(values.end(), rest.begin(), rest.end());
  CHECK(values == through);
}

TEST_CASE("engine: balances close to 1e-12 in every row and a planted leak is refused", "[property]") {
  const sim::Catalogue catalogue = toy::catalogue();
  const sim::Scenario scenario = toy_scenario(catalogue);
  sim::Simulation simulation(catalogue, scenario, 2);
  while (!simulation.finished()) {
    simulation.visit();
    if (simulation.snapshot_due())
      for (const double error : simulation.snapshot().audit_error) CHECK(error < 1e-12);
  }
  CHECK(simulation.world().compartments.largest_step_error() < 1e-12);

  sim::Simulation leaking(catalogue, scenario, 2);
  for (int i = 0; i < 6; ++i) leaking.visit();
  leaking.world().patch(0).scalars[toy::dead] += 1e-4;
  CHECK_THROWS_WITH(leaking.snapshot(), Catch::Contains("the balance of walkers does not close at 1 h"));
}

TEST_CASE("engine: a value that is not finite stops the run and is named", "[unit]") {
  const sim::Catalogue catalogue = toy::catalogue();
  sim::Simulation simulation(catalogue, toy_scenario(catalogue), 1);
  simulation.visit();
  simulation.world().patch(6).scalars[toy::dead] = std::nan("");
  CHECK_THROWS_WITH(simulation.visit(), "recruit in right 1 at 20 min: dead is nan");
}

TEST_CASE("engine: a deal of agents is even, complete, and goes on where the last one stopped", "[unit]") {
  sim::World world;
  world.add_kind(toy::walker);
  const std::size_t group = world.add_group("patches", 4);
  world.send(group, {.population = 0, .count = 6});
  world.send(group, {.population = 0, .count = 3});
  std::vector<std::int64_t> received(4, 0);
  for (std::size_t i = 0; i < 4; ++i)
    for (const sim::Arrival& arrival : world.patch(i).arrivals) received[i] += arrival.count;
  CHECK(received == std::vector<std::int64_t>{3, 2, 2, 2});
}
