#include <limits>

#include "tests/support/catch.hpp"
#include "tests/support/scenario_toy.hpp"

using namespace paracrine;
using tests::toy;

TEST_CASE("scenario values: what is not written has its default, and says so", "[unit]") {
  const sim::Scenario scenario = toy("");
  const sim::Table& root = scenario.root;
  CHECK(scenario.model == "toy");
  CHECK(root.integer("seed") == 1);
  CHECK(root.text("species") == "mouse");
  CHECK(root.table("time").seconds("record_every") == 6 * 3600);
  CHECK(root.table("subject").quantity("body_weight") == 25.0);
  CHECK_FALSE(root.table("subject").written("body_weight"));
  CHECK(root.table("subject").place("body_weight").line == 0);
  CHECK(root.tables("therapy").empty());
  CHECK(root.table("output").texts("fields").empty());
  CHECK(root.table("numerics").word("weight"));
  CHECK(root.table("numerics").text("weight") == "auto");
  CHECK_FALSE(root.has("scan"));
  CHECK(scenario.process("chemotaxis"));
  CHECK_THROWS_AS(root.table("scan"), std::out_of_range);
  CHECK_THROWS_AS(root.table("subject").integer("body_weight"), std::out_of_range);
}

TEST_CASE("scenario values: each kind of value is read", "[unit]") {
  const sim::Scenario scenario = tests::toy(
      "seed = 9223372036854775807\nsubject.body_weight = \"0.03 kg\"\nnumerics.weight = 20\n"
      "[[therapy]]\ncells = 1e6\nat = \"12.25 d\"\nviability = \"50 %\"\npassage = 4.0\n"
      "[[therapy]]\ncells = \"1e6 cells/kg\"\nconcentration = \"3 ug/L\"\nlabel = \"b\"\n"
      "[output]\nlobules = false\nfields = [\"collagen\", \"tgf_beta\"]\n[processes]\nchemotaxis = false\n");
  CHECK(scenario.root.integer("seed") == std::numeric_limits<std::int64_t>::max());
  CHECK(scenario.root.table("subject").quantity("body_weight") == 30.0);
  CHECK(scenario.root.table("subject").unit("body_weight") == "g");
  CHECK(scenario.root.table("numerics").quantity("weight") == 20.0);
  CHECK_FALSE(scenario.root.table("numerics").word("weight"));
  const std::vector<sim::Table>& doses = scenario.root.tables("therapy");
  REQUIRE(doses.size() == 2);
  CHECK(doses[0].quantity("cells") == 1e6);
  CHECK(doses[0].unit("cells") == "1");
  CHECK(doses[0].seconds("at") == 1058400);
  CHECK(doses[0].quantity("viability") == 0.5);
  CHECK(doses[0].integer("passage") == 4);
  CHECK_FALSE(doses[0].has("label"));
  CHECK(doses[1].unit("cells") == "cells/kg");
  CHECK(doses[1].quantity("concentration") == 3.0);
  CHECK(doses[1].place("label").line == 14);
  CHECK(doses[1].place("label").column == 9);
  CHECK(doses[1].place().line == 11);
  CHECK_FALSE(scenario.root.table("output").flag("lobules"));
  CHECK(scenario.root.table("output").texts("fields") == std::vector<std::string>{"collagen", "tgf_beta"});
  CHECK_FALSE(scenario.process("chemotaxis"));
  CHECK(scenario.process("infusion"));
}

TEST_CASE("scenario values: parameters take any unit of their dimension, quoted or as nested keys", "[unit]") {
  for (const std::string text : {"[parameters]\n\"chemotaxis.speed\" = \"0.24 mm/h\"", "[parameters]\nchemotaxis.speed = \"0.24 mm/h\"",
                                 "[parameters.chemotaxis]\nspeed = \"0.24 mm/h\"", "parameters = { chemotaxis = { speed = \"0.24 mm/h\" } }"}) {
    const sim::Scenario scenario = toy(text);
    CHECK(scenario.parameter("chemotaxis.speed") == 4.0);
    CHECK(scenario.parameters[0].overridden);
    CHECK_FALSE(scenario.parameters[1].overridden);
  }
  CHECK(toy("").parameter("macrophage_switch.half_time") == 24.0);
  CHECK(toy("species = \"human\"").parameter("macrophage_switch.half_time") == 48.0);
  CHECK(toy("parameters.infusion.loss = \"20 %\"").parameter("infusion.loss") == 0.2);
  CHECK_THROWS_AS(toy("").parameter("none"), std::out_of_range);
}

TEST_CASE("scenario values: an override takes TOML, words and quantities, and the last one counts", "[unit]") {
  const sim::Scenario scenario =
      toy("[[therapy]]\ncells = 1\n",
          {"time.duration=28 d", "therapy.0.cells=2e6", "therapy.0.cells = 3e6", "therapy.0.source=bone_marrow", "therapy.0.label=2024",
           "therapy.1.cells=1e6 cells/kg", "parameters.chemotaxis.speed=4 um/min", "parameters.\"infusion.loss\"=0.2",
           "output={ fields = [\"collagen\"] }", "processes.chemotaxis=false", "title=a \"b\""});
  CHECK(scenario.root.table("time").seconds("duration") == 28 * 86400);
  REQUIRE(scenario.root.tables("therapy").size() == 2);
  const sim::Table& dose = scenario.root.tables("therapy")[0];
  CHECK(dose.quantity("cells") == 3e6);
  CHECK(dose.text("source") == "bone_marrow");
  CHECK(dose.text("label") == "2024");
  CHECK(dose.place("cells").file == "--set therapy.0.cells = 3e6");
  CHECK(dose.place("cells").line == 0);
  CHECK(dose.place("cells").column == 19);
  CHECK(scenario.root.tables("therapy")[1].unit("cells") == "cells/kg");
  CHECK(scenario.parameter("chemotaxis.speed") == 4.0);
  CHECK(scenario.parameter("infusion.loss") == 0.2);
  CHECK(scenario.root.table("output").texts("fields").size() == 1);
  CHECK_FALSE(scenario.process("chemotaxis"));
  CHECK(scenario.root.text("title") == "a \"b\"");
  CHECK(scenario.overrides.size() == 11);
}

TEST_CASE("scenario values: an override replaces a parameter however the file spells its name", "[unit]") {
  CHECK(toy("[parameters]\n\"chemotaxis.speed\" = \"2 um/min\"", {"parameters.chemotaxis.speed=4 um/min"}).parameter("chemotaxis.speed") == 4.0);
  CHECK(
      toy("[parameters.chemotaxis]\nspeed = \"2 um/min\"", {"parameters={ chemotaxis = { speed = \"4 um/min\" } }"}).parameter("chemotaxis.speed") ==
      4.0);
}
