#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/core/units.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::tests {

/// A small model with every kind of key, for tests of the scenario language. "toy" is mouse or human; "bare" has nothing of its own.
inline sim::Schema toy_schema(const std::string& model) {
  using sim::Key;
  using sim::KeyType;
  sim::Schema schema{.model = model};
  schema.keys = {
      {.name = "title", .type = KeyType::text, .default_value = "\"\"", .meaning = "what the run is about"},
      {.name = "model", .type = KeyType::text, .required = true, .meaning = "which model the file is for"},
      {.name = "seed", .type = KeyType::integer, .default_value = "1", .physical = {.low = 0.0}, .meaning = "seed of all random numbers"},
      {.name = "time",
       .type = KeyType::table,
       .required = true,
       .keys = {{.name = "duration",
                 .type = KeyType::quantity,
                 .units = {"s"},
                 .required = true,
                 .physical = {.low = 0.0},
                 .exclusive_low = true,
                 .whole_seconds = true},
                {.name = "record_every",
                 .type = KeyType::quantity,
                 .units = {"s"},
                 .default_value = "\"6 h\"",
                 .physical = {.low = 0.0},
                 .exclusive_low = true,
                 .whole_seconds = true},
                {.name = "record",
                 .type = KeyType::table_list,
                 .keys = {{.name = "from", .type = KeyType::quantity, .units = {"s"}, .required = true, .whole_seconds = true},
                          {.name = "every", .type = KeyType::quantity, .units = {"s"}, .required = true, .whole_seconds = true}}}}},
  };
  if (model != "toy") return schema;
  const std::vector<Key> own = {
      {.name = "species", .type = KeyType::choice, .default_value = "\"mouse\"", .choices = {"mouse", "human"}, .meaning = "the animal"},
      {.name = "subject",
       .type = KeyType::table,
       .keys = {{.name = "body_weight",
                 .type = KeyType::quantity,
                 .units = {"g"},
                 .default_value = "\"25 g\"",
                 .physical = {1.0, 2e5},
                 .published = {18.0, 40.0},
                 .published_source = "usual weights of adult mice"}}},
      {.name = "therapy",
       .type = KeyType::table_list,
       .keys =
           {{.name = "source", .type = KeyType::choice, .default_value = "\"adipose\"", .choices = {"adipose", "bone_marrow"}},
            {.name = "cells", .type = KeyType::quantity, .units = {"1", "cells/kg"}, .required = true, .physical = {0.0, 1e9}},
            {.name = "at", .type = KeyType::quantity, .units = {"s"}, .default_value = "\"0 d\"", .physical = {.low = 0.0}, .whole_seconds = true},
            {.name = "viability", .type = KeyType::quantity, .units = {"1"}, .default_value = "0.9", .physical = {0.0, 1.0}, .exclusive_low = true},
            {.name = "passage", .type = KeyType::integer, .physical = {1.0, 20.0}, .published = {2.0, 6.0}, .published_source = "common practice"},
            {.name = "concentration", .type = KeyType::quantity, .units = {"ng/mL"}},
            {.name = "label", .type = KeyType::text}}},
      {.name = "output",
       .type = KeyType::table,
       .keys = {{.name = "lobules", .type = KeyType::boolean, .default_value = "true"},
                {.name = "fields", .type = KeyType::text_list, .choices = {"collagen", "tgf_beta"}},
                {.name = "names", .type = KeyType::text_list}}},
      {.name = "numerics",
       .type = KeyType::table,
       .keys =
           {{.name = "weight", .type = KeyType::quantity, .units = {"1"}, .default_value = "\"auto\"", .physical = {.low = 1.0}, .choices = {"auto"}},
            {.name = "refine", .type = KeyType::integer, .default_value = "1", .physical = {1.0, 4.0}, .choices = {"auto"}}}},
      {.name = "scan", .type = KeyType::table, .keys = {{.name = "depth", .type = KeyType::quantity, .units = {"um"}, .required = true}}},
  };
  schema.keys.insert(schema.keys.end(), own.begin(), own.end());
  schema.processes = {"chemotaxis", "infusion"};
  return schema;
}

inline std::vector<sim::ParameterInfo> toy_parameters(const std::string& model, const std::string& variant) {
  if (model != "toy") return {};
  const double half_time = variant == "human" ? 48.0 : 24.0;
  return {
      {.name = "chemotaxis.speed",
       .unit = "um/min",
       .value = 3.0,
       .default_value = 3.0,
       .physical = {0.0, 100.0},
       .published = {1.0, 5.0},
       .kind = sim::Source::assumed,
       .meaning = "path length walked per minute",
       .source = "1 to 5 um/min for tissue macrophages"},
      {.name = "chemotaxis.half_gradient",
       .unit = "ng/mL/um",
       .value = 0.01,
       .default_value = 0.01,
       .physical = {.low = 0.0},
       .kind = sim::Source::assumed,
       .meaning = "gradient of half effect",
       .source = "assumed"},
      {.name = "macrophage_switch.half_time",
       .unit = "h",
       .value = half_time,
       .default_value = half_time,
       .physical = {1.0, 1000.0},
       .published = {12.0, 72.0},
       .kind = sim::Source::measured,
       .meaning = "time to half",
       .source = "a study"},
      {.name = "infusion.loss",
       .unit = "1",
       .value = 0.1,
       .default_value = 0.1,
       .physical = {0.0, 1.0},
       .published = {0.0, 0.5},
       .kind = sim::Source::fitted,
       .meaning = "share lost",
       .source = "fit"},
  };
}

/// The toy's own check: no dose after the end.
inline void toy_check(const sim::Scenario& scenario, sim::Findings& findings) {
  if (!scenario.root.has("therapy")) return;
  for (const sim::Table& dose : scenario.root.tables("therapy"))
    if (dose.seconds("at") > scenario.root.table("time").seconds("duration"))
      findings.error(dose.place("at"),
                     "therapy.at: the dose comes after the end of the run, " + sim::format_duration(scenario.root.table("time").seconds("duration")));
}

inline sim::ModelInfo toy_models() {
  const auto schema = [](const std::string& model) {
    sim::Schema whole = toy_schema(model);
    whole.parameters = toy_parameters(model, "");
    return whole;
  };
  return {.models = [] { return std::vector<std::string>{"toy", "bare"}; }, .schema = schema, .parameters = toy_parameters, .check = toy_check};
}

/// A toy scenario that is whole but for what `rest` adds. The rest begins in line 3; tables come after root keys.
inline std::string toy_text(const std::string& rest) { return "model = \"toy\"\ntime.duration = \"14 d\"\n" + rest; }

inline sim::Scenario toy(const std::string& rest, const std::vector<std::string>& overrides = {}) {
  return sim::parse_scenario(toy_text(rest), "t.toml", "", overrides, toy_models());
}

/// What the user reads when the text is refused; "accepted" otherwise.
inline std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    sim::parse_scenario(text, "t.toml", "", overrides, toy_models());
  } catch (const sim::InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace paracrine::tests
