#include <memory>
#include <string>
#include <utility>

#include "models/diseases/cirrhosis/parts.hpp"
#include "models/processes/sinusoid_flow.hpp"

namespace paracrine::models::cirrhosis {

CollagenSynthesisPlaces synthesis_places(const Parts& parts) {
  return {.stellate_cells = parts.kinds.stellate_cells,
          .tgf_beta = parts.cytokines.tgf_beta,
          .collagen = parts.collagen,
          .made_ng = parts.s.collagen_made,
          .made_per_h = parts.s.collagen_made_per_h};
}

CollagenDegradationPlaces degradation_places(const Parts& parts) {
  return {.kinds = parts.kinds,
          .tgf_beta = parts.cytokines.tgf_beta,
          .collagen = parts.collagen,
          .timp = parts.s.timp,
          .mmp_activity = parts.s.mmp_activity,
          .reference = parts.s.mmp_reference,
          .lost_ng = parts.s.collagen_lost,
          .lost_per_h = parts.s.collagen_lost_per_h};
}

CytokinePlaces cytokine_places(const Parts& parts) {
  return {.kinds = parts.kinds,
          .fields = parts.cytokines,
          .ccl2 = parts.s.ccl2,
          .il10 = parts.s.il10,
          .ccl2_rise = parts.s.ccl2_rise,
          .ccl2_reference = parts.s.ccl2_reference,
          .mean_damage = parts.s.mean_damage,
          .tgf_beta_activity = parts.s.activity.tgf_beta,
          .pools = parts.body.blood,
          .mean_cells = parts.body.mean_cells};
}

std::optional<StellateActivationPlaces::Direct> direct_places(const Parts& parts) {
  if (!parts.hsc_direct) return std::nullopt;
  return StellateActivationPlaces::Direct{
      .taken = parts.body.taken_by.stellate_cells, .seen = parts.s.hsc_seen, .signal = parts.s.hsc_signal, .weight = parts.body.lobule_weight};
}

NarrowingPlaces narrowing_places(const Parts& parts) {
  return {.stellate_cells = parts.kinds.stellate_cells, .capillarisation = body::capillarised_field, .diameter = parts.diameter_field};
}

namespace {

RecruitmentPlaces recruitment_places(const Parts& parts) {
  using macrophage::Origin;
  using macrophage::State;
  const TissueScalars& s = parts.s;
  RecruitmentPlaces places{.macrophages = parts.kinds.macrophages,
                           .damage = parts.cytokines.damage,
                           .ccl2_rise = s.ccl2_rise,
                           .ccl2_activity = s.activity.ccl2,
                           .sorts = {}};
  places.sorts = {{.uptake = parts.body.monocytes.naive_uptake,
                   .waiting = s.naive_waiting,
                   .arrived = s.naive_arrived,
                   .state = State::inflammatory,
                   .origin = Origin::recruited},
                  {.uptake = parts.body.monocytes.educated_uptake,
                   .waiting = s.educated_waiting,
                   .arrived = s.educated_arrived,
                   .state = State::restorative,
                   .origin = Origin::educated}};
  return places;
}

/// Infused macrophages follow CCL2 as monocytes do.
RecruitmentPlaces infused_places(const Parts& parts) {
  using macrophage::State;
  RecruitmentPlaces places = recruitment_places(parts);
  places.sorts.clear();
  for (std::size_t i = 0; i < parts.infused.size(); ++i)
    places.sorts.push_back({.uptake = parts.infused[i].uptake,
                            .waiting = parts.s.infused_waiting[i],
                            .arrived = parts.s.infused_arrived[i],
                            .state = i == 2 ? State::restorative : State::inflammatory,
                            .origin = macrophage::Origin::infused,
                            .restorative_share = i == 0 ? parts.p.macrophage_infusion.unpolarised_restorative : 0.0});
  return places;
}

NeutrophilRecruitmentPlaces neutrophil_places(const Parts& parts) {
  return {.neutrophils = parts.kinds.neutrophils,
          .macrophages = parts.kinds.macrophages,
          .damage = parts.cytokines.damage,
          .mean_damage = parts.s.mean_damage,
          .uptake = parts.body.neutrophils.uptake,
          .waiting = parts.s.neutrophils_waiting,
          .arrived = parts.s.neutrophils_arrived};
}

using Add = std::function<void(const std::string& name, std::shared_ptr<const sim::Process> process)>;

void add_hepatocytes(const Parts& parts, const Add& add) {
  const TissueScalars& s = parts.s;
  add("hepatocyte_injury", std::make_shared<HepatocyteInjury>(parts.p.injury, HepatocyteInjuryPlaces{.hepatocytes = parts.kinds.hepatocytes,
                                                                                                     .neutrophils = parts.kinds.neutrophils,
                                                                                                     .tnf = parts.cytokines.tnf,
                                                                                                     .signals = s.injury}));
  add("hepatocyte_death", std::make_shared<HepatocyteDeath>(
                              parts.p.hepatocyte_death,
                              HepatocyteDeathPlaces{.hepatocytes = parts.kinds.hepatocytes, .necrosed = s.necrosed, .died = s.hepatocytes_died}));
}

void add_leukocytes(const Parts& parts, const Add& add, double sites) {
  const TissueScalars& s = parts.s;
  const body::Parts& body = parts.body;
  const double monocytes_mL_per_h = body.monocytes.healthy_to_liver_per_h * body.blood_mL / sites;
  const double neutrophils_mL_per_h = body.neutrophils.healthy_to_liver_per_h * body.blood_mL / sites;
  const double infused_mL_per_h = infused_clearance_mL_per_h(parts.p.macrophage_infusion, body.blood_mL) / sites;
  add("recruitment", std::make_shared<Recruitment>(parts.p.recruitment, recruitment_places(parts), monocytes_mL_per_h, body.lobule_weight));
  if (!parts.macrophage_doses.empty())
    add("recruitment", std::make_shared<Recruitment>(parts.p.recruitment, infused_places(parts), infused_mL_per_h, body.lobule_weight));
  add("neutrophil_recruitment",
      std::make_shared<NeutrophilRecruitment>(parts.p.neutrophil_recruitment, neutrophil_places(parts), neutrophils_mL_per_h, body.lobule_weight));
  if (!parts.interventions.empty())
    add("intervention",
        std::make_shared<Depletion>(parts.p.depletion, parts.interventions, parts.kinds, s.macrophages_depleted, s.neutrophils_depleted));
  add("chemotaxis", std::make_shared<Chemotaxis>(parts.p.chemotaxis, ChemotaxisPlaces{.macrophages = parts.kinds.macrophages,
                                                                                      .neutrophils = parts.kinds.neutrophils,
                                                                                      .damage = parts.cytokines.damage}));
  add("phagocytosis", std::make_shared<Phagocytosis>(parts.p.phagocytosis, PhagocytosisPlaces{.kinds = parts.kinds,
                                                                                              .eaten_hepatocytes = s.eaten_hepatocytes,
                                                                                              .eaten_neutrophils = s.eaten_neutrophils}));
  add("macrophage_switch",
      std::make_shared<MacrophageSwitch>(parts.p.macrophage_switch, MacrophageSwitchPlaces{.macrophages = parts.kinds.macrophages,
                                                                                           .damage = parts.cytokines.damage,
                                                                                           .il10 = s.il10,
                                                                                           .switched = s.switched,
                                                                                           .switched_by_signal = s.switched_by_signal}));
  add("macrophage_relay", std::make_shared<MacrophageRelay>(
                              parts.p.macrophage_relay,
                              MacrophageRelayPlaces{.macrophages = parts.kinds.macrophages, .turned = s.turned, .turned_for_msc = s.turned_for_msc}));
  add("kupffer_relay", std::make_shared<KupfferRelay>(parts.p.kupffer_relay, parts.kinds.macrophages));
  add("macrophage_death", std::make_shared<MacrophageDeath>(parts.p.macrophage_death, MacrophageDeathPlaces{.macrophages = parts.kinds.macrophages,
                                                                                                            .kupffer_dead = s.kupffer_dead,
                                                                                                            .recruited_dead = s.recruited_dead}));
  add("kupffer_renewal",
      std::make_shared<KupfferRenewal>(
          parts.p.kupffer_renewal,
          KupfferRenewalPlaces{.macrophages = parts.kinds.macrophages, .niche = s.niche, .born = s.kupffer_born, .settled = s.kupffer_settled}));
  add("neutrophil_fate", std::make_shared<NeutrophilFate>(parts.p.neutrophil_fate, NeutrophilFatePlaces{.neutrophils = parts.kinds.neutrophils,
                                                                                                        .macrophages = parts.kinds.macrophages,
                                                                                                        .gone = s.neutrophils_gone}));
}

void add_scar(const Parts& parts, const Add& add) {
  const TissueScalars& s = parts.s;
  add("regeneration", std::make_shared<Regeneration>(parts.p.regeneration, RegenerationPlaces{.hepatocytes = parts.kinds.hepatocytes,
                                                                                              .hgf = parts.cytokines.hgf,
                                                                                              .il6 = parts.cytokines.il6,
                                                                                              .tgf_beta = parts.cytokines.tgf_beta,
                                                                                              .collagen = parts.collagen,
                                                                                              .born = s.hepatocytes_born}));
  const StellateActivationPlaces activation{.stellate_cells = parts.kinds.stellate_cells,
                                            .tgf_beta = parts.cytokines.tgf_beta,
                                            .damage = parts.cytokines.damage,
                                            .direct = direct_places(parts)};
  add("stellate_activation", std::make_shared<StellateActivation>(parts.p.stellate_activation, activation));
  add("stellate_fate", std::make_shared<StellateFate>(parts.p.stellate_fate, StellateFatePlaces{.stellate_cells = parts.kinds.stellate_cells,
                                                                                                .tnf = parts.cytokines.tnf,
                                                                                                .natural_killer = s.activity.natural_killer,
                                                                                                .lost = s.stellate_lost,
                                                                                                .reverted = s.stellate_reverted,
                                                                                                .dead = s.stellate_dead}));
  add("stellate_proliferation",
      std::make_shared<StellateProliferation>(
          parts.p.stellate_proliferation,
          StellateProliferationPlaces{
              .stellate_cells = parts.kinds.stellate_cells, .pdgf = parts.cytokines.pdgf, .healthy = s.stellate_healthy, .born = s.stellate_born}));
  add("collagen_synthesis", std::make_shared<CollagenSynthesis>(parts.p.collagen_synthesis, synthesis_places(parts)));
  add("crosslinking", std::make_shared<Crosslinking>(parts.p.crosslinking, CrosslinkingPlaces{.stellate_cells = parts.kinds.stellate_cells,
                                                                                              .fibrillar = parts.collagen.fibrillar,
                                                                                              .crosslinked = parts.collagen.crosslinked,
                                                                                              .loxl2 = s.activity.loxl2}));
  add("collagen_degradation", std::make_shared<CollagenDegradation>(parts.p.collagen_degradation, degradation_places(parts)));
}

}  // namespace

void add_tissue_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts) {
  sim::PatchGroup& liver = world.groups[parts.body.groups[1]];
  const Add add = [&](const std::string& name, std::shared_ptr<const sim::Process> process) {
    if (scenario.process(name)) liver.processes.push_back(std::move(process));
  };
  // first of all, so that the flow is there when vesicles are carried along it, after a checkpoint was read too
  if (scenario.process("sinusoid_flow"))
    liver.processes.insert(liver.processes.begin(), std::make_shared<SinusoidNarrowing>(parts.body.p.sinusoid_flow, narrowing_places(parts)));
  double sites = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) sites += static_cast<double>(lobule_state(world.patch(liver.first + i)).lobule().sites);
  add_hepatocytes(parts, add);
  add_leukocytes(parts, add, sites);
  add_scar(parts, add);
  add("cytokine", std::make_shared<Cytokine>(parts.p.cytokine, cytokine_places(parts), parts.body.lobule_weight));
  // the first step of the blood knows the lobules' clearances
  for (const auto& process : liver.processes)
    for (std::size_t i = 0; i < liver.count; ++i) {
      if (const auto* monocytes = dynamic_cast<const Recruitment*>(process.get())) monocytes->prepare(world.patch(liver.first + i));
      if (const auto* neutrophils = dynamic_cast<const NeutrophilRecruitment*>(process.get())) neutrophils->prepare(world.patch(liver.first + i));
    }
}

void add_tissue_compartment_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts) {
  const body::Parts& body = parts.body;
  const auto add = [&](const std::string& name, std::shared_ptr<const sim::CompartmentProcess> process) {
    if (scenario.process(name)) world.compartment_processes.push_back(std::move(process));
  };
  constexpr std::uint32_t dose = 0, intervention_start = 1, intervention_stop = 2, injury = 3;
  const std::size_t liver = body.groups[1];
  add("hepatocyte_injury", std::make_shared<InjurySchedule>(parts.p.injury, parts.causes, parts.s.injury, liver, injury));
  if (!parts.macrophage_doses.empty())
    add("infusion",
        std::make_shared<MacrophageInfusion>(parts.macrophage_doses, parts.infused,
                                             OwnMonocytes{.blood = body.monocytes.naive.of(Stock::blood), .gone = body.monocytes.gone}, dose));
  add("cytokine", std::make_shared<LiverCall>(liver, parts.s.ccl2_rise, parts.s.activity.ccl2, parts.s.mean_damage, body.ccl2_rise,
                                              body.neutrophil_call, 1.0 / parts.p.neutrophil_recruitment.half_damage));
  body::add_compartment_processes(scenario, world, body);
  DepletionPools pools{
      .monocytes_blood_marrow = {body.monocytes.marrow}, .monocyte_gone = body.monocytes.gone, .neutrophil_gone = body.neutrophils.gone};
  for (const LeukocyteCohort* cohort : {&body.monocytes.naive, &body.monocytes.educated}) {
    pools.monocytes_blood_marrow.push_back(cohort->of(Stock::blood));
    for (const Stock stock : {Stock::lung_margin, Stock::spleen}) pools.monocytes_stored.push_back(cohort->of(stock));
    pools.monocytes_spleen.push_back(cohort->of(Stock::spleen));
    pools.into_spleen.push_back(cohort->to_spleen);
  }
  for (const Stock stock : {Stock::blood, Stock::lung_margin, Stock::spleen}) pools.neutrophils.push_back(body.neutrophils.cells.of(stock));
  pools.neutrophils_spleen = {body.neutrophils.cells.of(Stock::spleen)};
  pools.into_spleen.push_back(body.neutrophils.cells.to_spleen);
  if (!parts.interventions.empty())
    add("intervention",
        std::make_shared<Interventions>(parts.interventions, std::move(pools), parts.s.activity, liver, intervention_start, intervention_stop));
  add("serum", std::make_shared<Serum>(parts.p.serum, parts.serum, liver, parts.kinds.hepatocytes, parts.s.necrosed, body.mean_cells));
}

}  // namespace paracrine::models::cirrhosis
