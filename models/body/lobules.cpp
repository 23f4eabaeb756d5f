#include <cmath>
#include <optional>
#include <utility>

#include "models/agents/macrophage.hpp"
#include "models/body/parts.hpp"
#include "models/tissue/lobule_state.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models::body {

namespace {

constexpr double min_per_h = 60.0;
constexpr double most_endogenous = 100.0;  // half saturations; where phagocytes cannot keep up, they start here

/// Plasma flow of the healthy liver [mL/h].
double healthy_plasma_mL_per_h(const Parts& parts) {
  const CirculationParameters& c = parts.p.circulation;
  return c.liver_perfusion_mL_per_min_g * c.liver_mass_g * parts.scale * (1.0 - parts.p.blood.haematocrit) * min_per_h;
}

/// `products`: whether anything is given that can set vesicles free in a lobule; else the fields of those hold no values.
void add_fields(sim::Patch& patch, bool products) {
  patch.fields.push_back(ev_uptake_field(*patch.grid));
  patch.fields.push_back(capillarisation_field(*patch.grid));
  patch.fields.emplace_back("ev_local_source", "1", *patch.grid);
  patch.fields.emplace_back("ev_effective_local_source", "1", *patch.grid);
  if (products) return;
  for (std::size_t field : {local_source_field, local_source_field + 1}) patch.field(field).value = {};
}

/// With a process off, nothing happens by it: no flow, or nothing taken up of what flows.
EvUptakeParameters uptake_parameters(const sim::Scenario& scenario, const EvUptakeParameters& p) {
  if (scenario.process("ev_uptake")) return p;
  EvUptakeParameters off = p;
  off.kupffer_um3_per_min = off.recruited_um3_per_min = off.endothelial_um3_per_min = off.hepatocyte_um3_per_min = off.stellate_um3_per_min =
      off.colloid_um3_per_min = off.soluble_signal_per_h = 0.0;
  return off;
}

/// Starts the endogenous vesicles where their release equals what all organs, the lobules at that concentration included, clear.
void start_endogenous(sim::World& world, const Parts& parts, const sim::PatchGroup& liver) {
  constexpr int rounds = 4;  // the liver's clearance hardly depends on the concentration
  const double half_saturation = parts.p.ev_uptake.half_saturation_per_mL;
  double per_mL = 0.0;
  for (int round = 0; round < rounds; ++round) {
    double clearance_mL_per_h = 0.0;
    world.for_all(liver.count, [&](std::size_t i) {
      sim::Patch& patch = world.patch(liver.first + i);
      patch.scalars[parts.signals.ev_per_mL] = per_mL;
      parts.uptake->prepare(patch);
    });
    for (std::size_t i = 0; i < liver.count; ++i)
      clearance_mL_per_h += world.patch(liver.first + i).clearance_mL_per_h[parts.blood.endogenous.liver_uptake];
    const double steady = endogenous_steady_per_mL(parts.p.blood, half_saturation, parts.scale, clearance_mL_per_h);
    per_mL = std::min(steady, most_endogenous * half_saturation);
  }
  fill_endogenous(world, parts.p.blood, parts.blood, per_mL);
}

void place_mean_kupffer_cells(sim::Patch& patch, std::size_t mean_cells, double per_site) {
  MeanCells cells;
  cells.macrophages[MeanCells::kupffer].number = per_site;
  store_mean_cells(patch, mean_cells, cells);
}

}  // namespace

std::vector<double> lobule_radii_um(const LobuleParameters& p, std::size_t count, std::uint64_t seed) {
  std::vector<double> radii_um = draw_lobule_radii(p, count, seed);
  double squares = 0.0;
  for (const double radius : radii_um) squares += radius * radius;
  const double factor = p.radius_um / std::sqrt(squares / static_cast<double>(count));
  for (double& radius : radii_um) radius *= factor;
  return radii_um;
}

void add_lobules(const sim::Scenario& scenario, sim::World& world, Parts& parts) {
  const Parameters& p = parts.p;
  const sim::PatchGroup& liver = world.groups[parts.groups[1]];
  const auto seed = static_cast<std::uint64_t>(scenario.root.integer("seed"));
  const auto thickness = static_cast<std::size_t>(scenario.root.table("liver").integer("thickness"));
  const auto refine = static_cast<std::size_t>(scenario.root.table("numerics").integer("refine"));
  const std::vector<double> radii_um = lobule_radii_um(p.lobule, liver.count, seed);
  const bool mean = parts.mean_cells.has_value();

  std::vector<std::optional<Lobule>> lobules(liver.count);
  std::vector<double> healthy_totals(liver.count);
  world.for_all(liver.count, [&](std::size_t i) {
    lobules[i] = mean ? make_mean_lobule(p.lobule, p.lobule.radius_um) : make_lobule(p.lobule, radii_um[i], thickness, refine);
    healthy_totals[i] = sinusoid_flow(*lobules[i], 1.0, p.sinusoid_flow).total();
  });
  double sites = 0.0, kupffer_remainder = 0.0, healthy_total = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) {
    healthy_total += healthy_totals[i];
    sites += static_cast<double>(lobules[i]->sites);
  }
  parts.lobule_weight = p.circulation.liver_mass_g * parts.scale * p.lobule.hepatocytes_per_g / sites;
  const double scale_mL_per_h =
      scenario.process("sinusoid_flow") ? flow_scale_mL_per_h(healthy_totals, healthy_plasma_mL_per_h(parts), parts.lobule_weight) : 0.0;

  parts.uptake = std::make_shared<EvUptake>(
      uptake_parameters(scenario, p.ev_uptake), p.lobule, parts.carriers, parts.blood, parts.signals, parts.taken_by,
      UptakePlaces{
          .macrophages = parts.macrophage_kind,
          .local_source = local_source_field,
          .map = ev_uptake_map_field,
          .capillarisation = capillarised_field,
          .mean_cells = parts.mean_cells,
          .colloid = std::any_of(parts.therapies.begin(), parts.therapies.end(), [](const Therapy& t) { return t.product == Product::colloid; }),
          .neutrophils = parts.neutrophil_kind},
      parts.lobule_weight);
  const Capillarisation capillarisation(p.capillarisation, capillarised_field, std::nullopt);
  for (std::size_t i = 0; i < liver.count; ++i) {
    sim::Patch& patch = world.patch(liver.first + i);
    if (mean)
      place_mean_kupffer_cells(patch, *parts.mean_cells, p.lobule.kupffer_per_hepatocyte);
    else
      place_kupffer_cells(patch.agents(parts.macrophage_kind), *lobules[i], p.lobule, seed, kupffer_remainder);
    parts.liver_share.push_back(healthy_totals[i] / healthy_total);
  }
  world.for_all(liver.count, [&](std::size_t i) {
    sim::Patch& patch = world.patch(liver.first + i);
    patch.grid = lobules[i]->grid;
    patch.zone = std::move(lobules[i]->zone);
    add_fields(patch, !parts.therapies.empty());
    capillarisation.prepare(patch);
    patch.derived.push_back(make_lobule_state(std::move(*lobules[i]), p.sinusoid_flow, scale_mL_per_h));
  });
  start_endogenous(world, parts, liver);
}

}  // namespace paracrine::models::body
