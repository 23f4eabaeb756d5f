#include "models/processes/ev_uptake.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>

#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_signal.hpp"
#include "models/tissue/mean_cells.hpp"
#include "sim/core/finite.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

namespace {

constexpr double um3_per_min = 60.0 * 1e-12;     // in mL/h
constexpr double least_saturation = 1e-3;        // of the half saturation; below, uptake is linear
constexpr double steps_per_doubling = 32.0;      // in which a concentration is seen
constexpr double capillarisation_steps = 256.0;  // in which the endothelium's state is seen
constexpr double infinite = std::numeric_limits<double>::infinity();

/// taken += amount x the voxels' shares of an uptake, whose sum is `all`.
void share_out(double amount, const std::vector<double>& uptake, double all, std::vector<double>& taken) {
  if (amount == 0.0 || all == 0.0) return;
  const double per_uptake = amount / all;
  for (std::size_t v = 0; v < taken.size(); ++v) taken[v] += per_uptake * uptake[v];
}

bool none(const std::vector<double>& values) { return !sim::any_nonzero(values); }

/// Factor on a clearance that endothelium with capillarisation `steps` leaves.
double altered(std::uint16_t steps, double at_full) { return 1.0 + static_cast<double>(steps) / capillarisation_steps * (at_full - 1.0); }

}  // namespace

TakenBy add_taken_by(sim::World& world) {
  TakenBy taken_by;
  taken_by.macrophages = world.add_scalar("ev_in_macrophages");
  taken_by.neutrophils = world.add_scalar("ev_in_neutrophils");
  taken_by.endothelium = world.add_scalar("ev_in_endothelium");
  taken_by.hepatocytes = world.add_scalar("ev_in_hepatocytes");
  taken_by.stellate_cells = world.add_scalar("ev_in_stellate_cells");
  return taken_by;
}

sim::Field ev_uptake_field(const sim::Grid& grid) {
  sim::Field field("ev_uptake", "um^-3", grid);
  field.meaning = "MSC and product vesicles taken up so far, per volume of tissue";
  return field;
}

EvUptake::EvUptake(const EvUptakeParameters& parameters, const LobuleParameters& lobule, Carriers carriers, const BloodPools& pools,
                   const Signals& signals, const TakenBy& taken_by, const UptakePlaces& places, double weight)
    : p_(parameters), lobule_(lobule), carriers_(carriers), pools_(pools), signals_(signals), taken_by_(taken_by), places_(places), weight_(weight) {}

EvUptake::Fixed EvUptake::fixed_of(const Lobule& lobule) const {
  const auto hepatocytes = static_cast<double>(lobule.sites);
  return {.endothelium = hepatocytes * lobule_.endothelial_per_hepatocyte * p_.endothelial_um3_per_min * um3_per_min,
          .hepatocytes = hepatocytes * p_.hepatocyte_um3_per_min * um3_per_min,
          .stellate_cells = hepatocytes * lobule_.stellate_per_hepatocyte * p_.stellate_um3_per_min * um3_per_min};
}

double EvUptake::seen_per_mL(double ev_per_mL) const {
  const double relative = ev_per_mL / p_.half_saturation_per_mL;
  if (!(relative > least_saturation)) return 0.0;
  return p_.half_saturation_per_mL * std::exp2(std::round(std::log2(relative) * steps_per_doubling) / steps_per_doubling);
}

/// Adds up the macrophages' clearances per site.
void EvUptake::add_macrophages(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  const Lobule& lobule = state.lobule();
  const double active = p_.phagocytic_activity * um3_per_min;
  if (places_.mean_cells) {
    const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
    const double residents = cells.macrophages[MeanCells::kupffer].number, recruited = cells.all_macrophages() - residents;
    work.macrophages[0] = active * (residents * p_.kupffer_um3_per_min + recruited * p_.recruited_um3_per_min);
    work.colloid_macrophages[0] = active * (residents + recruited) * p_.colloid_um3_per_min;
    return;
  }
  const sim::Population& macrophages = patch.agents(places_.macrophages);
  const auto voxel = macrophages.column(macrophage::voxel);
  const auto kind = macrophages.column(macrophage::state);
  for (std::size_t row = 0; row < macrophages.size(); ++row) {
    const std::uint32_t site = lobule.site[voxel[row]];
    const bool resident = kind[row] == static_cast<std::uint8_t>(macrophage::State::kupffer);
    work.macrophages[site] += active * (resident ? p_.kupffer_um3_per_min : p_.recruited_um3_per_min);
    if (places_.colloid) work.colloid_macrophages[site] += active * p_.colloid_um3_per_min;
  }
}

/// Adds up the clearances of the neutrophils that live, per site.
void EvUptake::add_neutrophils(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  const double each = um3_per_min * p_.neutrophil_um3_per_min;
  if (places_.mean_cells) {
    const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
    work.neutrophils[0] = each * cells.living_neutrophils();
    return;
  }
  if (!places_.neutrophils) return;
  const sim::Population& neutrophils = patch.agents(*places_.neutrophils);
  const auto voxel = neutrophils.column(neutrophil::voxel);
  const auto lives = neutrophils.column(neutrophil::state);
  for (std::size_t row = 0; row < neutrophils.size(); ++row)
    if (lives[row] != static_cast<std::uint8_t>(neutrophil::State::apoptotic)) work.neutrophils[state.lobule().site[voxel[row]]] += each;
}

/// Finds the clearances of the phagocytes per site, and the endothelium's state; true when they are others than last time.
bool EvUptake::look_at_cells(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  const Lobule& lobule = state.lobule();
  LobuleState::Uptake& known = state.uptake;
  work.macrophages.assign(lobule.sites, 0.0);
  work.colloid_macrophages.assign(places_.colloid || places_.mean_cells ? lobule.sites : 0, 0.0);
  work.neutrophils.assign(lobule.sites, 0.0);
  add_macrophages(patch, state, work);
  add_neutrophils(patch, state, work);
  work.phagocytes = work.macrophages;
  for (std::size_t site = 0; site < lobule.sites; ++site) work.phagocytes[site] += work.neutrophils[site];
  bool changed = !known.fresh || work.phagocytes != known.phagocytes || work.colloid_macrophages != known.colloid_macrophages;
  std::swap(work.phagocytes, known.phagocytes);
  std::swap(work.colloid_macrophages, known.colloid_macrophages);
  known.capillarised.resize(lobule.grid.size(), 0);
  if (places_.capillarisation) {
    const std::vector<double>& capillarised = patch.field(*places_.capillarisation).value;
    for (std::size_t v = 0; v < capillarised.size(); ++v) {
      const auto steps = static_cast<std::uint16_t>(std::nearbyint(capillarised[v] * capillarisation_steps));
      changed = changed || steps != known.capillarised[v];
      known.capillarised[v] = steps;
    }
  }
  return changed;
}

void EvUptake::find_clearances(LobuleState& state, LobuleState::Scratch& work) const {
  const Lobule& lobule = state.lobule();
  LobuleState::Uptake& known = state.uptake;
  const Fixed fixed = fixed_of(lobule);
  known.ev_mL_per_h.assign(lobule.grid.size(), 0.0);
  std::vector<double>& colloid_mL_per_h = work.colloid_mL_per_h;
  colloid_mL_per_h.assign(places_.colloid ? lobule.grid.size() : 0, 0.0);
  for (std::size_t v = 0; v < lobule.grid.size(); ++v) {
    if (lobule.site[v] == Lobule::no_site) continue;
    const double behind = (fixed.hepatocytes + fixed.stellate_cells) * altered(known.capillarised[v], p_.capillarised_sieving);
    const double lining = fixed.endothelium * altered(known.capillarised[v], p_.capillarised_endothelium);
    known.ev_mL_per_h[v] = state.share_of_site()[v] * known.phagocytes[lobule.site[v]] + state.share_of_lobule(v) * (lining + behind);
    if (places_.colloid) colloid_mL_per_h[v] = state.share_of_site()[v] * known.colloid_macrophages[lobule.site[v]];
  }
}

/// Carries vesicles of `seen_per_mL` at the inlet, or without saturation of 1 per mL.
void EvUptake::sweep(const LobuleState& state, double seen_per_mL, sim::Carriage& carriage) const {
  if (seen_per_mL > 0.0)
    state.sweep().carry(seen_per_mL, state.uptake.ev_mL_per_h, {}, p_.half_saturation_per_mL, carriage);
  else
    state.sweep().carry(1.0, state.uptake.ev_mL_per_h, {}, infinite, carriage);
}

/// Makes the sweeps anew when cells or concentration are others than last time: a function of the patch's state alone.
void EvUptake::refresh(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  LobuleState::Uptake& known = state.uptake;
  sim::Carriage& carriage = work.carriage;
  const bool changed = look_at_cells(patch, state, work);
  const double seen = seen_per_mL(patch.scalars[signals_.ev_per_mL]);
  if (changed) {
    find_clearances(state, work);
    if (places_.colloid) {
      state.sweep().carry(1.0, work.colloid_mL_per_h, {}, infinite, carriage);
      known.colloid_taken = carriage.taken;
      known.colloid_entered = carriage.entered;
    }
  }
  if (changed || seen != known.ev_per_mL) {
    sweep(state, seen, carriage);
    known.ev = carriage.uptake;
    known.ev_taken = carriage.taken;
    known.ev_entered = carriage.entered;
  }
  known.ev_per_mL = seen;
  known.fresh = true;
}

void EvUptake::set_clearances(sim::Patch& patch, const LobuleState& state) const {
  const LobuleState::Uptake& known = state.uptake;
  const double alone =
      weight_ * known.ev_taken / (known.ev_per_mL > 0.0 ? known.ev_per_mL : 1.0) * (1.0 + known.ev_per_mL / p_.half_saturation_per_mL);
  for (const VesiclePools* species : {&pools_.ev, &pools_.effective, &pools_.endogenous}) patch.clearance_mL_per_h[species->liver_uptake] = alone;
  patch.clearance_mL_per_h[pools_.colloid.liver_uptake] = weight_ * known.colloid_taken;
}

double EvUptake::ev_clearance_mL_per_h(const sim::Patch& patch) const {
  const double competition = 1.0 + seen_per_mL(patch.scalars[signals_.ev_per_mL]) / p_.half_saturation_per_mL;
  return patch.clearance_mL_per_h[pools_.endogenous.liver_uptake] / competition;
}

/// Whether nothing of MSC or a product is near: then the lobule's clearance matters for the endogenous vesicles alone.
bool EvUptake::idle(const sim::Patch& patch) const {
  for (const sim::UptakeIndex uptake : {pools_.ev.liver_uptake, pools_.effective.liver_uptake, pools_.colloid.liver_uptake})
    if (patch.uptaken[uptake] > 0.0) return false;
  for (const std::size_t scalar : {signals_.liver_inlet_ev, signals_.liver_inlet_effective, signals_.liver_inlet_colloid, signals_.near_secretors})
    if (patch.scalars[scalar] > 0.0) return false;
  return none(patch.field(places_.local_source).value) && none(patch.field(places_.local_source + 1).value);
}

void EvUptake::prepare(sim::Patch& patch) const {
  LobuleState& state = lobule_state(patch);
  LobuleState::Scratch work;
  refresh(patch, state, work);
  set_clearances(patch, state);
}

void EvUptake::advance(sim::Patch& patch, const sim::Step& step) const {
  constexpr std::int64_t idle_every_s = std::int64_t{6} * 3600;
  LobuleState& state = lobule_state(patch);
  LobuleState::Scratch work;
  if (idle(patch) && step.start_s / idle_every_s == step.end_s() / idle_every_s) {
    feed_cells(patch, state, step, false, work);
    return;
  }
  refresh(patch, state, work);
  work.taken.assign(state.lobule().grid.size(), 0.0);
  work.taken_effective.assign(state.lobule().grid.size(), 0.0);
  find_near(patch, state, work);
  take_from_plasma(patch, state, work);
  first_pass(patch, state, step, work);
  take_from_local_sources(patch, state, step, work);
  feed_cells(patch, state, step, expose(patch, state, work), work);
  set_clearances(patch, state);
}

/// What the compartments' step counted as taken up here (and put into the liver's pools): by voxel.
void EvUptake::take_from_plasma(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  const LobuleState::Uptake& known = state.uptake;
  share_out(patch.uptaken[pools_.ev.liver_uptake] / weight_, known.ev, known.ev_taken, work.taken);
  share_out(patch.uptaken[pools_.effective.liver_uptake] / weight_, known.ev, known.ev_taken, work.taken_effective);
}

/// What was given into the liver's inflow in this visit meets the lobule before the rest of the body does.
void EvUptake::first_pass(sim::Patch& patch, LobuleState& state, const sim::Step& step, LobuleState::Scratch& work) const {
  const LobuleState::Uptake& known = state.uptake;
  const auto pass = [&](double amount, double taken, double entered, sim::PoolIndex organ, sim::PoolIndex plasma) {
    const double extracted = amount * (1.0 - state.shunt()) * (entered > 0.0 ? std::min(1.0, taken / entered) : 0.0);
    patch.deposit(organ, extracted);
    patch.deposit_over_next_visit(plasma, amount - extracted);
    return extracted;
  };
  double& colloid = patch.scalars[signals_.liver_inlet_colloid];
  if (colloid > 0.0) pass(colloid, known.colloid_taken, known.colloid_entered, pools_.colloid.liver, pools_.colloid.plasma);
  colloid = 0.0;
  double &ev = patch.scalars[signals_.liver_inlet_ev], &effective = patch.scalars[signals_.liver_inlet_effective];
  if (ev > 0.0 || effective > 0.0) {
    const double given_h = patch.scalars[signals_.liver_inlet_h] > 0.0 ? patch.scalars[signals_.liver_inlet_h] : step.duration_h();
    const double inflow_mL = weight_ * state.plasma_mL_per_h() * given_h, added_per_mL = inflow_mL > 0.0 ? ev / inflow_mL : 0.0;
    const double seen = seen_per_mL(patch.scalars[signals_.ev_per_mL] + added_per_mL);
    const std::vector<double>* uptake = &known.ev;
    double taken = known.ev_taken, entered = known.ev_entered;
    if (seen != known.ev_per_mL) {
      sweep(state, seen, work.carriage);
      uptake = &work.carriage.uptake;
      taken = work.carriage.taken;
      entered = work.carriage.entered;
    }
    share_out(pass(ev, taken, entered, pools_.ev.liver, pools_.ev.plasma) / weight_, *uptake, taken, work.taken);
    share_out(pass(effective, taken, entered, pools_.effective.liver, pools_.effective.plasma) / weight_, *uptake, taken, work.taken_effective);
  }
  ev = effective = patch.scalars[signals_.liver_inlet_h] = 0.0;
}

/// What MSC stopped in the lobule secreted in this visit is taken up on its way to the vein, or leaves. Where nothing flows and no cell takes up
/// anything, all of it leaves.
void EvUptake::take_from_local_sources(sim::Patch& patch, LobuleState& state, const sim::Step& step, LobuleState::Scratch& work) const {
  const double competition = 1.0 + state.uptake.ev_per_mL / p_.half_saturation_per_mL, per_h = 1.0 / (weight_ * step.duration_h());
  const auto carry = [&](std::size_t field, const VesiclePools& pools, std::vector<double>& taken) {
    std::vector<double>& source = patch.field(field).value;
    if (none(source)) return;
    if (state.sinusoidal_mL_per_h() == 0.0 && none(state.uptake.ev_mL_per_h)) {
      patch.deposit_over_next_visit(pools.plasma, std::accumulate(source.begin(), source.end(), 0.0));
      std::fill(source.begin(), source.end(), 0.0);
      return;
    }
    work.clearance = state.uptake.ev_mL_per_h;
    for (double& clearance : work.clearance) clearance /= competition;
    work.source = source;
    for (double& amount : work.source) amount *= per_h;
    state.sweep().carry(0.0, work.clearance, work.source, infinite, work.carriage);
    for (std::size_t v = 0; v < taken.size(); ++v) taken[v] += work.carriage.uptake[v] * step.duration_h();
    patch.deposit(pools.liver, work.carriage.taken / per_h);
    patch.deposit_over_next_visit(pools.plasma, work.carriage.left / per_h);
    std::fill(source.begin(), source.end(), 0.0);
  };
  carry(places_.local_source, pools_.ev, work.taken);
  carry(places_.local_source + 1, pools_.effective, work.taken_effective);
}

/// Finds how much of each site lies near the viable MSC that stopped in the lobule.
void EvUptake::find_near(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  std::vector<double>& near = work.near;
  near.clear();
  const double secretors = patch.scalars[signals_.near_secretors] / weight_;
  if (!(secretors > 0.0) || !carriers_.soluble) return;
  const Lobule& lobule = state.lobule();
  const std::vector<double>& source = patch.field(places_.local_source).value;
  double set_free = 0.0;
  for (const double amount : source) set_free += amount;
  std::vector<double> volume_um3(lobule.sites, 0.0);
  near.assign(lobule.sites, 0.0);
  for (std::size_t v = 0; v < source.size(); ++v) {
    if (lobule.site[v] == Lobule::no_site) continue;
    near[lobule.site[v]] += secretors * (set_free > 0.0 ? source[v] / set_free : state.share_of_lobule(v));
    volume_um3[lobule.site[v]] += lobule.grid.volume_fraction()[v] * lobule.grid.voxel_volume_um3();
  }
  const double reached_um3 = 4.0 / 3.0 * std::numbers::pi * std::pow(p_.near_reach_um, 3.0);
  for (std::size_t site = 0; site < lobule.sites; ++site) near[site] = -std::expm1(-near[site] / volume_um3[site] * reached_um3);
}

/// Turns what voxels took up into what a phagocyte of each site took up per clearance; counts by sort of cell, and adds to the map. False when
/// nothing was taken up.
bool EvUptake::expose(sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const {
  if (none(work.taken) && none(work.taken_effective)) return false;
  const Lobule& lobule = state.lobule();
  const LobuleState::Uptake& known = state.uptake;
  const std::vector<double>& open = lobule.grid.volume_fraction();
  std::vector<double>& map = patch.field(places_.map).value;
  work.exposure.assign(lobule.sites, 0.0);
  work.exposure_effective.assign(lobule.sites, 0.0);
  double lining = 0.0, behind = 0.0;  // sums of w_v factor(K_v) exposure
  for (std::size_t v = 0; v < work.taken.size(); ++v) {
    if (!(known.ev_mL_per_h[v] > 0.0)) continue;
    const double per_clearance = 1.0 / known.ev_mL_per_h[v], exposure = work.taken[v] * per_clearance;
    work.exposure[lobule.site[v]] += state.share_of_site()[v] * exposure;
    work.exposure_effective[lobule.site[v]] += state.share_of_site()[v] * work.taken_effective[v] * per_clearance;
    lining += state.share_of_lobule(v) * altered(known.capillarised[v], p_.capillarised_endothelium) * exposure;
    behind += state.share_of_lobule(v) * altered(known.capillarised[v], p_.capillarised_sieving) * exposure;
    map[v] += work.taken[v] / (open[v] * lobule.grid.voxel_volume_um3());
  }
  const Fixed fixed = fixed_of(lobule);
  double macrophages = 0.0, neutrophils = 0.0;
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    macrophages += work.macrophages[site] * work.exposure[site];
    neutrophils += work.neutrophils[site] * work.exposure[site];
  }
  patch.scalars[taken_by_.macrophages] += weight_ * macrophages;
  patch.scalars[taken_by_.neutrophils] += weight_ * neutrophils;
  patch.scalars[taken_by_.endothelium] += weight_ * fixed.endothelium * lining;
  patch.scalars[taken_by_.hepatocytes] += weight_ * fixed.hepatocytes * behind;
  patch.scalars[taken_by_.stellate_cells] += weight_ * fixed.stellate_cells * behind;
  return true;
}

SignalStep EvUptake::signal_step(const sim::Patch& patch, const sim::Step& step) const {
  const double activity = carriers_.soluble ? patch.scalars[signals_.soluble_activity] : 0.0;
  return {24.0 * p_.signal_half_life_d, p_.soluble_signal_per_h, activity, step.duration_h()};
}

/// As feed_cells, of numbers: each sort has the mean of what its cells take up.
void EvUptake::feed_mean_cells(sim::Patch& patch, const sim::Step& step, bool any, LobuleState::Scratch& work) const {
  MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
  const SignalStep by = signal_step(patch, step);
  const double soluble = by.soluble(work.near.empty() ? 0.0 : work.near[0]);
  const auto feed = [&](double number, double each_mL_per_h, double& ev_taken, double& signal) {
    signal = signal * by.kept() + number * soluble;
    if (!any) return;
    const double clearance = number * each_mL_per_h;
    ev_taken += clearance * work.exposure[0];
    if (carriers_.ev) signal += clearance * work.exposure_effective[0] * by.collected();
  };
  for (std::size_t sort = 0; sort < MeanCells::sorts; ++sort) {
    MeanCells::Sort& of = cells.macrophages[sort];
    const double each = sort == MeanCells::kupffer ? p_.kupffer_um3_per_min : p_.recruited_um3_per_min;
    feed(of.number, p_.phagocytic_activity * um3_per_min * each, of.ev_taken, of.signal);
  }
  feed(cells.living_neutrophils(), um3_per_min * p_.neutrophil_um3_per_min, cells.neutrophil_ev_taken, cells.neutrophil_signal);
  store_mean_cells(patch, *places_.mean_cells, cells);
}

void EvUptake::feed_cells(sim::Patch& patch, const LobuleState& state, const sim::Step& step, bool any, LobuleState::Scratch& work) const {
  if (places_.mean_cells) {
    feed_mean_cells(patch, step, any, work);
    return;
  }
  const SignalStep by = signal_step(patch, step);
  const Exposure exposure{.near = work.near, .ev = work.exposure, .effective = work.exposure_effective, .any = any};
  const auto feed = [&](std::size_t kind, auto columns, const std::array<double, 3>& clearance_mL_per_h) {
    sim::Population& cells = patch.agents(kind);
    take_up({.ids = cells.ids(),
             .voxel = cells.column(columns.voxel),
             .state = cells.column(columns.state),
             .ev_taken = cells.column(columns.ev_taken),
             .signal = cells.column(columns.signal),
             .clearance_mL_per_h = clearance_mL_per_h},
            state.lobule(), exposure, by, p_.thin, carriers_.ev, step.random(streams::of("ev_uptake")));
  };
  struct Columns {
    sim::Column<std::uint32_t> voxel;
    sim::Column<std::uint8_t> state;
    sim::Column<double> ev_taken;
    sim::Column<float> signal;
  };
  const double active = p_.phagocytic_activity * um3_per_min, recruited = active * p_.recruited_um3_per_min;
  feed(places_.macrophages, Columns{macrophage::voxel, macrophage::state, macrophage::ev_taken, macrophage::signal},
       {active * p_.kupffer_um3_per_min, recruited, recruited});
  const double each = um3_per_min * p_.neutrophil_um3_per_min;
  if (places_.neutrophils)
    feed(*places_.neutrophils, Columns{neutrophil::voxel, neutrophil::state, neutrophil::ev_taken, neutrophil::signal}, {each, 0.0, each});
}

}  // namespace paracrine::models
