#include "models/tissue/cell_signal.hpp"

#include <cmath>
#include <numbers>

namespace paracrine::models {

SignalStep::SignalStep(double half_life_h, double most_per_h, double activity, double hours) {
  const double z = std::numbers::ln2 / half_life_h * hours;
  kept_ = std::exp(-z);
  collected_ = -std::expm1(-z) / z;
  most_ = most_per_h * hours * collected_;
  of_plasma_ = activity / (1.0 + activity);
}

void take_up(const SignalledCells& cells, const Lobule& lobule, const Exposure& exposure, const SignalStep& by, double thin, bool answers,
             const sim::Random& random) {
  constexpr double most_counted = 1e9;  // vesicles in one visit; above, no count is drawn
  for (std::size_t row = 0; row < cells.ids.size(); ++row) {
    const double near = exposure.near.empty() ? 0.0 : exposure.near[lobule.site[cells.voxel[row]]];
    cells.signal[row] = static_cast<float>(cells.signal[row] * by.kept() + by.soluble(near));
  }
  if (!exposure.any) return;
  for (std::size_t row = 0; row < cells.ids.size(); ++row) {
    const std::uint32_t site = lobule.site[cells.voxel[row]];
    const double clearance = cells.clearance_mL_per_h[cells.state[row]];
    const double taken = clearance * exposure.ev[site], effective = clearance * exposure.effective[site];
    double response = effective;
    if (taken > 0.0 && taken < most_counted && cells.ev_taken[row] < thin)
      response *= static_cast<double>(sim::to_poisson(random, cells.ids[row], 0, taken)) / taken;
    if (answers) cells.signal[row] = static_cast<float>(cells.signal[row] + response * by.collected());
    cells.ev_taken[row] += taken;
  }
}

}  // namespace paracrine::models
