// One list: the processes that can be switched off are those that agents have, and those that the twin has or refuses.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "models/diseases/cirrhosis/switches.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

const std::string text = R"(
model = "cirrhosis"
[time]
duration = "1 d"
[[injury]]
cause = "ccl4"
dose = "0.5 mL/kg"
start = "0 d"
stop = "1 d"
every = "12 h"
[[therapy]]
product = "msc"
cells = 1e5
at = "1 h"
[[intervention]]
kind = "neutrophil_depletion"
start = "2 h"
stop = "12 h"
[liver]
lobules = 1
)";

sim::Scenario read(const std::vector<std::string>& overrides) {
  const sim::Catalogue catalogue = models::catalogue();
  return sim::parse_scenario(text, "test.toml", ".", overrides, catalogue.model_info());
}

/// Names of the processes of a world.
std::set<std::string> processes_of(const std::vector<std::string>& overrides) {
  const sim::Catalogue catalogue = models::catalogue();
  sim::Simulation simulation(catalogue, read(overrides), 1);
  std::set<std::string> names;
  for (const auto& process : simulation.world().compartment_processes) names.emplace(process->name());
  for (const sim::PatchGroup& group : simulation.world().groups)
    for (const auto& process : group.processes) names.emplace(process->name());
  return names;
}

const std::string twin = "numerics.method=mean_field";

}  // namespace

TEST_CASE("twin: what can be switched off, what agents have and what the twin has are one list", "[property]") {
  const sim::Catalogue catalogue = models::catalogue();
  const std::vector<std::string>& names = catalogue.disease("cirrhosis").switches;
  CHECK(names.size() == cirrhosis::switches.size());
  const std::set<std::string> of_agents = processes_of({}), of_twin = processes_of({twin});
  for (const std::string& name : names) {
    INFO(name);
    CHECK(of_agents.contains(name));
    // of some a part goes on: what the blood takes up, the body's own factors, the record of a vasodilator
    const bool partly = name == "ev_uptake" || name == "factor_secretion" || name == "lung_arrest";
    CHECK(processes_of({"processes." + name + "=false", "intervention=[]"}).contains(name) == partly);
    const auto row =
        std::find_if(cirrhosis::switches.begin(), cirrhosis::switches.end(), [&](const cirrhosis::Switch& one) { return one.name == name; });
    REQUIRE(row != cirrhosis::switches.end());
    CHECK(row->twin != cirrhosis::Twin::none);
    if (row->twin == cirrhosis::Twin::same) CHECK(of_twin.contains(name) == of_agents.contains(name));
  }
  for (const std::string& name : of_agents) {
    INFO(name);
    CHECK((std::find(names.begin(), names.end(), name) != names.end() || name == "blood"));
  }
}

TEST_CASE("twin: a form without a switch, and a switch without its form, do not compile", "[unit]") {
  std::vector<cirrhosis::Switch> less(cirrhosis::switches.begin(), cirrhosis::switches.end()), more = less, wrong = less;
  std::erase_if(less, [](const cirrhosis::Switch& one) { return one.name == "serum" || one.name == "regeneration"; });
  more.push_back({"toy", cirrhosis::Twin::form});
  wrong.front().twin = cirrhosis::Twin::form;
  CHECK(cirrhosis::forms_match(cirrhosis::switches));
  CHECK_FALSE(cirrhosis::forms_match(less));
  CHECK_FALSE(cirrhosis::forms_match(more));
  CHECK_FALSE(cirrhosis::forms_match(wrong));
}

TEST_CASE("twin: a process without a mean-field form is refused, unless it is off", "[unit]") {
  const std::vector<cirrhosis::Switch> with_toy{{"regeneration", cirrhosis::Twin::none}};
  const auto refused = [&](const std::vector<std::string>& overrides) {
    sim::Findings findings;
    cirrhosis::check_twin(read(overrides), with_toy, findings);
    return findings.problems.empty() ? std::string() : findings.problems.front().message + " " + findings.problems.front().hints.front();
  };
  CHECK(refused({twin}) ==
        "numerics.method: regeneration has no mean-field form Switch it off with processes.regeneration = false, or use \"agents\".");
  CHECK(refused({twin, "processes.regeneration=false"}).empty());
  CHECK(refused({}).empty());
}

TEST_CASE("twin: keys that it does not read are said", "[unit]") {
  const auto said = [](const std::vector<std::string>& overrides) {
    std::vector<std::string> all;
    for (const sim::Problem& problem : read(overrides).warnings) all.push_back(problem.message);
    return all;
  };
  using Texts = std::vector<std::string>;
  CHECK(said({twin}) == Texts());
  CHECK(said({"numerics.refine=2", "numerics.slow_step=1 h", "output.agents=[\"macrophage\"]"}) == Texts());
  CHECK(said({twin, "numerics.refine=2"}) == Texts{"numerics.refine: the mean-field twin has no space and one pace, and does not read it"});
  CHECK(said({twin, "numerics.slow_step=1 h"}) == Texts{"numerics.slow_step: the mean-field twin has no space and one pace, and does not read it"});
  CHECK(said({twin, "output.agents=[\"msc\",\"macrophage\"]"}) ==
        Texts{"output.agents: the mean-field twin has no agents of kind macrophage, so frames of it are empty"});
  CHECK(said({twin, "output.fields=[\"tnf\"]"}) == Texts{"output.fields: fields of the mean-field twin are a single voxel, the mean of the lobule"});
}
