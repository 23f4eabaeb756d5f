#include <cmath>

#include "models/body/therapy.hpp"
#include "models/processes/infusion.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;

namespace {

const std::string text = R"(
[time]
duration = "6 h"
record_every = "10 min"
[[therapy]]
product = "msc"
cells = 1e5
at = "1 h"
duration = "40 min"
repeats = 2
every = "2 h"
[processes]
msc_fate = false
)";

double everywhere(const tests::Rows& rows, double hours) {
  double sum = 0.0;
  for (const char* organ : {"lung", "liver", "spleen", "other"}) sum += rows.at("msc_dna_" + std::string(organ), hours);
  return sum;
}

sim::Population entered(const std::vector<std::string>& overrides) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::parse_scenario("model = \"delivery\"\n" + text, "test.toml", ".", overrides, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, 1);
  while (!simulation.finished()) simulation.visit();
  sim::Population all(models::msc::kind, 0, 0);
  for (std::size_t i = 0; i < simulation.world().patches(); ++i) {
    const sim::Population& here = simulation.world().patch(i).agents(0);
    for (std::size_t row = 0; row < here.size(); ++row) all.take(here, row);
  }
  return all;
}

}  // namespace

TEST_CASE("infusion: cells come at a constant rate over each dose and all of them", "[analytic]") {
  const tests::Rows rows = tests::run_text(text);
  CHECK(everywhere(rows, 1.0) == 0.0);
  CHECK_THAT(everywhere(rows, 4.0 / 3.0), WithinAbs(5e4, 2.0));  // half-way; less than one agent of each vitality waits
  CHECK_THAT(everywhere(rows, 2.0), WithinAbs(1e5, 1e-6));
  CHECK_THAT(everywhere(rows, 3.0), WithinAbs(1e5, 1e-6));
  CHECK_THAT(everywhere(rows, 6.0), WithinAbs(2e5, 1e-6));
}

TEST_CASE("infusion: an agent's weight loses nothing, and the rest waits", "[property]") {
  const tests::Rows rows = tests::run_text(text, {"numerics.msc_weight=7"});
  CHECK(rows.largest_audit_error < 1e-12);
  CHECK_THAT(everywhere(rows, 6.0), WithinAbs(2e5, 14.0));
  CHECK(std::fmod(everywhere(rows, 6.0), 7.0) == 0.0);
}

TEST_CASE("infusion: diameters are normal with the mean and spread given, and so is the share that lives", "[statistical]") {
  const sim::Population all = entered({"parameters.infusion.diameter=18 um", "parameters.infusion.diameter_sd=1.5 um"});
  std::vector<double> diameter_um;
  double viable = 0.0;
  for (const float d : all.column(models::infused::diameter_um)) diameter_um.push_back(static_cast<double>(d));
  for (const std::uint8_t v : all.column(models::msc::vitality)) viable += v == 0 ? 1.0 : 0.0;
  const auto m = tests::moments(diameter_um);
  CHECK(tests::agrees(m.mean, 18.0, m.standard_error));
  CHECK_FALSE(tests::agrees(m.mean, 18.05, m.standard_error));
  CHECK_FALSE(tests::agrees(m.mean, 17.95, m.standard_error));
  CHECK_THAT(std::sqrt(m.variance), WithinRel(1.5, 0.02));
  CHECK(viable == 0.9 * 2e5);
}

TEST_CASE("infusion: an MSC takes 64 bytes or less", "[unit]") { CHECK(sim::Population(models::msc::kind, 0, 0).bytes_per_agent() == 61); }

TEST_CASE("infusion: spheroids and passage change the diameter", "[unit]") {
  const models::InfusionParameters p;
  CHECK(models::msc_diameter_um(p, false, 4.0) == 17.0);
  CHECK_THAT(models::msc_diameter_um(p, false, 6.0), WithinRel(17.0 * 1.1, 1e-12));
  CHECK(models::msc_diameter_um(p, true, 6.0) == 12.6);
}

TEST_CASE("infusion: a dose per body weight is scaled, and so is the circulation", "[unit]") {
  const tests::Rows rows = tests::run_text(text, {"therapy.0.cells=4e6 cells/kg", "subject.body_weight=30 g", "therapy.0.repeats=1"});
  CHECK_THAT(everywhere(rows, 3.0), WithinAbs(1.2e5, 2.0));
  const models::Circulation a = models::scale_circulation({}, 25.0), b = models::scale_circulation({}, 50.0);
  CHECK_THAT(a.circuit_s, WithinRel(60.0 * 2.1 / 17.3, 1e-12));
  CHECK_THAT(b.circuit_s / a.circuit_s, WithinRel(std::pow(2.0, 0.25), 1e-12));
  CHECK_THAT(a.hepatic_artery + a.spleen + a.gut, WithinRel(0.94 * 1.3 / 17.3, 1e-12));
}

TEST_CASE("infusion: a dose into spleen or liver stays there as said, the rest leaves by the veins", "[statistical]") {
  const double n = 1e5;
  const tests::Rows spleen = tests::run_text(text, {"therapy.0.route=intrasplenic", "therapy.0.repeats=1"});
  CHECK(tests::agrees(spleen.at("msc_dna_spleen", 3.0) / n, 0.7, std::sqrt(0.21 / n)));
  CHECK_FALSE(tests::agrees(spleen.at("msc_dna_spleen", 3.0) / n, 0.71, std::sqrt(0.21 / n)));
  CHECK(spleen.at("msc_dna_liver", 3.0) > 0.5 * (n - spleen.at("msc_dna_spleen", 3.0)));
  const tests::Rows liver = tests::run_text(text, {"therapy.0.route=intrahepatic", "therapy.0.repeats=1"});
  CHECK(tests::agrees(liver.at("msc_dna_liver", 3.0) / n, 0.85, std::sqrt(0.85 * 0.15 / n)));
  CHECK(liver.at("msc_dna_lung", 3.0) > 0.99 * (n - liver.at("msc_dna_liver", 3.0)));
}

TEST_CASE("infusion: switched off, nothing is given", "[property]") {
  const tests::Rows rows = tests::run_text(text, {"processes.infusion=false"});
  CHECK(everywhere(rows, 6.0) == 0.0);
}

TEST_CASE("infusion: particles get no defaults of cells, and the resolved scenario reads back", "[property]") {
  const sim::Catalogue catalogue = models::catalogue();
  const std::string beads =
      "model = \"delivery\"\n[time]\nduration = \"1 h\"\nrecord_every = \"1 h\"\n[[therapy]]\nproduct = \"particle\"\ncount = 10\ndiameter = \"4 "
      "um\"\nat = \"0 h\"\n";
  const sim::Scenario scenario = sim::parse_scenario(beads, "beads.toml", ".", {}, catalogue.model_info());
  CHECK_FALSE(scenario.root.tables("therapy").front().has("source"));
  const std::string resolved = sim::to_toml(scenario);
  CHECK(sim::to_toml(sim::parse_scenario(resolved, "resolved.toml", ".", {}, catalogue.model_info())) == resolved);
  CHECK_THROWS_WITH(sim::parse_scenario(beads + "culture = \"2d\"\n", "beads.toml", ".", {}, catalogue.model_info()),
                    Catch::Contains("therapy.0.culture is for MSC; this therapy gives particles"));
  CHECK_THROWS_WITH(sim::parse_scenario(beads, "beads.toml", ".", {"therapy.0.count=1e300 1/kg"}, catalogue.model_info()),
                    Catch::Contains("expected at most 1e12 particles in one dose"));
}

TEST_CASE("infusion: what contradicts itself, is lost or too much is refused", "[unit]") {
  const auto refusal = [](const std::string& override_text) {
    try {
      tests::run_text(text, {override_text});
    } catch (const sim::InputError& error) {
      return error.problems().front().message;
    }
    return std::string("accepted");
  };
  CHECK(refusal("parameters.msc_fate.debris_liver_share=0.95") ==
        "msc_fate.debris_liver_share and msc_fate.debris_spleen_share are shares of one whole and add up to 1.03");
  CHECK(refusal("parameters.lung_arrest.particle_spleen_share=0.5") ==
        "lung_arrest.particle_liver_share and lung_arrest.particle_spleen_share are shares of one whole and add up to 1.27");
  CHECK(refusal("parameters.circulation.spleen_share=0.5") ==
        "circulation.spleen_share and circulation.gut_share are shares of one whole and add up to 1.376");
  CHECK(refusal("parameters.infusion.smallest_diameter=50 um") == "infusion.smallest_diameter, 50 um, is above infusion.largest_diameter, 40 um");
  CHECK(refusal("parameters.circulation.liver_mass=30 g") == "the liver's blood flow, 28.2 mL/min, is above the cardiac output, 17.3 mL/min");
  CHECK(refusal("output.agents=[\"mscc\"]") == "output.agents: the model delivery has no agent kind named \"mscc\"");
  CHECK(refusal("output.fields=[\"tnf\"]") == "output.fields: the model delivery has no field named \"tnf\"");
  CHECK(refusal("therapy.0.product=plasma").find("therapy.0.product") == 0);
  CHECK(refusal("therapy.0.at=359 min") == "therapy.0.at: the dose at 359 min would be moved to 6 h, the end of a visit, and so be lost");
  CHECK(refusal("numerics.msc_weight=1e-6") == "numerics.msc_weight: 2e11 agents would be made, more than 1e8");
  CHECK(refusal("title=\"x\"") == "accepted");
}

TEST_CASE("infusion: doses that times or weights take away from are warned of", "[unit]") {
  const auto first = [](const std::vector<std::string>& overrides) {
    const sim::Catalogue catalogue = models::catalogue();
    const sim::Scenario scenario = sim::parse_scenario("model = \"delivery\"\n" + text, "test.toml", ".", overrides, catalogue.model_info());
    for (const sim::Problem& problem : scenario.warnings)
      if (!problem.message.starts_with("infusion.duration")) return problem;  // outside the published range
    return sim::Problem{.place = {}, .message = "none", .hints = {}};
  };
  const auto warning = [&](const std::vector<std::string>& overrides) { return first(overrides).message; };
  const auto hint = [&](const std::vector<std::string>& overrides) { return first(overrides).hints.front(); };
  CHECK(warning({}) == "none");
  CHECK(warning({"therapy.0.repeats=9"}) == "therapy.0.repeats: 6 of 9 doses come after the end of the run at 6 h");
  CHECK(warning({"therapy.0.duration=4 h"}) ==
        "therapy.0.duration: the run ends at 6 h, before dose 2 of 2 that starts at 3 h is given: 75 % of it is");
  CHECK(warning({"therapy.0.at=65 min"}) ==
        "therapy.0.every: 2 of 2 doses are moved to the ends of visits, by up to 5 min: the first is dose 1, from 65 min to 70 min");
  CHECK(warning({"therapy.0.every=65 min", "therapy.0.repeats=3"}) ==
        "therapy.0.every: 1 of 3 doses are moved to the ends of visits, by up to 5 min: the first is dose 2, from 125 min to 130 min");
  CHECK(warning({"therapy.0.every=299 min"}) ==
        "therapy.0.repeats: 1 of 2 doses come after the end of the run at 6 h: the first is dose 2, at 359 min, which is moved to 6 h, the end of a "
        "visit");
  const std::string one_dose = "therapy=[{product=\"msc\",cells=1e5,at=\"";
  CHECK(warning({one_dose + "65 min\"}]"}) == "therapy.0.at: the dose at 65 min is moved to 70 min, the end of a visit");
  CHECK(warning({one_dose + "1 h\",duration=\"10 h\"}]"}) ==
        "therapy.0.duration: the run ends at 6 h, before the dose that starts at 1 h is given: 50 % of it is");
  const std::string as_parameter = "parameters.infusion.duration=4 h", two = "2 h\",every=\"1 h\",repeats=2}]";
  CHECK(warning({one_dose + "4 h\"}]", as_parameter}) ==
        "therapy.0.duration: the run ends at 6 h, before the dose that starts at 4 h is given: 50 % of it is");
  CHECK(warning({one_dose + two, "parameters.infusion.duration=5 h"}) ==
        "therapy.0.duration: the run ends at 6 h, before dose 1 of 2 (and 1 more) that starts at 2 h is given: 80 % of it is");
  CHECK(hint({one_dose + "4 h\"}]", as_parameter}) == "A dose takes 4 h, parameter infusion.duration, where duration is not written.");
  CHECK(warning({"time.record_every=2 d"}) == "time.record_every: 2 d is longer than the run, 6 h: only the first and the last state are written");
}

TEST_CASE("infusion: doses and interventions are noted in the events, each once, with its value", "[unit]") {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::parse_scenario(
      "model = \"delivery\"\n" + text + "[[intervention]]\nkind = \"vasodilator\"\nstart = \"0 h\"\nstop = \"90 min\"\nefficacy = 0.5\n", "test.toml",
      ".", {}, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, 1);
  std::vector<std::array<double, 4>> events;
  while (!simulation.finished()) {
    simulation.visit();
    if (!simulation.snapshot_due()) continue;
    for (const sim::Event& e : simulation.snapshot().events)
      events.push_back({static_cast<double>(e.time_s) / 3600.0, static_cast<double>(e.code), static_cast<double>(e.subject), e.value});
  }
  CHECK(events == std::vector<std::array<double, 4>>{{0.0, 1, 0, 0.5}, {1.0, 0, 0, 1e5}, {1.5, 2, 0, 0.5}, {3.0, 0, 0, 1e5}});
}
