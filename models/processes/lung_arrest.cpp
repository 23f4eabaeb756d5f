#include "models/processes/lung_arrest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/streams.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

namespace {

constexpr double never_s = std::numeric_limits<double>::infinity();
constexpr std::uint16_t last_draw = 60000;  // a traveller that has used so many draws of this visit goes on in the next

std::uint8_t code(Whereabouts value) { return static_cast<std::uint8_t>(value); }
std::uint8_t code(Bed value) { return static_cast<std::uint8_t>(value); }

/// When a cell dies; a living one whose time of death is not drawn yet dies in no time that matters here.
double alive_until_s(const sim::Population& cells, std::size_t row) {
  if (cells.column(msc::vitality)[row] != static_cast<std::uint8_t>(Vitality::viable)) return 0.0;
  return cells.column(msc::clear_s)[row] == 0.0 ? never_s : cells.column(msc::death_s)[row];
}

}  // namespace

double arrest_probability(double diameter_um, double capillary_um, double threshold, double width) {
  return 1.0 / (1.0 + std::exp(-(diameter_um / capillary_um - threshold) / width));
}

void LungInterventionEvents::advance(sim::World& world, const sim::Step& step) const {
  const auto begin = static_cast<double>(step.start_s), end = static_cast<double>(step.end_s());
  const auto note = [&](double time_s, std::uint32_t code, std::size_t number) {
    if (time_s >= begin && time_s < end)
      world.events.push_back({.time_s = static_cast<std::int64_t>(time_s),
                              .code = code,
                              .subject = interventions_[number].subject,
                              .value = interventions_[number].efficacy});
  };
  for (std::size_t i = 0; i < interventions_.size(); ++i) {
    note(interventions_[i].start_s, start_code_, i);
    note(interventions_[i].stop_s, stop_code_, i);
  }
}

LungArrest::LungArrest(const LungArrestParameters& parameters, const Circulation& circulation, std::vector<LungIntervention> interventions,
                       std::size_t msc_kind, std::size_t particle_kind, std::array<std::uint32_t, organs> groups, double liver_shunt)
    : p_(parameters),
      circulation_(circulation),
      interventions_(std::move(interventions)),
      kinds_{msc_kind, particle_kind},
      groups_(groups),
      liver_shunt_(liver_shunt) {}

double LungArrest::dilation(double time_s) const {
  double efficacy = 0.0;  // of several at once, the strongest
  for (const LungIntervention& i : interventions_)
    if (i.kind == LungIntervention::Kind::vasodilator && time_s >= i.start_s && time_s < i.stop_s) efficacy = std::max(efficacy, i.efficacy);
  return 1.0 + efficacy * (p_.dilation - 1.0);
}

double LungArrest::shunt(double time_s) const {
  double through = 1.0 - p_.shunt;
  for (const LungIntervention& i : interventions_)
    if (i.kind == LungIntervention::Kind::lung_bypass && time_s >= i.start_s && time_s < i.stop_s) through *= 1.0 - i.efficacy;
  return 1.0 - through;
}

std::optional<std::uint8_t> LungArrest::stops(Bed bed, double diameter_um, bool rigid, double time_s, const sim::Random& random, sim::AgentId id,
                                              std::uint16_t& draw) const {
  double mean_um = p_.other_capillary_um, sd_um = p_.other_capillary_sd_um, segments = p_.other_segments;
  if (bed == Bed::lung) {
    const double factor = dilation(time_s);
    mean_um = p_.lung_capillary_um * factor;
    sd_um = p_.lung_capillary_sd_um * factor;
    segments = p_.lung_segments;
    const double bypass = shunt(time_s);
    if (bypass > 0.0 && random.uniforms(id, draw++)[0] < bypass) return std::nullopt;
  } else if (bed == Bed::liver) {
    mean_um = p_.liver_sinusoid_um;
    sd_um = p_.liver_sinusoid_sd_um;
    segments = p_.liver_segments;
    if (liver_shunt_ > 0.0 && random.uniforms(id, draw++)[0] < liver_shunt_) return std::nullopt;
  } else if (bed == Bed::spleen) {
    mean_um = p_.spleen_capillary_um;
    sd_um = p_.spleen_capillary_sd_um;
    segments = p_.spleen_segments;
  }
  const double threshold = rigid ? p_.rigid_threshold : p_.threshold, width = rigid ? p_.rigid_width : p_.width;
  const int number = static_cast<int>(std::lround(segments));
  for (int segment = 0; segment < number; segment += 2) {
    const auto u = random.uniforms(id, draw++);
    const auto normal = sim::to_normals(u[0], u[1]);
    for (int pair = 0; pair < 2 && segment + pair < number; ++pair) {
      const double capillary_um = std::max(p_.narrowest_um, mean_um + sd_um * normal[static_cast<std::size_t>(pair)]);
      if (u[static_cast<std::size_t>(2 + pair)] < arrest_probability(diameter_um, capillary_um, threshold, width))
        return static_cast<std::uint8_t>(segment + pair);
    }
  }
  return std::nullopt;
}

Bed LungArrest::arterial_bed(double share) const {
  for (const auto& [bed, flow] :
       {std::pair{Bed::liver, circulation_.hepatic_artery}, {Bed::spleen, circulation_.spleen}, {Bed::gut, circulation_.gut}}) {
    if (share < flow) return bed;
    share -= flow;
  }
  return Bed::other;
}

void LungArrest::meet_bed(Traveller& traveller, const sim::Random& random, std::uint16_t& draw) const {
  if (const auto segment = stops(traveller.bed, traveller.diameter_um, traveller.rigid, traveller.due_s, random, traveller.id, draw)) {
    traveller.arrested = true;
    traveller.segment = *segment;
    return;
  }
  const auto u = random.uniforms(traveller.id, draw++);
  if (traveller.bed == Bed::spleen || traveller.bed == Bed::gut) {  // both drain into the portal vein
    traveller.bed = Bed::liver;
    return;
  }
  // half of a round from the lung to an organ, half from an organ to the lung
  const double leg_s = 0.5 * sim::to_exponential(u[0], circulation_.circuit_s);
  if (traveller.rigid) {
    const double taken = -std::expm1(-p_.particle_clearance_per_min / 60.0 * leg_s);
    if (u[1] < taken) {
      const double share = u[1] / taken;
      traveller.bed = share < p_.particle_liver_share                              ? Bed::liver
                      : share < p_.particle_liver_share + p_.particle_spleen_share ? Bed::spleen
                                                                                   : Bed::other;
      traveller.arrested = true;
      return;
    }
  }
  traveller.due_s += leg_s;
  if (traveller.bed != Bed::lung) {
    traveller.bed = Bed::lung;
    return;
  }
  traveller.bed = arterial_bed(u[2]);
}

void LungArrest::travel(Traveller& traveller, double alive_until_s, const sim::Step& step) const {
  const sim::Random random = step.random(streams::of("lung_arrest"));
  std::uint16_t draw = 0;
  while (traveller.due_s < static_cast<double>(step.end_s()) && draw < last_draw) {
    if (traveller.arrested) {  // time to let go of its capillary, if it lives
      if (!(traveller.due_s < alive_until_s)) {
        traveller.due_s = never_s;
        return;
      }
      traveller.arrested = false;
      traveller.bed = arterial_bed(random.uniforms(traveller.id, draw++)[0]);
    }
    meet_bed(traveller, random, draw);
    if (!traveller.arrested) continue;
    if (traveller.bed == Bed::gut) traveller.bed = Bed::other;
    const bool may_let_go = traveller.bed == Bed::lung && !traveller.rigid && p_.release_per_h > 0.0;
    traveller.due_s =
        may_let_go ? traveller.due_s + sim::to_exponential(random.uniforms(traveller.id, draw++)[0], 3600.0 / p_.release_per_h) : never_s;
  }
}

void LungArrest::advance(sim::Patch& patch, const sim::Step& step) const {
  for (const std::size_t kind : kinds_) advance_kind(patch, kind, step);
}

void LungArrest::advance_kind(sim::Patch& patch, std::size_t kind, const sim::Step& step) const {
  sim::Population& agents = patch.agents(kind);
  const auto due_s = agents.column(infused::due_s);
  const auto diameter_um = agents.column(infused::diameter_um);
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto bed = agents.column(infused::bed);
  const auto segment = agents.column(infused::segment);
  const auto end_s = static_cast<double>(step.end_s());
  const bool rigid = kind == kinds_[1];
  std::vector<std::uint32_t> gone;
  for (std::size_t row = 0; row < agents.size(); ++row) {
    if (!(due_s[row] < end_s)) continue;
    Traveller traveller{.id = agents.ids()[row],
                        .due_s = due_s[row],
                        .diameter_um = static_cast<double>(diameter_um[row]),
                        .bed = static_cast<Bed>(bed[row]),
                        .rigid = rigid,
                        .arrested = whereabouts[row] == code(Whereabouts::arrested),
                        .segment = segment[row]};
    travel(traveller, rigid ? 0.0 : alive_until_s(agents, row), step);
    due_s[row] = traveller.due_s;
    bed[row] = code(traveller.bed);
    segment[row] = traveller.segment;
    whereabouts[row] = code(traveller.arrested ? Whereabouts::arrested : Whereabouts::circulating);
    if (traveller.arrested && traveller.bed != Bed::lung) {
      patch.depart(kind, row, groups_[static_cast<std::size_t>(traveller.bed)]);
      gone.push_back(static_cast<std::uint32_t>(row));
    }
  }
  agents.remove(gone);
}

}  // namespace paracrine::models
