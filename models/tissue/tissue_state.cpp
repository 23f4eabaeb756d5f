#include "models/tissue/tissue_state.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

namespace {

constexpr double least_shared_face = 0.25;  // of a whole face of a site, for two sites to be neighbours

/// Adds up the agents of one kind by state and site.
template <std::size_t states>
void count_kind(const sim::Population& agents, sim::Column<std::uint32_t> voxel_column, sim::Column<std::uint8_t> state_column, const Lobule& lobule,
                std::array<std::vector<std::uint16_t>*, states> counts) {
  for (std::vector<std::uint16_t>* count : counts) count->assign(lobule.sites, 0);
  const auto voxel = agents.column(voxel_column);
  const auto state = agents.column(state_column);
  for (std::size_t row = 0; row < agents.size(); ++row) ++(*counts[state[row]])[lobule.site[voxel[row]]];
}

}  // namespace

SiteMap make_site_map(const Lobule& lobule) {
  if (lobule.sites > SiteMap::most_sites) throw std::invalid_argument("a lobule has too many hepatocyte sites to number them");
  const sim::Grid& grid = lobule.grid;
  SiteMap map;
  map.voxel.assign(lobule.sites, 0);
  map.middle_um.assign(lobule.sites, {});
  map.neighbour.assign(lobule.sites, {});
  map.neighbours.assign(lobule.sites, 0);
  for (auto& places : map.neighbour) places.fill(static_cast<std::uint16_t>(lobule.sites));
  // The middle of a site is that of its open volume.
  std::vector<double> volume(lobule.sites, 0.0);
  std::vector<std::array<double, 3>> sum(lobule.sites, std::array<double, 3>{});
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> shared;  // voxel faces between two sites
  const auto meet = [&](std::size_t a, std::size_t b, std::size_t axis) {
    const std::uint32_t one = lobule.site[a], other = lobule.site[b];
    if (one == Lobule::no_site || other == Lobule::no_site || one == other) return;
    shared[{std::min(one, other), std::max(one, other)}] += grid.face_fraction(axis)[a];
  };
  for (std::size_t z = 0; z < grid.nz(); ++z)
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x) {
        const std::size_t v = grid.index(x, y, z);
        const std::uint32_t site = lobule.site[v];
        if (site == Lobule::no_site) continue;
        const double open = grid.volume_fraction()[v];
        volume[site] += open;
        const double z_um = (static_cast<double>(z) + 0.5) * grid.spacing_um();
        sum[site][0] += open * grid.x_um(x);
        sum[site][1] += open * grid.y_um(y);
        sum[site][2] += open * z_um;
        if (x + 1 < grid.nx()) meet(v, grid.index(x + 1, y, z), 0);
        if (y + 1 < grid.ny()) meet(v, grid.index(x, y + 1, z), 1);
        if (z + 1 < grid.nz()) meet(v, grid.index(x, y, z + 1), 2);
      }
  const double least = least_shared_face * static_cast<double>(lobule.refine * lobule.refine);
  for (const auto& [sites, faces] : shared) {
    if (faces < least) continue;
    if (std::max(map.neighbours[sites.first], map.neighbours[sites.second]) == SiteMap::most_neighbours) continue;
    for (const auto& [from, to] : {sites, std::pair{sites.second, sites.first}})
      map.neighbour[from][map.neighbours[from]++] = static_cast<std::uint16_t>(to);
  }
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    for (std::size_t axis = 0; axis < 3; ++axis) map.middle_um[site][axis] = static_cast<float>(sum[site][axis] / volume[site]);
    map.voxel[site] = voxel_at(grid, map.middle_um[site][0], map.middle_um[site][1], map.middle_um[site][2]);
  }
  return map;
}

void take_census(const sim::Patch& patch, const Lobule& lobule, const TissueKinds& kinds, Census& census) {
  count_kind<3>(patch.agents(kinds.macrophages), macrophage::voxel, macrophage::state, lobule,
                {&census.kupffer, &census.inflammatory, &census.restorative});
  count_kind<neutrophil::states>(patch.agents(kinds.neutrophils), neutrophil::voxel, neutrophil::state, lobule,
                                 {&census.neutrophil, &census.apoptotic_neutrophil, &census.reparative_neutrophil});
  count_kind<stellate_cell::states>(
      patch.agents(kinds.stellate_cells), stellate_cell::voxel, stellate_cell::state, lobule,
      {&census.hsc_quiescent, &census.hsc_activated, &census.myofibroblast, &census.hsc_inactivated, &census.hsc_senescent});
}

void place_hepatocytes(sim::Population& hepatocytes, const SiteMap& sites) {
  hepatocytes.add(sites.size());
  const auto x = hepatocytes.column(hepatocyte::x_um), y = hepatocytes.column(hepatocyte::y_um), z = hepatocytes.column(hepatocyte::z_um);
  const auto voxel = hepatocytes.column(hepatocyte::voxel);
  const auto cyp2e1 = hepatocytes.column(hepatocyte::cyp2e1);
  for (std::size_t site = 0; site < sites.size(); ++site) {
    x[site] = sites.middle_um[site][0];
    y[site] = sites.middle_um[site][1];
    z[site] = sites.middle_um[site][2];
    voxel[site] = sites.voxel[site];
    cyp2e1[site] = 1.0F;
  }
}

void place_stellate_cells(sim::Population& cells, const Lobule& lobule, const LobuleParameters& p, std::uint64_t seed, double& remainder) {
  const double wanted = p.stellate_per_hepatocyte * static_cast<double>(lobule.sites) + remainder, whole = std::floor(wanted);
  remainder = wanted - whole;
  const std::size_t first = cells.add(static_cast<std::size_t>(whole));
  const auto x = cells.column(stellate_cell::x_um), y = cells.column(stellate_cell::y_um), z = cells.column(stellate_cell::z_um);
  const auto voxel = cells.column(stellate_cell::voxel);
  const sim::Random random(seed, 0, streams::of_building("stellate_cells"));
  const double half_wide = 0.5 * std::numbers::sqrt3 * lobule.radius_um;
  const double thick = static_cast<double>(lobule.grid.nz()) * lobule.grid.spacing_um();
  for (std::size_t row = first; row < cells.size(); ++row) {
    const sim::AgentId id = cells.ids()[row];
    for (std::uint16_t draw = 0; draw < 0xFFFF; ++draw) {  // three places in four fit
      const auto u = random.uniforms(id, draw);
      x[row] = static_cast<float>((2.0 * u[0] - 1.0) * half_wide);
      y[row] = static_cast<float>((2.0 * u[1] - 1.0) * lobule.radius_um);
      z[row] = static_cast<float>(u[2] * thick);
      if (in_lobule(lobule.radius_um, x[row], y[row])) break;
    }
    voxel[row] = voxel_at(lobule.grid, x[row], y[row], z[row]);
  }
}

}  // namespace paracrine::models
