#include <cmath>

#include "models/diseases/delivery/therapy.hpp"
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

TEST_CASE("infusion: an MSC takes 64 bytes or less", "[unit]") { CHECK(sim::Population(models::msc::kind, 0, 0).bytes_per_agent() == 40); }

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
                    Catch::Contains("more than 1e+12"));
}
