#include "models/processes/cytokine.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/tissue/lobule_state.hpp"
#include "models/tissue/mean_cells.hpp"
#include "sim/fields/steady_bundle.hpp"

namespace paracrine::models {

namespace {

constexpr double s_per_d = 86400.0;
constexpr double mL_per_um3 = 1e-12;
constexpr double ng_per_pg = 1e-3;
constexpr double tolerance = 1e-3;  // of the fields' sources; their parameters are known to a factor of two
constexpr double half_drive_ng_per_mL = 0.3, half_drive_damage = 0.1;

double per_s(double half_life_min) { return std::numbers::ln2 / (60.0 * half_life_min); }

/// Per voxel: 1 / volume [1/um^3] of what of its site is open; 0 without a site.
std::vector<double> per_volume(const LobuleState& state) {
  const Lobule& lobule = state.lobule();
  const std::vector<double>& open = lobule.grid.volume_fraction();
  std::vector<double> per_um3(lobule.grid.size(), 0.0);
  for (std::size_t v = 0; v < per_um3.size(); ++v)
    if (lobule.site[v] != Lobule::no_site) per_um3[v] = state.share_of_site()[v] / (open[v] * lobule.grid.voxel_volume_um3());
  return per_um3;
}

/// source [unit/s] per voxel of `per_site`, times `factor` over the volume of the site.
void spread(const Lobule& lobule, std::span<const double> per_um3, std::span<const double> per_site, double factor, std::vector<double>& per_voxel) {
  per_voxel.resize(lobule.grid.size());
  for (std::size_t v = 0; v < per_voxel.size(); ++v)
    per_voxel[v] = lobule.site[v] == Lobule::no_site ? 0.0 : per_site[lobule.site[v]] * factor * per_um3[v];
}

}  // namespace

CytokineFields number_cytokine_fields(std::size_t first) {
  return {.tgf_beta = first,
          .tnf = first + 1,
          .pdgf = first + 2,
          .hgf = first + 3,
          .il6 = first + 4,
          .damage = first + 5,
          .capillarisation_drive = first + 6};
}

void add_cytokine_fields(sim::Patch& patch, const CytokineParameters& p) {
  const auto add = [&](const char* name, const char* unit, const char* meaning, double um2_per_s, double half_life_min) {
    sim::Field field(name, unit, *patch.grid);
    field.meaning = meaning;
    field.diffusion_um2_per_s = um2_per_s;
    field.decay_per_s = half_life_min > 0.0 ? per_s(half_life_min) : 0.0;
    patch.fields.push_back(std::move(field));
  };
  add("tgf_beta", "ng/mL", "active TGF-beta", p.tgf_beta_um2_per_s, p.tgf_beta_half_life_min);
  add("tnf", "ng/mL", "TNF", p.tnf_um2_per_s, p.tnf_half_life_min);
  add("pdgf", "ng/mL", "PDGF", p.pdgf_um2_per_s, p.pdgf_half_life_min);
  add("hgf", "ng/mL", "HGF", p.hgf_um2_per_s, p.hgf_half_life_min);
  add("il6", "ng/mL", "IL-6", p.il6_um2_per_s, p.il6_half_life_min);
  add("damage", "1", "signal of damaged cells; 1: all hepatocytes necrotic", p.damage_um2_per_s, p.damage_half_life_min);
  add("capillarisation_drive", "1", "what drives the capillarisation of the endothelium, 0 to 1", 0.0, 0.0);
}

void Cytokine::add_macrophages(const sim::Patch& patch, Secretion& made) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const sim::Population& cells = patch.agents(places_.kinds.macrophages);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state), origin = cells.column(macrophage::origin);
  const auto relay = cells.column(macrophage::relay);
  const std::vector<double>& damage = patch.field(places_.fields.damage).value;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const std::uint32_t site = lobule.site[voxel[row]];
    switch (static_cast<macrophage::State>(state[row])) {
      case macrophage::State::kupffer:
        made.tgf_beta[site] += p_.tgf_beta_kupffer;
        made.tnf[site] += p_.tnf_kupffer;
        made.il6[site] += p_.il6_kupffer;
        made.il10 += p_.il10_kupffer * (1.0 + p_.il10_relay * static_cast<double>(relay[row]));
        break;
      case macrophage::State::inflammatory:
        made.tgf_beta[site] += p_.tgf_beta_inflammatory * stimulation(p_, damage[voxel[row]]);
        made.tnf[site] += p_.tnf_inflammatory * stimulation(p_, damage[voxel[row]]);
        made.pdgf[site] += p_.pdgf_inflammatory * stimulation(p_, damage[voxel[row]]);
        made.il6[site] += p_.il6_inflammatory * stimulation(p_, damage[voxel[row]]);
        made.ccl2 += p_.ccl2_inflammatory * stimulation(p_, damage[voxel[row]]);
        break;
      case macrophage::State::restorative:
        made.tgf_beta[site] += p_.tgf_beta_restorative;
        made.pdgf[site] += p_.pdgf_restorative;
        made.hgf[site] += p_.hgf_restorative;
        made.il10 += p_.il10_restorative;
        break;
    }
    if (origin[row] == static_cast<std::uint8_t>(macrophage::Origin::infused)) made.ccl2 += p_.ccl2_infused;
  }
}

void Cytokine::add_stellate_cells(const sim::Patch& patch, Secretion& made) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const sim::Population& cells = patch.agents(places_.kinds.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const std::uint32_t site = lobule.site[voxel[row]];
    made.stellate[site] += 1.0;
    switch (static_cast<stellate_cell::State>(state[row])) {
      case stellate_cell::State::quiescent:
        made.hgf[site] += p_.hgf_stellate;
        break;
      case stellate_cell::State::activated:
      case stellate_cell::State::myofibroblast:
        made.tgf_beta[site] += p_.tgf_beta_stellate;
        made.pdgf[site] += p_.pdgf_stellate;
        made.activated[site] += 1.0;
        made.ccl2 += p_.ccl2_stellate;
        break;
      case stellate_cell::State::inactivated:
      case stellate_cell::State::senescent:
        break;
    }
  }
}

void Cytokine::add_damage(const sim::Patch& patch, Secretion& made) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const auto hepatocytes = patch.agents(places_.kinds.hepatocytes).column(hepatocyte::state);
  for (std::size_t site = 0; site < hepatocytes.size(); ++site) {
    const auto state = static_cast<hepatocyte::State>(hepatocytes[site]);
    if (state == hepatocyte::State::necrotic) made.damage[site] += 1.0;
    if (state == hepatocyte::State::injured) made.damage[site] += p_.damage_injured;
    if (state == hepatocyte::State::senescent) made.damage[site] += p_.damage_senescent;
  }
  const sim::Population& neutrophils = patch.agents(places_.kinds.neutrophils);
  const auto voxel = neutrophils.column(neutrophil::voxel);
  const auto lives = neutrophils.column(neutrophil::state);
  for (std::size_t row = 0; row < neutrophils.size(); ++row)
    if (lives[row] == static_cast<std::uint8_t>(neutrophil::State::apoptotic)) made.damage[lobule.site[voxel[row]]] += p_.damage_neutrophil;
}

/// The same of numbers per site, at the one site of the well-mixed lobule.
void Cytokine::add_mean_cells(const sim::Patch& patch, Secretion& made) const {
  using hepatocyte::State;
  const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
  const MeanCells::Sort& kupffer = cells.macrophages[MeanCells::kupffer];
  const double inflammatory = cells.all_inflammatory() * stimulation(p_, patch.field(places_.fields.damage).value[0]);
  const double restorative = cells.all_restorative(), activated = cells.activated_stellate();
  const double infused = cells.macrophages[MeanCells::infused_inflammatory].number + cells.macrophages[MeanCells::infused_restorative].number;
  made.tgf_beta[0] = p_.tgf_beta_kupffer * kupffer.number + p_.tgf_beta_inflammatory * inflammatory + p_.tgf_beta_restorative * restorative +
                     p_.tgf_beta_stellate * activated;
  made.tnf[0] = p_.tnf_kupffer * kupffer.number + p_.tnf_inflammatory * inflammatory;
  made.pdgf[0] = p_.pdgf_inflammatory * inflammatory + p_.pdgf_restorative * restorative + p_.pdgf_stellate * activated;
  made.hgf[0] = p_.hgf_restorative * restorative + p_.hgf_stellate * cells.stellate[static_cast<std::size_t>(stellate_cell::State::quiescent)];
  made.il6[0] = p_.il6_kupffer * kupffer.number + p_.il6_inflammatory * inflammatory;
  made.ccl2 = p_.ccl2_inflammatory * inflammatory + p_.ccl2_infused * infused + p_.ccl2_stellate * activated;
  made.il10 = p_.il10_kupffer * (kupffer.number + p_.il10_relay * kupffer.relay) + p_.il10_restorative * restorative;
  made.stellate[0] = cells.all_stellate();
  made.activated[0] = activated;
  made.damage[0] = cells.hepatocytes(State::necrotic) + p_.damage_injured * cells.hepatocytes(State::injured) +
                   p_.damage_senescent * cells.hepatocytes(State::senescent) + p_.damage_neutrophil * cells.apoptotic_neutrophils;
}

Secretion Cytokine::secretion_of(const sim::Patch& patch) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  Secretion made;
  for (std::vector<double>* sites : {&made.tgf_beta, &made.tnf, &made.pdgf, &made.hgf, &made.il6, &made.damage, &made.stellate, &made.activated})
    sites->assign(lobule.sites, 0.0);
  if (places_.mean_cells) {
    add_mean_cells(patch, made);
  } else {
    add_macrophages(patch, made);
    add_stellate_cells(patch, made);
    add_damage(patch, made);
  }
  const double activity = patch.scalars[places_.tgf_beta_activity];
  for (double& rate : made.tgf_beta) rate *= activity;
  return made;
}

void Cytokine::solve(sim::Patch& patch, const Secretion& made, double duration_s) const {
  const LobuleState& state = lobule_state(patch);
  constexpr double ng_per_mL_s = ng_per_pg / s_per_d / mL_per_um3;  // of 1 pg/d in 1 um^3
  const CytokineFields& f = places_.fields;
  const Lobule& lobule = state.lobule();
  const std::vector<double> per_um3 = per_volume(state);
  const auto set = [&](std::size_t number, const std::vector<double>& secreted) {
    spread(lobule, per_um3, secreted, ng_per_mL_s, patch.field(number).source_per_s);
  };
  set(f.tgf_beta, made.tgf_beta);
  set(f.tnf, made.tnf);
  set(f.pdgf, made.pdgf);
  set(f.hgf, made.hgf);
  set(f.il6, made.il6);
  spread(lobule, per_um3, made.stellate, p_.tgf_beta_uptake_um3_per_s, patch.field(f.tgf_beta).uptake_per_s);
  spread(lobule, per_um3, made.activated, p_.pdgf_uptake_um3_per_s, patch.field(f.pdgf).uptake_per_s);

  // the damage signal by one implicit step: steady with what is there as a source, spread over the step
  sim::Field& damage = patch.field(f.damage);
  const double decay_per_s = per_s(p_.damage_half_life_min);
  const double site_um3 = lobule.grid.voxel_volume_um3() * std::pow(static_cast<double>(lobule.refine), 3.0);
  spread(lobule, per_um3, made.damage, decay_per_s * site_um3, damage.source_per_s);
  if (duration_s > 0.0)
    for (std::size_t v = 0; v < damage.value.size(); ++v) damage.source_per_s[v] += damage.value[v] / duration_s;
  damage.decay_per_s = decay_per_s + (duration_s > 0.0 ? 1.0 / duration_s : 0.0);
  const std::array<sim::Field*, 6> all{&patch.field(f.tgf_beta), &patch.field(f.tnf), &patch.field(f.pdgf),
                                       &patch.field(f.hgf),      &patch.field(f.il6), &damage};
  sim::SteadyBundle(lobule.grid).solve(all, tolerance);
  damage.decay_per_s = decay_per_s;
  for (sim::Field* field : all) {  // made anew at every visit: no room is kept for them
    std::vector<double>().swap(field->source_per_s);
    std::vector<double>().swap(field->uptake_per_s);
  }

  std::vector<double>& drive = patch.field(f.capillarisation_drive).value;
  const std::vector<double>& tgf_beta = patch.field(f.tgf_beta).value;
  double mean = 0.0;
  for (std::size_t v = 0; v < drive.size(); ++v) {
    const double t = tgf_beta[v] / half_drive_ng_per_mL, d = damage.value[v] / half_drive_damage;
    drive[v] = 1.0 - 1.0 / ((1.0 + t * t) * (1.0 + d * d));
    mean += state.share_of_lobule(v) * damage.value[v];
  }
  patch.scalars[places_.mean_damage] = mean;
}

void Cytokine::spill(sim::Patch& patch, const Secretion& made, double days) const {
  const auto total = [](const std::vector<double>& sites) {
    double sum = 0.0;
    for (const double rate : sites) sum += rate;
    return sum;
  };
  const auto give = [&](Factor factor, double pg_per_d) {
    const double ng = p_.spill * ng_per_pg * pg_per_d * days * weight_;
    if (ng > 0.0) patch.deposit_over_next_visit(places_.pools.factor[static_cast<std::size_t>(factor)].plasma, ng);
  };
  give(Factor::tnf, total(made.tnf));
  give(Factor::il6, total(made.il6));
  give(Factor::hgf, total(made.hgf));
}

void Cytokine::prepare(sim::Patch& patch) const {
  const Secretion made = secretion_of(patch);
  solve(patch, made, 0.0);
  const double open_mL = lobule_state(patch).lobule().grid.domain_volume_um3() * mL_per_um3;
  const double damage = patch.scalars[places_.mean_damage];
  patch.scalars[places_.ccl2] = p_.ccl2_healthy_ng_per_mL + (ng_per_pg * made.ccl2 / open_mL + p_.ccl2_damage_ng_per_mL_d * damage) *
                                                                p_.ccl2_half_life_h / 24.0 / std::numbers::ln2;
  patch.scalars[places_.ccl2_reference] = patch.scalars[places_.ccl2];
  patch.scalars[places_.ccl2_rise] = 0.0;
  patch.scalars[places_.il10] = ng_per_pg * made.il10 / open_mL * p_.il10_half_life_h / 24.0 / std::numbers::ln2;
}

void Cytokine::advance(sim::Patch& patch, const sim::Step& step) const {
  const Secretion made = secretion_of(patch);
  const double days = step.duration_h() / 24.0;
  solve(patch, made, static_cast<double>(step.duration_s));
  const double open_mL = lobule_state(patch).lobule().grid.domain_volume_um3() * mL_per_um3;
  const auto follow = [&](double& value, double ng_per_mL_d, double floor, double half_life_h) {
    const double rate_per_d = std::numbers::ln2 * 24.0 / half_life_h, steady = floor + ng_per_mL_d / rate_per_d;
    value = steady + (value - steady) * std::exp(-rate_per_d * days);
  };
  double& ccl2 = patch.scalars[places_.ccl2];
  follow(ccl2, ng_per_pg * made.ccl2 / open_mL + p_.ccl2_damage_ng_per_mL_d * patch.scalars[places_.mean_damage], p_.ccl2_healthy_ng_per_mL,
         p_.ccl2_half_life_h);
  follow(patch.scalars[places_.il10], ng_per_pg * made.il10 / open_mL, 0.0, p_.il10_half_life_h);
  patch.scalars[places_.ccl2_rise] = ccl2 / patch.scalars[places_.ccl2_reference] - 1.0;
  spill(patch, made, days);
}

void LiverCall::advance(sim::World& world, const sim::Step&) const {
  const sim::PatchGroup& liver = world.groups[group_];
  double rise = 0.0, damage = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) {
    const std::vector<double>& scalars = world.patch(liver.first + i).scalars;
    rise += scalars[ccl2_rise_] * scalars[ccl2_activity_] / static_cast<double>(liver.count);
    damage += scalars[mean_damage_] / static_cast<double>(liver.count);
  }
  world.values[ccl2_value_] = std::max(0.0, rise);
  world.values[damage_value_] = damage_gain_ * damage;
}

}  // namespace paracrine::models
