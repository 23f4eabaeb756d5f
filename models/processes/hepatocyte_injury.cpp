#include "models/processes/hepatocyte_injury.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/lobule_state.hpp"
#include "sim/fields/exponential.hpp"

namespace paracrine::models {

namespace {

constexpr double rest = 1e-4;  // reference doses in the body that count at once

/// Times of the doses of a cause that fall into [from, to).
std::span<const std::int64_t> doses_in(const InjuryCause& cause, std::int64_t from_s, std::int64_t to_s) {
  const auto first = std::lower_bound(cause.doses_s.begin(), cause.doses_s.end(), from_s);
  return {first, std::lower_bound(first, cause.doses_s.end(), to_s)};
}
/// The share of a visit in which a cause acts.
double share_of_visit(const InjuryCause& cause, const sim::Step& step) {
  const std::int64_t from = std::max(cause.start_s, step.start_s), to = std::min(cause.stop_s, step.end_s());
  return to > from ? static_cast<double>(to - from) / static_cast<double>(step.duration_s) : 0.0;
}

/// Per site: exposure x zone^power. A whole power, as usual, is multiplied out.
std::vector<double> exposed(std::span<const float> zone, std::span<const std::uint32_t> voxel, double power, double exposure) {
  constexpr double most_multiplied = 16.0;
  std::vector<double> place(voxel.size()), steep(voxel.size(), exposure);
  for (std::size_t site = 0; site < voxel.size(); ++site) place[site] = static_cast<double>(zone[voxel[site]]);
  if (power == std::trunc(power) && power <= most_multiplied)
    for (double k = 0.0; k < power; k += 1.0)
      for (std::size_t site = 0; site < voxel.size(); ++site) steep[site] *= place[site];
  else
    for (std::size_t site = 0; site < voxel.size(); ++site) steep[site] *= std::pow(place[site], power);
  return steep;
}

}  // namespace

InjurySignals add_injury_signals(sim::World& world) {
  InjurySignals signals;
  signals.toxin = world.add_scalar("toxin_exposure");
  signals.central = world.add_scalar("chronic_central");
  signals.portal = world.add_scalar("chronic_portal");
  signals.severity = world.add_scalar("injury_severity");
  signals.depot = world.add_value("ccl4_depot");
  signals.body = world.add_value("ccl4_body");
  signals.toxin_given = world.add_value("ccl4_given");
  signals.toxin_spent = world.add_value("ccl4_spent");
  return signals;
}

double lobule_severity(const HepatocyteInjuryParameters& p, std::uint64_t seed, std::size_t lobule) {
  const double log_variance = std::log1p(p.severity_cv * p.severity_cv);
  const auto u = sim::Random(seed, 0, streams::of_building("lobule_severity")).uniforms(static_cast<sim::AgentId>(lobule), 0);
  return std::exp(std::sqrt(log_variance) * sim::to_normals(u[0], u[1])[0] - 0.5 * log_variance);
}

void InjurySchedule::advance(sim::World& world, const sim::Step& step) const {
  double& depot = world.values[signals_.depot];
  double& body = world.values[signals_.body];
  double central = 0.0, portal = 0.0;
  for (std::size_t c = 0; c < causes_.size(); ++c) {
    const InjuryCause& cause = causes_[c];
    if (cause.kind == InjuryCause::Kind::ccl4) {
      for (const std::int64_t time_s : doses_in(cause, step.start_s, step.end_s())) {
        depot += cause.dose;
        world.values[signals_.toxin_given] += cause.dose;
        world.events.push_back(
            {.time_s = time_s, .code = event_code_, .subject = static_cast<std::uint32_t>(c), .value = cause.dose * p_.reference_dose_mL_per_kg});
      }
    } else {
      const double rate = cause.severity * share_of_visit(cause, step);
      (cause.kind == InjuryCause::Kind::viral ? portal : central) += rate;
      if (cause.start_s >= step.start_s && cause.start_s < step.end_s())
        world.events.push_back({.time_s = cause.start_s, .code = event_code_, .subject = static_cast<std::uint32_t>(c), .value = cause.severity});
    }
  }
  const double h = step.duration_h(), in = std::numbers::ln2 / p_.absorption_half_time_h, out = std::numbers::ln2 / p_.elimination_half_life_h;
  const double apart = (out - in) * h, mean = apart == 0.0 ? 1.0 : -std::expm1(-apart) / apart;
  const double before = depot + body;
  body = body * std::exp(-out * h) + depot * in * h * std::exp(-in * h) * mean;
  depot *= std::exp(-in * h);
  if (depot + body < rest) depot = body = 0.0;
  const double exposure = before - depot - body;
  world.values[signals_.toxin_spent] += exposure;
  const sim::PatchGroup& liver = world.groups[liver_group_];
  for (std::size_t i = 0; i < liver.count; ++i) {
    std::vector<double>& scalars = world.patch(liver.first + i).scalars;
    scalars[signals_.toxin] = exposure;
    scalars[signals_.central] = central;
    scalars[signals_.portal] = portal;
  }
}

void HepatocyteInjury::advance(sim::Patch& patch, const sim::Step& step) const {
  using hepatocyte::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  sim::Population& cells = patch.agents(places_.hepatocytes);
  const auto voxel = cells.column(hepatocyte::voxel);
  const auto state = cells.column(hepatocyte::state);
  const auto cyp2e1 = cells.column(hepatocyte::cyp2e1);
  const std::vector<double>& tnf = patch.field(places_.tnf).value;
  const double days = step.duration_h() / 24.0, severity = patch.scalars[places_.signals.severity];
  const double exposure = patch.scalars[places_.signals.toxin];
  const double missing_kept = std::exp2(-days / p_.cyp2e1_half_time_d);

  double central = patch.scalars[places_.signals.central], portal = patch.scalars[places_.signals.portal];
  if (central > 0.0 || portal > 0.0) {
    double mean_central = 0.0, mean_portal = 0.0;
    for (std::size_t site = 0; site < lobule.sites; ++site) {
      const double zone = static_cast<double>(patch.zone[voxel[site]]);
      mean_central += std::pow(zone, p_.chronic_zonation) / static_cast<double>(lobule.sites);
      mean_portal += std::pow(1.0 - zone, p_.chronic_zonation) / static_cast<double>(lobule.sites);
    }
    central *= p_.chronic_per_d * days / mean_central;
    portal *= p_.chronic_per_d * days / mean_portal;
  }
  std::vector<float> neutrophils(lobule.sites, 0.0F);
  const sim::Population& others = std::as_const(patch).agents(places_.neutrophils);
  const auto place = others.column(neutrophil::voxel);
  const auto lives = others.column(neutrophil::state);
  for (std::size_t row = 0; row < others.size(); ++row)
    if (lives[row] == static_cast<std::uint8_t>(neutrophil::State::active)) neutrophils[lobule.site[place[row]]] += 1.0F;

  // for all sites alike, so that it is done for several at once; who is injured already or gone does not ask
  std::vector<double> hazard(lobule.sites), cyp(lobule.sites);
  for (std::size_t site = 0; site < lobule.sites; ++site) {
    hazard[site] = days * collateral_hazard_per_d(p_, tnf[voxel[site]], static_cast<double>(neutrophils[site]));
    cyp[site] = static_cast<double>(cyp2e1[site]);
  }
  if (exposure > 0.0) {
    const std::vector<double> steep = exposed(patch.zone, voxel, p_.ccl4_zonation, exposure);
    for (std::size_t site = 0; site < lobule.sites; ++site) {
      hazard[site] += severity * p_.ccl4 * cyp[site] * steep[site];
      cyp[site] *= sim::relax(std::min(sim::largest_exponent, p_.cyp2e1_loss * steep[site])).decayed;
    }
  }
  if (central > 0.0 || portal > 0.0)
    for (std::size_t site = 0; site < lobule.sites; ++site) {
      const double zone = static_cast<double>(patch.zone[voxel[site]]);
      hazard[site] += severity * (central * std::pow(zone, p_.chronic_zonation) + portal * std::pow(1.0 - zone, p_.chronic_zonation));
    }
  for (double& here : cyp) here = 1.0 - (1.0 - here) * missing_kept;

  const sim::Random random = step.random(streams::of("hepatocyte_injury"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  for (std::size_t site = 0; site < cells.size(); ++site) {
    const auto now = static_cast<State>(state[site]);
    if (now == State::injured || now == State::necrotic || now == State::empty) continue;
    cyp2e1[site] = static_cast<float>(cyp[site]);
    if (hazard[site] > 0.0 && sim::happens(drawn(site, 0), hazard[site])) {
      state[site] = static_cast<std::uint8_t>(State::injured);
      cyp2e1[site] = 0.0F;
    }
  }
}

}  // namespace paracrine::models
