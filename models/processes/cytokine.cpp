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
// of the fields' sources: at the start, and in a visit, from the last values
constexpr double tolerance_at_start = 1e-3, tolerance_of_visit = 3e-2;
constexpr int iterations_of_visit = 2;  // at least

double per_s(double half_life_min) { return std::numbers::ln2 / (60.0 * half_life_min); }

struct Amounts {
  double tgf_beta = 0.0, tnf = 0.0, pdgf = 0.0, hgf = 0.0, il6 = 0.0, damage = 0.0;
};

sim::Lanes of_cell(const Amounts& a) {
  sim::Lanes lanes{};
  lanes[Secretion::tgf_beta] = static_cast<float>(a.tgf_beta);
  lanes[Secretion::tnf] = static_cast<float>(a.tnf);
  lanes[Secretion::pdgf] = static_cast<float>(a.pdgf);
  lanes[Secretion::hgf] = static_cast<float>(a.hgf);
  lanes[Secretion::il6] = static_cast<float>(a.il6);
  lanes[Secretion::damage] = static_cast<float>(a.damage);
  return lanes;
}

}  // namespace

CytokineFields number_cytokine_fields(std::size_t first) {
  return {.tgf_beta = first, .tnf = first + 1, .pdgf = first + 2, .hgf = first + 3, .il6 = first + 4, .damage = first + 5};
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
}

void Cytokine::add_macrophages(const sim::Patch& patch, Secretion& secretion) const {
  using macrophage::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  const sim::Population& cells = patch.agents(places_.kinds.macrophages);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state), origin = cells.column(macrophage::origin);
  const auto relay = cells.column(macrophage::relay);
  const std::vector<double>& damage = patch.field(places_.fields.damage).value;
  const std::array<sim::Lanes, 3> full{
      of_cell({.tgf_beta = p_.tgf_beta_kupffer, .tnf = p_.tnf_kupffer, .il6 = p_.il6_kupffer}),
      of_cell({.tgf_beta = p_.tgf_beta_inflammatory, .tnf = p_.tnf_inflammatory, .pdgf = p_.pdgf_inflammatory, .il6 = p_.il6_inflammatory}),
      of_cell({.tgf_beta = p_.tgf_beta_restorative, .pdgf = p_.pdgf_restorative, .hgf = p_.hgf_restorative})};
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(state[row]);
    double stimulated = 1.0;
    if (now == State::inflammatory) {
      stimulated = stimulation(p_, damage[voxel[row]]);
      secretion.ccl2 += p_.ccl2_inflammatory * stimulated;
    } else {
      secretion.il10 += now == State::kupffer ? p_.il10_kupffer * (1.0 + p_.il10_relay * static_cast<double>(relay[row])) : p_.il10_restorative;
    }
    secretion.made[lobule.site[voxel[row]]] += full[state[row]] * static_cast<float>(stimulated);
    if (origin[row] == static_cast<std::uint8_t>(macrophage::Origin::infused)) secretion.ccl2 += p_.ccl2_infused;
  }
}

void Cytokine::add_stellate_cells(const sim::Patch& patch, Secretion& secretion) const {
  using stellate_cell::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  const sim::Population& cells = patch.agents(places_.kinds.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  const sim::Lanes of_quiescent = of_cell({.hgf = p_.hgf_stellate});
  const sim::Lanes of_active = of_cell({.tgf_beta = p_.tgf_beta_stellate, .pdgf = p_.pdgf_stellate});
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const std::uint32_t site = lobule.site[voxel[row]];
    const auto now = static_cast<State>(state[row]);
    const bool active = now == State::activated || now == State::myofibroblast;
    secretion.receptors[site].all += 1.0F;
    if (now == State::quiescent) secretion.made[site] += of_quiescent;
    if (!active) continue;
    secretion.receptors[site].active += 1.0F;
    secretion.made[site] += of_active;
    secretion.ccl2 += p_.ccl2_stellate;
  }
}

void Cytokine::add_damage(const sim::Patch& patch, Secretion& secretion) const {
  using hepatocyte::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  const auto hepatocytes = patch.agents(places_.kinds.hepatocytes).column(hepatocyte::state);
  std::array<float, hepatocyte::states> of_state{};
  of_state[static_cast<std::size_t>(State::necrotic)] = 1.0F;
  of_state[static_cast<std::size_t>(State::injured)] = static_cast<float>(p_.damage_injured);
  of_state[static_cast<std::size_t>(State::senescent)] = static_cast<float>(p_.damage_senescent);
  for (std::size_t site = 0; site < hepatocytes.size(); ++site) secretion.made[site][Secretion::damage] += of_state[hepatocytes[site]];
  const sim::Population& neutrophils = patch.agents(places_.kinds.neutrophils);
  const auto voxel = neutrophils.column(neutrophil::voxel);
  const auto lives = neutrophils.column(neutrophil::state);
  for (std::size_t row = 0; row < neutrophils.size(); ++row)
    if (lives[row] == static_cast<std::uint8_t>(neutrophil::State::apoptotic))
      secretion.made[lobule.site[voxel[row]]][Secretion::damage] += static_cast<float>(p_.damage_neutrophil);
}

/// The same of numbers per site, at the one site of the well-mixed lobule.
void Cytokine::add_mean_cells(const sim::Patch& patch, Secretion& secretion) const {
  using hepatocyte::State;
  const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
  const MeanCells::Sort& kupffer = cells.macrophages[MeanCells::kupffer];
  const double inflammatory = cells.all_inflammatory() * stimulation(p_, patch.field(places_.fields.damage).value[0]);
  const double restorative = cells.all_restorative(), activated = cells.activated_stellate();
  const double infused = cells.macrophages[MeanCells::infused_inflammatory].number + cells.macrophages[MeanCells::infused_restorative].number;
  const double quiescent = cells.stellate[static_cast<std::size_t>(stellate_cell::State::quiescent)];
  secretion.made[0] =
      of_cell({.tgf_beta = p_.tgf_beta_kupffer * kupffer.number + p_.tgf_beta_inflammatory * inflammatory + p_.tgf_beta_restorative * restorative +
                           p_.tgf_beta_stellate * activated,
               .tnf = p_.tnf_kupffer * kupffer.number + p_.tnf_inflammatory * inflammatory,
               .pdgf = p_.pdgf_inflammatory * inflammatory + p_.pdgf_restorative * restorative + p_.pdgf_stellate * activated,
               .hgf = p_.hgf_restorative * restorative + p_.hgf_stellate * quiescent,
               .il6 = p_.il6_kupffer * kupffer.number + p_.il6_inflammatory * inflammatory,
               .damage = cells.hepatocytes(State::necrotic) + p_.damage_injured * cells.hepatocytes(State::injured) +
                         p_.damage_senescent * cells.hepatocytes(State::senescent) + p_.damage_neutrophil * cells.apoptotic_neutrophils});
  secretion.receptors[0] = {.all = static_cast<float>(cells.all_stellate()), .active = static_cast<float>(activated)};
  secretion.ccl2 = p_.ccl2_inflammatory * inflammatory + p_.ccl2_infused * infused + p_.ccl2_stellate * activated;
  secretion.il10 = p_.il10_kupffer * (kupffer.number + p_.il10_relay * kupffer.relay) + p_.il10_restorative * restorative;
}

Secretion Cytokine::secretion_of(const sim::Patch& patch) const {
  const std::size_t sites = lobule_state(patch).lobule().sites;
  Secretion secretion;
  secretion.made.assign(sites, sim::Lanes{});
  secretion.receptors.assign(sites, {});
  if (places_.mean_cells) {
    add_mean_cells(patch, secretion);
  } else {
    add_macrophages(patch, secretion);
    add_stellate_cells(patch, secretion);
    add_damage(patch, secretion);
  }
  const auto active = static_cast<float>(patch.scalars[places_.tgf_beta_activity]);
  if (active != 1.0F)
    for (sim::Lanes& made : secretion.made) made[Secretion::tgf_beta] *= active;
  return secretion;
}

/// The damage signal by one implicit step: steady, with what is there as a source, spread over the step. `duration_s` 0: the steady state.
void Cytokine::solve(sim::Patch& patch, const Secretion& secretion, double duration_s, double tolerance) const {
  const LobuleState& state = lobule_state(patch);
  const Lobule& lobule = state.lobule();
  const CytokineFields& f = places_.fields;
  const std::array<sim::Field*, Secretion::lanes> all{&patch.field(f.tgf_beta), &patch.field(f.tnf), &patch.field(f.pdgf),
                                                      &patch.field(f.hgf),      &patch.field(f.il6), &patch.field(f.damage)};
  const double voxel_um3 = lobule.grid.voxel_volume_um3(), site_um3 = voxel_um3 * std::pow(static_cast<double>(lobule.refine), 3.0);
  const double made = ng_per_pg / s_per_d / mL_per_um3 / voxel_um3;  // ng/mL/s of 1 pg/d in a voxel
  const double damage_decay_per_s = per_s(p_.damage_half_life_min), fading_per_s = duration_s > 0.0 ? 1.0 / duration_s : 0.0;
  const sim::Lanes per_made =
      of_cell({.tgf_beta = made, .tnf = made, .pdgf = made, .hgf = made, .il6 = made, .damage = damage_decay_per_s * site_um3 / voxel_um3});
  const sim::Lanes decay = of_cell({.tgf_beta = all[0]->decay_per_s,
                                    .tnf = all[1]->decay_per_s,
                                    .pdgf = all[2]->decay_per_s,
                                    .hgf = all[3]->decay_per_s,
                                    .il6 = all[4]->decay_per_s,
                                    .damage = damage_decay_per_s + fading_per_s});
  sim::SteadyBundle bundle(lobule.grid);
  sim::Lanes *source = bundle.source(), *loss = bundle.loss();
  const std::vector<double>&open = lobule.grid.volume_fraction(), &share = state.share_of_site(), &damage = all[Secretion::damage]->value;
  const sim::Lanes all_bind = of_cell({.tgf_beta = p_.tgf_beta_uptake_um3_per_s / voxel_um3});
  const sim::Lanes active_bind = of_cell({.pdgf = p_.pdgf_uptake_um3_per_s / voxel_um3});
  for (std::size_t v = 0; v < open.size(); ++v) {
    const std::uint32_t site = lobule.site[v];
    if (site == Lobule::no_site) {
      source[v] = loss[v] = sim::Lanes{};
      continue;
    }
    const auto of_site = static_cast<float>(share[v]);
    source[v] = secretion.made[site] * per_made * of_site;
    source[v][Secretion::damage] += static_cast<float>(open[v] * damage[v] * fading_per_s);
    const Secretion::Receptors& bound = secretion.receptors[site];
    loss[v] = decay * static_cast<float>(open[v]) + (all_bind * bound.all + active_bind * bound.active) * of_site;
  }
  bundle.solve(all, tolerance, iterations_of_visit);
  double mean = 0.0;
  for (std::size_t v = 0; v < open.size(); ++v) mean += open[v] * damage[v];
  patch.scalars[places_.mean_damage] = mean / state.open_voxels();
}

void Cytokine::spill(sim::Patch& patch, const Secretion& secretion, double days) const {
  std::array<double, sim::field_lanes> pg_per_d{};
  for (const sim::Lanes& made : secretion.made)
    for (std::size_t l = 0; l < pg_per_d.size(); ++l) pg_per_d[l] += static_cast<double>(made[l]);
  const auto give = [&](Factor factor, Secretion::Lane lane) {
    const double ng = p_.spill * ng_per_pg * pg_per_d[lane] * days * weight_;
    if (ng > 0.0) patch.deposit_over_next_visit(places_.pools.factor[static_cast<std::size_t>(factor)].plasma, ng);
  };
  give(Factor::tnf, Secretion::tnf);
  give(Factor::il6, Secretion::il6);
  give(Factor::hgf, Secretion::hgf);
}

void Cytokine::prepare(sim::Patch& patch) const {
  const Secretion secretion = secretion_of(patch);
  solve(patch, secretion, 0.0, tolerance_at_start);
  const double open_mL = lobule_state(patch).open_um3() * mL_per_um3;
  const double damage = patch.scalars[places_.mean_damage];
  patch.scalars[places_.ccl2] = p_.ccl2_healthy_ng_per_mL + (ng_per_pg * secretion.ccl2 / open_mL + p_.ccl2_damage_ng_per_mL_d * damage) *
                                                                p_.ccl2_half_life_h / 24.0 / std::numbers::ln2;
  patch.scalars[places_.ccl2_reference] = patch.scalars[places_.ccl2];
  patch.scalars[places_.ccl2_rise] = 0.0;
  patch.scalars[places_.il10] = ng_per_pg * secretion.il10 / open_mL * p_.il10_half_life_h / 24.0 / std::numbers::ln2;
}

void Cytokine::advance(sim::Patch& patch, const sim::Step& step) const {
  const Secretion secretion = secretion_of(patch);
  const double days = step.duration_h() / 24.0;
  solve(patch, secretion, static_cast<double>(step.duration_s), tolerance_of_visit);
  const double open_mL = lobule_state(patch).open_um3() * mL_per_um3;
  const auto follow = [&](double& value, double ng_per_mL_d, double floor, double half_life_h) {
    const double rate_per_d = std::numbers::ln2 * 24.0 / half_life_h, steady = floor + ng_per_mL_d / rate_per_d;
    value = steady + (value - steady) * std::exp(-rate_per_d * days);
  };
  double& ccl2 = patch.scalars[places_.ccl2];
  follow(ccl2, ng_per_pg * secretion.ccl2 / open_mL + p_.ccl2_damage_ng_per_mL_d * patch.scalars[places_.mean_damage], p_.ccl2_healthy_ng_per_mL,
         p_.ccl2_half_life_h);
  follow(patch.scalars[places_.il10], ng_per_pg * secretion.il10 / open_mL, 0.0, p_.il10_half_life_h);
  patch.scalars[places_.ccl2_rise] = ccl2 / patch.scalars[places_.ccl2_reference] - 1.0;
  spill(patch, secretion, days);
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
