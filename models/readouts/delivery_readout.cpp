#include "models/readouts/delivery_readout.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace paracrine::models {

namespace {

constexpr std::array<const char*, organs> organ_names{"lung", "liver", "spleen", "other"};
constexpr std::array<const char*, organs> organ_words{"the lung", "the liver", "the spleen", "other organs and the blood"};

const std::vector<sim::Observable>& list() {
  static const std::vector<sim::Observable> observables = [] {
    std::vector<sim::Observable> all;
    const auto add = [&](const std::string& name, const std::string& what, const std::string& comment) {
      for (std::size_t o = 0; o < organs; ++o)
        all.push_back({.name = name + "_" + organ_names[o], .unit = "1", .meaning = what + " in " + organ_words[o], .comment = comment});
    };
    add("msc_viable", "number of viable MSC", "as re-culture finds them");
    all.push_back({.name = "msc_apoptotic_lung", .unit = "1", .meaning = "number of dead MSC not yet cleared in the lung", .comment = ""});
    add("msc_dna", "number of MSC whose DNA is there", "viable and dead ones, as qPCR finds them");
    add("msc_label", "label, in labels of one cell", "as a radioactive label shows it; it stays when the cell is gone");
    add("particle", "number of particles", "");
    return all;
  }();
  return observables;
}

}  // namespace

DeliveryReadout::DeliveryReadout(std::size_t msc_kind, std::size_t particle_kind, double msc_weight, double particle_weight, const LabelPools& pools,
                                 const Signals& signals, std::size_t cleared_scalar)
    : msc_kind_(msc_kind),
      particle_kind_(particle_kind),
      msc_weight_(msc_weight),
      particle_weight_(particle_weight),
      pools_(pools),
      signals_(signals),
      cleared_scalar_(cleared_scalar) {}

std::span<const sim::Observable> DeliveryReadout::observables() const { return list(); }

void DeliveryReadout::measure(const sim::Patch& patch, std::span<double> sums) const {
  const sim::Population& cells = patch.agents(msc_kind_);
  const auto whereabouts = cells.column(infused::whereabouts);
  const auto bed = cells.column(infused::bed);
  const auto vitality = cells.column(msc::vitality);
  const auto label = cells.column(msc::label);
  std::array<std::size_t, Sums::count> number{};  // counted first, weighted once: exact
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const bool dead = vitality[row] == static_cast<std::uint8_t>(Vitality::apoptotic);
    if (whereabouts[row] == static_cast<std::uint8_t>(Whereabouts::circulating)) {
      ++number[dead ? Sums::circulating_apoptotic : Sums::circulating_viable];
      sums[Sums::circulating_label] += label[row] * msc_weight_;
    } else {
      ++number[(dead ? Sums::apoptotic : Sums::viable) + bed[row]];
      sums[Sums::label + bed[row]] += label[row] * msc_weight_;
    }
  }
  const sim::Population& particles = patch.agents(particle_kind_);
  const auto particle_whereabouts = particles.column(infused::whereabouts);
  const auto particle_bed = particles.column(infused::bed);
  for (std::size_t row = 0; row < particles.size(); ++row) {
    const bool circulating = particle_whereabouts[row] == static_cast<std::uint8_t>(Whereabouts::circulating);
    ++number[circulating ? Sums::circulating_particle : Sums::particle + particle_bed[row]];
  }
  for (const auto& [first, count, weight] : {std::tuple{Sums::viable, 2 * organs, msc_weight_},
                                             {Sums::circulating_viable, std::size_t{2}, msc_weight_},
                                             {Sums::particle, organs, particle_weight_},
                                             {Sums::circulating_particle, std::size_t{1}, particle_weight_}})
    for (std::size_t at = first; at < first + count; ++at) sums[at] += static_cast<double>(number[at]) * weight;
  sums[Sums::cleared] += patch.scalars[cleared_scalar_];
  sums[Sums::ev_secreted] += patch.scalars[signals_.ev_secreted];
  sums[Sums::effective_secreted] += patch.scalars[signals_.effective_secreted];
}

void DeliveryReadout::finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const {
  constexpr std::size_t other = static_cast<std::size_t>(Bed::other);
  std::size_t at = 0;
  for (std::size_t o = 0; o < organs; ++o) values[at++] = sums[Sums::viable + o] + (o == other ? sums[Sums::circulating_viable] : 0.0);
  values[at++] = sums[Sums::apoptotic];
  for (std::size_t o = 0; o < organs; ++o)
    values[at++] =
        sums[Sums::viable + o] + sums[Sums::apoptotic + o] + (o == other ? sums[Sums::circulating_viable] + sums[Sums::circulating_apoptotic] : 0.0);
  for (std::size_t o = 0; o < organs; ++o)
    values[at++] = sums[Sums::label + o] + world.compartments.amount(pools_.organ[o]) + (o == other ? sums[Sums::circulating_label] : 0.0);
  for (std::size_t o = 0; o < organs; ++o) values[at++] = sums[Sums::particle + o] + (o == other ? sums[Sums::circulating_particle] : 0.0);
}

}  // namespace paracrine::models
