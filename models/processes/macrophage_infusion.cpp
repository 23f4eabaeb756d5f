#include "models/processes/macrophage_infusion.hpp"

#include <algorithm>
#include <numbers>

namespace paracrine::models {

InfusedMacrophages add_infused_macrophages(sim::Compartments& compartments, const std::string& phenotype, const MacrophageInfusionParameters& p,
                                           double blood_mL) {
  const std::string name = "macrophage_" + phenotype + "_infused_";
  InfusedMacrophages pools;
  pools.lung = compartments.add_pool(name + "lung", "1");
  pools.blood = compartments.add_pool(name + "blood", "1", blood_mL);
  pools.liver = compartments.add_pool(name + "liver", "1");
  pools.gone = compartments.add_pool(name + "gone", "1");
  compartments.add_flow(name + "release", pools.lung, pools.blood, std::numbers::ln2 / p.lung_half_life_h);
  compartments.add_flow(name + "loss", pools.blood, pools.gone, std::numbers::ln2 / p.blood_half_life_h);
  pools.uptake = compartments.add_uptake(name + "recruited", pools.blood, pools.liver);
  return pools;
}

double infused_clearance_mL_per_h(const MacrophageInfusionParameters& p, double blood_mL) {
  return p.liver_share / (1.0 - p.liver_share) * std::numbers::ln2 / p.blood_half_life_h * blood_mL;
}

void MacrophageInfusion::advance(sim::World& world, const sim::Step& step) const {
  for (const MacrophageDose& dose : doses_) {
    const bool own = dose.phenotype >= pools_.size();
    const sim::PoolIndex living = own ? monocytes_.blood : dose.through_lung ? pools_[dose.phenotype].lung : pools_[dose.phenotype].blood;
    const sim::PoolIndex dead = own ? monocytes_.gone : pools_[dose.phenotype].gone;
    for (const std::int64_t start : dose.starts_s) {
      if (start >= step.start_s && start < step.end_s())
        world.events.push_back({.time_s = start, .code = event_code_, .subject = dose.therapy, .value = dose.viable + dose.not_viable});
      const double from = std::max(static_cast<double>(step.start_s), static_cast<double>(start));
      const double to = std::min(static_cast<double>(step.end_s()), static_cast<double>(start) + dose.duration_s);
      if (to <= from) continue;
      const double share = (to - from) / dose.duration_s;
      world.compartments.receive(living, dose.viable * share);
      world.compartments.receive(dead, dose.not_viable * share);
    }
  }
}

}  // namespace paracrine::models
