#include "models/tissue/lobule_state.hpp"

#include <utility>

namespace paracrine::models {

LobuleState::LobuleState(Lobule lobule, sim::PotentialFlow flow, double scale_mL_per_h, double shunt, double exchange_mL_per_h)
    : lobule_(std::move(lobule)),
      flow_(std::move(flow)),
      scale_mL_per_h_(scale_mL_per_h),
      shunt_(shunt),
      exchange_mL_per_h_(exchange_mL_per_h),
      sweep_(lobule_.grid, flow_, (1.0 - shunt) * scale_mL_per_h, exchange_mL_per_h) {
  const std::vector<double>& open = lobule_.grid.volume_fraction();
  double whole = 0.0;
  std::vector<double> of_site(lobule_.sites, 0.0);
  for (std::size_t v = 0; v < open.size(); ++v) {
    whole += open[v];
    if (lobule_.site[v] != Lobule::no_site) of_site[lobule_.site[v]] += open[v];
  }
  share_of_lobule_.assign(open.size(), 0.0);
  share_of_site_.assign(open.size(), 0.0);
  for (std::size_t v = 0; v < open.size(); ++v) {
    if (lobule_.site[v] == Lobule::no_site) continue;
    share_of_lobule_[v] = open[v] / whole;
    share_of_site_[v] = open[v] / of_site[lobule_.site[v]];
  }
}

void LobuleState::set_flow(sim::PotentialFlow flow) {
  flow_ = std::move(flow);
  sweep_ = sim::FlowSweep(lobule_.grid, flow_, (1.0 - shunt_) * scale_mL_per_h_, exchange_mL_per_h_);
  uptake.fresh = false;
}

}  // namespace paracrine::models
