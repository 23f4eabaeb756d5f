// What a scenario announces is what is given, and what is moved, cut or lost is said.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "models/body/schedule.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"

using namespace paracrine;

namespace {

/// A product, the key of its amount, and the term of the balance that says how much was given.
struct Given {
  const char* product;
  const char* amount;
  const char* species;
};
constexpr std::array<Given, 5> of_delivery{{{"msc", "cells = 1e5", "msc"},
                                            {"ev", "particles = 1e9", "ev"},
                                            {"particle", "diameter = \"10 um\"\ncount = 1e5", "particle"},
                                            {"colloid", "count = 1e9", "colloid"},
                                            {"bone_marrow_macrophages", "phenotype = \"restorative\"\ncells = 1e5", "macrophage_infused"}}};

/// A run with its scenario, without a file.
struct Run {
  sim::Catalogue catalogue = models::catalogue();
  sim::Scenario scenario;
  sim::Simulation simulation;
  explicit Run(const std::string& text)
      : scenario(sim::parse_scenario(text, "test.toml", ".", {}, catalogue.model_info())), simulation(catalogue, scenario, 1) {}

  std::vector<sim::Happening> announced() const { return catalogue.disease(scenario.model).schedule(scenario); }
  /// Follows it to its end; gives the events of doses.
  std::vector<sim::Event> follow() {
    std::vector<sim::Event> doses;
    while (true) {
      if (simulation.snapshot_due())
        for (const sim::Event& event : simulation.snapshot().events)
          if (event.code == 0 || event.code == 3) doses.push_back(event);
      if (simulation.finished()) return doses;
      simulation.visit();
    }
  }
  double pools(const std::string& beginning) const {
    const sim::Compartments& all = simulation.world().compartments;
    double sum = 0.0;
    for (sim::PoolIndex pool = 0; pool < all.pools(); ++pool)
      if (all.pool_name(pool).starts_with(beginning)) sum += all.received(pool);
    return sum;
  }
  double value(const std::string& name) const {
    const std::vector<std::string>& names = simulation.world().value_names;
    return simulation.world().values[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin())];
  }
  double given(const std::string& product) const {
    if (product == "ev") return value("ev_given");
    if (product == "colloid") return value("colloid_given");
    if (product == "bone_marrow_macrophages") return pools("macrophage_restorative_infused_lung") + pools("macrophage_restorative_infused_gone");
    return pools("therapy_0_");
  }
};

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  long between(long low, long high) { return std::uniform_int_distribution<long>(low, high)(random_); }

 private:
  std::mt19937 random_;
};

/// One therapy, anywhere in a run of a day or less, in the twin, which is quick.
std::string random_scenario(Draw& draw, const Given& given) {
  const bool tissue = std::string(given.product) == "bone_marrow_macrophages";
  const long end_s = draw.between(1, 24) * 3600, record_s = draw.between(10, 360) * 60, visit_s = draw.between(60, 3600);
  std::string text =
      fmt::format("model = \"{}\"\n[time]\nduration = \"{} s\"\nrecord_every = \"{} s\"\n", tissue ? "cirrhosis" : "delivery", end_s, record_s);
  text += fmt::format("[[therapy]]\nproduct = \"{}\"\n{}\nat = \"{} s\"\nrepeats = {}\nevery = \"{} s\"\n", given.product, given.amount,
                      draw.between(0, end_s / 2), draw.between(1, 12), draw.between(1, 20000));
  if (draw.between(0, 1) == 0) text += fmt::format("duration = \"{} s\"\n", draw.between(1, 20000));
  text += fmt::format("[parameters]\ninfusion.duration = \"{} s\"\n", static_cast<double>(draw.between(2, 20000)) / 2.0);
  text += fmt::format("[numerics]\nmethod = \"mean_field\"\nvisit = \"{} s\"\n", visit_s);
  return text;
}

double sum_of(const std::vector<sim::Happening>& all, const std::string& section) {
  double sum = 0.0;
  for (const sim::Happening& one : all)
    if (one.section == section) sum += one.amount;
  return sum;
}

/// Whether a warning says that doses are moved, cut or lost.
bool said_of_times(const sim::Scenario& scenario) {
  return std::any_of(scenario.warnings.begin(), scenario.warnings.end(), [](const sim::Problem& warning) {
    const auto has = [&](const char* words) { return warning.message.find(words) != std::string::npos; };
    return has("moved to") || has("come after the end") || has("the run ends at");
  });
}

/// A scenario that only the last dose's being moved past the end could make refused: then nothing would be given.
bool refused(const sim::InputError& error) { return error.problems().front().message.find("and so be lost") != std::string::npos; }

}  // namespace

TEST_CASE("schedule: over random schedules the amount given is the amount announced, and each dose starts when it is announced", "[property]") {
  Draw draw(20261201);
  std::size_t runs = 0, moved = 0, cut = 0, lost = 0;
  for (int round = 0; round < 60; ++round)
    for (const Given& given : of_delivery) {
      const std::string text = random_scenario(draw, given);
      INFO(text);
      try {
        Run run(text);
        const std::vector<sim::Happening> announced = run.announced();
        const std::vector<sim::Event> events = run.follow();
        REQUIRE(events.size() == announced.size());
        for (std::size_t i = 0; i < events.size(); ++i) REQUIRE(events[i].time_s == announced[i].start_s);
        const double expected = sum_of(announced, "therapy");
        REQUIRE(expected > 0.0);
        REQUIRE_THAT(run.given(given.product), WithinRel(expected, 1e-9));
        for (const sim::Happening& dose : announced) {
          moved += dose.start_s != dose.asked_s ? 1 : 0;
          cut += dose.share < 1.0 ? 1 : 0;
        }
        const std::size_t asked = static_cast<std::size_t>(run.scenario.root.tables("therapy").front().integer("repeats"));
        lost += asked - announced.size();
        const auto whole = [](const sim::Happening& dose) { return dose.start_s == dose.asked_s && dose.share == 1.0; };
        REQUIRE(said_of_times(run.scenario) != (announced.size() == asked && std::all_of(announced.begin(), announced.end(), whole)));
        ++runs;
      } catch (const sim::InputError& error) {
        REQUIRE(refused(error));
      }
    }
  CHECK(runs > 250);
  CHECK(moved > 100);
  CHECK(cut > 50);
  CHECK(lost > 100);
}

TEST_CASE("schedule: doses of CCl4 are given when and as they are announced", "[property]") {
  Draw draw(7);
  for (int round = 0; round < 60; ++round) {
    const long end_s = draw.between(2, 48) * 3600, start_s = draw.between(0, end_s / 2);
    const std::string text = fmt::format(
        "model = \"cirrhosis\"\n[time]\nduration = \"{} s\"\nrecord_every = \"{} s\"\n[[injury]]\ncause = \"ccl4\"\ndose = \"0.3 mL/kg\"\nstart = "
        "\"{} "
        "s\"\nstop = \"{} s\"\nevery = \"{} s\"\n[numerics]\nmethod = \"mean_field\"\nvisit = \"{} s\"\n",
        end_s, draw.between(10, 360) * 60, start_s, start_s + draw.between(1, 200000), draw.between(600, 50000), draw.between(60, 3600));
    INFO(text);
    try {
      Run run(text);
      const std::vector<sim::Happening> announced = run.announced();
      const std::vector<sim::Event> events = run.follow();
      REQUIRE(events.size() == announced.size());
      for (std::size_t i = 0; i < events.size(); ++i) REQUIRE(events[i].time_s == announced[i].start_s);
      REQUIRE_THAT(run.value("ccl4_given") * run.scenario.parameter("hepatocyte_injury.reference_dose"),
                   WithinRel(sum_of(announced, "injury"), 1e-12));
    } catch (const sim::InputError& error) {
      REQUIRE(refused(error));
    }
  }
}

TEST_CASE("schedule: conditioned medium brings its vesicles and factors in the share announced", "[property]") {
  const auto medium = [](const std::string& more) {
    return "model = \"delivery\"\n[time]\nduration = \"4 h\"\nrecord_every = \"1 h\"\n[numerics]\nmethod = \"mean_field\"\n[[therapy]]\nproduct = "
           "\"conditioned_medium\"\ncell_equivalents = 1e5\nat = \"3 h\"\n" +
           more;
  };
  Run whole(medium("duration = \"1 h\"")), half(medium("duration = \"2 h\""));
  whole.follow();
  half.follow();
  CHECK(whole.announced().front().amount == 1e5);
  CHECK(half.announced().front().amount == 5e4);
  CHECK_THAT(half.value("ev_given"), WithinRel(0.5 * whole.value("ev_given"), 1e-12));
}

TEST_CASE("schedule: doses of CCl4 and interventions that are moved or lost are said", "[unit]") {
  const auto warning = [](const std::string& entry) {
    const sim::Catalogue catalogue = models::catalogue();
    const sim::Scenario scenario =
        sim::parse_scenario("model = \"cirrhosis\"\n[time]\nduration = \"1 d\"\n" + entry, "test.toml", ".", {}, catalogue.model_info());
    return scenario.warnings.empty() ? std::string("none") : scenario.warnings.front().message;
  };
  const std::string ccl4 = "[[injury]]\ncause = \"ccl4\"\ndose = \"0.5 mL/kg\"\n", natural = "[[intervention]]\nkind = \"nk_depletion\"\n";
  CHECK(warning(ccl4 + "start = \"0 h\"\nstop = \"1 d\"\nevery = \"12 h\"") == "none");
  CHECK(warning(ccl4 + "start = \"0 h\"\nstop = \"1 d\"\nevery = \"7 h\"\n[numerics]\nvisit = \"1 h\"") == "none");
  CHECK(warning(ccl4 + "start = \"0 h\"\nstop = \"1 d\"\nevery = \"605 min\"") ==
        "injury.0.every: 2 of 3 doses are moved to the ends of visits, by up to 25 min: the first is dose 2, from 605 min to 630 min");
  CHECK(warning(ccl4 + "start = \"0 h\"\nstop = \"3 d\"\nevery = \"12 h\"") == "injury.0.stop: 4 of 6 doses come after the end of the run at 1 d");
  CHECK(warning(ccl4 + "start = \"0 h\"\nstop = \"1 d\"\nevery = \"1435 min\"") ==
        "injury.0.stop: 1 of 2 doses come after the end of the run at 1 d: the first is dose 2, at 1435 min, which is moved to 1 d, the end of a "
        "visit");
  CHECK(warning(natural + "start = \"2 h\"\nstop = \"3 h\"") == "none");
  CHECK(warning(natural + "start = \"2 d\"\nstop = \"3 d\"") == "intervention.0.start: it starts at 2 d, after the end of the run at 1 d");
  CHECK(warning(natural + "start = \"125 min\"\nstop = \"5 h\"") ==
        "intervention.0.start: it acts from 150 min to 5 h, ends of visits, not from 125 min to 5 h");
  CHECK(warning(natural + "start = \"1435 min\"\nstop = \"2 d\"") ==
        "intervention.0.start: it is moved from 1435 min to 1 d, the end of a visit, when the run ends, and does nothing");
  CHECK(warning("[[intervention]]\nkind = \"vasodilator\"\nstart = \"125 min\"\nstop = \"5 h\"") == "none");
}

TEST_CASE("schedule: more doses of CCl4 than anyone gives are refused", "[unit]") {
  const sim::Catalogue catalogue = models::catalogue();
  CHECK_THROWS_WITH(
      sim::parse_scenario("model = \"cirrhosis\"\n[time]\nduration = \"1 d\"\n[[injury]]\ncause = \"ccl4\"\ndose = \"0.5 mL/kg\"\nstart = \"0 "
                          "d\"\nstop = \"10 d\"\nevery = \"1 s\"\n",
                          "test.toml", ".", {}, catalogue.model_info()),
      Catch::Contains("injury.0.every: 864000 doses from start to stop, expected 100000 or fewer"));
}
