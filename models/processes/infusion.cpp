#include "models/processes/infusion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/streams.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

namespace {

constexpr std::uint16_t draw_entry = 0;  // draws of the stream: entry time, diameter
constexpr std::uint16_t draw_route = 1;  // whether it stays at the site of injection

/// Bed that the blood carries an agent to first.
Bed first_bed(Route route) {
  switch (route) {
    case Route::hepatic_artery:
    case Route::portal_vein:
    case Route::intrasplenic:
      return Bed::liver;
    case Route::peripheral_vein:
    case Route::intrahepatic:
      break;
  }
  return Bed::lung;
}

}  // namespace

double msc_diameter_um(const InfusionParameters& p, bool spheroid, double passage) {
  if (spheroid) return p.spheroid_diameter_um;
  return p.diameter_um * (1.0 + p.growth_per_passage * (passage - p.reference_passage));
}

Infusion::Infusion(std::vector<Therapy> therapies, std::vector<TherapyPlace> places, std::size_t lung_group, CellFreePlaces cell_free,
                   std::uint32_t event_code)
    : therapies_(std::move(therapies)),
      places_(std::move(places)),
      lung_group_(lung_group),
      cell_free_(std::move(cell_free)),
      event_code_(event_code) {}

void Infusion::advance(sim::World& world, const sim::Step& step) const {
  const auto begin = static_cast<double>(step.start_s), end = static_cast<double>(step.end_s());
  for (std::size_t t = 0; t < therapies_.size(); ++t) {
    const Therapy& therapy = therapies_[t];
    if (therapy.product == Product::bone_marrow_macrophages) continue;
    for (const std::int64_t start : therapy.starts_s) {
      const double from = std::max(begin, static_cast<double>(start)), to = std::min(end, static_cast<double>(start) + therapy.duration_s);
      if (start >= step.start_s && start < step.end_s())
        world.events.push_back({.time_s = start, .code = event_code_, .subject = static_cast<std::uint32_t>(t), .value = therapy.number});
      if (to <= from) continue;
      if (has_agents(therapy.product))
        give_agents(world, t, therapy.number * (to - from) / therapy.duration_s, from, to);
      else
        give_cell_free(world, therapy, to - from, from == begin && to == end);
    }
  }
}

void Infusion::give_agents(sim::World& world, std::size_t t, double given, double from_s, double to_s) const {
  const TherapyPlace& place = places_[t];
  world.compartments.receive(place.waiting_pool[0], given * therapies_[t].viability);
  world.compartments.receive(place.waiting_pool[1], given * (1.0 - therapies_[t].viability));
  for (std::uint32_t batch = 0; batch < 2; ++batch) {
    const double waiting = world.compartments.amount(place.waiting_pool[batch]), weight = world.agent_weight[place.kind];
    const double agents = std::floor(waiting / weight * (1.0 + 1e-12));
    if (agents < 1.0) continue;
    world.compartments.give(place.waiting_pool[batch], std::min(waiting, agents * weight));
    world.send(lung_group_, {.population = place.kind,
                             .tag = static_cast<std::uint32_t>(t),
                             .batch = batch,
                             .count = static_cast<std::int64_t>(agents),
                             .from_s = from_s,
                             .to_s = to_s});
  }
}

void Infusion::give_cell_free(sim::World& world, const Therapy& therapy, double given_s, bool whole_visit) const {
  const double share = given_s / therapy.duration_s;
  const auto receive = [&](sim::PoolIndex pool, double amount) {
    if (amount == 0.0) return;
    if (whole_visit)
      world.compartments.receive_over_step(pool, amount);
    else
      world.compartments.receive(pool, amount);
  };
  const double number = therapy.number * share;
  for (std::size_t f = 0; f < factors; ++f) {
    receive(cell_free_.pools.factor[f].plasma, therapy.factor_ng[f] * share * (1.0 - cell_free_.lung_extraction[f]));
    receive(cell_free_.pools.factor[f].lost, therapy.factor_ng[f] * share * cell_free_.lung_extraction[f]);
  }
  if (therapy.product == Product::colloid) {
    world.values[cell_free_.colloid_given] += number;
    if (first_bed(therapy.route) == Bed::liver)
      into_liver_inlet(world, cell_free_.signals.liver_inlet_colloid, number, given_s);
    else
      receive(cell_free_.pools.colloid.plasma, number);
    return;
  }
  world.values[cell_free_.ev_given] += number;
  world.values[cell_free_.effective_given] += number * therapy.potency;
  if (therapy.route == Route::intrahepatic) {
    into_lobules(world, number, number * therapy.potency);
  } else if (first_bed(therapy.route) == Bed::liver) {
    into_liver_inlet(world, cell_free_.signals.liver_inlet_ev, number, given_s);
    into_liver_inlet(world, cell_free_.signals.liver_inlet_effective, number * therapy.potency, given_s);
  } else {
    receive(cell_free_.pools.ev.plasma, number);
    receive(cell_free_.pools.effective.plasma, number * therapy.potency);
  }
}

void Infusion::into_liver_inlet(sim::World& world, std::size_t scalar, double amount, double given_s) const {
  const sim::PatchGroup& liver = world.groups[cell_free_.liver_group];
  for (std::size_t i = 0; i < liver.count; ++i) {
    std::vector<double>& scalars = world.patch(liver.first + i).scalars;
    scalars[scalar] += amount * cell_free_.liver_share[i];
    scalars[cell_free_.signals.liver_inlet_h] = std::max(scalars[cell_free_.signals.liver_inlet_h], given_s / 3600.0);
  }
}

void Infusion::into_lobules(sim::World& world, double number, double effective) const {
  const sim::PatchGroup& liver = world.groups[cell_free_.liver_group];
  double volume_um3 = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) volume_um3 += world.patch(liver.first + i).grid->domain_volume_um3();
  for (std::size_t i = 0; i < liver.count; ++i) {
    sim::Patch& lobule = world.patch(liver.first + i);
    const std::vector<double>& open = lobule.grid->volume_fraction();
    for (std::size_t v = 0; v < open.size(); ++v) {
      const double share = open[v] * lobule.grid->voxel_volume_um3() / volume_um3;
      lobule.field(cell_free_.local_source_field).value[v] += number * share;
      lobule.field(cell_free_.local_source_field + 1).value[v] += effective * share;
    }
  }
}

void InfusionEntry::advance(sim::Patch& patch, const sim::Step& step) const {
  for (const sim::Arrival& arrival : patch.arrivals) enter(patch, step, arrival);
}

void InfusionEntry::enter(sim::Patch& patch, const sim::Step& step, const sim::Arrival& arrival) const {
  const Therapy& therapy = therapies_[arrival.tag];
  sim::Population& agents = patch.agents(arrival.population);
  const std::size_t first = agents.add(static_cast<std::size_t>(arrival.count));
  const auto ids = agents.ids();
  const auto due_s = agents.column(infused::due_s);
  const auto diameter_um = agents.column(infused::diameter_um);
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto bed = agents.column(infused::bed);
  const auto dose = agents.column(infused::dose);
  const sim::Random random = step.random(streams::of("infusion"));
  const bool cells = arrival.population == msc_kind_;
  const double low = cells ? p_.smallest_diameter_um : therapy.mean_diameter_um, high = cells ? p_.largest_diameter_um : therapy.mean_diameter_um;
  for (std::size_t row = first; row < agents.size(); ++row) {
    const auto u = random.uniforms(ids[row], draw_entry);
    due_s[row] = arrival.from_s + u[0] * (arrival.to_s - arrival.from_s);
    diameter_um[row] = static_cast<float>(std::clamp(therapy.mean_diameter_um + therapy.diameter_sd_um * sim::to_normals(u[1], u[2])[0], low, high));
    whereabouts[row] = static_cast<std::uint8_t>(Whereabouts::circulating);
    bed[row] = static_cast<std::uint8_t>(first_bed(therapy.route));
    dose[row] = static_cast<std::uint8_t>(arrival.tag);
  }
  if (cells) {
    const auto label = agents.column(msc::label);
    const auto entry_s = agents.column(msc::entry_s);
    const auto vitality = agents.column(msc::vitality);
    for (std::size_t row = first; row < agents.size(); ++row) {
      label[row] = 1.0;
      entry_s[row] = due_s[row];
      vitality[row] = static_cast<std::uint8_t>(arrival.batch == 0 ? Vitality::viable : Vitality::apoptotic);
    }
  }
}

void InfusionPlacement::advance(sim::Patch& patch, const sim::Step& step) const {
  if (patch.arrivals.empty()) return;
  for (const std::size_t kind : kinds_) {
    std::size_t arrived = 0;  // they are the last of the population
    for (const sim::Arrival& arrival : patch.arrivals)
      if (arrival.population == kind) arrived += static_cast<std::size_t>(arrival.count);
    if (arrived > 0) place(patch, kind, patch.agents(kind).size() - arrived, step);
  }
}

void InfusionPlacement::place(sim::Patch& patch, std::size_t kind, std::size_t first_row, const sim::Step& step) const {
  sim::Population& agents = patch.agents(kind);
  const auto segment = agents.column(infused::segment);
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto bed = agents.column(infused::bed);
  const auto dose = agents.column(infused::dose);
  const auto due_s = agents.column(infused::due_s);
  const sim::Random random = step.random(streams::of("infusion"));
  std::vector<std::uint32_t> gone;
  for (std::size_t row = first_row; row < agents.size(); ++row) {
    const Route route = therapies_[dose[row]].route;
    if (route != Route::intrasplenic && route != Route::intrahepatic) continue;
    const bool spleen = route == Route::intrasplenic;
    const auto u = random.uniforms(agents.ids()[row], draw_route);
    if (u[0] >= (spleen ? p_.intrasplenic_retained : p_.intrahepatic_retained)) continue;
    segment[row] = spleen ? std::uint8_t{0} : static_cast<std::uint8_t>(u[1] * std::round(liver_segments_));
    const Bed site = spleen ? Bed::spleen : Bed::liver;
    whereabouts[row] = static_cast<std::uint8_t>(Whereabouts::arrested);
    bed[row] = static_cast<std::uint8_t>(site);
    due_s[row] = std::numeric_limits<double>::infinity();
    patch.depart(kind, row, groups_[static_cast<std::size_t>(site)]);
    gone.push_back(static_cast<std::uint32_t>(row));
  }
  agents.remove(gone);
}

}  // namespace paracrine::models
