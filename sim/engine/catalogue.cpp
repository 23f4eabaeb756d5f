#include "sim/engine/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace paracrine::sim {

void Catalogue::add(Part part) { parts_.push_back(std::move(part)); }
void Catalogue::add(Disease disease) { diseases_.push_back(std::move(disease)); }

const Disease& Catalogue::disease(const std::string& name) const {
  for (const Disease& disease : diseases_)
    if (disease.name == name) return disease;
  throw std::out_of_range("no model is named " + name);
}

const Part& Catalogue::part(const std::string& name) const {
  for (const Part& part : parts_)
    if (part.name == name) return part;
  throw std::out_of_range("no part is named " + name);
}

std::vector<ParameterInfo> Catalogue::parameters(const std::string& disease_name, const std::string& variant) const {
  std::vector<ParameterInfo> all;
  for (const std::string& name : disease(disease_name).parts) {
    std::vector<ParameterInfo> rows = part(name).parameters(variant);
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  return all;
}

namespace {

/// Adds keys to a list; a table that is there already gets the keys of the other, any other key is replaced (with another default, say).
void merge(std::vector<Key>& into, const std::vector<Key>& more) {
  for (const Key& key : more) {
    const auto found = std::find_if(into.begin(), into.end(), [&](const Key& other) { return other.name == key.name; });
    if (found == into.end())
      into.push_back(key);
    else if (key.type == KeyType::table)
      merge(found->keys, key.keys);
    else
      *found = key;
  }
}

/// Names in a list of [output] must be ones that the model has.
void check_names(const Scenario& scenario, const std::string& key, const std::string& what, const std::vector<std::string>& known,
                 Findings& findings) {
  const Table& output = scenario.root.table("output");
  for (const std::string& name : output.texts(key)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string all;
    for (const std::string& other : known) all += (all.empty() ? "" : ", ") + other;
    const std::string near = nearest_name(name, known);
    findings.error(output.place(key), fmt::format("output.{}: the model {} has no {} named {}", key, scenario.model, what, in_quotes(name)),
                   {!near.empty() ? fmt::format("Did you mean \"{}\"?", near)
                    : all.empty() ? fmt::format("It has no {} at all.", what)
                                  : fmt::format("It has: {}.", all)});
  }
}

}  // namespace

ModelInfo Catalogue::model_info() const {
  ModelInfo info;
  info.models = [this] {
    std::vector<std::string> names;
    for (const Disease& disease : diseases_) names.push_back(disease.name);
    return names;
  };
  info.schema = [this](const std::string& model) {
    const Disease& chosen = disease(model);
    Schema schema{.model = model, .keys = engine_keys(), .processes = chosen.switches, .parameters = parameters(model, "")};
    merge(schema.keys, chosen.keys);
    return schema;
  };
  info.parameters = [this](const std::string& model, const std::string& variant) { return parameters(model, variant); };
  info.check = [this](const Scenario& scenario, Findings& findings) {
    check_engine_keys(scenario, findings);
    const Disease& chosen = disease(scenario.model);
    check_names(scenario, "fields", "field", chosen.fields, findings);
    check_names(scenario, "agents", "agent kind", chosen.agents, findings);
    if (chosen.check) chosen.check(scenario, findings);
  };
  return info;
}

}  // namespace paracrine::sim
