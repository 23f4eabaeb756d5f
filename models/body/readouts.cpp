#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "models/body/audit.hpp"
#include "models/body/parts.hpp"
#include "models/readouts/blood_readout.hpp"
#include "models/readouts/delivery_readout.hpp"
#include "models/readouts/liver_readout.hpp"
#include "models/tissue/lobule_state.hpp"

namespace paracrine::models::body {

namespace {

constexpr double few_vesicles = 1.0;    // per macrophage
constexpr double least_shown = 1e-3;    // per macrophage: less is none
constexpr double many_vesicles = 0.01;  // of the endogenous ones
using Sums = DeliveryReadout::Sums;

/// `released`: MSC and product vesicles so far.
std::vector<sim::Note> closing_notes(const sim::World& world, const Parts& parts, double released) {
  std::vector<sim::Note> notes;
  if (released > 0.0) {
    VesiclesPerMacrophage of;
    if (parts.mean_cells) {
      of = mean_vesicles_per_macrophage(world, parts.groups[1], *parts.mean_cells);
      notes.push_back({fmt::format("vesicles per liver macrophage: {:.3g}", of.mean)});
    } else {
      of = vesicles_per_macrophage(world, parts.groups[1], parts.macrophage_kind);
      const double low = of.low < least_shown ? 0.0 : of.low;
      notes.push_back({fmt::format("vesicles per liver macrophage: {:.3g} (SD {:.2g}; 5-95 %: {:.3g}-{:.3g})", of.mean, of.sd, low, of.high)});
    }
    if (of.mean < few_vesicles) notes.push_back({"fewer than one vesicle per liver macrophage: most received none", true});
  }
  if (const double share = world.values[parts.largest_ev_share]; share > many_vesicles)
    notes.push_back({fmt::format("MSC and product vesicles reached {:.3g} % of the endogenous ones", 100.0 * share), true});
  return notes;
}

std::vector<sim::PatchSeries::Constant> lobule_constants(const Parts& parts) {
  return {{{.name = "radius", .unit = "um", .meaning = "radius of the lobule, from its middle to a corner", .comment = ""},
           [](const sim::World&, const sim::Patch& patch) { return lobule_state(patch).lobule().radius_um; }},
          {{.name = "hepatocyte_sites", .unit = "1", .meaning = "hepatocyte sites of the simulated slab", .comment = ""},
           [](const sim::World&, const sim::Patch& patch) { return static_cast<double>(lobule_state(patch).lobule().sites); }},
          {{.name = "flow_share", .unit = "1", .meaning = "share of the healthy liver's blood flow", .comment = ""},
           [shares = parts.liver_share, group = parts.groups[1]](const sim::World& world, const sim::Patch& patch) {
             return shares[patch.index() - world.groups[group].first];
           }},
          {{.name = "weight", .unit = "1", .meaning = "slabs of the liver that the simulated slab stands for", .comment = ""},
           [weight = parts.lobule_weight](const sim::World&, const sim::Patch&) { return weight; }}};
}

std::vector<sim::AuditSpecies> balances(const Parts& parts) {
  std::vector<sim::AuditSpecies> species{
      body_balance("msc", parts.places, parts.msc_kind, {Sums::viable, Sums::apoptotic}, {Sums::circulating_viable, Sums::circulating_apoptotic},
                   true),
      label_balance(parts.places, parts.msc_kind, parts.label),
      body_balance("particle", parts.places, parts.particle_kind, {Sums::particle}, {Sums::circulating_particle}, false),
      vesicle_balance("ev", parts.blood.ev, Sums::ev_secreted, parts.ev_given),
      vesicle_balance("ev_effective", parts.blood.effective, Sums::effective_secreted, parts.effective_given),
      endogenous_balance(parts.blood.endogenous),
      colloid_balance(parts.blood.colloid, parts.colloid_given)};
  const std::array<std::string, factors> names{"tsg6", "pge2", "hgf", "il10", "il6", "tnf"};  // in the order of Factor
  for (std::size_t f = 0; f < factors; ++f) species.push_back(factor_balance(names[f], parts.blood.factor[f]));
  species.push_back(leukocyte_balance("monocyte", parts.monocytes.marrow, {parts.monocytes.naive, parts.monocytes.educated}, parts.monocytes.gone));
  species.push_back(leukocyte_balance("neutrophil", parts.neutrophils.marrow, {parts.neutrophils.cells}, parts.neutrophils.gone));
  return species;
}

}  // namespace

void add_readouts(sim::World& world, const Parts& parts) {
  const auto delivery = std::make_shared<DeliveryReadout>(parts.msc_kind, parts.particle_kind, world.agent_weight[parts.msc_kind],
                                                          world.agent_weight[parts.particle_kind], parts.label, parts.signals, parts.cleared);
  BloodCells cells{.monocytes = parts.monocytes.naive.of(Stock::blood),
                   .educated_monocytes = parts.monocytes.educated.of(Stock::blood),
                   .neutrophils = parts.neutrophils.cells.of(Stock::blood),
                   .educated_in_liver = parts.monocytes.educated.of(Stock::liver),
                   .educated = {parts.monocytes.educated.pool.begin(), parts.monocytes.educated.pool.end()},
                   .to_liver = {parts.monocytes.naive.to_liver, parts.monocytes.educated.to_liver},
                   .blood_mL = parts.blood_mL};
  if (parts.monocytes.lobules_recruit) cells.drawn_by_lobules = {parts.monocytes.naive_uptake, parts.monocytes.educated_uptake};
  if (parts.tissue) {  // in the liver they are macrophages; the pool there counts those that came
    std::erase(cells.educated, cells.educated_in_liver);
    cells.lobules = {
        .group = parts.group_numbers[1], .macrophages = parts.macrophage_kind, .weight = parts.lobule_weight, .mean_cells = parts.mean_cells};
  }
  const LiverPlaces places{
      .group = parts.group_numbers[1],
      .macrophage_kind = parts.macrophage_kind,
      .taken_by = parts.taken_by,
      .weight = parts.lobule_weight,
      .hepatocytes_per_g = parts.p.lobule.hepatocytes_per_g,
      .haematocrit = parts.p.blood.haematocrit,
      .sinusoid_um = parts.p.sinusoid_flow.healthy_diameter_um * (parts.sinusoid_diameter ? 1.0 : parts.p.sinusoid_flow.narrowing),
      .diameter = parts.sinusoid_diameter,
      .mean_cells = parts.mean_cells};
  const auto liver = std::make_shared<LiverReadout>(parts.uptake, places);
  world.readouts = {delivery, std::make_shared<BloodReadout>(parts.blood, parts.signals, cells, parts.ev_given, parts.effective_given), liver};
  world.patch_series = {
      {.name = "lobules", .patch_name = "lobule", .group = parts.groups[1], .readouts = {liver}, .constants = lobule_constants(parts)}};
  world.audit.readout = delivery;
  world.audit.species = balances(parts);
  world.closing_notes = [parts](const sim::World& built) {
    double released = built.values[parts.ev_given];
    for (std::size_t i = 0; i < built.patches(); ++i) released += built.patch(i).scalars[parts.signals.ev_secreted];
    return closing_notes(built, parts, released);
  };
}

}  // namespace paracrine::models::body
