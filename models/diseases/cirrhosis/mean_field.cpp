#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>

#include "models/diseases/cirrhosis/parts.hpp"
#include "models/mean_field/mean_tissue.hpp"

namespace paracrine::models::cirrhosis {

namespace {

using mean_field::Setup;

/// The forms of the processes that are on, in their order.
std::vector<void (*)(const mean_field::Visit&)> steps_of(const sim::Scenario& scenario) {
  std::vector<void (*)(const mean_field::Visit&)> steps;
  for (const mean_field::Form& form : mean_field::forms)
    if (scenario.process(std::string(form.process))) steps.push_back(form.advance);
  return steps;
}

/// Zones and neighbours of the lobule that the well-mixed one stands for.
void add_geometry(const Parts& parts, std::size_t thickness, Setup& setup) {
  const LobuleParameters& p = parts.body.p.lobule;
  const HepatocyteInjuryParameters& injury = setup.p.injury;
  const Lobule lobule = make_lobule(p, p.radius_um, thickness, 1);
  const SiteMap sites = make_site_map(lobule);
  setup.reach = 1.0;
  std::vector<double> zone;
  for (std::size_t site = 0; site < sites.size(); ++site) {
    setup.reach += static_cast<double>(sites.neighbours[site]) / static_cast<double>(sites.size());
    zone.push_back(static_cast<double>(lobule.zone[sites.voxel[site]]));
  }
  std::sort(zone.begin(), zone.end());
  double central = 0.0, portal = 0.0;
  for (std::size_t rank = 0; rank < zone.size(); ++rank) {
    const std::size_t k = rank * MeanCells::zones / zone.size();
    const double of_zone = static_cast<double>(MeanCells::zones) / static_cast<double>(zone.size());
    setup.toxic[k] += of_zone * std::pow(zone[rank], injury.ccl4_zonation);
    setup.central[k] += of_zone * std::pow(zone[rank], injury.chronic_zonation);
    setup.portal[k] += of_zone * std::pow(1.0 - zone[rank], injury.chronic_zonation);
  }
  for (std::size_t k = 0; k < MeanCells::zones; ++k) {
    central += setup.central[k] / static_cast<double>(MeanCells::zones);
    portal += setup.portal[k] / static_cast<double>(MeanCells::zones);
  }
  for (std::size_t k = 0; k < MeanCells::zones; ++k) {
    setup.central[k] /= central;
    setup.portal[k] /= portal;
  }
}

void add_arrivals(const Parts& parts, Setup& setup) {
  const TissueScalars& s = parts.s;
  const body::Parts& body = parts.body;
  setup.monocytes = {{.uptake = body.monocytes.naive_uptake, .waiting = s.naive_waiting, .arrived = s.naive_arrived, .sort = MeanCells::inflammatory},
                     {.uptake = body.monocytes.educated_uptake,
                      .waiting = s.educated_waiting,
                      .arrived = s.educated_arrived,
                      .sort = MeanCells::restorative,
                      .lineage = 1.0}};
  if (!parts.macrophage_doses.empty())
    for (std::size_t i = 0; i < parts.infused.size(); ++i)
      setup.infused.push_back({.uptake = parts.infused[i].uptake,
                               .waiting = s.infused_waiting[i],
                               .arrived = s.infused_arrived[i],
                               .sort = i == 2 ? MeanCells::infused_restorative : MeanCells::infused_inflammatory,
                               .restorative_share = i == 0 ? parts.p.macrophage_infusion.unpolarised_restorative : 0.0});
  setup.neutrophils = {.uptake = body.neutrophils.uptake, .waiting = s.neutrophils_waiting, .arrived = s.neutrophils_arrived};
  setup.monocytes_mL_per_h = body.monocytes.healthy_to_liver_per_h * body.blood_mL;
  setup.neutrophils_mL_per_h = body.neutrophils.healthy_to_liver_per_h * body.blood_mL;
  setup.infused_mL_per_h = infused_clearance_mL_per_h(parts.p.macrophage_infusion, body.blood_mL);
}

Setup make_setup(const sim::Scenario& scenario, const Parts& parts) {
  Setup setup{.p = parts.p,
              .flow = parts.body.p.sinusoid_flow,
              .on = {.recruitment = scenario.process("recruitment"),
                     .neutrophil_recruitment = scenario.process("neutrophil_recruitment"),
                     .chemotaxis = scenario.process("chemotaxis")},
              .steps = steps_of(scenario),
              .s = parts.s,
              .cytokines = parts.cytokines,
              .collagen = parts.collagen,
              .capillarisation = body::capillarised_field,
              .diameter = parts.diameter_field,
              .mean_cells = *parts.body.mean_cells,
              .weight = parts.body.lobule_weight,
              .interventions = parts.interventions,
              .direct = direct_places(parts)};
  setup.damage_reach_um = std::sqrt(parts.p.cytokine.damage_um2_per_s * 60.0 * parts.p.cytokine.damage_half_life_min / std::numbers::ln2);
  add_geometry(parts, static_cast<std::size_t>(scenario.root.table("liver").integer("thickness")), setup);
  add_arrivals(parts, setup);
  return setup;
}

void fill_cells(const Resting& resting, const Parts& parts, MeanCells& cells) {
  constexpr auto of_zone = 1.0 / static_cast<double>(MeanCells::zones);
  using hepatocyte::State;
  for (MeanCells::Zone& zone : cells.zone) {
    const double viable = of_zone * (1.0 - resting.injured - resting.necrotic);
    zone.share[static_cast<std::size_t>(State::viable)] = zone.cyp2e1 = viable;
    zone.share[static_cast<std::size_t>(State::injured)] = of_zone * resting.injured;
    zone.share[static_cast<std::size_t>(State::necrotic)] = of_zone * resting.necrotic;
  }
  cells.macrophages[MeanCells::inflammatory].number = resting.inflammatory;
  cells.macrophages[MeanCells::restorative].number = resting.restorative;
  cells.neutrophils = resting.neutrophils;
  cells.apoptotic_neutrophils = resting.apoptotic;
  cells.stellate[static_cast<std::size_t>(stellate_cell::State::quiescent)] = parts.body.p.lobule.stellate_per_hepatocyte;
}

}  // namespace

void fill_mean_lobule(const sim::Scenario& scenario, sim::World& world, Parts& parts) {
  sim::Patch& patch = world.patch(world.groups[parts.body.groups[1]].first);
  for (const std::size_t kind : {parts.kinds.hepatocytes, parts.kinds.macrophages, parts.kinds.neutrophils, parts.kinds.stellate_cells})
    world.agent_weight[kind] = parts.body.lobule_weight;
  add_tissue_fields(patch, parts);
  const Resting resting = resting_leukocytes(scenario, parts, 1.0);
  parts.no_health = resting.no_health;
  MeanCells cells = load_mean_cells(patch, *parts.body.mean_cells);
  fill_cells(resting, parts, cells);
  store_mean_cells(patch, *parts.body.mean_cells, cells);
  const TissueScalars& s = parts.s;
  patch.scalars[s.niche] = cells.macrophages[MeanCells::kupffer].number;
  patch.scalars[s.hepatocytes_placed] = 1.0 - resting.necrotic;
  patch.scalars[s.macrophages_placed] = cells.all_macrophages();
  patch.scalars[s.neutrophils_placed] = cells.all_neutrophils();
  patch.scalars[s.stellate_placed] = patch.scalars[s.stellate_healthy] = cells.all_stellate();
  patch.scalars[s.injury.severity] = 1.0;
  for (const std::size_t activity : {s.activity.ccl2, s.activity.loxl2, s.activity.tgf_beta, s.activity.natural_killer})
    patch.scalars[activity] = 1.0;
  CollagenSynthesis(parts.p.collagen_synthesis, synthesis_places(parts)).prepare(patch);
  SinusoidNarrowing(parts.body.p.sinusoid_flow, narrowing_places(parts)).prepare(patch);
  patch.scalars[s.mmp_reference] = mean_field::collagenase_of(make_setup(scenario, parts), cells, patch.field(parts.collagen.fibrillar).value[0]);
  patch.scalars[s.timp] = patch.scalars[s.mmp_activity] = 1.0;
  const Cytokine cytokine(parts.p.cytokine, cytokine_places(parts), parts.body.lobule_weight);
  if (scenario.process("cytokine"))
    for (int round = 0; round < 2; ++round) cytokine.prepare(patch);
  patch.scalars[s.collagen_placed] = collagen_ng(patch, parts.collagen);
}

void add_mean_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts) {
  sim::PatchGroup& liver = world.groups[parts.body.groups[1]];
  const Setup setup = make_setup(scenario, parts);
  if (scenario.process("sinusoid_flow")) liver.processes.insert(liver.processes.begin(), std::make_shared<mean_field::MeanNarrowing>(setup));
  const auto tissue = std::make_shared<mean_field::MeanTissue>(setup);
  tissue->prepare(world.patch(liver.first));
  liver.processes.push_back(tissue);
  if (scenario.process("cytokine"))
    liver.processes.push_back(std::make_shared<Cytokine>(parts.p.cytokine, cytokine_places(parts), parts.body.lobule_weight));
}

}  // namespace paracrine::models::cirrhosis
