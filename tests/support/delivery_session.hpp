#pragma once
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/tissue/lobule_state.hpp"
#include "tests/support/delivery.hpp"

namespace paracrine::tests {

/// A run of model delivery of which the world can be looked at, too.
struct Session {
  sim::Catalogue catalogue = models::catalogue();
  sim::Scenario scenario;
  sim::Simulation simulation;
  explicit Session(const std::string& text, const std::vector<std::string>& overrides = {})
      : scenario(sim::parse_scenario("model = \"delivery\"\n" + text, "test.toml", ".", overrides, catalogue.model_info())),
        simulation(catalogue, scenario, 2) {}

  const sim::World& world() const { return simulation.world(); }
  double parameter(const std::string& name) const { return scenario.parameter(name); }
  double amount(const std::string& pool) const { return world().compartments.amount(world().compartments.pool(pool)); }
  double received(const std::string& pool) const { return world().compartments.received(world().compartments.pool(pool)); }
  std::size_t uptake(const std::string& name) const {
    for (std::size_t u = 0; u < world().compartments.uptakes(); ++u)
      if (world().compartments.uptake_name(u) == name) return u;
    throw std::out_of_range("no such uptake");
  }
  const sim::PatchGroup& group(const std::string& name) const {
    for (const sim::PatchGroup& group : world().groups)
      if (group.name == name) return group;
    throw std::out_of_range("no such group");
  }
  /// Sum over the lobules.
  template <class F>
  double over_lobules(F value) const {
    const sim::PatchGroup& liver = group("liver");
    double sum = 0.0;
    for (std::size_t i = 0; i < liver.count; ++i) sum += value(world().patch(liver.first + i));
    return sum;
  }
  /// What is written of lobule `number` once in a run, by name.
  double constant(const std::string& name, std::size_t number = 0) const {
    for (const sim::PatchSeries::Constant& constant : world().patch_series.front().constants)
      if (constant.what.name == name) return constant.value(world(), world().patch(group("liver").first + number));
    throw std::out_of_range("no such constant");
  }
  double weight() const { return constant("weight"); }
  double sites() const {
    return over_lobules([](const sim::Patch& patch) { return static_cast<double>(models::lobule_state(patch).lobule().sites); });
  }
  std::size_t macrophage_kind() const {
    for (std::size_t kind = 0; kind < world().kinds.size(); ++kind)
      if (world().kinds[kind] == &models::macrophage::kind) return kind;
    throw std::out_of_range("no macrophages");
  }
  double macrophages() const {
    return over_lobules([&](const sim::Patch& patch) { return static_cast<double>(patch.agents(macrophage_kind()).size()); });
  }
  /// Mean over the macrophages of one of their columns.
  template <class T>
  double macrophage_mean(sim::Column<T> column) const {
    const double sum = over_lobules([&](const sim::Patch& patch) {
      double of_lobule = 0.0;
      for (const T value : patch.agents(macrophage_kind()).column(column)) of_lobule += static_cast<double>(value);
      return of_lobule;
    });
    return sum / macrophages();
  }
  /// Clearance of vesicles by the liver as the blood sees it, saturation apart [mL/min].
  double liver_clearance_mL_per_min() const {
    return over_lobules([u = uptake("ev_uptake_liver")](const sim::Patch& patch) { return patch.clearance_mL_per_h[u] / 60.0; });
  }
};

/// The liver of a scenario by hand, from its parameters [mL/min].
struct LiverByHand {
  double hepatocytes, plasma_flow, per_hepatocyte;  // of the whole organ; intrinsic clearance of what belongs to one hepatocyte
  explicit LiverByHand(const Session& run) {
    const auto p = [&](const char* name) { return run.parameter(name); };
    hepatocytes = p("circulation.liver_mass") * p("lobule.hepatocytes_per_mass");
    plasma_flow = p("circulation.liver_mass") * p("circulation.liver_perfusion") * (1.0 - p("blood.haematocrit"));
    per_hepatocyte = 1e-12 * (p("lobule.kupffer_per_hepatocyte") * p("ev_uptake.kupffer_clearance") * p("ev_uptake.phagocytic_activity") +
                              p("lobule.endothelial_per_hepatocyte") * p("ev_uptake.endothelial_clearance") + p("ev_uptake.hepatocyte_clearance") +
                              p("lobule.stellate_per_hepatocyte") * p("ev_uptake.stellate_clearance"));
  }
  double intrinsic() const { return hepatocytes * per_hepatocyte; }
  /// Clearance if all paths through a lobule were equal: Q (1 - exp(-k / Q)) of each lobule.
  double clearance(const Session& run) const {
    return run.over_lobules([&](const sim::Patch& patch) {
      const models::LobuleState& state = models::lobule_state(patch);
      const double flow = run.weight() * state.plasma_mL_per_h() / 60.0;
      const double k = run.weight() * static_cast<double>(state.lobule().sites) * per_hepatocyte;
      return -flow * std::expm1(-k / flow);
    });
  }
};

/// The first time [h] at which an observable has fallen to half of `start`, between rows by its logarithm.
inline double half_life_h(const Rows& rows, const std::string& name, double start) {
  const std::vector<double>& values = rows[name];
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (!(values[i] > 0.0 && values[i] <= 0.5 * start)) continue;
    const double before = i == 1 ? start : values[i - 1], share = std::log(before / (0.5 * start)) / std::log(before / values[i]);
    return rows.time_h[i - 1] + share * (rows.time_h[i] - rows.time_h[i - 1]);
  }
  throw std::out_of_range("it never falls to half");
}

}  // namespace paracrine::tests
