#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/processes/capillarisation.hpp"
#include "models/processes/ev_uptake.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::tests {

/// A liver of a few lobules with plasma, stepped as the engine does, without scenario. Members may be changed before `build`.
struct SmallLiver {
  models::LobuleParameters lobule;
  models::SinusoidFlowParameters flow;
  models::EvUptakeParameters uptake;
  models::CapillarisationParameters capillarisation;
  models::Carriers carriers;
  std::vector<double> radii_um = {230.0, 284.3, 340.0};
  std::size_t thickness = 1, refine = 1;
  double hepatocytes = 1.755e8, plasma_mL_per_h = 0.672 * 60.0, perfusion = 1.0;
  std::uint64_t seed = 5;
  bool with_neutrophils = false;  // one beside every Kupffer cell, active, apoptotic and reparative in turn

  static constexpr std::size_t source = 0, map = 2, endothelium = 3;  // fields
  sim::World world;
  std::size_t macrophages = 0, neutrophils = 0;
  models::Signals signals;
  models::TakenBy taken_by;
  models::BloodPools pools;
  std::unique_ptr<models::EvUptake> process;
  double weight = 0.0, sites = 0.0, scale_mL_per_h = 0.0;
  std::int64_t time_s = 0;
  std::uint32_t visits = 0;

  void build() {
    macrophages = world.add_kind(models::macrophage::kind);
    neutrophils = world.add_kind(models::neutrophil::kind);
    signals = models::add_signals(world);
    taken_by = models::add_taken_by(world);
    add_pools();
    world.add_group("liver", radii_um.size());
    std::vector<models::Lobule> lobules;
    std::vector<double> totals;
    for (const double radius : radii_um) {
      lobules.push_back(models::make_lobule(lobule, radius, thickness, refine));
      sites += static_cast<double>(lobules.back().sites);
      totals.push_back(models::sinusoid_flow(lobules.back(), 1.0, flow).total());
    }
    weight = hepatocytes / sites;
    scale_mL_per_h = perfusion * models::flow_scale_mL_per_h(totals, plasma_mL_per_h, weight);
    models::UptakePlaces places{macrophages, source, map, endothelium};
    if (with_neutrophils) places.neutrophils = neutrophils;
    process = std::make_unique<models::EvUptake>(uptake, lobule, carriers, pools, signals, taken_by, places, weight);
    double remainder = 0.0;
    for (std::size_t i = 0; i < radii_um.size(); ++i) {
      sim::Patch& patch = world.patch(i);
      patch.grid = lobules[i].grid;
      patch.fields.emplace_back("source", "1", *patch.grid);
      patch.fields.emplace_back("effective_source", "1", *patch.grid);
      patch.fields.push_back(models::ev_uptake_field(*patch.grid));
      patch.fields.push_back(models::capillarisation_field(*patch.grid));
      models::Capillarisation(capillarisation, endothelium, {}).prepare(patch);
      models::place_kupffer_cells(patch.agents(macrophages), lobules[i], lobule, seed, remainder);
      if (with_neutrophils) place_neutrophils(patch);
      patch.derived.push_back(models::make_lobule_state(lobules[i], flow, scale_mL_per_h));
      process->prepare(patch);
    }
  }

  std::size_t lobules() const { return radii_um.size(); }
  /// Takes Kupffer cells out, but for one in `kept_one_in`.
  void deplete(std::size_t kept_one_in) {
    for (std::size_t i = 0; i < lobules(); ++i) {
      std::vector<std::uint32_t> gone;
      for (std::uint32_t row = 0; row < world.patch(i).agents(macrophages).size(); ++row)
        if (row % kept_one_in != 0) gone.push_back(row);
      world.patch(i).agents(macrophages).remove(gone);
      process->prepare(world.patch(i));
    }
  }
  double clearance_mL_per_min(sim::UptakeIndex uptake_index) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < lobules(); ++i) sum += world.patch(i).clearance_mL_per_h[uptake_index] / 60.0;
    return sum;
  }
  double ev_clearance_mL_per_min() const { return clearance_mL_per_min(pools.ev.liver_uptake); }
  double scalar(std::size_t number) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < lobules(); ++i) sum += world.patch(i).scalars[number];
    return sum;
  }
  /// Adds vesicles to the plasma, each of the given potency.
  void put_into_plasma(double ev, double potency = 1.0) {
    world.compartments.receive(pools.ev.plasma, ev);
    world.compartments.receive(pools.effective.plasma, ev * potency);
  }
  /// The amount secreted at a place in this visit: vesicles (species 0), or the same with potency (1).
  double& source_at(std::size_t lobule_number, double x_um, std::size_t species) {
    sim::Patch& patch = world.patch(lobule_number);
    return patch.field(source + species).value[models::voxel_at(*patch.grid, x_um, 5.0, 5.0)];
  }
  /// A column of all macrophages, lobule by lobule.
  template <class T>
  std::vector<double> column(sim::Column<T> which) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < lobules(); ++i)
      for (const T value : world.patch(i).agents(macrophages).column(which)) values.push_back(static_cast<double>(value));
    return values;
  }
  std::vector<double> ev_taken() const { return column(models::macrophage::ev_taken); }
  std::vector<double> cell_signals() const { return column(models::macrophage::signal); }
  /// One visit: compartments, patches, exchange.
  void visit(std::int64_t duration_s = 600) {
    const sim::Step step{.start_s = time_s, .duration_s = duration_s, .index = visits, .seed = seed};
    for (sim::UptakeIndex u = 0; u < world.compartments.uptakes(); ++u) world.compartments.set_clearance(u, clearance_mL_per_min(u) * 60.0);
    world.compartments.step(step.duration_h());
    for (std::size_t i = 0; i < lobules(); ++i) {
      sim::Patch& patch = world.patch(i);
      for (sim::UptakeIndex u = 0; u < world.compartments.uptakes(); ++u)
        patch.uptaken[u] = patch.clearance_mL_per_h[u] * world.compartments.exposure_h_per_mL(u);
      process->advance(patch, step);
    }
    world.exchange();
    time_s += duration_s;
    ++visits;
  }

 private:
  void place_neutrophils(sim::Patch& patch) const {
    const auto at = patch.agents(macrophages).column(models::macrophage::voxel);
    sim::Population& cells = patch.agents(neutrophils);
    cells.add(at.size());
    for (std::size_t row = 0; row < at.size(); ++row) {
      cells.column(models::neutrophil::voxel)[row] = at[row];
      cells.column(models::neutrophil::state)[row] = static_cast<std::uint8_t>(row % models::neutrophil::states);
    }
  }
  void add_pools() {
    sim::Compartments& c = world.compartments;
    const std::array<models::VesiclePools*, 3> species = {&pools.ev, &pools.effective, &pools.endogenous};
    const std::array<std::string, 3> names = {"ev", "effective", "endogenous"};
    for (std::size_t i = 0; i < species.size(); ++i) {
      species[i]->plasma = c.add_pool(names[i] + "_plasma", "1", 1.2);
      species[i]->liver = c.add_pool(names[i] + "_liver", "1");
      species[i]->liver_uptake = c.add_uptake(names[i] + "_uptake_liver", species[i]->plasma, species[i]->liver);
    }
    pools.colloid.plasma = c.add_pool("colloid_plasma", "1", 1.2);
    pools.colloid.liver = c.add_pool("colloid_liver", "1");
    pools.colloid.liver_uptake = c.add_uptake("colloid_uptake_liver", pools.colloid.plasma, pools.colloid.liver);
    pools.plasma_mL = 1.2;
  }
};

}  // namespace paracrine::tests
