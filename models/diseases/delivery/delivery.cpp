#include "models/diseases/delivery/delivery.hpp"

#include "models/body/bounds.hpp"
#include "models/body/checks.hpp"
#include "models/body/consistency.hpp"
#include "models/body/keys.hpp"
#include "models/body/parts.hpp"
#include "models/body/schedule.hpp"

namespace paracrine::models::delivery {

namespace {

void build(const sim::Scenario& scenario, sim::World& world) {
  body::Parts parts;
  parts.p = body::read_parameters(scenario);
  world.event_meanings = {"dose", "intervention_start", "intervention_stop"};
  body::add_pools(scenario, world, parts);
  body::add_patches(scenario, world, parts);
  body::add_compartment_processes(scenario, world, parts);
  for (const Bed organ : {Bed::lung, Bed::liver, Bed::spleen, Bed::other}) body::add_patch_processes(scenario, world, parts, organ);
  body::add_readouts(world, parts);
}

}  // namespace

sim::Disease disease() {
  return {.name = "delivery",
          .meaning = "what becomes of cells, vesicles and particles given into the blood, and what the liver's cells take up",
          .keys = body::keys(body::Tissue::no),
          .parts = {"circulation", "blood", "lobule", "infusion", "lung_arrest", "msc_fate", "ev_secretion", "factor_secretion", "monocyte_pool",
                    "neutrophil_pool", "efferocytosis", "monocyte_education", "sinusoid_flow", "ev_uptake", "capillarisation"},
          .switches = {"infusion", "lung_arrest", "msc_fate", "ev_secretion", "factor_secretion", "monocyte_pool", "neutrophil_pool", "efferocytosis",
                       "monocyte_education", "sinusoid_flow", "ev_uptake", "capillarisation"},
          .fields = {"ev_uptake", "capillarisation"},
          .agents = {"msc", "particle", "macrophage"},
          .check =
              [](const sim::Scenario& scenario, sim::Findings& findings) {
                body::check_therapies(scenario, findings);
                body::check_consistency(scenario, findings);
                body::check_bounds(scenario, findings);
              },
          .build = build,
          .schedule = body::schedule};
}

}  // namespace paracrine::models::delivery
