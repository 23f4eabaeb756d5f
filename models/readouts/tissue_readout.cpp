#include "models/readouts/tissue_readout.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/tissue/bridging.hpp"
#include "models/tissue/lobule_state.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models {

namespace {

const std::vector<sim::Observable>& list() {
  static const std::vector<sim::Observable> observables{
      {"hepatocyte_viable", "1", "share of the hepatocyte sites whose hepatocyte is viable", ""},
      {"hepatocyte_injured", "1", "share of the hepatocyte sites whose hepatocyte is injured", ""},
      {"hepatocyte_necrotic", "1", "share of the hepatocyte sites with a necrotic hepatocyte not yet cleared", ""},
      {"hepatocyte_regenerating", "1", "share of the hepatocyte sites whose hepatocyte is newly born", ""},
      {"hepatocyte_senescent", "1", "share of the hepatocyte sites whose hepatocyte is senescent", ""},
      {"hepatocyte_empty", "1", "share of the hepatocyte sites without hepatocyte", ""},
      {"macrophage_inflammatory", "1", "recruited inflammatory macrophages per hepatocyte site", ""},
      {"macrophage_restorative", "1", "recruited restorative macrophages per hepatocyte site", ""},
      {"neutrophil", "1", "neutrophils in the liver per hepatocyte site, apoptotic ones included", ""},
      {"neutrophil_reparative", "1", "reparative neutrophils of the liver, which live and injure nothing, per hepatocyte site", ""},
      {"neutrophil_signal", "1", "internal signal of MSC products in a living neutrophil of the liver, in vesicles of unprimed cells, mean over them",
       "NaN without any"},
      {"ev_uptake_neutrophil", "1", "MSC and product vesicles taken up by neutrophils of the liver so far", "cumulative"},
      {"hsc_quiescent", "1", "quiescent hepatic stellate cells per hepatocyte site", ""},
      {"hsc_activated", "1", "activated hepatic stellate cells per hepatocyte site", ""},
      {"myofibroblast", "1", "myofibroblasts per hepatocyte site", ""},
      {"hsc_inactivated", "1", "inactivated hepatic stellate cells per hepatocyte site", ""},
      {"hsc_senescent", "1", "senescent hepatic stellate cells per hepatocyte site", ""},
      {"myofibroblast_lost", "1", "activated stellate cells and myofibroblasts lost so far per hepatocyte site", "cumulative"},
      {"myofibroblast_reverted", "1", "those of them that became inactivated, so far per hepatocyte site", "cumulative"},
      {"tgf_beta", "ng/mL", "active TGF-beta, mean over liver tissue", ""},
      {"tnf", "ng/mL", "TNF, mean over liver tissue", ""},
      {"pdgf", "ng/mL", "PDGF, mean over liver tissue", ""},
      {"hgf", "ng/mL", "HGF, mean over liver tissue", ""},
      {"il6", "ng/mL", "IL-6, mean over liver tissue", ""},
      {"damage", "1", "signal of damaged cells, mean over liver tissue; 1: all hepatocytes necrotic", ""},
      {"ccl2", "ng/mL", "CCL2, mean over liver tissue", ""},
      {"il10", "ng/mL", "IL-10, mean over liver tissue", ""},
      {"mmp_activity", "1", "rate at which fibrillar collagen is degraded, relative to health", ""},
      {"timp", "1", "TIMP relative to health", ""},
      {"collagen_area", "1", "share of the tissue that collagen stains: mean of min(1, fibrillar collagen / 47 mg/mL)", ""},
      {"collagen_crosslinked", "1", "share of the fibrillar collagen that is cross-linked", ""},
      {"collagen_synthesis", "d^-1", "collagen made per time, all pools, relative to what is there", ""},
      {"collagen_degradation", "d^-1", "collagen lost per time, all pools, relative to what is there", ""},
      {"hydroxyproline", "ug/g", "hydroxyproline of all collagen per mass of liver", ""},
      {"hydroxyproline_structural", "ug/g", "hydroxyproline of structural collagen per mass of liver", ""},
      {"bridging", "1", "share of the twelve possible bridges of matrix from a central vein, to portal tracts and across the lobule's edges", ""},
      {"bridging_portal_central", "1", "share of the six possible bridges from a central vein to a portal tract", ""},
      {"bridging_central_central", "1", "share of the six possible bridges from a central vein over an edge of the lobule", ""},
      {"macrophage_switched", "1", "macrophages that became restorative by themselves or by a signal, so far per hepatocyte site", "cumulative"},
      {"macrophage_relayed", "1", "macrophages turned by restorative neighbours, so far per hepatocyte site", "cumulative"},
      {"relay_gain", "1",
       "macrophages that restorative neighbours turned, as far as these go back to MSC, per educated macrophage that came and per macrophage that "
       "the "
       "signal of MSC products switched",
       "so far; NaN without any"},
  };
  return observables;
}

// Sums, in the order in which measure() adds them up.
enum Sum : std::size_t {
  sites,
  hepatocytes,  // six states
  inflammatory = hepatocytes + hepatocyte::states,
  restorative,
  neutrophils,
  reparative,
  living_neutrophils,
  neutrophil_signal,
  in_neutrophils,
  stellate,  // five states
  lost = stellate + stellate_cell::states,
  reverted,
  volume,
  fields,  // five cytokines and damage, x volume
  ccl2 = fields + 6,
  il10,
  mmp,
  timp,
  stained,
  fibrillar,
  crosslinked,
  structural,
  made,
  degraded,
  portal_central,
  central_central,
  lobules,
  switched,
  turned,
  begun,
  gained,
  count
};

}  // namespace

std::span<const sim::Observable> TissueReadout::observables() const { return list(); }
std::size_t TissueReadout::sums() const { return Sum::count; }

void TissueReadout::count_cells(const sim::Patch& patch, std::span<double> sums) const {
  if (places_.mean_cells) {
    const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
    for (std::size_t of = 0; of < hepatocyte::states; ++of) sums[Sum::hepatocytes + of] += cells.hepatocytes(static_cast<hepatocyte::State>(of));
    sums[Sum::inflammatory] += cells.all_inflammatory();
    sums[Sum::restorative] += cells.all_restorative();
    sums[Sum::neutrophils] += cells.all_neutrophils();
    sums[Sum::reparative] += cells.reparative_neutrophils;
    sums[Sum::living_neutrophils] += cells.living_neutrophils();
    sums[Sum::neutrophil_signal] += cells.neutrophil_signal;
    for (std::size_t of = 0; of < stellate_cell::states; ++of) sums[Sum::stellate + of] += cells.stellate[of];
    return;
  }
  for (const std::uint8_t of : patch.agents(places_.kinds.hepatocytes).column(hepatocyte::state)) sums[Sum::hepatocytes + of] += 1.0;
  for (const std::uint8_t of : patch.agents(places_.kinds.macrophages).column(macrophage::state)) {
    if (of == static_cast<std::uint8_t>(macrophage::State::inflammatory)) sums[Sum::inflammatory] += 1.0;
    if (of == static_cast<std::uint8_t>(macrophage::State::restorative)) sums[Sum::restorative] += 1.0;
  }
  const sim::Population& neutrophils = patch.agents(places_.kinds.neutrophils);
  const auto lives = neutrophils.column(neutrophil::state);
  const auto signal = neutrophils.column(neutrophil::signal);
  sums[Sum::neutrophils] += static_cast<double>(neutrophils.size());
  for (std::size_t row = 0; row < neutrophils.size(); ++row) {
    if (lives[row] == static_cast<std::uint8_t>(neutrophil::State::apoptotic)) continue;
    if (lives[row] == static_cast<std::uint8_t>(neutrophil::State::reparative)) sums[Sum::reparative] += 1.0;
    sums[Sum::living_neutrophils] += 1.0;
    sums[Sum::neutrophil_signal] += static_cast<double>(signal[row]);
  }
  for (const std::uint8_t of : patch.agents(places_.kinds.stellate_cells).column(stellate_cell::state)) sums[Sum::stellate + of] += 1.0;
}

void TissueReadout::measure(const sim::Patch& patch, std::span<double> sums) const {
  if (patch.group() != places_.group) return;
  const LobuleState& state = lobule_state(patch);
  const sim::Grid& grid = state.lobule().grid;
  const double whole = grid.domain_volume_um3();
  sums[Sum::sites] += static_cast<double>(state.lobule().sites);
  sums[Sum::lobules] += 1.0;
  sums[Sum::volume] += whole;
  count_cells(patch, sums);
  const std::vector<double>& scalars = patch.scalars;
  sums[Sum::in_neutrophils] += scalars[places_.ev_in_neutrophils];
  sums[Sum::lost] += scalars[places_.myofibroblast_lost];
  sums[Sum::reverted] += scalars[places_.myofibroblast_reverted];
  const std::array<std::size_t, 6> means{places_.tgf_beta, places_.tnf, places_.pdgf, places_.hgf, places_.il6, places_.damage};
  for (std::size_t f = 0; f < means.size(); ++f) sums[Sum::fields + f] += sim::amount(patch.field(means[f]), grid);
  sums[Sum::ccl2] += scalars[places_.ccl2] * whole;
  sums[Sum::il10] += scalars[places_.il10] * whole;
  sums[Sum::mmp] += scalars[places_.mmp_activity] * whole;
  sums[Sum::timp] += scalars[places_.timp] * whole;
  sums[Sum::made] += scalars[places_.collagen_made_per_h];
  sums[Sum::degraded] += scalars[places_.collagen_lost_per_h];

  const std::vector<double>&loose = patch.field(places_.collagen.fibrillar).value, &linked = patch.field(places_.collagen.crosslinked).value;
  std::vector<double> collagen(loose.size(), 0.0);
  for (std::size_t v = 0; v < collagen.size(); ++v) {
    collagen[v] = loose[v] + linked[v];
    sums[Sum::stained] += grid.volume_fraction()[v] * grid.voxel_volume_um3() * std::min(1.0, collagen[v] / full_stain_mg_per_mL);
  }
  sums[Sum::fibrillar] += sim::amount(patch.field(places_.collagen.fibrillar), grid);
  sums[Sum::crosslinked] += sim::amount(patch.field(places_.collagen.crosslinked), grid);
  sums[Sum::structural] += sim::amount(patch.field(places_.collagen.structural), grid);
  if (!places_.mean_cells) {
    const Bridges bridges = find_bridges(state.lobule(), collagen);
    sums[Sum::portal_central] += bridges.portal_central / 6.0;
    sums[Sum::central_central] += bridges.central_central / 6.0;
  }
  sums[Sum::switched] += scalars[places_.switched];
  sums[Sum::turned] += scalars[places_.turned];
  sums[Sum::begun] += scalars[places_.educated_arrived] + scalars[places_.switched_by_signal];
  sums[Sum::gained] += scalars[places_.turned_for_msc];
}

void TissueReadout::finish(const sim::World&, std::span<const double> sums, std::span<double> values) const {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();  // a mean over nobody; bridges where there is no space
  std::size_t at = 0;
  const auto per_site = [&](std::size_t sum) { values[at++] = sums[sum] / sums[Sum::sites]; };
  const auto per_volume = [&](std::size_t sum) { values[at++] = sums[sum] / sums[Sum::volume]; };
  for (std::size_t state = 0; state < hepatocyte::states; ++state) per_site(Sum::hepatocytes + state);
  per_site(Sum::inflammatory);
  per_site(Sum::restorative);
  per_site(Sum::neutrophils);
  per_site(Sum::reparative);
  values[at++] = sums[Sum::living_neutrophils] > 0.0 ? sums[Sum::neutrophil_signal] / sums[Sum::living_neutrophils] : unknown;
  values[at++] = sums[Sum::in_neutrophils];
  for (std::size_t state = 0; state < stellate_cell::states; ++state) per_site(Sum::stellate + state);
  per_site(Sum::lost);
  per_site(Sum::reverted);
  for (std::size_t f = 0; f < 6; ++f) per_volume(Sum::fields + f);
  for (const std::size_t sum : {Sum::ccl2, Sum::il10, Sum::mmp, Sum::timp, Sum::stained}) per_volume(sum);
  const double stained = sums[Sum::fibrillar] + sums[Sum::crosslinked], all = stained + sums[Sum::structural];  // mg/mL um^3
  values[at++] = stained > 0.0 ? sums[Sum::crosslinked] / stained : 0.0;
  constexpr double ng_per_mg = 1e6, mL_per_um3 = 1e-12;
  for (const std::size_t ng_per_h : {Sum::made, Sum::degraded})
    values[at++] = all > 0.0 ? 24.0 * sums[ng_per_h] / (all * ng_per_mg * mL_per_um3) : 0.0;
  values[at++] = hydroxyproline_ug_per_g(all / sums[Sum::volume]);
  values[at++] = hydroxyproline_ug_per_g(sums[Sum::structural] / sums[Sum::volume]);
  const double portal = places_.mean_cells ? unknown : sums[Sum::portal_central] / sums[Sum::lobules];
  const double central = places_.mean_cells ? unknown : sums[Sum::central_central] / sums[Sum::lobules];
  values[at++] = 0.5 * (portal + central);
  values[at++] = portal;
  values[at++] = central;
  per_site(Sum::switched);
  per_site(Sum::turned);
  values[at++] = sums[Sum::begun] > 0.0 ? sums[Sum::gained] / sums[Sum::begun] : unknown;
}

}  // namespace paracrine::models
