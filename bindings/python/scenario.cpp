#include "sim/scenario/scenario.hpp"

#include <pybind11/stl.h>

#include "bindings/driver/other_files.hpp"
#include "bindings/driver/parameter_list.hpp"
#include "bindings/python/parts.hpp"
#include "models/catalogue.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

py::list parameters_of(const sim::Scenario& scenario) {
  py::list rows;
  for (const sim::ParameterInfo& info : scenario.parameters) {
    py::dict row;
    row["name"] = info.name;
    row["value"] = info.value;
    row["unit"] = info.unit;
    row["default_value"] = info.default_value;
    row["published_low"] = info.published.low;
    row["published_high"] = info.published.high;
    row["physical_low"] = info.physical.low;
    row["physical_high"] = info.physical.high;
    row["distribution"] = std::string(sim::spread_name(info.distribution.kind));
    row["spread"] = info.distribution.spread;
    row["kind"] = std::string(sim::source_name(info.kind));
    row["overridden"] = info.overridden;
    row["meaning"] = info.meaning;
    row["source"] = info.source;
    rows.append(row);
  }
  return rows;
}

py::list schedule_of(const sim::Scenario& scenario) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Disease& disease = catalogue.disease(scenario.model);
  py::list rows;
  if (!disease.schedule) return rows;
  for (const sim::Happening& happening : disease.schedule(scenario)) {
    py::dict row;
    row["section"] = happening.section;
    row["entry"] = happening.entry;
    row["which"] = happening.which;
    row["times"] = happening.times;
    row["start_s"] = happening.start_s;
    row["stop_s"] = happening.stop_s;
    row["amount"] = happening.amount;
    row["unit"] = happening.unit;
    rows.append(row);
  }
  return rows;
}

std::vector<std::string> warnings_of(const sim::Scenario& scenario) {
  std::vector<std::string> texts;
  for (const sim::Problem& warning : scenario.warnings) texts.push_back(sim::format_problem(warning));
  return texts;
}

sim::Scenario load(const std::string& file, const std::vector<std::string>& overrides) {
  const sim::Catalogue catalogue = models::catalogue();
  return driver::load_scenario(file, overrides, catalogue.model_info());
}

sim::Scenario parse(const std::string& text, const std::string& name, const std::string& folder, const std::vector<std::string>& overrides) {
  const sim::Catalogue catalogue = models::catalogue();
  return sim::parse_scenario(text, name, folder, overrides, catalogue.model_info());
}

std::string schema() {
  const sim::Catalogue catalogue = models::catalogue();
  return sim::json_schema(catalogue.model_info());
}

std::string all_parameters() {
  const sim::Catalogue catalogue = models::catalogue();
  return driver::parameters_as_json(driver::parameter_sections(catalogue, models::variants()));
}

}  // namespace

void add_scenario(py::module_& module) {
  py::class_<sim::Scenario>(module, "Scenario", "A scenario, merged and checked completely.")
      .def_readonly("model", &sim::Scenario::model)
      .def_readonly("overrides", &sim::Scenario::overrides)
      .def_property_readonly("text", [](const sim::Scenario& scenario) { return scenario.sources.empty() ? "" : scenario.sources.front().text; })
      .def_property_readonly("warnings", &warnings_of)
      .def("parameters", &parameters_of)
      .def("schedule", &schedule_of)
      .def("to_toml", [](const sim::Scenario& scenario) { return sim::to_toml(scenario); });
  module.def("load_scenario", &load, py::arg("file"), py::arg("overrides"));
  module.def("parse_scenario", &parse, py::arg("text"), py::arg("name"), py::arg("folder"), py::arg("overrides"));
  module.def("schema", &schema);
  module.def("all_parameters", &all_parameters);
}

}  // namespace paracrine::python
