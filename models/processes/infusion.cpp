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

Infusion::Infusion(std::vector<Therapy> therapies, std::vector<TherapyPlace> places, std::size_t lung_group, std::uint32_t event_code)
    : therapies_(std::move(therapies)), places_(std::move(places)), lung_group_(lung_group), event_code_(event_code) {}

void Infusion::advance(sim::World& world, const sim::Step& step) const {
  const auto begin = static_cast<double>(step.start_s), end = static_cast<double>(step.end_s());
  for (std::size_t t = 0; t < therapies_.size(); ++t) {
    const Therapy& therapy = therapies_[t];
    const TherapyPlace& place = places_[t];
    for (const std::int64_t start : therapy.starts_s) {
      const double from = std::max(begin, static_cast<double>(start)), to = std::min(end, static_cast<double>(start) + therapy.duration_s);
      if (start >= step.start_s && start < step.end_s())
        world.events.push_back({.time_s = start, .code = event_code_, .subject = static_cast<std::uint32_t>(t), .value = therapy.number});
      if (to <= from) continue;
      const double given = therapy.number * (to - from) / therapy.duration_s;
      world.compartments.receive(place.waiting_pool[0], given * therapy.viability);
      world.compartments.receive(place.waiting_pool[1], given * (1.0 - therapy.viability));
      for (std::uint32_t batch = 0; batch < 2; ++batch) {
        const double waiting = world.compartments.amount(place.waiting_pool[batch]), weight = world.agent_weight[place.kind];
        const double agents = std::floor(waiting / weight * (1.0 + 1e-12));
        if (agents < 1.0) continue;
        world.compartments.give(place.waiting_pool[batch], std::min(waiting, agents * weight));
        world.send(lung_group_, {.population = place.kind,
                                 .tag = static_cast<std::uint32_t>(t),
                                 .batch = batch,
                                 .count = static_cast<std::int64_t>(agents),
                                 .from_s = from,
                                 .to_s = to});
      }
    }
  }
}

InfusionEntry::InfusionEntry(const InfusionParameters& parameters, std::vector<Therapy> therapies, std::size_t msc_kind,
                             std::array<std::uint32_t, organs> groups)
    : p_(parameters), therapies_(std::move(therapies)), msc_kind_(msc_kind), groups_(groups) {}

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
  const sim::Random random = step.random(streams::infusion);
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
  if (therapy.route == Route::intrasplenic || therapy.route == Route::intrahepatic) place_by_route(patch, arrival.population, first, step);
}

void InfusionEntry::place_by_route(sim::Patch& patch, std::size_t kind, std::size_t first_row, const sim::Step& step) const {
  sim::Population& agents = patch.agents(kind);
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto bed = agents.column(infused::bed);
  const auto dose = agents.column(infused::dose);
  const auto due_s = agents.column(infused::due_s);
  const sim::Random random = step.random(streams::infusion);
  std::vector<std::uint32_t> gone;
  for (std::size_t row = first_row; row < agents.size(); ++row) {
    const bool spleen = therapies_[dose[row]].route == Route::intrasplenic;
    if (random.uniforms(agents.ids()[row], draw_route)[0] >= (spleen ? p_.intrasplenic_retained : p_.intrahepatic_retained)) continue;
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
