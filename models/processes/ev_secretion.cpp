#include "models/processes/ev_secretion.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/agents/msc_activity.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

namespace {

/// Number of vesicles relative to unprimed bone-marrow cells in two-dimensional culture.
double product_number(const EvSecretionParameters& p, const CellProduct& product) {
  double factor = p.bone_marrow;
  if (product.source == CellProduct::Source::adipose) factor = p.adipose;
  if (product.source == CellProduct::Source::umbilical_cord) factor = p.umbilical_cord;
  if (product.source == CellProduct::Source::amnion) factor = p.amnion;
  return factor * (product.spheroid ? p.spheroid : 1.0) * (product.primed ? p.priming_number : 1.0);
}

double passage_potency(const EvSecretionParameters& p, const CellProduct& product) {
  return std::pow(p.potency_per_passage, std::max(0.0, product.passage - p.reference_passage));
}

double priming_potency(const EvSecretionParameters& p, const CellProduct& product) { return product.primed ? p.priming_potency : 1.0; }

sim::PoolIndex pool_of(const VesiclePools& pools, Bed organ) {
  if (organ == Bed::lung) return pools.lung;
  if (organ == Bed::liver) return pools.liver;
  return organ == Bed::spleen ? pools.spleen : pools.other;
}

/// The one of `bands` equal parts of [0, 1] in which a zone lies.
std::size_t band_of(float zone, std::size_t bands) {
  return std::min(bands - 1, static_cast<std::size_t>(std::max(0.0F, zone) * static_cast<float>(bands)));
}

/// The voxel of the domain whose zone is nearest to the middle of a band.
std::size_t nearest_voxel(const std::vector<float>& zone, const sim::Grid& grid, std::size_t band, std::size_t bands) {
  const float middle = (static_cast<float>(band) + 0.5F) / static_cast<float>(bands);
  std::size_t nearest = zone.size();
  for (std::size_t v = 0; v < zone.size(); ++v)
    if (grid.inside(v) && (nearest == zone.size() || std::abs(zone[v] - middle) < std::abs(zone[nearest] - middle))) nearest = v;
  return nearest;
}

}  // namespace

double conditioned_vesicles(const EvSecretionParameters& p, double cell_equivalents, const CellProduct& product) {
  return cell_equivalents * p.rate_per_d / 24.0 * p.culture_h * product_number(p, product);
}

double product_potency(const EvSecretionParameters& p, const CellProduct& product) {
  return passage_potency(p, product) * priming_potency(p, product);
}

EvSecretion::EvSecretion(const EvSecretionParameters& parameters, const std::vector<CellProduct>& by_dose, std::size_t msc_kind, double agent_weight,
                         Bed organ, const BloodPools& pools, const Signals& signals, std::size_t local_source_field, std::size_t segments)
    : p_(parameters),
      kind_(msc_kind),
      weight_(agent_weight),
      liver_(organ == Bed::liver),
      plasma_{pools.ev.plasma, pools.effective.plasma},
      organ_{pool_of(pools.ev, organ), pool_of(pools.effective, organ)},
      secreted_{signals.ev_secreted, signals.effective_secreted},
      tnf_(signals.tnf_ng_per_mL),
      local_source_field_(local_source_field),
      segments_(liver_ ? std::max<std::size_t>(1, segments) : 1) {
  for (const CellProduct& product : by_dose)
    by_dose_.push_back({.rate_per_h = p_.rate_per_d / 24.0 * p_.in_vivo * product_number(p_, product),
                        .passage_potency = passage_potency(p_, product),
                        .priming_potency = priming_potency(p_, product)});
}

void EvSecretion::advance(sim::Patch& patch, const sim::Step& step) const {
  sim::Population& cells = patch.agents(kind_);
  if (cells.size() == 0) return;
  draw_secretion(cells, step.random(streams::of("ev_secretion")));
  const std::vector<Vesicles> by_place = shed(cells, step, patch.scalars[tnf_]);
  for (const Vesicles& shed_there : by_place) {
    patch.scalars[secreted_[0]] += shed_there.number;
    patch.scalars[secreted_[1]] += shed_there.effective;
  }
  const Vesicles& circulating = by_place[0];
  Vesicles escaped = circulating;
  if (liver_) {
    spread_over_lobule(patch, std::span(by_place).subspan(1));
  } else {
    const Vesicles& arrested = by_place[1];
    escaped.number += p_.escape_share * arrested.number;
    escaped.effective += p_.escape_share * arrested.effective;
    patch.deposit(organ_[0], (1.0 - p_.escape_share) * arrested.number);
    patch.deposit(organ_[1], (1.0 - p_.escape_share) * arrested.effective);
  }
  patch.deposit_over_next_visit(plasma_[0], escaped.number);
  patch.deposit_over_next_visit(plasma_[1], escaped.effective);
}

void EvSecretion::draw_secretion(sim::Population& cells, const sim::Random& random) const {
  const auto secretion = cells.column(msc::secretion);
  std::size_t first = cells.size();
  while (first > 0 && secretion[first - 1] == 0.0F) --first;  // the new ones are the last
  const double sigma = std::log(p_.cell_gsd);
  constexpr std::size_t block = 256;
  std::array<std::array<double, block>, 4> u;
  for (; first < cells.size(); first += block) {
    const std::size_t count = std::min(block, cells.size() - first);
    random.uniforms(cells.ids().subspan(first, count), 0,
                    {std::span(u[0].data(), count), {u[1].data(), count}, {u[2].data(), count}, {u[3].data(), count}});
    for (std::size_t i = 0; i < count; ++i) {
      const double z = sim::to_normals(u[0][i], u[1][i])[0];
      secretion[first + i] = static_cast<float>(std::exp(sigma * z - 0.5 * sigma * sigma));
    }
  }
}

std::vector<EvSecretion::Vesicles> EvSecretion::shed(const sim::Population& cells, const sim::Step& step, double tnf_ng_per_mL) const {
  struct Work {
    double hours = 0.0;  // lived, each cell's times its relative secretion
    double deaths = 0.0;
  };
  const std::size_t places = 1 + segments_;
  std::vector<Work> work(by_dose_.size() * places);
  const MscActivity activity(cells, step);
  const auto secretion = cells.column(msc::secretion);
  const auto dose = cells.column(infused::dose), whereabouts = cells.column(infused::whereabouts), segment = cells.column(infused::segment);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const bool arrested = whereabouts[row] == static_cast<std::uint8_t>(Whereabouts::arrested);
    const std::size_t place = arrested ? 1 + std::min<std::size_t>(segment[row], segments_ - 1) : 0;
    Work& sum = work[dose[row] * places + place];
    sum.hours += static_cast<double>(secretion[row]) * activity.hours(row);
    sum.deaths += activity.dies(row) ? 1.0 : 0.0;
  }
  const double licensed_number = licensing(p_.licensing_number, tnf_ng_per_mL, p_.licensing_tnf_ng_per_mL);
  const double licensed_potency = licensing(p_.licensing_potency, tnf_ng_per_mL, p_.licensing_tnf_ng_per_mL);
  std::vector<Vesicles> by_place(places);
  for (std::size_t d = 0; d < by_dose_.size(); ++d) {
    const Dose& of = by_dose_[d];
    const double potency = of.passage_potency * std::max(of.priming_potency, licensed_potency);
    for (std::size_t place = 0; place < places; ++place) {
      const Work& sum = work[d * places + place];
      const double number = weight_ * (of.rate_per_h * licensed_number * sum.hours + p_.burst * sum.deaths);
      by_place[place].number += number;
      by_place[place].effective += number * potency;
    }
  }
  return by_place;
}

void EvSecretion::spread_over_lobule(sim::Patch& patch, std::span<const Vesicles> by_segment) const {
  if (std::all_of(by_segment.begin(), by_segment.end(), [](const Vesicles& shed) { return shed.number == 0.0; })) return;
  if (!patch.grid || patch.zone.size() != patch.grid->size() || patch.fields.size() < local_source_field_ + 2)
    throw std::logic_error("ev_secretion: patch " + std::to_string(patch.index()) + " is no lobule with zones and two source fields");
  const std::vector<double>& fraction = patch.grid->volume_fraction();
  std::vector<double>& number = patch.field(local_source_field_).value;
  std::vector<double>& effective = patch.field(local_source_field_ + 1).value;
  std::vector<double> volume(segments_, 0.0);
  for (std::size_t v = 0; v < fraction.size(); ++v)
    if (fraction[v] > 0.0) volume[band_of(patch.zone[v], segments_)] += fraction[v];
  std::vector<Vesicles> per_volume(segments_);
  for (std::size_t band = 0; band < segments_; ++band) {
    const Vesicles& shed = by_segment[band];
    if (volume[band] > 0.0) {
      per_volume[band] = {.number = shed.number / volume[band], .effective = shed.effective / volume[band]};
    } else if (shed.number > 0.0) {
      const std::size_t voxel = nearest_voxel(patch.zone, *patch.grid, band, segments_);
      number[voxel] += shed.number;
      effective[voxel] += shed.effective;
    }
  }
  for (std::size_t v = 0; v < fraction.size(); ++v) {
    if (!(fraction[v] > 0.0)) continue;
    const Vesicles& here = per_volume[band_of(patch.zone[v], segments_)];
    number[v] += fraction[v] * here.number;
    effective[v] += fraction[v] * here.effective;
  }
}

}  // namespace paracrine::models
