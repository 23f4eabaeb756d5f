#include "sim/engine/catalogue.hpp"

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

/// Adds keys to a list; a table that is there already gets the keys of the other.
void merge(std::vector<Key>& into, const std::vector<Key>& more) {
  for (const Key& key : more) {
    const auto found = std::find_if(into.begin(), into.end(), [&](const Key& other) { return other.name == key.name; });
    if (found == into.end())
      into.push_back(key);
    else
      merge(found->keys, key.keys);
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
    if (const auto& check = disease(scenario.model).check) check(scenario, findings);
  };
  return info;
}

}  // namespace paracrine::sim
