#pragma once
#include <vector>

#include "models/body/parts.hpp"
#include "models/processes/cytokine.hpp"
#include "models/tissue/tissue_parameters.hpp"
#include "sim/engine/happening.hpp"

namespace paracrine::models::cirrhosis {

/// What a world of this model is built from, besides the body.
struct Parts {
  body::Parts body;
  TissueParameters p;
  TissueKinds kinds;
  TissueScalars s;
  CytokineFields cytokines;
  CollagenFields collagen;
  std::size_t diameter_field = 0;
  std::vector<InjuryCause> causes;
  std::vector<TissueIntervention> interventions;
  std::vector<MacrophageDose> macrophage_doses;
  std::array<InfusedMacrophages, 3> infused{};  // by phenotype: unpolarised, inflammatory, restorative
  SerumValues serum;
  bool hsc_direct = false;
  bool no_health = false;  // as in Resting
};

TissueParameters read_tissue_parameters(const sim::Scenario& scenario);
/// The doses of injury `number`, a cause that acts in doses.
std::vector<sim::Happening> injury_doses(const sim::Scenario& scenario, std::size_t number);
/// What a scenario's injuries, therapies and interventions do.
std::vector<sim::Happening> schedule(const sim::Scenario& scenario);
/// Doses from `start` to `stop`, of a cause that acts in doses.
std::int64_t count_of_doses(const sim::Table& injury);
std::vector<InjuryCause> read_injuries(const sim::Scenario& scenario, const HepatocyteInjuryParameters& p);
std::vector<TissueIntervention> read_tissue_interventions(const sim::Scenario& scenario);
std::vector<MacrophageDose> read_macrophage_doses(const sim::Scenario& scenario, const std::vector<Therapy>& therapies);

CollagenSynthesisPlaces synthesis_places(const Parts& parts);
CollagenDegradationPlaces degradation_places(const Parts& parts);
CytokinePlaces cytokine_places(const Parts& parts);
NarrowingPlaces narrowing_places(const Parts& parts);

/// Where the direct action of MSC products on stellate cells is; none: they have none.
std::optional<StellateActivationPlaces::Direct> direct_places(const Parts& parts);

/// Leukocytes of health per hepatocyte site, and the hepatocytes that they injure.
struct Resting {
  double inflammatory = 0.0, restorative = 0.0, neutrophils = 0.0, apoptotic = 0.0;
  double injured = 0.0, necrotic = 0.0;  // shares of the hepatocytes
  bool no_health = false;                // there is no steady state of health: more than most_unwell of the hepatocytes would be injured or dead
};
/// Share of the hepatocytes that are injured or dead at the start, at most. What keeps the others few is held to be little in the steady state.
inline constexpr double most_unwell = 0.5;
/// The steady state of what comes with the blood, switches and dies.
Resting resting_leukocytes(const sim::Scenario& scenario, const Parts& parts, double sites);
/// Puts the tissue's fields behind those of the body.
void add_tissue_fields(sim::Patch& patch, const Parts& parts);

/// Agent kinds, scalars and pools of the tissue: before the patches.
void add_tissue_pools(sim::World& world, Parts& parts);
/// Cells, fields and matrix of the lobules, in the steady state of health.
void fill_lobules(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// The same of the mean-field twin, which has one.
void fill_mean_lobule(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// What happens in the tissue in a visit and between two visits.
void add_tissue_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
void add_mean_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
void add_tissue_compartment_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
/// Readouts and balances of the tissue.
void add_tissue_readouts(sim::World& world, const Parts& parts);

std::vector<sim::Key> keys();
void check(const sim::Scenario& scenario, sim::Findings& findings);

}  // namespace paracrine::models::cirrhosis
