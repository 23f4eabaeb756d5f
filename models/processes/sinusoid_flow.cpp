#include "models/processes/sinusoid_flow.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

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

std::unique_ptr<LobuleState> make_lobule_state(Lobule lobule, const SinusoidFlowParameters& p, double scale_mL_per_h) {
  constexpr double um3_per_s = 3600.0 * 1e-12;  // in mL/h
  sim::PotentialFlow flow = sinusoid_flow(lobule, p.narrowing, p);
  const double exchange_mL_per_h = p.vesicle_diffusion_um2_per_s * lobule.grid.spacing_um() * um3_per_s;
  return std::make_unique<LobuleState>(std::move(lobule), std::move(flow), scale_mL_per_h, p.shunt, exchange_mL_per_h);
}

}  // namespace paracrine::models
