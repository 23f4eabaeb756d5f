#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/parameters.hpp"
#include "sim/engine/happening.hpp"
#include "sim/engine/world.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/schema.hpp"

namespace paracrine::sim {

/// A process, readout or compartment model as the catalogue lists it: name, one line of meaning, parameters (per variant).
struct Part {
  std::string name;
  std::string meaning;
  std::function<std::vector<ParameterInfo>(const std::string& variant)> parameters;
};

/// A disease: which keys its scenarios have, which parts it is made of, what else to check, and how to build its world.
struct Disease {
  std::string name;
  std::string meaning;
  std::vector<Key> keys;              // besides the engine's own, or in place of one of them
  std::vector<std::string> parts;     // names; their parameters are the model's
  std::vector<std::string> switches;  // names of parts that [processes] can switch off
  std::vector<std::string> fields;    // names that output.fields may hold
  std::vector<std::string> agents;    // names that output.agents may hold
  std::function<void(const Scenario&, Findings&)> check;
  std::function<void(const Scenario&, World&)> build;
  std::function<std::vector<Happening>(const Scenario&)> schedule{};  // what a run of a scenario does, and when; none: nothing
  std::vector<std::string> progress{};  // root series that tell a user how a run goes, the most telling first; none: the first three
};

/// All parts and diseases of a program. Owned by the caller; nothing registers itself.
class Catalogue {
 public:
  void add(Part part);
  void add(Disease disease);
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<Disease>& diseases() const { return diseases_; }
  const Disease& disease(const std::string& name) const;  // std::out_of_range
  const Part& part(const std::string& name) const;
  std::vector<ParameterInfo> parameters(const std::string& disease, const std::string& variant) const;
  ModelInfo model_info() const;  // refers to this catalogue

 private:
  std::vector<Part> parts_;
  std::vector<Disease> diseases_;
};

/// The keys that the engine itself reads, the same in every model: title, model, seed, [time], [output], [numerics].
std::vector<Key> engine_keys();
/// What the engine's keys must satisfy together.
void check_engine_keys(const Scenario& scenario, Findings& findings);

}  // namespace paracrine::sim
