#pragma once
#include <vector>

#include "models/body/parts.hpp"
#include "models/processes/chemotaxis.hpp"
#include "models/processes/collagen_degradation.hpp"
#include "models/processes/collagen_synthesis.hpp"
#include "models/processes/crosslinking.hpp"
#include "models/processes/cytokine.hpp"
#include "models/processes/hepatocyte_death.hpp"
#include "models/processes/hepatocyte_injury.hpp"
#include "models/processes/intervention.hpp"
#include "models/processes/kupffer_relay.hpp"
#include "models/processes/kupffer_renewal.hpp"
#include "models/processes/macrophage_death.hpp"
#include "models/processes/macrophage_infusion.hpp"
#include "models/processes/macrophage_relay.hpp"
#include "models/processes/macrophage_switch.hpp"
#include "models/processes/neutrophil_fate.hpp"
#include "models/processes/neutrophil_recruitment.hpp"
#include "models/processes/phagocytosis.hpp"
#include "models/processes/recruitment.hpp"
#include "models/processes/regeneration.hpp"
#include "models/processes/serum.hpp"
#include "models/processes/stellate_activation.hpp"
#include "models/processes/stellate_fate.hpp"
#include "models/processes/stellate_proliferation.hpp"

namespace paracrine::models::cirrhosis {

/// The parameters of the tissue's parts, as a scenario resolved them.
struct TissueParameters {
  HepatocyteInjuryParameters injury;
  HepatocyteDeathParameters hepatocyte_death;
  RegenerationParameters regeneration;
  RecruitmentParameters recruitment;
  PhagocytosisParameters phagocytosis;
  MacrophageSwitchParameters macrophage_switch;
  MacrophageRelayParameters macrophage_relay;
  KupfferRelayParameters kupffer_relay;
  KupfferRenewalParameters kupffer_renewal;
  MacrophageDeathParameters macrophage_death;
  ChemotaxisParameters chemotaxis;
  NeutrophilRecruitmentParameters neutrophil_recruitment;
  NeutrophilFateParameters neutrophil_fate;
  StellateActivationParameters stellate_activation;
  StellateFateParameters stellate_fate;
  StellateProliferationParameters stellate_proliferation;
  CollagenSynthesisParameters collagen_synthesis;
  CollagenDegradationParameters collagen_degradation;
  CrosslinkingParameters crosslinking;
  CytokineParameters cytokine;
  SerumParameters serum;
  InterventionParameters depletion;
  MacrophageInfusionParameters macrophage_infusion;
};

/// Numbers of the scalars of a lobule that only this disease has.
struct TissueScalars {
  std::size_t ccl2 = 0, ccl2_rise = 0, ccl2_reference = 0, il10 = 0, mean_damage = 0, timp = 0, mmp_activity = 0, mmp_reference = 0,
              collagen_made_per_h = 0;
  std::size_t necrosed = 0, hepatocytes_died = 0, hepatocytes_born = 0, eaten_hepatocytes = 0;
  std::size_t naive_waiting = 0, educated_waiting = 0, neutrophils_waiting = 0;
  std::array<std::size_t, 3> infused_waiting{}, infused_arrived{};
  std::size_t naive_arrived = 0, educated_arrived = 0, neutrophils_arrived = 0;
  std::size_t eaten_neutrophils = 0, neutrophils_gone = 0, neutrophils_depleted = 0;
  std::size_t switched = 0, switched_by_signal = 0, turned = 0, turned_for_msc = 0;
  std::size_t kupffer_dead = 0, recruited_dead = 0, kupffer_born = 0, kupffer_settled = 0, niche = 0, macrophages_depleted = 0;
  std::size_t stellate_lost = 0, stellate_reverted = 0, stellate_dead = 0, stellate_born = 0, stellate_healthy = 0;
  std::size_t collagen_made = 0, collagen_lost = 0;
  std::size_t hepatocytes_placed = 0, macrophages_placed = 0, neutrophils_placed = 0, stellate_placed = 0, collagen_placed = 0;
  std::size_t hsc_seen = 0, hsc_signal = 0;
  Activities activity;
  InjurySignals injury;
};

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
};

TissueParameters read_tissue_parameters(const sim::Scenario& scenario);
std::vector<InjuryCause> read_injuries(const sim::Scenario& scenario, const HepatocyteInjuryParameters& p);
std::vector<TissueIntervention> read_tissue_interventions(const sim::Scenario& scenario);
std::vector<MacrophageDose> read_macrophage_doses(const sim::Scenario& scenario, const std::vector<Therapy>& therapies);

CollagenSynthesisPlaces synthesis_places(const Parts& parts);
CollagenDegradationPlaces degradation_places(const Parts& parts);
CytokinePlaces cytokine_places(const Parts& parts);
NarrowingPlaces narrowing_places(const Parts& parts);

/// Agent kinds, scalars and pools of the tissue: before the patches.
void add_tissue_pools(sim::World& world, Parts& parts);
/// Cells, fields and matrix of the lobules, in the steady state of health.
void fill_lobules(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// What happens in the tissue in a visit and between two visits.
void add_tissue_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
void add_tissue_compartment_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
/// Readouts and balances of the tissue.
void add_tissue_readouts(sim::World& world, const Parts& parts);

std::vector<sim::Key> keys();
void check(const sim::Scenario& scenario, sim::Findings& findings);

}  // namespace paracrine::models::cirrhosis
