#include "models/processes/recruitment.hpp"

#include <cmath>

#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"

namespace paracrine::models {

void Recruitment::prepare(sim::Patch& patch) const {
  const double factor = recruitment_factor(p_, patch.scalars[places_.ccl2_rise], patch.scalars[places_.ccl2_activity]);
  const double clearance = healthy_mL_per_h_ * static_cast<double>(lobule_state(patch).lobule().sites) * factor;
  for (const Recruits& sort : places_.sorts) patch.clearance_mL_per_h[sort.uptake] = clearance;
}

void Recruitment::advance(sim::Patch& patch, const sim::Step& step) const {
  for (const Recruits& sort : places_.sorts) settle_new(patch, step, sort);
  prepare(patch);
}

void Recruitment::settle_new(sim::Patch& patch, const sim::Step& step, const Recruits& sort) const {
  constexpr double rounding = 1e-12;
  constexpr std::uint16_t phenotype_draw = 0xFFFF;
  double& waiting = patch.scalars[sort.waiting];
  waiting += patch.uptaken[sort.uptake];
  const double agents = std::floor(waiting / weight_ * (1.0 + rounding));
  if (agents < 1.0) return;
  waiting = std::max(0.0, waiting - agents * weight_);
  patch.scalars[sort.arrived] += agents;
  sim::Population& cells = patch.agents(places_.macrophages);
  const std::size_t first = cells.add(static_cast<std::size_t>(agents));
  const Lobule& lobule = lobule_state(patch).lobule();
  const std::vector<double>& damage = patch.field(places_.damage).value;
  const auto x = cells.column(macrophage::x_um), y = cells.column(macrophage::y_um), z = cells.column(macrophage::z_um);
  const auto voxel = cells.column(macrophage::voxel);
  const auto state = cells.column(macrophage::state), origin = cells.column(macrophage::origin);
  const auto lineage = cells.column(macrophage::msc_lineage);
  const sim::Random random = step.random(streams::of("recruitment"));
  for (std::size_t row = first; row < cells.size(); ++row) {
    const sim::AgentId id = cells.ids()[row];
    const Place place = settle(lobule, damage, p_.half_damage, p_.pull, random, id);
    x[row] = place.x_um;
    y[row] = place.y_um;
    z[row] = place.z_um;
    voxel[row] = place.voxel;
    macrophage::State arrives = sort.state;
    if (sort.restorative_share > 0.0 && random.uniforms(id, phenotype_draw)[0] < sort.restorative_share) arrives = macrophage::State::restorative;
    state[row] = static_cast<std::uint8_t>(arrives);
    origin[row] = static_cast<std::uint8_t>(sort.origin);
    lineage[row] = sort.origin == macrophage::Origin::educated ? 1.0F : 0.0F;
  }
}

}  // namespace paracrine::models
