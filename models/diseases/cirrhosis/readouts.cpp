#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "models/readouts/serum_readout.hpp"
#include "models/readouts/tissue_readout.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models::cirrhosis {

namespace {

using Terms = std::span<const double>;

double alive_hepatocytes(const MeanCells& cells) {
  using hepatocyte::State;
  return cells.hepatocytes(State::viable) + cells.hepatocytes(State::injured) + cells.hepatocytes(State::regenerating) +
         cells.hepatocytes(State::senescent);
}

/// The balances of what is in the lobules: each term is added up over them at a row.
class Balances {
 public:
  explicit Balances(const Parts& parts) : parts_(parts) {}

  sim::AuditTerm scalar(const std::string& name, bool in, const std::vector<std::size_t>& scalars, double factor = 1.0) const {
    return over_lobules(name, in, [scalars, factor](const sim::Patch& patch) {
      double sum = 0.0;
      for (const std::size_t scalar : scalars) sum += patch.scalars[scalar];
      return factor * sum;
    });
  }
  /// Agents of a kind or, of the twin, what `number` says of its cells.
  sim::AuditTerm agents(const std::string& name, std::size_t kind, const std::function<double(const MeanCells&)>& number) const {
    return over_lobules(name, false, [kind, mean = parts_.body.mean_cells, number](const sim::Patch& patch) {
      return mean ? number(load_mean_cells(patch, *mean)) : static_cast<double>(patch.agents(kind).size());
    });
  }
  sim::AuditTerm over_lobules(const std::string& name, bool in, const std::function<double(const sim::Patch&)>& value) const {
    return {name, in, [group = parts_.body.groups[1], value](const sim::World& world, Terms) {
              const sim::PatchGroup& liver = world.groups[group];
              double sum = 0.0;
              for (std::size_t i = 0; i < liver.count; ++i) sum += value(world.patch(liver.first + i));
              return sum;
            }};
  }
  static sim::AuditTerm pools(const std::string& name, bool in, const std::vector<sim::PoolIndex>& all) {
    return {name, in, [all](const sim::World& world, Terms) {
              double sum = 0.0;
              for (const sim::PoolIndex pool : all) sum += world.compartments.amount(pool);
              return sum;
            }};
  }
  static sim::AuditTerm value(const std::string& name, bool in, std::size_t number) {
    return {name, in, [number](const sim::World& world, Terms) { return world.values[number]; }};
  }

 private:
  const Parts& parts_;
};

std::vector<sim::AuditSpecies> balances(const Parts& parts) {
  const Balances of(parts);
  const TissueScalars& s = parts.s;
  const body::Parts& body = parts.body;
  const double weight = body.lobule_weight;
  std::vector<sim::AuditSpecies> species;
  species.push_back({.name = "hepatocyte",
                     .unit = "1",
                     .terms = {of.scalar("released", true, {s.hepatocytes_placed, s.hepatocytes_born}),
                               of.over_lobules("alive", false,
                                               [kind = parts.kinds.hepatocytes, mean = body.mean_cells](const sim::Patch& patch) {
                                                 double alive = 0.0;
                                                 if (mean) return alive_hepatocytes(load_mean_cells(patch, *mean));
                                                 for (const std::uint8_t state : patch.agents(kind).column(hepatocyte::state))
                                                   if (state != static_cast<std::uint8_t>(hepatocyte::State::necrotic) &&
                                                       state != static_cast<std::uint8_t>(hepatocyte::State::empty))
                                                     alive += 1.0;
                                                 return alive;
                                               }),
                               of.scalar("decayed", false, {s.hepatocytes_died})}});
  species.push_back(
      {.name = "macrophage",
       .unit = "1",
       .terms = {of.scalar("released", true,
                           {s.macrophages_placed, s.naive_arrived, s.educated_arrived, s.infused_arrived[0], s.infused_arrived[1],
                            s.infused_arrived[2], s.kupffer_born}),
                 of.agents("alive", parts.kinds.macrophages, [](const MeanCells& cells) { return cells.all_macrophages(); }),
                 of.scalar("decayed", false, {s.kupffer_dead, s.recruited_dead}), of.scalar("depleted", false, {s.macrophages_depleted})}});
  species.push_back({.name = "neutrophil_liver",
                     .unit = "1",
                     .terms = {of.scalar("released", true, {s.neutrophils_placed, s.neutrophils_arrived}),
                               of.agents("alive", parts.kinds.neutrophils, [](const MeanCells& cells) { return cells.all_neutrophils(); }),
                               of.scalar("eaten", false, {s.eaten_neutrophils}), of.scalar("decayed", false, {s.neutrophils_gone}),
                               of.scalar("depleted", false, {s.neutrophils_depleted})}});
  species.push_back({.name = "stellate_cell",
                     .unit = "1",
                     .terms = {of.scalar("released", true, {s.stellate_placed, s.stellate_born}),
                               of.agents("alive", parts.kinds.stellate_cells, [](const MeanCells& cells) { return cells.all_stellate(); }),
                               of.scalar("decayed", false, {s.stellate_dead})}});
  // what the blood counts as taken up by the liver, against what waits in lobules and what became agents
  const auto arrivals = [&](const std::string& name, const std::vector<sim::PoolIndex>& pools, const std::vector<std::size_t>& waiting,
                            const std::vector<std::size_t>& arrived) {
    species.push_back(
        {.name = name,
         .unit = "1",
         .terms = {Balances::pools("released", true, pools), of.scalar("waiting", false, waiting), of.scalar("arrived", false, arrived, weight)}});
  };
  arrivals("monocyte_recruited", {body.monocytes.naive.of(Stock::liver), body.monocytes.educated.of(Stock::liver)},
           {s.naive_waiting, s.educated_waiting}, {s.naive_arrived, s.educated_arrived});
  arrivals("neutrophil_recruited", {body.neutrophils.cells.of(Stock::liver)}, {s.neutrophils_waiting}, {s.neutrophils_arrived});
  if (!parts.macrophage_doses.empty())
    arrivals("macrophage_infused", {parts.infused[0].liver, parts.infused[1].liver, parts.infused[2].liver},
             {s.infused_waiting.begin(), s.infused_waiting.end()}, {s.infused_arrived.begin(), s.infused_arrived.end()});
  species.push_back(
      {.name = "collagen",
       .unit = "ng",
       .terms = {of.scalar("released", true, {s.collagen_placed, s.collagen_made}),
                 of.over_lobules("stored", false, [fields = parts.collagen](const sim::Patch& patch) { return collagen_ng(patch, fields); }),
                 of.scalar("decayed", false, {s.collagen_lost})}});
  species.push_back({.name = "ccl4",
                     .unit = "1",
                     .terms = {Balances::value("released", true, s.injury.toxin_given), Balances::value("depot", false, s.injury.depot),
                               Balances::value("circulating", false, s.injury.body), Balances::value("decayed", false, s.injury.toxin_spent)}});
  return species;
}

}  // namespace

void add_tissue_readouts(sim::World& world, const Parts& parts) {
  const TissueScalars& s = parts.s;
  const auto tissue = std::make_shared<TissueReadout>(TissuePlaces{.group = parts.body.group_numbers[1],
                                                                   .kinds = parts.kinds,
                                                                   .tgf_beta = parts.cytokines.tgf_beta,
                                                                   .tnf = parts.cytokines.tnf,
                                                                   .pdgf = parts.cytokines.pdgf,
                                                                   .hgf = parts.cytokines.hgf,
                                                                   .il6 = parts.cytokines.il6,
                                                                   .damage = parts.cytokines.damage,
                                                                   .collagen = parts.collagen,
                                                                   .ccl2 = s.ccl2,
                                                                   .il10 = s.il10,
                                                                   .timp = s.timp,
                                                                   .mmp_activity = s.mmp_activity,
                                                                   .collagen_made_per_h = s.collagen_made_per_h,
                                                                   .collagen_lost_per_h = s.collagen_lost_per_h,
                                                                   .myofibroblast_lost = s.stellate_lost,
                                                                   .myofibroblast_reverted = s.stellate_reverted,
                                                                   .switched = s.switched,
                                                                   .switched_by_signal = s.switched_by_signal,
                                                                   .turned = s.turned,
                                                                   .turned_for_msc = s.turned_for_msc,
                                                                   .educated_arrived = s.educated_arrived,
                                                                   .ev_in_neutrophils = parts.body.taken_by.neutrophils,
                                                                   .mean_cells = parts.body.mean_cells});
  world.readouts.push_back(tissue);
  world.readouts.push_back(std::make_shared<SerumReadout>(parts.p.serum, parts.serum));
  sim::PatchSeries& lobules = world.patch_series.front();
  lobules.readouts.push_back(tissue);
  for (sim::AuditSpecies& balance : balances(parts)) world.audit.species.push_back(std::move(balance));
  if (!parts.no_health) return;
  world.closing_notes = [others = std::move(world.closing_notes)](const sim::World& built) {
    std::vector<sim::Note> notes = others(built);
    notes.push_back(
        {fmt::format("with these parameters more than {:g} % of the hepatocytes of a healthy liver would be injured or dead: the run began with "
                     "that share, and not from a steady state",
                     100.0 * most_unwell),
         true});
    return notes;
  };
}

}  // namespace paracrine::models::cirrhosis
