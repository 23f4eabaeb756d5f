#include "models/processes/phagocytosis.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

void Phagocytosis::advance(sim::Patch& patch, const sim::Step& step) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const SiteMap& sites = tissue_state(patch).sites();
  const double days = step.duration_h() / 24.0;
  const std::array<double, 3> rate_per_d{p_.kupffer_per_d, p_.inflammatory_per_d, p_.restorative_per_d};  // by macrophage::State

  sim::Population& macrophages = patch.agents(places_.kinds.macrophages);
  const auto macrophage_voxel = macrophages.column(macrophage::voxel);
  const auto macrophage_state = macrophages.column(macrophage::state);
  const auto meals = macrophages.column(macrophage::meals);
  std::vector<double> own = numbers_of_sites(sites);
  for (std::size_t row = 0; row < macrophages.size(); ++row) own[lobule.site[macrophage_voxel[row]]] += rate_per_d[macrophage_state[row]];
  std::vector<double> with_neutrophils = own;

  sim::Population& neutrophils = patch.agents(places_.kinds.neutrophils);
  const auto neutrophil_voxel = std::as_const(neutrophils).column(neutrophil::voxel);
  const auto neutrophil_state = std::as_const(neutrophils).column(neutrophil::state);
  for (std::size_t row = 0; row < neutrophils.size(); ++row)
    if (neutrophil_state[row] != static_cast<std::uint8_t>(neutrophil::State::apoptotic))
      with_neutrophils[lobule.site[neutrophil_voxel[row]]] += p_.neutrophil_per_d;

  // per site: meals per rate of a phagocyte there
  std::vector<double> meal(lobule.sites, 0.0);
  const auto feed = [&](std::size_t site, double amount) {
    meal[site] += amount;
    for (std::size_t n = 0; n < sites.neighbours[site]; ++n) meal[sites.neighbour[site][n]] += amount;
  };
  const sim::Random random = step.random(streams::of("phagocytosis"));
  sim::Population& hepatocytes = patch.agents(places_.kinds.hepatocytes);
  const auto state = hepatocytes.column(hepatocyte::state);
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    if (state[site] != static_cast<std::uint8_t>(hepatocyte::State::necrotic)) continue;
    const double all = with_neighbours(sites, with_neutrophils, site);
    if (!(all > 0.0) || random.uniforms(hepatocytes.ids()[site], 0)[0] >= -std::expm1(-debris_clearance_per_d(p_, all) * days)) continue;
    state[site] = static_cast<std::uint8_t>(hepatocyte::State::empty);
    patch.scalars[places_.eaten_hepatocytes] += 1.0;
    feed(site, 1.0 / all);
  }
  std::vector<std::uint32_t> eaten;
  for (std::uint32_t row = 0; row < neutrophils.size(); ++row) {
    if (neutrophil_state[row] != static_cast<std::uint8_t>(neutrophil::State::apoptotic)) continue;
    const std::uint32_t site = lobule.site[neutrophil_voxel[row]];
    const double reach = with_neighbours(sites, own, site);
    if (!(reach > 0.0) || random.uniforms(neutrophils.ids()[row], 0)[0] >= -std::expm1(-p_.apoptotic_factor * reach * days)) continue;
    eaten.push_back(row);
    feed(site, p_.apoptotic_meal / reach);
  }
  patch.scalars[places_.eaten_neutrophils] += static_cast<double>(eaten.size());
  neutrophils.remove(eaten);
  const double kept = std::exp2(-days / p_.meal_half_life_d);
  for (std::size_t row = 0; row < macrophages.size(); ++row)
    meals[row] =
        static_cast<float>(static_cast<double>(meals[row]) * kept + rate_per_d[macrophage_state[row]] * meal[lobule.site[macrophage_voxel[row]]]);
}

}  // namespace paracrine::models
