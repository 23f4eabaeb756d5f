#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/mean_field/mean_tissue.hpp"

namespace paracrine::models::mean_field {

namespace {

using State = stellate_cell::State;
constexpr std::size_t at(State state) { return static_cast<std::size_t>(state); }

/// Stellate cells that share a site with an activated one, itself counted: pairs among the activated, the others spread evenly.
double at_site_of_activated(const MeanCells& cells) {
  const double activated = cells.activated_stellate();
  return activated > 0.0 ? 1.0 + cells.stellate_pairs / activated + cells.all_stellate() - activated : 0.0;
}

/// Pairs when a share of the activated cells is no longer so.
void lose_pairs(MeanCells& cells, double share) { cells.stellate_pairs *= (1.0 - share) * (1.0 - share); }

constexpr double ng_per_pg = 1e-3, ng_per_mg = 1e6, mL_per_um3 = 1e-12;
constexpr double mg_per_mL_from_ug_per_g = 1e-3 * collagen_per_hydroxyproline;

double site_mL(const Visit& visit) { return visit.patch.grid->domain_volume_um3() * mL_per_um3; }

}  // namespace

void activate_stellate(const Visit& visit) {
  const StellateActivationParameters& p = visit.of.p.stellate_activation;
  MeanCells& cells = visit.cells;
  const double factor = visit.of.direct ? direct_factor(p, *visit.of.direct, visit.patch.scalars, cells.all_stellate(), visit.days) : 1.0;
  const double tgf_beta = visit.field(visit.of.cytokines.tgf_beta), damage = visit.field(visit.of.cytokines.damage);
  const auto leaving = [&](State state) {
    return visit.chance(factor * stellate_step_per_d(p, state, tgf_beta, damage)) * cells.stellate[at(state)];
  };
  const double quiescent = leaving(State::quiescent), inactivated = leaving(State::inactivated), matured = leaving(State::activated);
  cells.stellate_pairs += 2.0 * (quiescent + inactivated) * cells.activated_stellate();
  cells.stellate[at(State::quiescent)] -= quiescent;
  cells.stellate[at(State::inactivated)] -= inactivated;
  cells.stellate[at(State::activated)] += quiescent + inactivated - matured;
  cells.stellate[at(State::myofibroblast)] += matured;
}

void lose_stellate(const Visit& visit) {
  const StellateFateParameters& p = visit.of.p.stellate_fate;
  MeanCells& cells = visit.cells;
  auto& stellate = cells.stellate;
  const double lost_per_d = stellate_loss_per_d(p, visit.field(visit.of.cytokines.tnf));
  const double calmed = visit.chance(std::numbers::ln2 / p.quiescence_half_life_d) * stellate[at(State::inactivated)];
  const double cleared =
      visit.chance(visit.scalar(visit.of.s.activity.natural_killer) * std::numbers::ln2 / p.senescent_half_life_d) * stellate[at(State::senescent)];
  const double killing = natural_killing(p, visit.scalar(visit.of.s.activity.natural_killer));
  const double activated = visit.chance(lost_per_d * killing) * stellate[at(State::activated)];
  const double leaving = visit.chance(lost_per_d + p.senescence_per_d) * stellate[at(State::myofibroblast)];
  const double senescent = lost_per_d + p.senescence_per_d > 0.0 ? leaving * p.senescence_per_d / (lost_per_d + p.senescence_per_d) : 0.0;
  const double lost = activated + leaving - senescent;
  const double reverted = reverting_of_activated(p, killing) * activated + p.reverting_share * (leaving - senescent);
  const double dead = lost - reverted + cleared;
  const double before = cells.activated_stellate();
  if (before > 0.0) lose_pairs(cells, (activated + leaving) / before);
  stellate[at(State::quiescent)] += calmed;
  stellate[at(State::activated)] -= activated;
  stellate[at(State::myofibroblast)] -= leaving;
  stellate[at(State::inactivated)] += reverted - calmed;
  stellate[at(State::senescent)] += senescent - cleared;
  visit.scalar(visit.of.s.stellate_lost) += lost;
  visit.scalar(visit.of.s.stellate_reverted) += reverted;
  visit.scalar(visit.of.s.stellate_dead) += dead;
}

void divide_stellate(const Visit& visit) {
  const StellateProliferationParameters& p = visit.of.p.stellate_proliferation;
  MeanCells& cells = visit.cells;
  auto& stellate = cells.stellate;
  const double pdgf = visit.field(visit.of.cytokines.pdgf), around = at_site_of_activated(cells), before = cells.activated_stellate();
  const double renewal_per_d =
      stellate_renewal_per_d(p, visit.scalar(visit.of.s.stellate_healthy), stellate[at(State::quiescent)], stellate[at(State::inactivated)]);
  const double quiescent = visit.chance(renewal_per_d) * stellate[at(State::quiescent)];
  const double activated = visit.chance(stellate_division_per_d(p, false, pdgf, around)) * stellate[at(State::activated)];
  const double myofibroblasts = visit.chance(stellate_division_per_d(p, true, pdgf, around)) * stellate[at(State::myofibroblast)];
  // a daughter lies beside its mother and all that the mother lies beside
  if (before > 0.0) cells.stellate_pairs += 2.0 * (activated + myofibroblasts) * (1.0 + cells.stellate_pairs / before);
  stellate[at(State::quiescent)] += quiescent;
  stellate[at(State::activated)] += activated;
  stellate[at(State::myofibroblast)] += myofibroblasts;
  visit.scalar(visit.of.s.stellate_born) += quiescent + activated + myofibroblasts;
}

void make_collagen(const Visit& visit) {
  const CollagenSynthesisParameters& p = visit.of.p.collagen_synthesis;
  const double effect = collagen_effect_of_tgf_beta(p, visit.field(visit.of.cytokines.tgf_beta));
  const double structural = p.structural_ug_per_g * mg_per_mL_from_ug_per_g * p.structural_per_d * visit.days;
  const double base = p.fibrillar_ug_per_g * mg_per_mL_from_ug_per_g * p.fibrillar_per_d * visit.days;
  const double secreted_ng =
      ng_per_pg * visit.days * effect *
      (p.activated_pg_per_d * visit.cells.stellate[at(State::activated)] + p.myofibroblast_pg_per_d * visit.cells.stellate[at(State::myofibroblast)]);
  visit.field(visit.of.collagen.structural) += structural;
  visit.field(visit.of.collagen.fibrillar) += base + secreted_ng / (ng_per_mg * site_mL(visit));
  const double made_ng = ng_per_mg * site_mL(visit) * (structural + base) + secreted_ng;
  visit.scalar(visit.of.s.collagen_made) += made_ng;
  visit.scalar(visit.of.s.collagen_made_per_h) = made_ng / visit.step.duration_h();
}

void crosslink(const Visit& visit) {
  const CrosslinkingParameters& p = visit.of.p.crosslinking;
  // the rate depends on the mean over the sites around, of which each has few cells
  const double reach = visit.of.reach, saturation = mean_saturation(reach * visit.cells.activated_stellate(), reach * p.half_cells);
  const double moved = visit.chance(p.rate_per_d * visit.scalar(visit.of.s.activity.loxl2) * saturation) * visit.field(visit.of.collagen.fibrillar);
  visit.field(visit.of.collagen.fibrillar) -= moved;
  visit.field(visit.of.collagen.crosslinked) += moved;
}

double collagenase_of(const Setup& of, const MeanCells& cells, double fibrillar_mg_per_mL) {
  return collagenase(of.p.collagen_degradation,
                     {.restorative = cells.all_restorative(),
                      .inflammatory = cells.all_inflammatory(),
                      .neutrophils = cells.living_neutrophils(),
                      .myofibroblasts = cells.stellate[at(State::myofibroblast)]},
                     fibrillar_mg_per_mL);
}

void degrade(const Visit& visit) {
  const CollagenDegradationParameters& p = visit.of.p.collagen_degradation;
  const double makers = visit.cells.activated_stellate() * tgf_beta_effect(visit.field(visit.of.cytokines.tgf_beta), p.half_tgf_beta_ng_per_mL);
  double& timp = visit.scalar(visit.of.s.timp);
  const double steady = steady_timp(p, makers), z = std::numbers::ln2 * visit.step.duration_h() / p.timp_half_life_h;
  const double mean_timp = steady + (timp - steady) * -std::expm1(-z) / z;
  timp = steady + (timp - steady) * std::exp(-z);
  const double relative = collagenase_of(visit.of, visit.cells, visit.field(visit.of.collagen.fibrillar)) * free_collagenase(p, mean_timp) /
                          visit.scalar(visit.of.s.mmp_reference);
  visit.scalar(visit.of.s.mmp_activity) = relative;
  double lost = 0.0;
  const auto lose = [&](std::size_t field, double rate_per_d) {
    const double gone = visit.chance(rate_per_d) * visit.field(field);
    visit.field(field) -= gone;
    lost += gone;
  };
  lose(visit.of.collagen.fibrillar, p.basal_per_d * relative);
  lose(visit.of.collagen.crosslinked, std::numbers::ln2 / p.crosslinked_half_life_d);
  lose(visit.of.collagen.structural, p.structural_per_d);
  const double lost_ng = ng_per_mg * site_mL(visit) * lost;
  visit.scalar(visit.of.s.collagen_lost) += lost_ng;
  visit.scalar(visit.of.s.collagen_lost_per_h) = lost_ng / visit.step.duration_h();
}

}  // namespace paracrine::models::mean_field
