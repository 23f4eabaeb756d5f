#include "models/diseases/delivery/delivery.hpp"

#include <fmt/format.h>

#include "models/compartments/circulation.hpp"
#include "models/diseases/delivery/consistency.hpp"
#include "models/diseases/delivery/therapy.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "models/processes/msc_fate.hpp"
#include "models/readouts/delivery_readout.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models::delivery {

namespace {

constexpr std::size_t lung_blocks = 64, liver_blocks = 16, spleen_blocks = 4, other_blocks = 4;
using Sums = DeliveryReadout::Sums;

template <class Table>
auto read(const sim::Scenario& scenario, const std::string& name, const Table& table) {
  return sim::collect(name, table, [&](const std::string& parameter) { return scenario.parameter(parameter); });
}

/// Released = what waits for its infusion's next agent + what circulates + what an organ holds + what was cleared.
sim::AuditSpecies balance(const std::string& name, const std::vector<TherapyPlace>& places, std::size_t kind, const std::vector<std::size_t>& held,
                          const std::vector<std::size_t>& circulating, bool cleared) {
  using Terms = std::span<const double>;
  std::vector<std::size_t> pools;
  for (const TherapyPlace& place : places)
    if (place.kind == kind) pools.insert(pools.end(), place.waiting_pool.begin(), place.waiting_pool.end());
  sim::AuditSpecies species{.name = name, .unit = "1", .terms = {}};
  species.terms.push_back({"released", true, [pools](const sim::World& world, Terms) {
                             double sum = 0.0;
                             for (const std::size_t pool : pools) sum += world.compartments.received(pool);
                             return sum;
                           }});
  species.terms.push_back({"waiting", false, [pools](const sim::World& world, Terms) {
                             double sum = 0.0;
                             for (const std::size_t pool : pools) sum += world.compartments.amount(pool);
                             return sum;
                           }});
  species.terms.push_back({"circulating", false, [circulating](const sim::World&, Terms sums) {
                             double sum = 0.0;
                             for (const std::size_t at : circulating) sum += sums[at];
                             return sum;
                           }});
  const std::array<std::string, organs> names{"uptake_lung", "uptake_liver", "uptake_spleen", "uptake_other"};
  for (std::size_t o = 0; o < organs; ++o)
    species.terms.push_back({names[o], false, [held, o](const sim::World&, Terms sums) {
                               double sum = 0.0;
                               for (const std::size_t first : held) sum += sums[first + o];
                               return sum;
                             }});
  if (cleared) species.terms.push_back({"decayed", false, [](const sim::World&, Terms sums) { return sums[Sums::cleared]; }});
  return species;
}

/// Label given = label that waits + label in the blood + label in cells and debris of each organ.
sim::AuditSpecies label_balance(const std::vector<TherapyPlace>& places, std::size_t kind, const LabelPools& pools) {
  sim::AuditSpecies species = balance("msc_label", places, kind, {Sums::label}, {Sums::circulating_label}, false);
  for (std::size_t o = 0; o < organs; ++o) {
    sim::AuditTerm& term = species.terms[3 + o];
    term.value = [cells = term.value, pool = pools.organ[o]](const sim::World& world, std::span<const double> sums) {
      return cells(world, sums) + world.compartments.amount(pool);
    };
  }
  return species;
}

void build(const sim::Scenario& scenario, sim::World& world) {
  const auto infusion = read(scenario, "infusion", infusion_parameters);
  const auto arrest = read(scenario, "lung_arrest", lung_arrest_parameters);
  const auto fate = read(scenario, "msc_fate", msc_fate_parameters);
  const Circulation circulation = scale_circulation(read(scenario, "circulation", circulation_parameters), body_weight_g(scenario));
  const std::vector<Therapy> therapies = read_therapies(scenario, infusion);

  const std::size_t msc_kind = world.add_kind(msc::kind), particle_kind = world.add_kind(particle::kind);
  world.agent_weight = {agent_weight(scenario, therapies, Product::msc), agent_weight(scenario, therapies, Product::particle)};
  const std::size_t cleared = world.add_scalar("msc_cleared");
  const LabelPools label = add_label_pools(world.compartments, fate);
  std::vector<TherapyPlace> places;
  for (std::size_t t = 0; t < therapies.size(); ++t)
    places.push_back({.kind = therapies[t].product == Product::msc ? msc_kind : particle_kind,
                      .waiting_pool = {world.compartments.add_pool(fmt::format("therapy_{}_viable", t), "1"),
                                       world.compartments.add_pool(fmt::format("therapy_{}_dead", t), "1")}});

  const std::array<std::size_t, organs> groups{world.add_group("lung", lung_blocks), world.add_group("liver", liver_blocks),
                                               world.add_group("spleen", spleen_blocks), world.add_group("other", other_blocks)};
  std::array<std::uint32_t, organs> numbers{};
  for (std::size_t o = 0; o < organs; ++o) numbers[o] = static_cast<std::uint32_t>(groups[o]);

  world.event_meanings = {"dose", "intervention_start", "intervention_stop"};
  if (scenario.process("infusion")) {
    world.compartment_processes.push_back(std::make_shared<Infusion>(therapies, places, groups[0], 0));
    world.groups[groups[0]].processes.push_back(std::make_shared<InfusionEntry>(infusion, therapies, msc_kind, numbers));
  }
  if (scenario.process("msc_fate")) world.groups[groups[0]].processes.push_back(std::make_shared<MscLifetimes>(fate, msc_kind));
  world.compartment_processes.push_back(std::make_shared<LungInterventionEvents>(read_interventions(scenario), 1, 2));
  if (scenario.process("lung_arrest"))
    world.groups[groups[0]].processes.push_back(
        std::make_shared<LungArrest>(arrest, circulation, read_interventions(scenario), msc_kind, particle_kind, numbers));
  for (std::size_t o = 0; o < organs; ++o)
    if (scenario.process("msc_fate"))
      world.groups[groups[o]].processes.push_back(
          std::make_shared<MscFate>(fate, msc_kind, static_cast<Bed>(o), label, cleared, world.agent_weight[msc_kind]));

  const auto readout =
      std::make_shared<DeliveryReadout>(msc_kind, particle_kind, world.agent_weight[msc_kind], world.agent_weight[particle_kind], label, cleared);
  world.readouts = {readout};
  world.audit.readout = readout;
  world.audit.species = {
      balance("msc", places, msc_kind, {Sums::viable, Sums::apoptotic}, {Sums::circulating_viable, Sums::circulating_apoptotic}, true),
      label_balance(places, msc_kind, label), balance("particle", places, particle_kind, {Sums::particle}, {Sums::circulating_particle}, false)};
}

}  // namespace

sim::Disease disease() {
  return {.name = "delivery",
          .meaning = "what becomes of cells and particles given into the blood",
          .keys = therapy_keys(),
          .parts = {"circulation", "infusion", "lung_arrest", "msc_fate"},
          .switches = {"infusion", "lung_arrest", "msc_fate"},
          .agents = {"msc", "particle"},
          .check =
              [](const sim::Scenario& scenario, sim::Findings& findings) {
                check_therapies(scenario, findings);
                check_consistency(scenario, findings);
              },
          .build = build};
}

}  // namespace paracrine::models::delivery
