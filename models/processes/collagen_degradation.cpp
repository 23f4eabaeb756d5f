#include "models/processes/collagen_degradation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "models/tissue/cell_placing.hpp"
#include "sim/fields/exponential.hpp"

namespace paracrine::models {

namespace {

constexpr int reach_passes = 6;

}  // namespace

double free_collagenase(const CollagenDegradationParameters& p, double timp) {
  const auto bound = [&](double t) { return 1.0 + std::pow(t / p.half_timp, p.timp_power); };
  return bound(1.0) / bound(timp);
}

void CollagenDegradation::prepare(sim::Patch& patch) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  Census census;
  take_census(patch, lobule, places_.kinds, census);
  const sim::Field& fibrillar = patch.field(places_.collagen.fibrillar);
  const double mean_mg_per_mL = sim::amount(fibrillar, lobule.grid) / lobule.grid.domain_volume_um3();
  double sum = 0.0;
  for (std::size_t site = 0; site < lobule.sites; ++site) sum += collagenase(p_, cells_at(census, site), mean_mg_per_mL);
  patch.scalars[places_.reference] = sum / static_cast<double>(lobule.sites);
  patch.scalars[places_.timp] = patch.scalars[places_.mmp_activity] = 1.0;
}

Collagenases CollagenDegradation::cells_at(const Census& census, std::size_t site) {
  return {.restorative = static_cast<double>(census.restorative[site]),
          .inflammatory = static_cast<double>(census.inflammatory[site]),
          .neutrophils = static_cast<double>(census.neutrophil[site] + census.reparative_neutrophil[site]),
          .myofibroblasts = static_cast<double>(census.myofibroblast[site])};
}

double CollagenDegradation::makers_per_site(const sim::Patch& patch, std::size_t sites) const {
  const sim::Population& cells = patch.agents(places_.kinds.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto state = cells.column(stellate_cell::state);
  const std::vector<double>& tgf_beta = patch.field(places_.tgf_beta).value;
  const double half_squared = p_.half_tgf_beta_ng_per_mL * p_.half_tgf_beta_ng_per_mL;
  double sum = 0.0;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (state[row] != static_cast<std::uint8_t>(stellate_cell::State::activated) &&
        state[row] != static_cast<std::uint8_t>(stellate_cell::State::myofibroblast))
      continue;
    const double squared = tgf_beta[voxel[row]] * tgf_beta[voxel[row]];
    sum += squared / (squared + half_squared);
  }
  return sum / static_cast<double>(sites);
}

void CollagenDegradation::advance(sim::Patch& patch, const sim::Step& step) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const SiteMap& sites = tissue_state(patch).sites();
  Census census;
  take_census(patch, lobule, places_.kinds, census);

  double& timp = patch.scalars[places_.timp];
  const double steady = steady_timp(p_, makers_per_site(patch, lobule.sites));
  const double z = std::numbers::ln2 * step.duration_h() / p_.timp_half_life_h;
  const double mean_timp = steady + (timp - steady) * -std::expm1(-z) / z;
  timp = steady + (timp - steady) * std::exp(-z);

  const double days = step.duration_h() / 24.0, free = free_collagenase(p_, mean_timp) / patch.scalars[places_.reference];
  std::vector<SitePair> made(lobule.sites);  // by macrophages, by others
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    const Collagenases cells = cells_at(census, site);
    made[site] = SitePair{macrophage_collagenase(p_, cells), other_collagenase(p_, cells)};
  }
  spread_to_neighbours(sites, reach_passes, made);

  std::vector<double>&structural = patch.field(places_.collagen.structural).value, &fibrillar = patch.field(places_.collagen.fibrillar).value,
  &crosslinked = patch.field(places_.collagen.crosslinked).value;
  const double structural_lost = -std::expm1(-p_.structural_per_d * days);
  const double crosslinked_lost = -std::expm1(-std::numbers::ln2 / p_.crosslinked_half_life_d * days);
  constexpr double ng_per_mg = 1e6, mL_per_um3 = 1e-12;
  double lost_ng = 0.0, loss_rate = 0.0, amount = 0.0;
  std::vector<double> share_lost(fibrillar.size(), 0.0);
  for (std::size_t v = 0; v < fibrillar.size(); ++v) {
    const std::uint32_t site = lobule.site[v];
    if (site == Lobule::no_site) continue;
    const double relative = free * (1.0 + scar_contact(p_, fibrillar[v]) * made[site][0] + made[site][1]);
    loss_rate += lobule.grid.volume_fraction()[v] * relative * fibrillar[v];
    amount += lobule.grid.volume_fraction()[v] * fibrillar[v];
    share_lost[v] = std::min(sim::largest_exponent, p_.basal_per_d * relative * days);
  }
  for (double& share : share_lost) share = sim::relax(share).lost;
  for (std::size_t v = 0; v < fibrillar.size(); ++v) {
    if (lobule.site[v] == Lobule::no_site) continue;
    const double f = share_lost[v] * fibrillar[v], x = crosslinked_lost * crosslinked[v], s = structural_lost * structural[v];
    fibrillar[v] -= f;
    crosslinked[v] -= x;
    structural[v] -= s;
    lost_ng += ng_per_mg * lobule.grid.volume_fraction()[v] * lobule.grid.voxel_volume_um3() * mL_per_um3 * (f + x + s);
  }
  patch.scalars[places_.mmp_activity] = amount > 0.0 ? loss_rate / amount : 0.0;
  patch.scalars[places_.lost_ng] += lost_ng;
  patch.scalars[places_.lost_per_h] = lost_ng / step.duration_h();
}

}  // namespace paracrine::models
