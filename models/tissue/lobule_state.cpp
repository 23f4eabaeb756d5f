#include "models/tissue/lobule_state.hpp"

#include <utility>

namespace paracrine::models {

LobuleState::LobuleState(Lobule lobule, const sim::PotentialFlow& flow, double scale_mL_per_h, double shunt, double exchange_mL_per_h)
    : lobule_(std::move(lobule)),
      flow_total_(flow.total()),
      scale_mL_per_h_(scale_mL_per_h),
      shunt_(shunt),
      exchange_mL_per_h_(exchange_mL_per_h),
      sweep_(lobule_.grid, flow, (1.0 - shunt) * scale_mL_per_h, exchange_mL_per_h) {
  const std::vector<double>& open = lobule_.grid.volume_fraction();
  std::vector<double> of_site(lobule_.sites, 0.0);
  for (std::size_t v = 0; v < open.size(); ++v) {
    open_voxels_ += open[v];
    if (lobule_.site[v] != Lobule::no_site) of_site[lobule_.site[v]] += open[v];
  }
  share_of_site_.assign(open.size(), 0.0);
  for (std::size_t v = 0; v < open.size(); ++v) {
    if (lobule_.site[v] == Lobule::no_site) continue;
    share_of_site_[v] = open[v] / of_site[lobule_.site[v]];
  }
}

void LobuleState::set_flow(const sim::PotentialFlow& flow) {
  flow_total_ = flow.total();
  sweep_ = sim::FlowSweep(lobule_.grid, flow, (1.0 - shunt_) * scale_mL_per_h_, exchange_mL_per_h_);
  uptake.fresh = false;
}

}  // namespace paracrine::models
