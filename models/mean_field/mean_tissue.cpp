#include "models/mean_field/mean_tissue.hpp"

#include <cmath>

#include "models/tissue/lobule_state.hpp"

namespace paracrine::models::mean_field {

double Visit::chance(double rate_per_d) const { return -std::expm1(-rate_per_d * days); }

void MeanTissue::advance(sim::Patch& patch, const sim::Step& step) const {
  MeanCells cells = load_mean_cells(patch, of_.mean_cells);
  const Visit visit{.of = of_, .cells = cells, .patch = patch, .step = step, .days = step.duration_h() / 24.0};
  for (const auto& step_of : of_.steps) step_of(visit);
  store_mean_cells(patch, of_.mean_cells, cells);
}

void MeanNarrowing::advance(sim::Patch& patch, const sim::Step& step) const {
  constexpr std::int64_t every_s = std::int64_t{3} * 86400;
  constexpr double least_change = 0.01;
  const SinusoidFlowParameters& p = of_.flow;
  LobuleState& state = lobule_state(patch);
  std::vector<double>& diameter = patch.field(of_.diameter).value;
  if (step.start_s / every_s != step.end_s() / every_s) {
    const double activated = load_mean_cells(patch, of_.mean_cells).activated_stellate();
    const double contracted = mean_saturation(of_.reach * activated, of_.reach * p.half_cells);
    const double next = narrowed_diameter(p, patch.field(of_.capillarisation).value[0], contracted);
    if (std::abs(next - diameter[0]) > least_change) diameter[0] = next;
  }
  // after a checkpoint was read the flow is still that of the start
  const bool of_start = state.flow_diameter.empty() && (diameter[0] == 0.0 || diameter[0] == p.narrowing);
  if (of_start || state.flow_diameter == diameter) return;
  state.set_flow(models::sinusoid_flow(state.lobule(), diameter, p));
  state.flow_diameter = diameter;
}

}  // namespace paracrine::models::mean_field
