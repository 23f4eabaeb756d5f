#include <fmt/format.h>

#include <string>

#include "models/agents/macrophage.hpp"
#include "models/body/parts.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models::body {

namespace {

template <class Table>
auto read(const sim::Scenario& scenario, const std::string& name, const Table& table) {
  return sim::collect(name, table, [&](const std::string& parameter) { return scenario.parameter(parameter); });
}

Carriers read_carriers(const sim::Scenario& scenario) {
  const sim::Table& mechanism = scenario.root.table("mechanism");
  return {.ev = mechanism.flag("ev"), .soluble = mechanism.flag("soluble"), .efferocytosis = mechanism.flag("efferocytosis")};
}

}  // namespace

Parameters read_parameters(const sim::Scenario& scenario) {
  return {.circulation = read(scenario, "circulation", circulation_parameters),
          .blood = read(scenario, "blood", blood_parameters),
          .lobule = read(scenario, "lobule", lobule_parameters),
          .therapy = {.infusion = read(scenario, "infusion", infusion_parameters),
                      .ev_secretion = read(scenario, "ev_secretion", ev_secretion_parameters),
                      .factor_secretion = read(scenario, "factor_secretion", factor_secretion_parameters)},
          .lung_arrest = read(scenario, "lung_arrest", lung_arrest_parameters),
          .msc_fate = read(scenario, "msc_fate", msc_fate_parameters),
          .efferocytosis = read(scenario, "efferocytosis", efferocytosis_parameters),
          .monocyte_pool = read(scenario, "monocyte_pool", monocyte_pool_parameters),
          .neutrophil_pool = read(scenario, "neutrophil_pool", neutrophil_pool_parameters),
          .monocyte_education = read(scenario, "monocyte_education", monocyte_education_parameters),
          .sinusoid_flow = read(scenario, "sinusoid_flow", sinusoid_flow_parameters),
          .ev_uptake = read(scenario, "ev_uptake", ev_uptake_parameters),
          .capillarisation = read(scenario, "capillarisation", capillarisation_parameters)};
}

void add_pools(const sim::Scenario& scenario, sim::World& world, Parts& parts) {
  const Parameters& p = parts.p;
  parts.scale = body_weight_g(scenario) / p.circulation.reference_body_weight_g;
  parts.blood_mL = p.circulation.blood_volume_mL * parts.scale;
  parts.circulation = scale_circulation(p.circulation, body_weight_g(scenario));
  parts.therapies = read_therapies(scenario, p.therapy);
  world.index_bounds.emplace_back("therapy", parts.therapies.size());
  parts.interventions = read_interventions(scenario);
  parts.carriers = read_carriers(scenario);

  parts.msc_kind = world.add_kind(msc::kind);
  parts.particle_kind = world.add_kind(particle::kind);
  parts.macrophage_kind = world.add_kind(macrophage::kind);
  world.agent_weight[parts.msc_kind] = agent_weight(scenario, parts.therapies, Product::msc);
  world.agent_weight[parts.particle_kind] = agent_weight(scenario, parts.therapies, Product::particle);
  parts.cleared = world.add_scalar("msc_cleared");
  parts.signals = add_signals(world);
  if (is_mean_field(scenario)) parts.mean_cells = add_mean_cells(world);
  parts.taken_by = add_taken_by(world);
  parts.ev_given = world.add_value("ev_given");
  parts.effective_given = world.add_value("effective_given");
  parts.colloid_given = world.add_value("colloid_given");
  parts.largest_ev_share = world.add_value("largest_ev_share");
  parts.ccl2_rise = world.add_value("ccl2_rise");
  parts.neutrophil_call = parts.tissue ? world.add_value("neutrophil_call") : parts.ccl2_rise;

  parts.blood = add_blood_pools(world, p.blood, p.ev_uptake.half_saturation_per_mL, parts.scale);
  add_factor_pools(world.compartments, p.therapy.factor_secretion, parts.blood.plasma_mL, parts.blood);
  parts.monocytes = add_monocyte_pools(world, p.monocyte_pool, parts.scale, parts.blood_mL, parts.tissue);
  parts.neutrophils = add_neutrophil_pools(world, p.neutrophil_pool, parts.scale, parts.blood_mL, parts.tissue);
  parts.education = add_education_values(world);
  parts.label = add_label_pools(world.compartments, p.msc_fate);
  for (std::size_t t = 0; t < parts.therapies.size(); ++t) {
    TherapyPlace place;
    if (has_agents(parts.therapies[t].product)) {
      place.kind = parts.therapies[t].product == Product::particle ? parts.particle_kind : parts.msc_kind;
      place.waiting_pool = {world.compartments.add_pool(fmt::format("therapy_{}_viable", t), "1"),
                            world.compartments.add_pool(fmt::format("therapy_{}_dead", t), "1")};
    }
    parts.places.push_back(place);
  }
}

}  // namespace paracrine::models::body
