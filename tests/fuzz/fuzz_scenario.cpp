// Feeds any bytes to the scenario reader. A line break and a byte 1 end the scenario; every line behind them is an override.
// The resolved form of a text that is accepted must read back to the same form.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/scenario_toy.hpp"

using namespace paracrine;

namespace {

void check_round_trip(const sim::Scenario& scenario, const sim::ModelInfo& models) {
  const std::string resolved = sim::to_toml(scenario);
  if (sim::to_toml(sim::parse_scenario(resolved, "resolved", "", {}, models)) != resolved) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sim::ModelInfo models = tests::toy_models();
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
    scenario = sim::parse_scenario(text, "fuzz.toml", "", overrides, models);
    accepted = true;
  } catch (const sim::InputError&) {
  }
  if (accepted) check_round_trip(scenario, models);
  return 0;
}
