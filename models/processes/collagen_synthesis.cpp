#include "models/processes/collagen_synthesis.hpp"

#include <utility>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

namespace {

constexpr double at_vessels = 3.0;  // structural collagen where all of a voxel is portal tract or vein, beyond the 1 elsewhere
constexpr int reach_passes = 3;
constexpr double ng_per_pg = 1e-3;
constexpr double mL_per_um3 = 1e-12;
constexpr double mg_per_mL_from_ug_per_g = 1e-3 * collagen_per_hydroxyproline;  // of hydroxyproline

/// Structural collagen per voxel in health, relative to that away from vessels.
std::vector<double> structure(const Lobule& lobule) {
  std::vector<double> vessels(lobule.grid.size(), 0.0);
  lobule.inlet.add_to(vessels);
  lobule.outlet.add_to(vessels);
  for (double& here : vessels) here = 1.0 + at_vessels * here;
  return vessels;
}

double mean_over_lobule(const LobuleState& state, const std::vector<double>& values) {
  double mean = 0.0;
  for (std::size_t v = 0; v < values.size(); ++v) mean += state.share_of_lobule(v) * values[v];
  return mean;
}

}  // namespace

void CollagenSynthesis::prepare(sim::Patch& patch) const {
  const LobuleState& state = lobule_state(patch);
  const std::vector<double> relative = structure(state.lobule());
  const double structural = p_.structural_ug_per_g * mg_per_mL_from_ug_per_g / mean_over_lobule(state, relative);
  for (std::size_t v = 0; v < patch.grid->size(); ++v) {
    if (!patch.grid->inside(v)) continue;
    patch.field(places_.collagen.structural).value[v] = structural * relative[v];
    patch.field(places_.collagen.fibrillar).value[v] = p_.fibrillar_ug_per_g * mg_per_mL_from_ug_per_g;
  }
}

void CollagenSynthesis::advance(sim::Patch& patch, const sim::Step& step) const {
  using stellate_cell::State;
  const LobuleState& state = lobule_state(patch);
  const Lobule& lobule = state.lobule();
  const double days = step.duration_h() / 24.0, voxel_mL = lobule.grid.voxel_volume_um3() * mL_per_um3;
  const std::vector<double>& tgf_beta = patch.field(places_.tgf_beta).value;

  std::vector<double> secreted_ng(lobule.sites, 0.0);
  const sim::Population& cells = std::as_const(patch).agents(places_.stellate_cells);
  const auto voxel = cells.column(stellate_cell::voxel);
  const auto of_cell = cells.column(stellate_cell::state);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(of_cell[row]);
    if (now != State::activated && now != State::myofibroblast) continue;
    const double pg_per_d = now == State::activated ? p_.activated_pg_per_d : p_.myofibroblast_pg_per_d;
    secreted_ng[lobule.site[voxel[row]]] += ng_per_pg * pg_per_d * days * collagen_effect_of_tgf_beta(p_, tgf_beta[voxel[row]]);
  }

  spread_to_neighbours(tissue_state(patch).sites(), reach_passes, secreted_ng);

  std::vector<double>&structural = patch.field(places_.collagen.structural).value, &fibrillar = patch.field(places_.collagen.fibrillar).value;
  const std::vector<double> relative = structure(lobule);
  const double structural_made = p_.structural_ug_per_g * mg_per_mL_from_ug_per_g / mean_over_lobule(state, relative) * p_.structural_per_d * days;
  const double base_made = p_.fibrillar_ug_per_g * mg_per_mL_from_ug_per_g * p_.fibrillar_per_d * days;
  constexpr double ng_per_mg = 1e6;
  double made_ng = 0.0;
  for (std::size_t v = 0; v < fibrillar.size(); ++v) {
    if (lobule.site[v] == Lobule::no_site) continue;
    const double open_mL = lobule.grid.volume_fraction()[v] * voxel_mL;
    const double structural_here = structural_made * relative[v];
    const double secreted_here = secreted_ng[lobule.site[v]] * state.share_of_site()[v];
    structural[v] += structural_here;
    fibrillar[v] += base_made + secreted_here / (ng_per_mg * open_mL);
    made_ng += ng_per_mg * open_mL * (structural_here + base_made) + secreted_here;
  }
  patch.scalars[places_.made_ng] += made_ng;
  patch.scalars[places_.made_per_h] = made_ng / step.duration_h();
}

}  // namespace paracrine::models
