#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "models/body/parts.hpp"

namespace paracrine::models::body {

namespace {

constexpr std::size_t lung_blocks = 64, spleen_blocks = 4, other_blocks = 4;

}  // namespace

void add_patches(const sim::Scenario& scenario, sim::World& world, Parts& parts) {
  const auto lobules = static_cast<std::size_t>(scenario.root.table("liver").integer("lobules"));
  const auto count = [&](std::size_t of_agents) { return parts.mean_cells ? std::size_t{1} : of_agents; };
  parts.groups = {world.add_group("lung", count(lung_blocks)), world.add_group("liver", count(lobules)),
                  world.add_group("spleen", count(spleen_blocks)), world.add_group("other", count(other_blocks))};
  for (std::size_t o = 0; o < organs; ++o) parts.group_numbers[o] = static_cast<std::uint32_t>(parts.groups[o]);
  add_lobules(scenario, world, parts);
}

void add_compartment_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts) {
  const auto add = [&](const std::string& name, std::shared_ptr<const sim::CompartmentProcess> process) {
    if (scenario.process(name)) world.compartment_processes.push_back(std::move(process));
  };
  const CellFreePlaces cell_free{.pools = parts.blood,
                                 .signals = parts.signals,
                                 .liver_group = parts.groups[1],
                                 .local_source_field = local_source_field,
                                 .lung_extraction = lung_extraction(parts.p.therapy.factor_secretion),
                                 .liver_share = parts.liver_share,
                                 .ev_given = parts.ev_given,
                                 .effective_given = parts.effective_given,
                                 .colloid_given = parts.colloid_given};
  const EducationSite lung{.group = parts.groups[0],
                           .naive = parts.monocytes.naive.of(Stock::lung_margin),
                           .educated = parts.monocytes.educated.of(Stock::lung_margin),
                           .effective = parts.blood.effective.lung};
  const EducationSite spleen{.group = parts.groups[2],
                             .naive = parts.monocytes.naive.of(Stock::spleen),
                             .educated = parts.monocytes.educated.of(Stock::spleen),
                             .effective = parts.blood.effective.spleen};
  add("infusion", std::make_shared<Infusion>(parts.therapies, parts.places, parts.groups[0], cell_free, 0));
  world.compartment_processes.push_back(std::make_shared<LungInterventionEvents>(parts.interventions, 1, 2));
  add("monocyte_pool", std::make_shared<MonocytePool>(parts.p.monocyte_pool, parts.monocytes, parts.ccl2_rise));
  add("neutrophil_pool", std::make_shared<NeutrophilPool>(parts.p.neutrophil_pool, parts.neutrophils, parts.neutrophil_call));
  add("monocyte_education",
      std::make_shared<MonocyteEducation>(parts.p.monocyte_education, lung, spleen, parts.signals, parts.carriers, parts.education, parts.scale));
  world.compartment_processes.push_back(std::make_shared<FactorBackground>(parts.p.therapy.factor_secretion, parts.blood, parts.signals));
  world.compartment_processes.push_back(std::make_shared<Blood>(parts.p.blood, parts.blood, parts.signals, parts.scale, parts.largest_ev_share));
}

void add_patch_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts, Bed organ) {
  const Parameters& p = parts.p;
  auto& processes = world.groups[parts.groups[static_cast<std::size_t>(organ)]].processes;
  const auto add = [&](const std::string& name, std::shared_ptr<const sim::Process> process) {
    if (scenario.process(name)) processes.push_back(std::move(process));
  };
  std::vector<CellProduct> products;
  for (const Therapy& therapy : parts.therapies) products.push_back(therapy.cells);
  const bool lung = organ == Bed::lung, liver = organ == Bed::liver;
  const double weight = world.agent_weight[parts.msc_kind];
  const auto segments = static_cast<std::size_t>(std::lround(p.lung_arrest.liver_segments));

  if (lung) add("infusion", std::make_shared<InfusionEntry>(p.therapy.infusion, parts.therapies, parts.msc_kind));
  add("msc_fate", std::make_shared<MscLifetimes>(p.msc_fate, parts.msc_kind));
  add("ev_secretion", std::make_shared<EvSecretion>(p.therapy.ev_secretion, products, parts.msc_kind, weight, organ, parts.blood, parts.signals,
                                                    local_source_field, liver ? segments : 1));
  add("factor_secretion",
      std::make_shared<FactorSecretion>(p.therapy.factor_secretion, products, parts.msc_kind, weight, parts.blood, parts.signals));
  if (lung) {
    add("infusion", std::make_shared<InfusionPlacement>(p.therapy.infusion, parts.therapies, std::vector{parts.msc_kind, parts.particle_kind},
                                                        p.lung_arrest.liver_segments, parts.group_numbers));
    add("lung_arrest", std::make_shared<LungArrest>(p.lung_arrest, parts.circulation, parts.interventions, parts.msc_kind, parts.particle_kind,
                                                    parts.group_numbers, p.sinusoid_flow.shunt));
    add("efferocytosis", std::make_shared<Efferocytosis>(p.efferocytosis, parts.msc_kind, weight, parts.signals));
  }
  add("msc_fate", std::make_shared<MscFate>(p.msc_fate, parts.msc_kind, organ, parts.label, parts.cleared, weight));
  if (!liver) return;
  add("capillarisation", std::make_shared<Capillarisation>(p.capillarisation, capillarised_field, parts.capillarisation_drive));
  processes.push_back(parts.uptake);
}

}  // namespace paracrine::models::body
