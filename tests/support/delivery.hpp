#pragma once
#include <map>
#include <string>
#include <vector>

#include "models/catalogue.hpp"
#include "sim/engine/simulation.hpp"

namespace paracrine::tests {

/// The rows of a run in memory: times and every observable by name.
struct Rows {
  std::vector<double> time_h;
  std::map<std::string, std::vector<double>> values;
  double largest_audit_error = 0.0;
  const std::vector<double>& operator[](const std::string& name) const { return values.at(name); }
  /// The value at a recorded time.
  double at(const std::string& name, double hours) const {
    for (std::size_t i = 0; i < time_h.size(); ++i)
      if (std::abs(time_h[i] - hours) < 1e-9) return values.at(name)[i];
    throw std::out_of_range("no row at that time");
  }
};

inline Rows run_rows(sim::Simulation& simulation) {
  Rows rows;
  while (true) {
    if (simulation.snapshot_due()) {
      const sim::Snapshot snapshot = simulation.snapshot();
      rows.time_h.push_back(static_cast<double>(snapshot.time_s) / 3600.0);
      const auto& observables = simulation.layout().series.front().observables;
      for (std::size_t i = 0; i < observables.size(); ++i) rows.values[observables[i].name].push_back(snapshot.series.front()[i]);
      for (const double error : snapshot.audit_error) rows.largest_audit_error = std::max(rows.largest_audit_error, error);
    }
    if (simulation.finished()) return rows;
    simulation.visit();
  }
}

/// Runs a scenario file of the repository with overrides.
inline Rows run_file(const std::string& file, const std::vector<std::string>& overrides = {}, int threads = 2) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::load_scenario(std::string(PARACRINE_SOURCE_DIR) + "/scenarios/" + file, overrides, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, threads);
  return run_rows(simulation);
}

/// Runs a scenario text of model delivery.
inline Rows run_text(const std::string& text, const std::vector<std::string>& overrides = {}, int threads = 2) {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario = sim::parse_scenario("model = \"delivery\"\n" + text, "test.toml", ".", overrides, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, threads);
  return run_rows(simulation);
}

}  // namespace paracrine::tests
