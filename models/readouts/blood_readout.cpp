#include "models/readouts/blood_readout.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "models/agents/macrophage.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models {

namespace {

const std::vector<sim::Observable>& list() {
  static const std::vector<sim::Observable> observables{
      {.name = "ev_plasma", .unit = "1/mL", .meaning = "vesicles of MSC and products in plasma", .comment = ""},
      {.name = "ev_released", .unit = "1", .meaning = "vesicles released by MSC or given as a product so far", .comment = "cumulative"},
      {.name = "ev_effective_released",
       .unit = "1",
       .meaning = "vesicles released by MSC or given as a product so far, each counted with its potency relative to one of an unprimed cell",
       .comment = "cumulative"},
      {.name = "ev_uptake_liver", .unit = "1", .meaning = "vesicles of MSC and products taken up by the liver so far", .comment = "cumulative"},
      {.name = "ev_uptake_spleen", .unit = "1", .meaning = "vesicles of MSC and products taken up by the spleen so far", .comment = "cumulative"},
      {.name = "ev_uptake_lung", .unit = "1", .meaning = "vesicles of MSC and products taken up by the lung so far", .comment = "cumulative"},
      {.name = "ev_uptake_kidney", .unit = "1", .meaning = "vesicles of MSC and products taken up by the kidneys so far", .comment = "cumulative"},
      {.name = "ev_uptake_other", .unit = "1", .meaning = "vesicles of MSC and products taken up by other organs so far", .comment = "cumulative"},
      {.name = "ev_endogenous_plasma", .unit = "1/mL", .meaning = "vesicles of the body's own cells in plasma", .comment = ""},
      {.name = "colloid_plasma", .unit = "1/mL", .meaning = "colloid in plasma", .comment = ""},
      {.name = "colloid_uptake_liver", .unit = "1", .meaning = "colloid taken up by the liver so far", .comment = "cumulative"},
      {.name = "colloid_uptake_spleen", .unit = "1", .meaning = "colloid taken up by the spleen so far", .comment = "cumulative"},
      {.name = "colloid_uptake_other", .unit = "1", .meaning = "colloid taken up by other organs so far", .comment = "cumulative"},
      {.name = "educated_monocytes",
       .unit = "1",
       .meaning = "monocytes that carry an education by MSC, in blood, margins, spleen and liver",
       .comment = "present number; a cell that loses its education no longer counts"},
      {.name = "educated_monocytes_liver",
       .unit = "1",
       .meaning = "monocytes in the liver that carry an education by MSC",
       .comment = "present number"},
      {.name = "monocytes_to_liver", .unit = "1", .meaning = "monocytes that the liver drew out of the blood so far", .comment = "cumulative"},
      {.name = "monocyte_blood", .unit = "1/mL", .meaning = "monocytes in blood", .comment = "the inflammatory kind, Ly6C-hi or classical"},
      {.name = "neutrophil_blood", .unit = "1/mL", .meaning = "neutrophils in blood", .comment = ""},
      {.name = "tsg6_plasma", .unit = "ng/mL", .meaning = "TSG-6 of MSC and products in plasma", .comment = ""},
      {.name = "pge2_plasma", .unit = "ng/mL", .meaning = "PGE2 of MSC and products in plasma", .comment = ""},
      {.name = "hgf_plasma", .unit = "ng/mL", .meaning = "HGF in plasma", .comment = ""},
      {.name = "il10_plasma", .unit = "ng/mL", .meaning = "IL-10 in plasma", .comment = ""},
      {.name = "il6_plasma", .unit = "ng/mL", .meaning = "IL-6 in plasma", .comment = ""},
      {.name = "tnf_plasma", .unit = "ng/mL", .meaning = "TNF in plasma", .comment = ""},
  };
  return observables;
}

}  // namespace

std::span<const sim::Observable> BloodReadout::observables() const { return list(); }

void BloodReadout::measure(const sim::Patch& patch, std::span<double> sums) const {
  sums[Sums::ev_secreted] += patch.scalars[signals_.ev_secreted];
  sums[Sums::effective_secreted] += patch.scalars[signals_.effective_secreted];
  if (!cells_.lobules || patch.group() != cells_.lobules->group) return;
  if (cells_.lobules->mean_cells) {
    for (const MeanCells::Sort& of : load_mean_cells(patch, *cells_.lobules->mean_cells).macrophages)
      sums[Sums::educated_in_lobules] += cells_.lobules->weight * of.educated;
    return;
  }
  const auto origin = patch.agents(cells_.lobules->macrophages).column(macrophage::origin);
  const auto educated = std::count(origin.begin(), origin.end(), static_cast<std::uint8_t>(macrophage::Origin::educated));
  sums[Sums::educated_in_lobules] += cells_.lobules->weight * static_cast<double>(educated);
}

void BloodReadout::finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const {
  const sim::Compartments& compartments = world.compartments;
  const auto in_plasma = [&](sim::PoolIndex pool) {
    const double there = compartments.amount(pool) - compartments.waiting(pool);  // what waits enters over the next visit
    return there > 0.0 ? there / compartments.volume_mL(pool) : 0.0;
  };
  const auto in_blood = [&](sim::PoolIndex pool) { return compartments.amount(pool) / cells_.blood_mL; };
  std::size_t at = 0;
  values[at++] = in_plasma(pools_.ev.plasma);
  values[at++] = sums[Sums::ev_secreted] + world.values[ev_given_];
  values[at++] = sums[Sums::effective_secreted] + world.values[effective_given_];
  for (const sim::PoolIndex organ : {pools_.ev.liver, pools_.ev.spleen, pools_.ev.lung, pools_.ev.kidney, pools_.ev.other})
    values[at++] = compartments.amount(organ);
  values[at++] = in_plasma(pools_.endogenous.plasma);
  values[at++] = in_plasma(pools_.colloid.plasma);
  for (const sim::PoolIndex organ : {pools_.colloid.liver, pools_.colloid.spleen, pools_.colloid.other}) values[at++] = compartments.amount(organ);
  double educated = 0.0;
  for (const sim::PoolIndex pool : cells_.educated) educated += compartments.amount(pool);
  values[at++] = educated + sums[Sums::educated_in_lobules];
  values[at++] = cells_.lobules ? sums[Sums::educated_in_lobules] : compartments.amount(cells_.educated_in_liver);
  double drawn = 0.0;
  for (const sim::FlowIndex flow : cells_.to_liver) drawn += compartments.transferred(flow);
  for (const sim::UptakeIndex uptake : cells_.drawn_by_lobules) drawn += compartments.taken_up(uptake);
  values[at++] = drawn;
  values[at++] = in_blood(cells_.monocytes) + in_blood(cells_.educated_monocytes);
  values[at++] = in_blood(cells_.neutrophils);
  for (const FactorPools& factor : pools_.factor) values[at++] = in_plasma(factor.plasma);  // in the order of Factor
}

}  // namespace paracrine::models
