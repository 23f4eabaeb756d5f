#include "models/processes/factor_secretion.hpp"

#include <algorithm>
#include <numbers>
#include <string>
#include <string_view>

#include "models/agents/msc_activity.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

namespace {

using ByFactor = std::array<double, factors>;  // in the order of Factor: TSG-6, PGE2, HGF, IL-10, IL-6, TNF
constexpr std::array<std::string_view, factors> names = {"tsg6", "pge2", "hgf", "il10", "il6", "tnf"};

ByFactor secretion_pg_per_h(const FactorSecretionParameters& p) {
  return {p.tsg6_pg_per_d / 24.0, p.pge2_pg_per_d / 24.0, p.hgf_pg_per_d / 24.0, p.il10_pg_per_d / 24.0, p.il6_pg_per_d / 24.0, 0.0};
}
ByFactor largest_licensing(const FactorSecretionParameters& p) { return {p.tsg6_licensing, p.pge2_licensing, 1.0, 1.0, p.il6_licensing, 1.0}; }
ByFactor volume_over_plasma(const FactorSecretionParameters& p) { return {1.0, 1.0, 1.0, p.il10_volume, 1.0, 1.0}; }
ByFactor baseline_ng_per_mL(const FactorSecretionParameters& p) {
  return {0.0, 0.0, p.hgf_baseline_ng_per_mL, p.il10_baseline_ng_per_mL, p.il6_baseline_ng_per_mL, p.tnf_baseline_ng_per_mL};
}
ByFactor elimination_per_h(const FactorSecretionParameters& p) {
  ByFactor rate = {p.tsg6_half_life_min, p.pge2_half_life_min, p.hgf_half_life_min, p.il10_half_life_min, p.il6_half_life_min, p.tnf_half_life_min};
  for (double& value : rate) value = 60.0 * std::numbers::ln2 / value;
  return rate;
}

/// Secretion relative to unprimed cells in two-dimensional culture; `licensed`: by the host.
double product_factor(const FactorSecretionParameters& p, const CellProduct& product, double licensed) {
  return (product.spheroid ? p.spheroid : 1.0) * (product.primed ? std::max(p.priming, licensed) : licensed);
}

}  // namespace

void add_factor_pools(sim::Compartments& compartments, const FactorSecretionParameters& p, double plasma_mL, BloodPools& pools) {
  const ByFactor rate_per_h = elimination_per_h(p), volume = volume_over_plasma(p), baseline = baseline_ng_per_mL(p);
  pools.plasma_mL = plasma_mL;
  for (std::size_t f = 0; f < factors; ++f) {
    const std::string name(names[f]);
    FactorPools& pool = pools.factor[f];
    pool.plasma = compartments.add_pool(name + "_plasma", "ng", plasma_mL * volume[f]);
    pool.lost = compartments.add_pool(name + "_lost", "ng");
    compartments.add_flow(name + "_elimination", pool.plasma, pool.lost, rate_per_h[f]);
    if (baseline[f] > 0.0) compartments.receive(pool.plasma, baseline[f] * plasma_mL * volume[f]);
  }
}

std::array<double, factors> lung_extraction(const FactorSecretionParameters& p) { return {0.0, p.pge2_extraction, p.hgf_extraction, 0.0, 0.0, 0.0}; }

double soluble_activity(const FactorSecretionParameters& p, const std::array<double, factors>& ng_per_mL) {
  const auto activity = [&](Factor factor, double baseline, double half_effect) {
    constexpr double rounding = 1e-9;  // of the baseline, which the body holds by making as much as it loses
    const double excess = ng_per_mL[static_cast<std::size_t>(factor)] - baseline;
    return excess > rounding * baseline ? excess / half_effect : 0.0;
  };
  return activity(Factor::tsg6, 0.0, p.tsg6_half_effect_ng_per_mL) + activity(Factor::pge2, 0.0, p.pge2_half_effect_ng_per_mL) +
         activity(Factor::il10, p.il10_baseline_ng_per_mL, p.il10_half_effect_ng_per_mL);
}

std::array<double, factors> conditioned_factors(const FactorSecretionParameters& p, double cell_equivalents, const CellProduct& product) {
  ByFactor ng = secretion_pg_per_h(p);
  for (double& value : ng) value *= 1e-3 * p.culture_h * product_factor(p, product, 1.0) * cell_equivalents;
  return ng;
}

FactorBackground::FactorBackground(const FactorSecretionParameters& p, const BloodPools& pools, const Signals& signals)
    : p_(p), pools_(pools), tnf_(signals.tnf_ng_per_mL), activity_(signals.soluble_activity) {
  const ByFactor rate_per_h = elimination_per_h(p), volume = volume_over_plasma(p), baseline = baseline_ng_per_mL(p);
  for (std::size_t f = 0; f < factors; ++f) ng_per_h_[f] = rate_per_h[f] * baseline[f] * pools.plasma_mL * volume[f];
}

void FactorBackground::advance(sim::World& world, const sim::Step& step) const {
  std::array<double, factors> ng_per_mL{};
  for (std::size_t f = 0; f < factors; ++f) {
    const sim::PoolIndex plasma = pools_.factor[f].plasma;  // what waits there enters over this visit
    ng_per_mL[f] = (world.compartments.amount(plasma) - world.compartments.waiting(plasma)) / world.compartments.volume_mL(plasma);
  }
  const double activity = soluble_activity(p_, ng_per_mL);
  for (std::size_t f = 0; f < factors; ++f)
    if (ng_per_h_[f] > 0.0) world.compartments.receive_over_step(pools_.factor[f].plasma, ng_per_h_[f] * step.duration_h());
  for (std::size_t i = 0; i < world.patches(); ++i) {
    world.patch(i).scalars[tnf_] = ng_per_mL[static_cast<std::size_t>(Factor::tnf)];
    world.patch(i).scalars[activity_] = activity;
  }
}

FactorSecretion::FactorSecretion(const FactorSecretionParameters& parameters, const std::vector<CellProduct>& by_dose, std::size_t msc_kind,
                                 double agent_weight, const BloodPools& pools, const Signals& signals)
    : p_(parameters),
      by_dose_(by_dose),
      kind_(msc_kind),
      weight_(agent_weight),
      pools_(pools),
      extraction_(lung_extraction(parameters)),
      tnf_(signals.tnf_ng_per_mL),
      near_secretors_(signals.near_secretors) {}

void FactorSecretion::advance(sim::Patch& patch, const sim::Step& step) const {
  const sim::Population& cells = patch.agents(kind_);
  patch.scalars[near_secretors_] = 0.0;
  if (cells.size() == 0) return;
  const MscActivity activity(cells, step);
  const auto secretion = cells.column(msc::secretion);
  const auto dose = cells.column(infused::dose), whereabouts = cells.column(infused::whereabouts);
  std::vector<double> hours(by_dose_.size(), 0.0);
  double near = 0.0;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const double relative = secretion[row] > 0.0F ? static_cast<double>(secretion[row]) : 1.0;
    const bool arrested = whereabouts[row] == static_cast<std::uint8_t>(Whereabouts::arrested);
    hours[dose[row]] += relative * activity.hours(row);
    near += (arrested & activity.lives_on(row)) ? relative : 0.0;
  }
  patch.scalars[near_secretors_] = weight_ * near;
  hand_over(patch, hours);
}

void FactorSecretion::hand_over(sim::Patch& patch, const std::vector<double>& hours_by_dose) const {
  const ByFactor pg_per_h = secretion_pg_per_h(p_), largest = largest_licensing(p_);
  for (std::size_t f = 0; f < factors; ++f) {
    const double licensed = licensing(largest[f], patch.scalars[tnf_], p_.licensing_tnf_ng_per_mL);
    double secreted_ng = 0.0;
    for (std::size_t d = 0; d < by_dose_.size(); ++d)
      secreted_ng += 1e-3 * weight_ * pg_per_h[f] * product_factor(p_, by_dose_[d], licensed) * hours_by_dose[d];
    patch.deposit_over_next_visit(pools_.factor[f].plasma, (1.0 - extraction_[f]) * secreted_ng);
    if (extraction_[f] > 0.0) patch.deposit(pools_.factor[f].lost, extraction_[f] * secreted_ng);
  }
}

}  // namespace paracrine::models
