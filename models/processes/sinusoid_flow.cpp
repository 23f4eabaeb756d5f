#include "models/processes/sinusoid_flow.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "models/agents/stellate_cell.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

sim::PotentialFlow sinusoid_flow(const Lobule& lobule, std::span<const double> relative_diameter, const SinusoidFlowParameters& p) {
  const std::size_t n = lobule.grid.size();
  if (relative_diameter.size() != n) throw std::invalid_argument("one relative diameter per voxel of the lobule is needed");
  // conductances in units of a whole face's, spacing x k: a voxel's contact b k spacing^3 is k / refine^2 of it
  const double contact = 1.0 / static_cast<double>(lobule.refine * lobule.refine);
  std::vector<double> conductance(n), inlet(n), outlet(n);
  for (std::size_t v = 0; v < n; ++v) {
    conductance[v] = std::pow(relative_diameter[v], p.exponent);
    inlet[v] = contact * conductance[v] * lobule.inlet[v];
    outlet[v] = contact * conductance[v] * lobule.outlet[v];
  }
  return {lobule.grid, conductance, inlet, outlet};
}

sim::PotentialFlow sinusoid_flow(const Lobule& lobule, double relative_diameter, const SinusoidFlowParameters& p) {
  return sinusoid_flow(lobule, std::vector<double>(lobule.grid.size(), relative_diameter), p);
}

double flow_scale_mL_per_h(std::span<const double> healthy_totals, double plasma_flow_mL_per_h, double weight) {
  const double total = weight * std::accumulate(healthy_totals.begin(), healthy_totals.end(), 0.0);
  if (!(total > 0.0) || !(plasma_flow_mL_per_h > 0.0)) throw std::invalid_argument("a liver without flow cannot be scaled");
  return plasma_flow_mL_per_h / total;
}

sim::Field sinusoid_diameter_field(const sim::Grid& grid) {
  sim::Field field("sinusoid_diameter", "1", grid);
  field.meaning = "diameter of the sinusoids relative to health";
  return field;
}

void SinusoidNarrowing::prepare(sim::Patch& patch) const {
  std::vector<double>& diameter = patch.field(places_.diameter).value;
  for (std::size_t v = 0; v < diameter.size(); ++v) diameter[v] = patch.grid->inside(v) ? p_.narrowing : 0.0;
}

void SinusoidNarrowing::advance(sim::Patch& patch, const sim::Step& step) const {
  constexpr std::int64_t every_s = std::int64_t{3} * 86400;
  constexpr double least_change = 0.01;
  LobuleState& state = lobule_state(patch);
  std::vector<double>& diameter = patch.field(places_.diameter).value;
  if (step.start_s / every_s != step.end_s() / every_s) {
    const Lobule& lobule = state.lobule();
    const SiteMap& sites = tissue_state(patch).sites();
    const sim::Population& cells = std::as_const(patch).agents(places_.stellate_cells);
    const auto voxel = cells.column(stellate_cell::voxel);
    const auto of_cell = cells.column(stellate_cell::state);
    std::vector<double> own = numbers_of_sites(sites);
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (of_cell[row] == static_cast<std::uint8_t>(stellate_cell::State::activated) ||
          of_cell[row] == static_cast<std::uint8_t>(stellate_cell::State::myofibroblast))
        own[lobule.site[voxel[row]]] += 1.0;
    const std::vector<double>& capillarised = patch.field(places_.capillarisation).value;
    std::vector<double> next(diameter.size(), 0.0);
    double largest = 0.0;
    for (std::size_t v = 0; v < next.size(); ++v) {
      const std::uint32_t site = lobule.site[v];
      if (site == Lobule::no_site) continue;
      const double m = with_neighbours(sites, own, site) / (1.0 + static_cast<double>(sites.neighbours[site]));
      next[v] = narrowed_diameter(p_, capillarised[v], m / (m + p_.half_cells));
      largest = std::max(largest, std::abs(next[v] - diameter[v]));
    }
    if (largest > least_change) diameter = next;
  }
  // after a checkpoint was read the flow is still that of the start
  const bool of_start =
      state.flow_diameter.empty() && std::all_of(diameter.begin(), diameter.end(), [&](double d) { return d == 0.0 || d == p_.narrowing; });
  if (of_start || state.flow_diameter == diameter) return;
  state.set_flow(sinusoid_flow(state.lobule(), diameter, p_));
  state.flow_diameter = diameter;
}

std::unique_ptr<LobuleState> make_lobule_state(Lobule lobule, const SinusoidFlowParameters& p, double scale_mL_per_h) {
  constexpr double um3_per_s = 3600.0 * 1e-12;  // in mL/h
  sim::PotentialFlow flow = sinusoid_flow(lobule, p.narrowing, p);
  const double exchange_mL_per_h = p.vesicle_diffusion_um2_per_s * lobule.grid.spacing_um() * um3_per_s;
  return std::make_unique<LobuleState>(std::move(lobule), std::move(flow), scale_mL_per_h, p.shunt, exchange_mL_per_h);
}

}  // namespace paracrine::models
