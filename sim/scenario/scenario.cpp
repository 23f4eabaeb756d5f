#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/scenario/checker.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/sources.hpp"
#include "sim/scenario/wording.hpp"

namespace paracrine::sim {

namespace {

/// The model a document is for; throws when it names none, because nothing else can be checked then.
std::string model_of(const Node& document, const ModelInfo& models, Findings& findings) {
  const std::vector<std::string> names = models.models();
  const auto found = document.entries.find("model");
  if (found == document.entries.end()) {
    findings.error(document.mark.place(), "the key \"model\" is missing", {fmt::format("Models: {}.", list_of(names))});
    throw InputError(findings.problems);
  }
  const Node& node = *found->second;
  if (node.kind != Node::Kind::text || std::find(names.begin(), names.end(), node.text) == names.end()) {
    const Key key{.name = "model", .type = KeyType::choice, .choices = names};
    findings.error(node.mark.place(), fmt::format("model: expected {}, got {}", expected(key, "model"), got(node)),
                   node.kind == Node::Kind::text ? name_hints(node.text, names, "") : std::vector<std::string>());
    throw InputError(findings.problems);
  }
  return node.text;
}

std::string variant_of(const Scenario& scenario, const std::string& key) {
  try {
    return scenario.root.text(key);
  } catch (const std::out_of_range&) {
    return {};
  }
}

void run_model_check(const Scenario& scenario, const ModelInfo& models, Findings& findings) {
  if (!models.check) return;
  try {
    models.check(scenario, findings);
  } catch (const std::out_of_range&) {
    if (findings.problems.empty()) throw;  // it read a value that the schema refused; that has been reported
  }
}

Scenario resolve(Node document, SourceReader reader, const std::vector<std::string>& overrides, const ModelInfo& models, Findings& findings) {
  for (const std::string& text : overrides) apply_override(document, text, findings);
  Scenario scenario;
  scenario.sources = std::move(reader.sources);
  scenario.overrides = overrides;
  scenario.model = model_of(document, models, findings);
  const Schema schema = models.schema(scenario.model);
  Checker checker(schema, findings);
  scenario.root = checker.root(document);
  scenario.parameters = models.parameters(scenario.model, variant_of(scenario, models.variant_key));
  checker.parameters(document, scenario.parameters, scenario.root);
  run_model_check(scenario, models, findings);
  if (!findings.problems.empty()) throw InputError(std::move(findings.problems));
  scenario.warnings = std::move(findings.warnings);
  return scenario;
}

}  // namespace

Scenario load_scenario(const std::string& file, const std::vector<std::string>& overrides, const ModelInfo& models) {
  Findings findings;
  SourceReader reader(findings);
  Node document = reader.read_file(file);
  return resolve(std::move(document), std::move(reader), overrides, models, findings);
}

Scenario parse_scenario(const std::string& text, const std::string& name, const std::string& folder, const std::vector<std::string>& overrides,
                        const ModelInfo& models) {
  Findings findings;
  SourceReader reader(findings);
  Node document = reader.read_text(text, name, folder);
  return resolve(std::move(document), std::move(reader), overrides, models, findings);
}

}  // namespace paracrine::sim
