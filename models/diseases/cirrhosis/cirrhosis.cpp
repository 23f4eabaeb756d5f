#include "models/diseases/cirrhosis/cirrhosis.hpp"

#include <algorithm>

#include "models/body/bounds.hpp"
#include "models/body/checks.hpp"
#include "models/body/consistency.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "models/diseases/cirrhosis/switches.hpp"
#include "models/tissue/tissue_state.hpp"

namespace paracrine::models::cirrhosis {

namespace {

void build(const sim::Scenario& scenario, sim::World& world) {
  Parts parts;
  parts.body.p = body::read_parameters(scenario);
  parts.p = read_tissue_parameters(scenario);
  parts.body.tissue = true;
  parts.hsc_direct = scenario.root.table("mechanism").flag("hsc_direct");
  parts.causes = read_injuries(scenario, parts.p.injury);
  parts.interventions = read_tissue_interventions(scenario);
  world.event_meanings = {"dose", "intervention_start", "intervention_stop", "injury"};
  body::add_pools(scenario, world, parts.body);
  add_tissue_pools(world, parts);
  parts.macrophage_doses = read_macrophage_doses(scenario, parts.body.therapies);
  body::add_patches(scenario, world, parts.body);
  const bool mean = parts.body.mean_cells.has_value();
  if (!mean) world.slow_step_s = scenario.root.table("numerics").seconds("slow_step");
  mean ? fill_mean_lobule(scenario, world, parts) : fill_lobules(scenario, world, parts);
  add_tissue_compartment_processes(scenario, world, parts);
  for (const Bed organ : {Bed::lung, Bed::liver, Bed::spleen, Bed::other}) body::add_patch_processes(scenario, world, parts.body, organ);
  mean ? add_mean_processes(scenario, world, parts) : add_tissue_processes(scenario, world, parts);
  body::add_readouts(world, parts.body);
  add_tissue_readouts(world, parts);
}

}  // namespace

sim::Disease disease() {
  // parts in the order of their parameters: those of the body, then those of the tissue
  const std::vector<std::string> parts{"circulation",        "blood",           "lobule",          "infusion",
                                       "lung_arrest",        "msc_fate",        "ev_secretion",    "factor_secretion",
                                       "monocyte_pool",      "neutrophil_pool", "efferocytosis",   "monocyte_education",
                                       "sinusoid_flow",      "ev_uptake",       "capillarisation", "intervention",
                                       "macrophage_infusion"};
  std::vector<std::string> all = parts, names;
  for (const Switch& one : switches) {
    names.emplace_back(one.name);
    if (std::find(parts.begin(), parts.end(), one.name) == parts.end()) all.emplace_back(one.name);
  }
  return {.name = "cirrhosis",
          .meaning = "fibrosis of the liver from injury to scar, its regression, and what cells and vesicles given into the blood change in it",
          .keys = keys(),
          .parts = all,
          .switches = names,
          .fields = {"ev_uptake", "capillarisation", "tgf_beta", "tnf", "pdgf", "hgf", "il6", "damage", "collagen_structural", "collagen",
                     "collagen_crosslinked", "sinusoid_diameter"},
          .agents = {"msc", "particle", "macrophage", "hepatocyte", "neutrophil", "stellate_cell"},
          .check =
              [](const sim::Scenario& scenario, sim::Findings& findings) {
                body::check_therapies(scenario, findings);
                body::check_consistency(scenario, findings, SiteMap::most_sites);
                body::check_bounds(scenario, findings);
                check_twin(scenario, switches, findings);
                check(scenario, findings);
              },
          .build = build,
          .schedule = schedule,
          .progress = {"collagen_area", "alt", "hepatocyte_viable", "msc_viable_lung"}};
}

}  // namespace paracrine::models::cirrhosis
