// The mean-field twin at the physical limits of every parameter: whatever is allowed gives finite numbers that are not negative.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"

using namespace paracrine;

namespace {

const std::string text = R"(
model = "cirrhosis"
[time]
duration = "28 d"
record_every = "1 d"
[[injury]]
cause = "ccl4"
dose = "0.5 mL/kg"
start = "0 d"
stop = "14 d"
every = "3.5 d"
[[injury]]
cause = "alcohol"
start = "7 d"
stop = "21 d"
[[therapy]]
product = "msc"
cells = 1e6
at = "7 d"
[[therapy]]
product = "ev"
particles = 1e10
at = "8 d"
[[therapy]]
product = "bone_marrow_macrophages"
cells = 1e6
at = "9 d"
[[therapy]]
product = "colloid"
count = 1e9
route = "portal_vein"
at = "10 d"
[[intervention]]
kind = "macrophage_depletion"
method = "cd11b_dtr"
start = "16 d"
stop = "18 d"
efficacy = 0.9
[[intervention]]
kind = "neutrophil_depletion"
start = "20 d"
stop = "22 d"
efficacy = 0.9
[mechanism]
hsc_direct = true
[numerics]
method = "mean_field"
)";

/// What is wrong with a run in which parameters have other values; empty: nothing, or that they were refused with a message.
std::string fault(const std::vector<std::string>& overrides, const std::set<std::string>& without_value, std::string& refusal) {
  const sim::Catalogue catalogue = models::catalogue();
  try {
    const sim::Scenario scenario = sim::parse_scenario(text, "limits.toml", ".", overrides, catalogue.model_info());
    sim::Simulation simulation(catalogue, scenario, 1);
    const tests::Rows rows = tests::run_rows(simulation);
    for (const auto& [name, values] : rows.values)
      for (std::size_t row = 0; row < values.size(); ++row) {
        if (std::isnan(values[row]) && (without_value.contains(name) || (name == "neutrophil_signal" && rows["neutrophil"][row] == 0.0))) continue;
        if (!std::isfinite(values[row]) || values[row] < 0.0) return fmt::format("{} is {} at {:g} d", name, values[row], rows.time_h[row] / 24.0);
      }
  } catch (const sim::InputError& error) {
    refusal = error.problems().front().message;
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

/// Observables that have no value at some time of a mean-field run, such as bridging.
std::set<std::string> without_value() {
  std::set<std::string> names;
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::parse_scenario(text, "limits.toml", ".", {}, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, 1);
  for (const auto& [name, values] : tests::run_rows(simulation).values)
    if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) names.insert(name);
  return names;
}

std::string set(const sim::ParameterInfo& parameter, double value) {
  return fmt::format("parameters.{}={}", parameter.name,
                     parameter.unit == "1" ? fmt::format("{}", value) : fmt::format("\"{} {}\"", value, parameter.unit));
}

}  // namespace

TEST_CASE("mean_field: finite and not negative at every physical limit of every parameter", "[property][limits]") {
  const sim::Catalogue catalogue = models::catalogue();
  const std::set<std::string> nowhere = without_value();
  CHECK(nowhere.size() < 6);
  std::size_t runs = 0, refused = 0;
  for (const sim::ParameterInfo& parameter : catalogue.parameters("cirrhosis", "mouse"))
    for (const double limit : {parameter.physical.low, parameter.physical.high}) {
      if (!std::isfinite(limit)) continue;
      const std::string change = set(parameter, limit);
      std::string refusal;
      const std::string wrong = fault({change}, nowhere, refusal);
      INFO(change << ": " << wrong);
      CHECK(wrong.empty());
      if (!refusal.empty()) UNSCOPED_INFO(change << ": " << refusal);
      ++runs;
      refused += refusal.empty() ? 0 : 1;
    }
  CHECK(runs > 700);
  CHECK(refused < 60);
}

TEST_CASE("mean_field: finite and not negative where several parameters are at their physical limits together", "[property][limits]") {
  const sim::Catalogue catalogue = models::catalogue();
  const std::set<std::string> nowhere = without_value();
  std::mt19937 random(20261201);
  std::size_t accepted = 0;
  for (int run = 0; run < 100; ++run) {
    std::vector<std::string> changes;
    for (const sim::ParameterInfo& parameter : catalogue.parameters("cirrhosis", "mouse")) {
      if (random() % 64 != 0) continue;
      const double limit = random() % 2 == 0 ? parameter.physical.low : parameter.physical.high;
      if (std::isfinite(limit)) changes.push_back(set(parameter, limit));
    }
    std::string refusal;
    const std::string wrong = fault(changes, nowhere, refusal);
    INFO(fmt::format("{}: {}", fmt::join(changes, " "), wrong));
    CHECK(wrong.empty());
    accepted += refusal.empty() ? 1 : 0;
  }
  CHECK(accepted > 50);
}

TEST_CASE("mean_field: where health would be no steady state the run begins with half of the hepatocytes unwell, and says so", "[property]") {
  const sim::Catalogue catalogue = models::catalogue();
  for (const char* method : {"mean_field", "agents"}) {
    const sim::Scenario scenario = sim::parse_scenario(
        text, "limits.toml", ".", {"parameters.hepatocyte_injury.tnf=100 d^-1", "liver.lobules=2", fmt::format("numerics.method={}", method)},
        catalogue.model_info());
    sim::Simulation simulation(catalogue, scenario, 1);
    const auto& observables = simulation.layout().series.front().observables;
    const std::vector<double> start = simulation.snapshot().series.front();
    for (std::size_t i = 0; i < observables.size(); ++i)
      if (observables[i].name == "hepatocyte_viable") CHECK_THAT(start[i], WithinAbs(0.5, 0.01));
    CHECK(
        simulation.closing_notes().back().text ==
        "with these parameters more than 50 % of the hepatocytes of a healthy liver would be injured or dead: the run began with that share, and not "
        "from a steady state");
    CHECK(simulation.closing_notes().back().warning);
  }
  sim::Simulation usual(catalogue, sim::parse_scenario(text, "limits.toml", ".", {}, catalogue.model_info()), 1);
  for (const sim::Note& note : usual.closing_notes()) CHECK(note.text.find("steady state") == std::string::npos);
}
