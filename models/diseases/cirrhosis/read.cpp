#include <algorithm>
#include <string>
#include <utility>

#include "models/body/schedule.hpp"
#include "models/body/therapy.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::cirrhosis {

namespace {

template <class Table>
auto read(const sim::Scenario& scenario, const std::string& name, const Table& table) {
  return sim::collect(name, table, [&](const std::string& parameter) { return scenario.parameter(parameter); });
}

}  // namespace

TissueParameters read_tissue_parameters(const sim::Scenario& scenario) {
  TissueParameters p{.injury = read(scenario, "hepatocyte_injury", hepatocyte_injury_parameters),
                     .hepatocyte_death = read(scenario, "hepatocyte_death", hepatocyte_death_parameters),
                     .regeneration = read(scenario, "regeneration", regeneration_parameters),
                     .recruitment = read(scenario, "recruitment", recruitment_parameters),
                     .phagocytosis = read(scenario, "phagocytosis", phagocytosis_parameters),
                     .macrophage_switch = read(scenario, "macrophage_switch", macrophage_switch_parameters),
                     .macrophage_relay = read(scenario, "macrophage_relay", macrophage_relay_parameters),
                     .kupffer_relay = read(scenario, "kupffer_relay", kupffer_relay_parameters),
                     .kupffer_renewal = read(scenario, "kupffer_renewal", kupffer_renewal_parameters),
                     .macrophage_death = read(scenario, "macrophage_death", macrophage_death_parameters),
                     .chemotaxis = read(scenario, "chemotaxis", chemotaxis_parameters),
                     .neutrophil_recruitment = read(scenario, "neutrophil_recruitment", neutrophil_recruitment_parameters),
                     .neutrophil_fate = read(scenario, "neutrophil_fate", neutrophil_fate_parameters),
                     .stellate_activation = read(scenario, "stellate_activation", stellate_activation_parameters),
                     .stellate_fate = read(scenario, "stellate_fate", stellate_fate_parameters),
                     .stellate_proliferation = read(scenario, "stellate_proliferation", stellate_proliferation_parameters),
                     .collagen_synthesis = read(scenario, "collagen_synthesis", collagen_synthesis_parameters),
                     .collagen_degradation = read(scenario, "collagen_degradation", collagen_degradation_parameters),
                     .crosslinking = read(scenario, "crosslinking", crosslinking_parameters),
                     .cytokine = read(scenario, "cytokine", cytokine_parameters),
                     .serum = read(scenario, "serum", serum_parameters),
                     .depletion = read(scenario, "intervention", intervention_parameters),
                     .macrophage_infusion = read(scenario, "macrophage_infusion", macrophage_infusion_parameters)};
  if (scenario.root.table("mechanism").text("human_scar_macrophage") == "fibrogenic" && scenario.root.text("species") == "human") {
    // scar-associated macrophages of man make what drives scar, and no more collagenase than inflammatory ones
    p.cytokine.tgf_beta_restorative = p.cytokine.tgf_beta_inflammatory;
    p.cytokine.pdgf_restorative = p.cytokine.pdgf_inflammatory;
    p.collagen_degradation.restorative = p.collagen_degradation.inflammatory;
  }
  return p;
}

std::int64_t count_of_doses(const sim::Table& injury) {
  const std::int64_t every_s = injury.seconds("every");
  return (injury.seconds("stop") - injury.seconds("start") + every_s - 1) / every_s;
}

std::vector<sim::Happening> injury_doses(const sim::Scenario& scenario, std::size_t number) {
  const sim::Table& injury = scenario.root.tables("injury")[number];
  return body::doses(scenario, {.section = "injury",
                                .entry = number,
                                .first_s = injury.seconds("start"),
                                .count = count_of_doses(injury),
                                .every_s = injury.seconds("every"),
                                .amount = injury.quantity("dose"),
                                .unit = "mL/kg"});
}

std::vector<sim::Happening> schedule(const sim::Scenario& scenario) {
  std::vector<sim::Happening> all = body::schedule(scenario);
  if (!scenario.process("hepatocyte_injury")) return all;
  const std::int64_t end_s = scenario.root.table("time").seconds("duration");
  const std::vector<sim::Table>& injuries = scenario.root.tables("injury");
  for (std::size_t i = 0; i < injuries.size(); ++i) {
    if (injuries[i].text("cause") == "ccl4") {
      for (sim::Happening& dose : injury_doses(scenario, i))
        if (dose.share > 0.0) all.push_back(std::move(dose));
    } else if (const std::int64_t start_s = injuries[i].seconds("start"); start_s < end_s) {
      all.push_back({.section = "injury",
                     .entry = i,
                     .asked_s = start_s,
                     .start_s = start_s,
                     .stop_s = static_cast<double>(std::min(end_s, injuries[i].seconds("stop")))});
    }
  }
  return all;
}

std::vector<InjuryCause> read_injuries(const sim::Scenario& scenario, const HepatocyteInjuryParameters& p) {
  std::vector<InjuryCause> causes;
  const std::vector<std::string> names{"ccl4", "alcohol", "viral", "nash"};  // in the order of InjuryCause::Kind
  for (const sim::Table& table : scenario.root.tables("injury")) {
    InjuryCause cause{.kind = static_cast<InjuryCause::Kind>(std::find(names.begin(), names.end(), table.text("cause")) - names.begin()),
                      .start_s = table.seconds("start"),
                      .stop_s = table.seconds("stop")};
    if (cause.kind == InjuryCause::Kind::ccl4) {
      for (const sim::Happening& dose : injury_doses(scenario, causes.size()))
        if (dose.share > 0.0) cause.doses_s.push_back(dose.start_s);
      cause.dose = table.quantity("dose") / p.reference_dose_mL_per_kg;
    } else {
      cause.severity = table.has("severity") ? table.quantity("severity") : 1.0;
    }
    causes.push_back(cause);
  }
  return causes;
}

std::vector<TissueIntervention> read_tissue_interventions(const sim::Scenario& scenario) {
  using Kind = TissueIntervention::Kind;
  const std::vector<std::string> names{"clodronate",      "cd11b_dtr",        "neutrophil_depletion", "splenectomy",
                                       "ccl2_inhibition", "loxl2_inhibition", "tgf_beta_blockade",    "nk_depletion"};  // in the order of Kind
  std::vector<TissueIntervention> interventions;
  std::uint32_t number = 0;
  for (const sim::Table& table : scenario.root.tables("intervention")) {
    const std::uint32_t subject = number++;
    const std::string name = table.text("kind") == "macrophage_depletion" ? table.text("method") : table.text("kind");
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) continue;
    interventions.push_back({.kind = static_cast<Kind>(found - names.begin()),
                             .start_s = sim::next_visit_end(scenario, table.seconds("start")),
                             .stop_s = sim::next_visit_end(scenario, table.seconds("stop")),
                             .efficacy = table.quantity("efficacy"),
                             .subject = subject});
  }
  return interventions;
}

std::vector<MacrophageDose> read_macrophage_doses(const sim::Scenario& scenario, const std::vector<Therapy>& therapies) {
  const std::vector<std::string> phenotypes{"unpolarised", "inflammatory", "restorative", "monocyte"};
  std::vector<MacrophageDose> doses;
  for (std::size_t t = 0; t < therapies.size(); ++t) {
    const Therapy& therapy = therapies[t];
    if (therapy.product != Product::bone_marrow_macrophages) continue;
    const std::string& phenotype = scenario.root.tables("therapy")[t].text("phenotype");
    doses.push_back({.starts_s = therapy.starts_s,
                     .duration_s = therapy.duration_s,
                     .viable = therapy.number * therapy.viability,
                     .not_viable = therapy.number * (1.0 - therapy.viability),
                     .therapy = static_cast<std::uint32_t>(t),
                     .phenotype = static_cast<std::size_t>(std::find(phenotypes.begin(), phenotypes.end(), phenotype) - phenotypes.begin()),
                     .through_lung = therapy.route == Route::peripheral_vein || therapy.route == Route::intrahepatic});
  }
  return doses;
}

}  // namespace paracrine::models::cirrhosis
