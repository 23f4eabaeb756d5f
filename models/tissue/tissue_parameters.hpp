#pragma once
#include <array>
#include <cstddef>

#include "models/processes/chemotaxis.hpp"
#include "models/processes/collagen_degradation.hpp"
#include "models/processes/collagen_synthesis.hpp"
#include "models/processes/crosslinking.hpp"
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
#include "models/tissue/cytokine_parameters.hpp"

/// What all that happens in the tissue of a lobule is built from: for its agents, and for its mean-field twin.
namespace paracrine::models {

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

/// Numbers of the scalars of a lobule that lobules with a tissue have.
struct TissueScalars {
  std::size_t ccl2 = 0, ccl2_rise = 0, ccl2_reference = 0, il10 = 0, mean_damage = 0, timp = 0, mmp_activity = 0, mmp_reference = 0,
              collagen_made_per_h = 0, collagen_lost_per_h = 0;
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

}  // namespace paracrine::models
