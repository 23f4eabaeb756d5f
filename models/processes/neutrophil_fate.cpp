#include "models/processes/neutrophil_fate.hpp"

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

namespace {

/// Restorative macrophages per site.
std::vector<double> restorative_at_sites(const sim::Patch& patch, std::size_t macrophages) {
  std::vector<double> number = numbers_of_sites(tissue_state(patch).sites());
  const sim::Population& cells = patch.agents(macrophages);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state);
  for (std::size_t row = 0; row < cells.size(); ++row)
    if (state[row] == static_cast<std::uint8_t>(macrophage::State::restorative)) number[lobule_state(patch).lobule().site[voxel[row]]] += 1.0;
  return number;
}

}  // namespace

NeutrophilRates neutrophil_rates(const NeutrophilFateParameters& p, double signal, double restorative_near) {
  const double effect = signal > 0.0 ? signal / (signal + p.half_signal) : 0.0;
  const double turned = restorative_near > 0.0 ? p.relay_per_d * restorative_near / (restorative_near + p.half_neighbours) : 0.0;
  return {.apoptosis_per_d = std::numbers::ln2 * 24.0 / p.half_life_h * (1.0 + p.apoptosis_gain * effect),
          .turning_per_d = p.signal_per_d * effect + turned};
}

void NeutrophilFate::advance(sim::Patch& patch, const sim::Step& step) const {
  using neutrophil::State;
  sim::Population& cells = patch.agents(places_.neutrophils);
  const auto voxel = std::as_const(cells).column(neutrophil::voxel);
  const auto state = cells.column(neutrophil::state);
  const auto signal = std::as_const(cells).column(neutrophil::signal);
  const bool relayed = p_.relay_per_d > 0.0;
  const std::vector<double> restorative = relayed ? restorative_at_sites(patch, places_.macrophages) : std::vector<double>{};
  const double days = step.duration_h() / 24.0;
  const double dies = -std::expm1(-std::numbers::ln2 * step.duration_h() / p_.half_life_h);  // where nothing speeds it up
  const double falls_apart = -std::expm1(-std::numbers::ln2 * step.duration_h() / p_.apoptotic_half_life_h);
  const sim::Random random = step.random(streams::of("neutrophil_fate"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  std::vector<std::uint32_t> gone;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    if (state[row] == static_cast<std::uint8_t>(State::apoptotic)) {
      if (drawn(row, 0) < falls_apart) gone.push_back(row);
      continue;
    }
    const bool active = state[row] == static_cast<std::uint8_t>(State::active);
    if (!(signal[row] > 0.0F) && !(active && relayed)) {
      if (drawn(row, 0) < dies) state[row] = static_cast<std::uint8_t>(State::apoptotic);
      continue;
    }
    const double near =
        active && relayed ? with_neighbours(tissue_state(patch).sites(), restorative, lobule_state(patch).lobule().site[voxel[row]]) : 0.0;
    const NeutrophilRates rates = neutrophil_rates(p_, static_cast<double>(signal[row]), near);
    const double turning_per_d = active ? rates.turning_per_d : 0.0, total_per_d = rates.apoptosis_per_d + turning_per_d;
    if (!sim::happens(drawn(row, 0), total_per_d * days)) continue;
    state[row] = static_cast<std::uint8_t>(drawn(row, 1) * total_per_d < turning_per_d ? State::reparative : State::apoptotic);
  }
  patch.scalars[places_.gone] += static_cast<double>(gone.size());
  cells.remove(gone);
}

}  // namespace paracrine::models
