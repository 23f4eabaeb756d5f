#include "models/compartments/blood.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace paracrine::models {

namespace {

constexpr double min_per_h = 60.0;

VesiclePools add_vesicles(sim::Compartments& compartments, const std::string& name, const BloodParameters& p, const BloodPools& pools, double scale,
                          sim::CompetitionIndex phagocytosis) {
  const double per_mL = scale * min_per_h / pools.plasma_mL;  // from a clearance [mL/min] to a rate [1/h]
  VesiclePools v;
  v.plasma = compartments.add_pool(name + "_plasma", "1", pools.plasma_mL);
  v.bound = compartments.add_pool(name + "_bound", "1");
  v.liver = compartments.add_pool(name + "_liver", "1");
  v.spleen = compartments.add_pool(name + "_spleen", "1");
  v.lung = compartments.add_pool(name + "_lung", "1");
  v.kidney = compartments.add_pool(name + "_kidney", "1");
  v.other = compartments.add_pool(name + "_other", "1");
  compartments.add_flow(name + "_binding", v.plasma, v.bound, p.binding_per_h);
  compartments.add_flow(name + "_unbinding", v.bound, v.plasma, p.unbinding_per_h);
  v.liver_uptake = compartments.add_uptake(name + "_uptake_liver", v.plasma, v.liver, phagocytosis);
  compartments.add_competing_flow(name + "_uptake_spleen", v.plasma, v.spleen, p.spleen_clearance_mL_per_min * per_mL, phagocytosis);
  compartments.add_competing_flow(name + "_uptake_lung", v.plasma, v.lung, p.lung_clearance_mL_per_min * per_mL, phagocytosis);
  compartments.add_competing_flow(name + "_uptake_kidney", v.plasma, v.kidney, p.kidney_clearance_mL_per_min * per_mL, phagocytosis);
  compartments.add_competing_flow(name + "_uptake_other", v.plasma, v.other, p.other_clearance_mL_per_min * per_mL, phagocytosis);
  return v;
}

}  // namespace

BloodPools add_blood_pools(sim::World& world, const BloodParameters& p, double half_saturation_per_mL, double scale) {
  sim::Compartments& compartments = world.compartments;
  BloodPools pools;
  pools.plasma_mL = p.plasma_volume_mL * scale;
  const sim::CompetitionIndex phagocytosis = compartments.add_competition(half_saturation_per_mL);
  pools.ev = add_vesicles(compartments, "ev", p, pools, scale, phagocytosis);
  pools.effective = add_vesicles(compartments, "ev_effective", p, pools, scale, phagocytosis);
  pools.endogenous = add_vesicles(compartments, "ev_endogenous", p, pools, scale, phagocytosis);
  compartments.count_in(phagocytosis, pools.ev.plasma);
  compartments.count_in(phagocytosis, pools.endogenous.plasma);

  ColloidPools& colloid = pools.colloid;
  const double per_mL = scale * min_per_h / pools.plasma_mL;
  colloid.plasma = compartments.add_pool("colloid_plasma", "1", pools.plasma_mL);
  colloid.liver = compartments.add_pool("colloid_liver", "1");
  colloid.spleen = compartments.add_pool("colloid_spleen", "1");
  colloid.other = compartments.add_pool("colloid_other", "1");
  colloid.liver_uptake = compartments.add_uptake("colloid_uptake_liver", colloid.plasma, colloid.liver);
  compartments.add_flow("colloid_uptake_spleen", colloid.plasma, colloid.spleen, p.colloid_spleen_clearance_mL_per_min * per_mL);
  compartments.add_flow("colloid_uptake_other", colloid.plasma, colloid.other, p.colloid_other_clearance_mL_per_min * per_mL);
  return pools;
}

double endogenous_steady_per_mL(const BloodParameters& p, double half_saturation_per_mL, double scale, double liver_clearance_mL_per_h) {
  const double others = p.spleen_clearance_mL_per_min + p.lung_clearance_mL_per_min + p.kidney_clearance_mL_per_min + p.other_clearance_mL_per_min;
  const double clearance = others * scale + liver_clearance_mL_per_h / min_per_h, release = p.endogenous_release_per_min * scale;
  const double net = clearance - release / half_saturation_per_mL;
  return net > 0.0 ? release / net : std::numeric_limits<double>::infinity();
}

void fill_endogenous(sim::World& world, const BloodParameters& p, const BloodPools& pools, double per_mL) {
  const double plasma = per_mL * pools.plasma_mL;
  world.compartments.receive(pools.endogenous.plasma, plasma);
  if (p.unbinding_per_h > 0.0) world.compartments.receive(pools.endogenous.bound, plasma * p.binding_per_h / p.unbinding_per_h);
}

Blood::Blood(const BloodParameters& parameters, const BloodPools& pools, const Signals& signals, double scale, std::size_t largest_share)
    : p_(parameters), pools_(pools), signals_(signals), scale_(scale), largest_share_(largest_share) {}

void Blood::advance(sim::World& world, const sim::Step& step) const {
  sim::Compartments& compartments = world.compartments;
  const auto in_plasma = [&](sim::PoolIndex pool) { return compartments.amount(pool) - compartments.waiting(pool); };  // what waits enters later
  const double ev = in_plasma(pools_.ev.plasma), endogenous = in_plasma(pools_.endogenous.plasma);
  if (endogenous > 0.0) world.values[largest_share_] = std::max(world.values[largest_share_], ev / endogenous);
  compartments.receive_over_step(pools_.endogenous.plasma, p_.endogenous_release_per_min * scale_ * min_per_h * step.duration_h());
  for (std::size_t i = 0; i < world.patches(); ++i) {
    std::vector<double>& scalars = world.patch(i).scalars;
    scalars[signals_.ev_per_mL] = (ev + endogenous) / pools_.plasma_mL;
    scalars[signals_.colloid_per_mL] = in_plasma(pools_.colloid.plasma) / pools_.plasma_mL;
  }
}

}  // namespace paracrine::models
