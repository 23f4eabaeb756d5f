// Feeds any bytes to the scenario reader. A line break and a byte 1 end the scenario; every line behind them is an override.
// The resolved form of a text that is accepted must read back to the same form.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "models/catalogue.hpp"
#include "tests/support/scenario_toy.hpp"

using namespace paracrine;

namespace {

/// The models of the product, and the toy with every kind of key.
sim::ModelInfo all_models(const sim::Catalogue& catalogue) {
  const sim::ModelInfo product = catalogue.model_info(), toy = tests::toy_models();
  const auto is_toy = [names = toy.models()](const std::string& model) { return std::find(names.begin(), names.end(), model) != names.end(); };
  sim::ModelInfo all = product;
  all.models = [product, toy] {
    std::vector<std::string> names = product.models();
    for (const std::string& name : toy.models()) names.push_back(name);
    return names;
  };
  all.schema = [=](const std::string& model) { return is_toy(model) ? toy.schema(model) : product.schema(model); };
  all.parameters = [=](const std::string& model, const std::string& variant) {
    return is_toy(model) ? toy.parameters(model, variant) : product.parameters(model, variant);
  };
  all.check = [=](const sim::Scenario& scenario, sim::Findings& findings) {
    const sim::ModelInfo& own = is_toy(scenario.model) ? toy : product;
    if (own.check) own.check(scenario, findings);
  };
  return all;
}

void check_round_trip(const sim::Scenario& scenario, const sim::ModelInfo& models) {
  const std::string resolved = sim::to_toml(scenario);
  if (sim::to_toml(sim::parse_scenario(resolved, "resolved", "", {}, models)) != resolved) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sim::Catalogue catalogue = models::catalogue();
  static const sim::ModelInfo known = all_models(catalogue);
  std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> overrides;
  if (const std::size_t end = text.find("\n\x01"); end != std::string::npos) {
    std::string rest = text.substr(end + 2);
    text.resize(end + 1);
    for (std::size_t begin = 0; begin < rest.size();) {
      const std::size_t line_end = std::min(rest.find('\n', begin), rest.size());
      overrides.push_back(rest.substr(begin, line_end - begin));
      begin = line_end + 1;
    }
  }
  bool accepted = false;
  sim::Scenario scenario;
  try {
    scenario = sim::parse_scenario(text, "fuzz.toml", "", overrides, known);
    accepted = true;
  } catch (const sim::InputError&) {
  }
  if (accepted) check_round_trip(scenario, known);
  return 0;
}
