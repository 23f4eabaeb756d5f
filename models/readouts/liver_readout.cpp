#include "models/readouts/liver_readout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models {

namespace {

const std::vector<sim::Observable>& list() {
  static const std::vector<sim::Observable> observables{
      {.name = "kupffer", .unit = "1", .meaning = "Kupffer cells per hepatocyte site", .comment = ""},
      {.name = "ev_per_macrophage",
       .unit = "1",
       .meaning = "MSC and product vesicles that a liver macrophage has taken up so far, mean over the macrophages",
       .comment = "cumulative"},
      {.name = "ev_uptake_macrophage",
       .unit = "1",
       .meaning = "MSC and product vesicles taken up by macrophages of the liver so far",
       .comment = "cumulative"},
      {.name = "ev_uptake_endothelium",
       .unit = "1",
       .meaning = "MSC and product vesicles taken up by sinusoidal endothelium so far",
       .comment = "cumulative"},
      {.name = "ev_uptake_hepatocyte", .unit = "1", .meaning = "MSC and product vesicles taken up by hepatocytes so far", .comment = "cumulative"},
      {.name = "ev_uptake_stellate_cell",
       .unit = "1",
       .meaning = "MSC and product vesicles taken up by hepatic stellate cells so far",
       .comment = "cumulative"},
      {.name = "macrophage_signal",
       .unit = "1",
       .meaning = "internal signal of MSC products in a liver macrophage, in vesicles of unprimed cells, mean over the macrophages",
       .comment = "rises with what it takes up and meets, fades over days"},
      {.name = "perfusion", .unit = "mL/min/g", .meaning = "blood flow through the liver per mass", .comment = ""},
      {.name = "sinusoid_diameter", .unit = "um", .meaning = "mean diameter of sinusoids", .comment = ""},
      {.name = "ev_extraction", .unit = "1", .meaning = "share of the vesicles flowing into the liver that one passage takes out", .comment = ""},
  };
  return observables;
}

}  // namespace

std::span<const sim::Observable> LiverReadout::observables() const { return list(); }

void LiverReadout::measure(const sim::Patch& patch, std::span<double> sums) const {
  if (patch.group() != places_.group) return;
  sums[Sums::sites] += static_cast<double>(lobule_state(patch).lobule().sites);
  if (places_.mean_cells) {
    const MeanCells cells = load_mean_cells(patch, *places_.mean_cells);
    sums[Sums::kupffer] += cells.macrophages[MeanCells::kupffer].number;
    sums[Sums::macrophages] += cells.all_macrophages();
    for (const MeanCells::Sort& of : cells.macrophages) {
      sums[Sums::ev_taken] += of.ev_taken;
      sums[Sums::signal] += of.signal;
    }
  } else {
    const sim::Population& cells = patch.agents(places_.macrophage_kind);
    const auto state = cells.column(macrophage::state);
    sums[Sums::kupffer] += static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(macrophage::State::kupffer)));
    sums[Sums::macrophages] += static_cast<double>(cells.size());
    for (const double ev : cells.column(macrophage::ev_taken)) sums[Sums::ev_taken] += ev;
    for (const float signal : cells.column(macrophage::signal)) sums[Sums::signal] += static_cast<double>(signal);
  }
  sums[Sums::plasma_flow] += uptake_->plasma_mL_per_h(patch);
  sums[Sums::ev_clearance] += uptake_->ev_clearance_mL_per_h(patch);
  if (places_.diameter) {
    sums[Sums::diameter] += sim::amount(patch.field(*places_.diameter), *patch.grid);
    sums[Sums::volume] += patch.grid->domain_volume_um3();
  }
  sums[Sums::by_macrophages] += patch.scalars[places_.taken_by.macrophages];
  sums[Sums::by_endothelium] += patch.scalars[places_.taken_by.endothelium];
  sums[Sums::by_hepatocytes] += patch.scalars[places_.taken_by.hepatocytes];
  sums[Sums::by_stellate_cells] += patch.scalars[places_.taken_by.stellate_cells];
}

void LiverReadout::finish(const sim::World&, std::span<const double> sums, std::span<double> values) const {
  constexpr double min_per_h = 60.0, missing = std::numeric_limits<double>::quiet_NaN();
  const double mass_g = sums[Sums::sites] * places_.weight / places_.hepatocytes_per_g;
  const double blood_mL_per_min = sums[Sums::plasma_flow] / (1.0 - places_.haematocrit) / min_per_h;
  std::size_t at = 0;
  values[at++] = sums[Sums::kupffer] / sums[Sums::sites];
  values[at++] = sums[Sums::macrophages] > 0.0 ? sums[Sums::ev_taken] / sums[Sums::macrophages] : missing;
  for (const std::size_t sum : {Sums::by_macrophages, Sums::by_endothelium, Sums::by_hepatocytes, Sums::by_stellate_cells}) values[at++] = sums[sum];
  values[at++] = sums[Sums::macrophages] > 0.0 ? sums[Sums::signal] / sums[Sums::macrophages] : missing;
  values[at++] = blood_mL_per_min / mass_g;
  values[at++] = places_.sinusoid_um * (places_.diameter ? sums[Sums::diameter] / sums[Sums::volume] : 1.0);
  values[at++] = sums[Sums::plasma_flow] > 0.0 ? sums[Sums::ev_clearance] / sums[Sums::plasma_flow] : missing;
}

VesiclesPerMacrophage vesicles_per_macrophage(const sim::World& world, std::size_t liver_group, std::size_t macrophage_kind) {
  std::vector<double> taken;
  const sim::PatchGroup& liver = world.groups[liver_group];
  for (std::size_t i = 0; i < liver.count; ++i) {
    const auto of_lobule = world.patch(liver.first + i).agents(macrophage_kind).column(macrophage::ev_taken);
    taken.insert(taken.end(), of_lobule.begin(), of_lobule.end());
  }
  VesiclesPerMacrophage dose{.cells = taken.size()};
  if (taken.empty()) return dose;
  std::sort(taken.begin(), taken.end());
  const auto n = static_cast<double>(taken.size());
  for (const double ev : taken) dose.mean += ev / n;
  for (const double ev : taken) dose.sd += (ev - dose.mean) * (ev - dose.mean) / n;
  dose.sd = std::sqrt(dose.sd);
  const auto quantile = [&](double share) { return taken[static_cast<std::size_t>(std::lround(share * (n - 1.0)))]; };
  dose.low = quantile(0.05);
  dose.high = quantile(0.95);
  return dose;
}

VesiclesPerMacrophage mean_vesicles_per_macrophage(const sim::World& world, std::size_t liver_group, std::size_t mean_cells) {
  const MeanCells cells = load_mean_cells(world.patch(world.groups[liver_group].first), mean_cells);
  double taken = 0.0;
  for (const MeanCells::Sort& of : cells.macrophages) taken += of.ev_taken;
  return {.mean = cells.all_macrophages() > 0.0 ? taken / cells.all_macrophages() : 0.0};
}

}  // namespace paracrine::models
