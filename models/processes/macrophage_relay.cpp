#include "models/processes/macrophage_relay.hpp"

#include <cmath>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

void MacrophageRelay::advance(sim::Patch& patch, const sim::Step& step) const {
  using macrophage::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  const SiteMap& sites = tissue_state(patch).sites();
  sim::Population& cells = patch.agents(places_.macrophages);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state);
  const auto lineage = cells.column(macrophage::msc_lineage);
  std::vector<double> number = numbers_of_sites(sites), lineages = number;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(State::restorative)) continue;
    number[lobule.site[voxel[row]]] += 1.0;
    lineages[lobule.site[voxel[row]]] += static_cast<double>(lineage[row]);
  }
  const double days = step.duration_h() / 24.0;
  const sim::Random random = step.random(streams::of("macrophage_relay"));
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(State::inflammatory)) continue;
    const std::uint32_t site = lobule.site[voxel[row]];
    const double near = with_neighbours(sites, number, site);
    if (!(near > 0.0)) continue;
    const double rate_per_d = p_.rate_per_d * near / (near + p_.half_neighbours);
    if (!sim::happens(random.uniforms(cells.ids()[row], 0)[0], rate_per_d * days)) continue;
    const double mean_lineage = with_neighbours(sites, lineages, site) / near;
    state[row] = static_cast<std::uint8_t>(State::restorative);
    lineage[row] = static_cast<float>(mean_lineage);
    patch.scalars[places_.turned] += 1.0;
    patch.scalars[places_.turned_for_msc] += mean_lineage;
  }
}

}  // namespace paracrine::models
