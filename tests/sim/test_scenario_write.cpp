#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/scenario_toy.hpp"

using namespace paracrine;

namespace {

sim::Scenario read(const std::string& text) { return sim::parse_scenario(text, "resolved.toml", "", {}, tests::toy_models()); }

}  // namespace

TEST_CASE("scenario writing: the resolved form has every key with its default", "[unit]") {
  CHECK(sim::to_toml(tests::toy("[[therapy]]\ncells = 1000000\nat = \"336 h\"\n[parameters]\nchemotaxis.speed = \"0.24 mm/h\"\n")) ==
        "title = \"\"\n"
        "model = \"toy\"\n"
        "seed = 1\n"
        "species = \"mouse\"\n"
        "\n[time]\n"
        "duration = \"14 d\"\n"
        "record_every = \"6 h\"\n"
        "record = []\n"
        "\n[subject]\n"
        "body_weight = \"25 g\"\n"
        "\n[[therapy]]\n"
        "source = \"adipose\"\n"
        "cells = 1e6\n"
        "at = \"14 d\"\n"
        "viability = 0.9\n"
        "\n[output]\n"
        "lobules = true\n"
        "fields = []\n"
        "names = []\n"
        "\n[numerics]\n"
        "weight = \"auto\"\n"
        "refine = 1\n"
        "\n[processes]\n"
        "chemotaxis = true\n"
        "infusion = true\n"
        "\n[parameters]\n"
        "\"chemotaxis.speed\" = \"4 um/min\"\n");
}

TEST_CASE("scenario writing: the resolved form reads back to the same scenario", "[property]") {
  const sim::Scenario first = sim::parse_scenario(
      "model = \"toy\"\nseed = 9223372036854775807\ntitle = \"a \\\"b\\\" \\\\ \\u0001 \xC2\xB5\\n\"\nnumerics.weight = 20\nsubject.body_weight = "
      "\"0.033333333333333331 kg\"\n"
      "species = \"human\"\n[time]\nduration = \"1 week\"\nrecord = [{ from = \"1 d\", every = \"1 min\" }, { from = \"90 min\", every = \"1 s\" }]\n"
      "[[therapy]]\ncells = \"123456.789 cells/kg\"\nconcentration = \"0.1 ug/L\"\nlabel = \"x y\"\nviability = \"33 %\"\n[[therapy]]\ncells = 3\n"
      "[processes]\ninfusion = false\n[parameters]\n\"macrophage_switch.half_time\" = \"1.7 d\"\ninfusion.loss = \"7 %\"\n",
      "first.toml", "", {"output.names=[\"a\", \"b\"]"}, tests::toy_models());
  const std::string text = sim::to_toml(first);
  const sim::Scenario second = read(text);
  CHECK(sim::to_toml(second) == text);
  CHECK(second.root.text("title") == first.root.text("title"));
  CHECK(second.root.integer("seed") == first.root.integer("seed"));
  CHECK(second.root.table("subject").quantity("body_weight") == first.root.table("subject").quantity("body_weight"));
  CHECK(second.root.table("time").tables("record")[1].seconds("from") == 5400);
  CHECK(second.root.tables("therapy")[0].quantity("cells") == 123456.789);
  CHECK(second.root.tables("therapy")[0].unit("cells") == "cells/kg");
  CHECK(second.root.tables("therapy")[0].quantity("concentration") == first.root.tables("therapy")[0].quantity("concentration"));
  CHECK_FALSE(second.process("infusion"));
  for (std::size_t i = 0; i < first.parameters.size(); ++i) {
    CHECK(second.parameters[i].value == first.parameters[i].value);
    CHECK(second.parameters[i].overridden == first.parameters[i].overridden);
  }
  // The comparison sees a change.
  CHECK(sim::to_toml(sim::parse_scenario(text, "x", "", {"therapy.1.cells=4"}, tests::toy_models())) != text);
}

TEST_CASE("scenario schema: JSON Schema describes every key of every model", "[unit]") {
  const nlohmann::json schema = nlohmann::json::parse(sim::json_schema(tests::toy_models()));
  CHECK(schema["$schema"] == "http://json-schema.org/draft-04/schema#");
  REQUIRE(schema["definitions"].size() == 2);
  CHECK(schema["properties"]["model"]["enum"].size() == 2);
  CHECK(schema["additionalProperties"] == false);
  const nlohmann::json& toy = schema["definitions"]["toy"]["properties"];
  CHECK(toy["model"]["enum"] == nlohmann::json::array({"toy"}));
  CHECK(toy["species"]["enum"] == nlohmann::json::array({"mouse", "human"}));
  CHECK(toy["subject"]["properties"]["body_weight"]["type"] == "string");
  CHECK(toy["subject"]["properties"]["body_weight"]["description"] ==
        "Unit: g. Allowed: 1 g to 200000 g. Published: 18 g to 40 g. Default: \"25 g\"");
  CHECK(toy["therapy"]["items"]["required"] == nlohmann::json::array({"cells"}));
  CHECK(toy["therapy"]["items"]["properties"]["viability"]["anyOf"][0]["exclusiveMinimum"] == true);
  CHECK(toy["processes"]["properties"]["chemotaxis"]["type"] == "boolean");
  CHECK(toy["parameters"]["properties"]["chemotaxis.speed"]["default"] == "3 um/min");
  CHECK(toy["parameters"]["properties"]["chemotaxis"]["properties"]["speed"]["type"] == "string");
  CHECK(schema["definitions"]["toy"]["anyOf"][0]["properties"]["time"]["required"] == nlohmann::json::array({"duration"}));
}
