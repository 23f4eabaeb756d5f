#include "models/processes/neutrophil_recruitment.hpp"

#include <cmath>
#include <utility>

#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

void NeutrophilRecruitment::prepare(sim::Patch& patch) const {
  const auto sites = static_cast<double>(lobule_state(patch).lobule().sites);
  const auto state = std::as_const(patch).agents(places_.macrophages).column(macrophage::state);
  const auto restorative = std::count(state.begin(), state.end(), static_cast<std::uint8_t>(macrophage::State::restorative));
  patch.clearance_mL_per_h[places_.uptake] =
      healthy_mL_per_h_ * sites * neutrophil_recruitment_factor(p_, patch.scalars[places_.mean_damage], static_cast<double>(restorative) / sites);
}

void NeutrophilRecruitment::advance(sim::Patch& patch, const sim::Step& step) const {
  constexpr double rounding = 1e-12;
  double& waiting = patch.scalars[places_.waiting];
  waiting += patch.uptaken[places_.uptake];
  const double agents = std::floor(waiting / weight_ * (1.0 + rounding));
  if (agents >= 1.0) {
    waiting = std::max(0.0, waiting - agents * weight_);
    patch.scalars[places_.arrived] += agents;
    sim::Population& cells = patch.agents(places_.neutrophils);
    const std::size_t first = cells.add(static_cast<std::size_t>(agents));
    const auto x = cells.column(neutrophil::x_um), y = cells.column(neutrophil::y_um), z = cells.column(neutrophil::z_um);
    const auto voxel = cells.column(neutrophil::voxel);
    const sim::Random random = step.random(streams::of("neutrophil_recruitment"));
    for (std::size_t row = first; row < cells.size(); ++row) {
      const Place place = settle(lobule_state(patch).lobule(), patch.field(places_.damage).value, p_.half_damage, p_.pull, random, cells.ids()[row]);
      x[row] = place.x_um;
      y[row] = place.y_um;
      z[row] = place.z_um;
      voxel[row] = place.voxel;
    }
  }
  prepare(patch);
}

}  // namespace paracrine::models
