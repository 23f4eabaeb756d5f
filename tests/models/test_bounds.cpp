// Bounds that no single key knows: room in the blood, room in memory, whole agents.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/agents/infused.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"

using namespace paracrine;

namespace {

const std::string head = "model = \"cirrhosis\"\n[time]\nduration = \"1 d\"\n";
std::string therapy(const std::string& product, const std::string& amount, const std::string& more = "") {
  return "[[therapy]]\nproduct = \"" + product + "\"\n" + amount + "\nat = \"0 d\"\n" + more + "\n";
}

sim::Scenario read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const sim::Catalogue catalogue = models::catalogue();
  return sim::parse_scenario(head + text, "test.toml", ".", overrides, catalogue.model_info());
}
std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const sim::InputError& error) {
    return error.problems().front().message;
  }
  return "accepted";
}
/// The first warning that is not of a published range.
std::string warning(const std::string& text, const std::vector<std::string>& overrides = {}) {
  for (const sim::Problem& problem : read(text, overrides).warnings)
    if (problem.message.find("published range") == std::string::npos && problem.message.find("into a vein at once") == std::string::npos)
      return problem.message;
  return "none";
}

/// Cells given and cells that are agents or wait to be, at the end of a run without death.
struct Count {
  double given = 0.0, agents = 0.0, dead = 0.0;
};
Count count(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = read(text, overrides);
  sim::Simulation simulation(catalogue, scenario, 1);
  for (int visit = 0; visit < 3; ++visit) simulation.visit();
  const sim::World& world = simulation.world();
  Count found;
  for (std::size_t t = 0; t < scenario.root.tables("therapy").size(); ++t)
    for (const char* of : {"_viable", "_dead"})
      found.given += world.compartments.received(world.compartments.pool("therapy_" + std::to_string(t) + of));
  for (std::size_t i = 0; i < world.patches(); ++i) {
    const sim::Population& cells = world.patch(i).agents(0);
    found.agents += world.agent_weight[0] * static_cast<double>(cells.size());
    for (const std::uint8_t vitality : cells.column(models::msc::vitality)) found.dead += world.agent_weight[0] * (vitality == 1 ? 1.0 : 0.0);
  }
  return found;
}

}  // namespace

TEST_CASE("bounds: what is given within a day must find room in the blood", "[unit]") {
  CHECK(refusal(therapy("msc", "cells = 1e11")) ==
        "therapy.0.cells: what is given within a day is 267.9 mL, 12760 % of the blood's 2.1 mL; expected 20 % or less");
  CHECK(refusal(therapy("msc", "cells = 1e11", "route = \"portal_vein\"")).find("12760 %") != std::string::npos);
  CHECK(refusal(therapy("bone_marrow_macrophages", "cells = 1e12")).find("therapy.0.cells: what is given within a day is 1150 mL,") == 0);
  CHECK(refusal(therapy("particle", "diameter = \"15 um\"\ncount = 1e10")).find("therapy.0.count: what is given within a day is 17.67 mL,") == 0);
  CHECK(refusal(therapy("ev", "particles = 9e15")).find("therapy.0.particles: what is given within a day is 8.143 mL,") == 0);
  CHECK(refusal(therapy("ev", "protein = \"1 mg\"\nparticles_per_ug = 9e11")).find("therapy.0.protein: what is given within a day is ") == 0);
  CHECK(refusal(therapy("conditioned_medium", "cell_equivalents = 1e12")).find("therapy.0.cell_equivalents: what is given within a day is ") == 0);
  CHECK(
      refusal(therapy("msc", "cells = 9e7", "repeats = 2\nevery = \"12 h\"")).find("therapy.0.cells: what is given within a day, in 2 doses, is ") ==
      0);
  CHECK(refusal(therapy("msc", "cells = 9e7") + therapy("bone_marrow_macrophages", "cells = 2e8"))
            .find("therapy.1.cells: what is given within a day, in 2 doses, is ") == 0);
  CHECK(refusal(therapy("msc", "cells = 9e7", "repeats = 2\nevery = \"3 d\""), {"time.duration=7 d"}) == "accepted");
  CHECK(refusal(therapy("msc", "cells = 1e11"), {"species=human"}) == "accepted");
  CHECK(refusal(therapy("msc", "cells = 1e7"), {"parameters.infusion.diameter=60 um", "parameters.infusion.largest_diameter=100 um"})
            .find("therapy.0.cells: what is given within a day is 1.135 mL,") == 0);
  CHECK(
      warning(therapy("msc", "cells = 1e8")) ==
      "therapy.0.cells: what is given within a day is 0.2679 mL, 12.76 % of the blood's 2.1 mL: more than 5 %, which the model's body does not feel");
  CHECK(warning(therapy("msc", "cells = 1e6")) == "none");
}

TEST_CASE("bounds: the body's own leukocytes must find room in the blood", "[unit]") {
  CHECK(refusal("", {"parameters.neutrophil_pool.blood_cells=1e12"}) ==
        "neutrophil_pool.blood_cells: 1e12 cells are 381.7 mL, 18180 % of the blood, 2.1 mL; expected 20 % or less");
  CHECK(refusal("", {"parameters.monocyte_pool.blood_cells=1e12"}).find("monocyte_pool.blood_cells: 1e12 cells are") == 0);
  CHECK(refusal("", {"species=human"}) == "accepted");
}

TEST_CASE("bounds: living and dead cells of a dose are whole agents, or it is said what is not given", "[unit]") {
  const std::string dose = therapy("msc", "cells = 2e5");
  CHECK(refusal(dose, {"numerics.msc_weight=30000"}) ==
        "therapy.0.cells: 20000 dead cells in all are less than one agent, which stands for 30000, and would not be given");
  CHECK(refusal(dose, {"numerics.msc_weight=3e5"}) ==
        "therapy.0.cells: 180000 living cells in all are less than one agent, which stands for 300000, and would not be given");
  CHECK(refusal(dose, {"numerics.msc_weight=30000", "therapy.0.viability=1"}) == "accepted");
  CHECK(refusal(therapy("particle", "diameter = \"4 um\"\ncount = 10"), {"numerics.msc_weight=11"}) ==
        "therapy.0.count: 10 rigid particles in all are less than one agent, which stands for 11, and would not be given");
  CHECK(warning(dose, {"numerics.msc_weight=7000"}) ==
        "therapy.0.cells: of 180000 living cells the last 5000 (2.8 %) are less than one agent, which stands for 7000, and are not given");
  CHECK(warning(dose, {"numerics.msc_weight=20000"}) == "none");
  const sim::Scenario two = read(therapy("msc", "cells = 1e8") + therapy("msc", "cells = 4\nviability = 1"), {"species=human"});
  CHECK(std::any_of(two.warnings.begin(), two.warnings.end(), [](const sim::Problem& problem) {
    return problem.message == "therapy.1.cells: 4 living cells in all are less than one agent, which stands for 10, and would not be given";
  }));
  CHECK(refusal(therapy("msc", "cells = 2e5", "repeats = 2\nevery = \"1 h\""), {"numerics.msc_weight=30000"}) == "accepted");
}

TEST_CASE("bounds: with the automatic weight every cell of every dose is given, in agents and in the twin", "[property]") {
  const std::string few_dead = therapy("msc", "cells = 1e7\nviability = 0.9999"),
                    one_small = few_dead + therapy("msc", "cells = 2000\nviability = 0.5");
  for (const std::string& text : {few_dead, one_small})
    for (const char* method : {"agents", "mean_field"}) {
      const Count found = count(text, {"liver.lobules=2", std::string("numerics.method=") + method, "processes.msc_fate=false"});
      CHECK_THAT(found.agents, WithinRel(found.given, 1e-3));
      CHECK(found.dead > 0.5 * 1000.0);
    }
}

TEST_CASE("bounds: agents that memory has no room for are refused, or stop the run early with the reason", "[unit]") {
  CHECK(refusal("", {"liver.lobules=4096", "liver.thickness=12", "numerics.refine=4"}).find("the run needs about ") == 0);
  // in a process of its own, with half a gigabyte more than it has
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const sim::Catalogue catalogue = models::catalogue();
    sim::World world;
    sim::Population cells(models::msc::kind, 0, 0);
    const rlimit limit{1000000000, 1000000000};
    setrlimit(RLIMIT_AS, &limit);
    try {
      cells.add(20000000);
    } catch (const sim::RunError& error) {
      _exit(std::string(error.what()).find("20000000 agents of kind msc in one patch need 1.2 GB of memory, and ") == 0 ? 7 : 8);
    } catch (const std::exception&) {
      _exit(9);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("bounds: of man the model cirrhosis says once that it has no natural history", "[unit]") {
  const auto said = [](const std::string& species) {
    std::size_t count = 0;
    for (const sim::Problem& problem : read("", {"species=" + species}).warnings)
      count += problem.message ==
                       "species: the model cirrhosis has no natural history in man yet: a healthy man's liver does not stay as it is (ALT rises "
                       "within days), and injury runs at rates found in mice"
                   ? 1
                   : 0;
    return count;
  };
  CHECK(said("human") == 1);
  CHECK(said("mouse") == 0);
}
