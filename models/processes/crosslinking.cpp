#include "models/processes/crosslinking.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "models/tissue/cell_placing.hpp"
#include "sim/fields/exponential.hpp"

namespace paracrine::models {

void Crosslinking::advance(sim::Patch& patch, const sim::Step& step) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const SiteMap& sites = tissue_state(patch).sites();
  const sim::Population& cells = std::as_const(patch).agents(places_.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  std::vector<double> secreting = numbers_of_sites(sites), crosslinked_share(lobule.sites, 0.0);
  for (std::size_t row = 0; row < cells.size(); ++row)
    if (state[row] == static_cast<std::uint8_t>(stellate_cell::State::activated) ||
        state[row] == static_cast<std::uint8_t>(stellate_cell::State::myofibroblast))
      secreting[lobule.site[voxel[row]]] += 1.0;

  const double days = step.duration_h() / 24.0, loxl2 = patch.scalars[places_.loxl2];
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    const double near = with_neighbours(sites, secreting, site) / (1.0 + static_cast<double>(sites.neighbours[site]));
    crosslinked_share[site] = std::min(sim::largest_exponent, crosslinking_rate_per_d(p_, near, loxl2) * days);
  }
  for (double& share : crosslinked_share) share = sim::relax(share).lost;
  std::vector<double>&fibrillar = patch.field(places_.fibrillar).value, &crosslinked = patch.field(places_.crosslinked).value;
  for (std::size_t v = 0; v < fibrillar.size(); ++v) {
    if (lobule.site[v] == Lobule::no_site) continue;
    const double moved = crosslinked_share[lobule.site[v]] * fibrillar[v];
    fibrillar[v] -= moved;
    crosslinked[v] += moved;
  }
}

}  // namespace paracrine::models
