#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/mean_field/mean_tissue.hpp"

namespace paracrine::models::mean_field {

namespace {

using State = hepatocyte::State;
constexpr std::size_t at(State state) { return static_cast<std::size_t>(state); }
constexpr std::array<State, 3> with_cyp2e1{State::viable, State::regenerating, State::senescent};

constexpr double nobody = 1e-12;  // hepatocytes of a zone, of all sites

double number_with_cyp2e1(const MeanCells::Zone& zone) {
  double sum = 0.0;
  for (const State state : with_cyp2e1) sum += zone.share[at(state)];
  return sum;
}

}  // namespace

void injure(const Visit& visit) {
  const HepatocyteInjuryParameters& p = visit.of.p.injury;
  const InjurySignals& signals = visit.of.s.injury;
  const double severity = visit.scalar(signals.severity), exposure = visit.scalar(signals.toxin);
  const double central = p.chronic_per_d * visit.days * visit.scalar(signals.central);
  const double portal = p.chronic_per_d * visit.days * visit.scalar(signals.portal);
  const double missing_kept = std::exp2(-visit.days / p.cyp2e1_half_time_d);
  const double collateral = visit.days * collateral_hazard_per_d(p, visit.field(visit.of.cytokines.tnf), visit.cells.neutrophils);
  for (std::size_t k = 0; k < MeanCells::zones; ++k) {
    MeanCells::Zone& zone = visit.cells.zone[k];
    const double cells = number_with_cyp2e1(zone);
    if (cells < nobody) {  // the last of a zone go with the rest: a quotient of what hardly is there would say nothing
      zone.share[at(State::injured)] += cells;
      for (const State state : with_cyp2e1) zone.share[at(state)] = 0.0;
      zone.cyp2e1 = 0.0;
      continue;
    }
    const double steep = visit.of.toxic[k] * exposure, cyp = zone.cyp2e1 / cells;
    const double hazard = collateral + severity * (p.ccl4 * cyp * steep + central * visit.of.central[k] + portal * visit.of.portal[k]);
    const double injured = -std::expm1(-hazard);
    zone.cyp2e1 = cells * (1.0 - injured) * (1.0 - (1.0 - cyp * std::exp(-p.cyp2e1_loss * steep)) * missing_kept);
    zone.share[at(State::injured)] += injured * cells;
    for (const State state : with_cyp2e1) zone.share[at(state)] *= 1.0 - injured;
  }
}

void let_hepatocytes_die(const Visit& visit) {
  const HepatocyteDeathParameters& p = visit.of.p.hepatocyte_death;
  const double aged = visit.chance(p.turnover_per_d), injured_leave = visit.chance(std::numbers::ln2 * 24.0 / p.injured_half_life_h);
  const double autolysed = visit.chance(std::numbers::ln2 / p.autolysis_half_life_d);
  const double senescent_die = visit.chance(std::numbers::ln2 / p.senescent_half_life_d);
  for (MeanCells::Zone& zone : visit.cells.zone) {
    auto& share = zone.share;
    const double old = aged * share[at(State::viable)], left = injured_leave * share[at(State::injured)];
    const double gone = autolysed * share[at(State::necrotic)], cleared = senescent_die * share[at(State::senescent)];
    const double recovered = p.recovering_share * left, necrotic = left - recovered;
    const double cells = number_with_cyp2e1(zone);
    if (cells > 0.0) zone.cyp2e1 *= std::max(0.0, 1.0 - (old + cleared) / cells);
    share[at(State::viable)] += (1.0 - p.senescent_share) * recovered - old;
    share[at(State::senescent)] += p.senescent_share * recovered - cleared;
    share[at(State::injured)] -= left;
    share[at(State::necrotic)] += necrotic - gone;
    share[at(State::empty)] += old + cleared + gone;
    visit.scalar(visit.of.s.necrosed) += necrotic;
    visit.scalar(visit.of.s.hepatocytes_died) += necrotic + old + cleared;
  }
}

void regenerate(const Visit& visit) {
  const RegenerationParameters& p = visit.of.p.regeneration;
  const CytokineFields& f = visit.of.cytokines;
  const double grown = visit.chance(std::numbers::ln2 / p.maturation_half_time_d);
  const double stained = visit.field(visit.of.collagen.fibrillar) + visit.field(visit.of.collagen.crosslinked);
  const double full_per_d = p.rate_per_d * std::max(0.0, 1.0 - stained / full_stain_mg_per_mL) *
                            regeneration_drive(p, visit.field(f.hgf), visit.field(f.il6), visit.field(f.tgf_beta));
  auto& zones = visit.cells.zone;
  std::array<double, MeanCells::zones> parents{};
  for (std::size_t k = 0; k < MeanCells::zones; ++k)
    parents[k] = static_cast<double>(MeanCells::zones) * (zones[k].share[at(State::viable)] + zones[k].share[at(State::regenerating)]);
  for (std::size_t k = 0; k < MeanCells::zones; ++k) {
    // a zone is a site wide or less: half of a site's neighbours lie in the zones beside
    const double before = parents[k > 0 ? k - 1 : k], after = parents[k + 1 < MeanCells::zones ? k + 1 : k];
    auto& share = zones[k].share;
    const double matured = grown * share[at(State::regenerating)];
    const double born = visit.chance(full_per_d * (0.5 * parents[k] + 0.25 * (before + after))) * share[at(State::empty)];
    share[at(State::viable)] += matured;
    share[at(State::regenerating)] += born - matured;
    share[at(State::empty)] -= born;
    visit.scalar(visit.of.s.hepatocytes_born) += born;
  }
}

}  // namespace paracrine::models::mean_field
