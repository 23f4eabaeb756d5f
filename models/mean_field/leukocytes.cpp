#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "models/mean_field/mean_tissue.hpp"

namespace paracrine::models::mean_field {

namespace {

using Sort = MeanCells::Sort;

/// Takes a share of a sort's cells out, with what they hold on average.
Sort take(Sort& from, double share) {
  const Sort taken{.number = share * from.number,
                   .ev_taken = share * from.ev_taken,
                   .signal = share * from.signal,
                   .meals = share * from.meals,
                   .relay = share * from.relay,
                   .lineage = share * from.lineage,
                   .educated = share * from.educated};
  const double kept = 1.0 - share;
  from = {.number = kept * from.number,
          .ev_taken = kept * from.ev_taken,
          .signal = kept * from.signal,
          .meals = kept * from.meals,
          .relay = kept * from.relay,
          .lineage = kept * from.lineage,
          .educated = kept * from.educated};
  return taken;
}

void put(Sort& into, const Sort& cells) {
  into.number += cells.number;
  into.ev_taken += cells.ev_taken;
  into.signal += cells.signal;
  into.meals += cells.meals;
  into.relay += cells.relay;
  into.lineage += cells.lineage;
  into.educated += cells.educated;
}

/// The inflammatory sorts, each with the restorative one that it becomes.
constexpr std::array<std::array<std::size_t, 2>, 2> turning{
    {{MeanCells::inflammatory, MeanCells::restorative}, {MeanCells::infused_inflammatory, MeanCells::infused_restorative}}};

double settle(const Visit& visit, const Arriving& from) {
  double& waiting = visit.scalar(from.waiting);
  waiting += visit.patch.uptaken[from.uptake];
  const double cells = waiting / visit.of.weight;
  waiting = 0.0;
  visit.scalar(from.arrived) += cells;
  return cells;
}

/// Share of what is there, and of what came in this visit, that an intervention depletes.
struct Depleted {
  double kupffer = 0.0, recruited = 0.0, neutrophils = 0.0;
};

Depleted depleted_by(const TissueIntervention& what, const InterventionParameters& p) {
  using Kind = TissueIntervention::Kind;
  switch (what.kind) {
    case Kind::clodronate:
      return {.kupffer = what.efficacy, .recruited = what.efficacy * p.clodronate_recruited};
    case Kind::cd11b_dtr:
      return {.kupffer = what.efficacy * p.dtr_kupffer, .recruited = what.efficacy};
    case Kind::neutrophil_depletion:
      return {.neutrophils = what.efficacy};
    default:
      return {};
  }
}

}  // namespace

void set_clearances(const Setup& of, const MeanCells& cells, sim::Patch& patch) {
  const TissueScalars& s = of.s;
  const double factor = recruitment_factor(of.p.recruitment, patch.scalars[s.ccl2_rise], patch.scalars[s.activity.ccl2]);
  if (of.on.recruitment) {
    for (const Arriving& sort : of.monocytes) patch.clearance_mL_per_h[sort.uptake] = of.monocytes_mL_per_h * factor;
    for (const Arriving& sort : of.infused) patch.clearance_mL_per_h[sort.uptake] = of.infused_mL_per_h * factor;
  }
  if (of.on.neutrophil_recruitment)
    patch.clearance_mL_per_h[of.neutrophils.uptake] =
        of.neutrophils_mL_per_h * neutrophil_recruitment_factor(of.p.neutrophil_recruitment, patch.scalars[s.mean_damage], cells.all_restorative());
}

void receive_macrophages(const Visit& visit) {
  for (const Arriving& from : visit.of.monocytes) {
    const double cells = settle(visit, from);
    put(visit.cells.macrophages[from.sort], {.number = cells, .lineage = cells * from.lineage, .educated = cells * from.lineage});
  }
  for (const Arriving& from : visit.of.infused) {
    const double cells = settle(visit, from);
    put(visit.cells.macrophages[from.sort], {.number = cells * (1.0 - from.restorative_share)});
    put(visit.cells.macrophages[MeanCells::infused_restorative], {.number = cells * from.restorative_share});
  }
  set_clearances(visit.of, visit.cells, visit.patch);
}

void receive_neutrophils(const Visit& visit) {
  visit.cells.neutrophils += settle(visit, visit.of.neutrophils);
  set_clearances(visit.of, visit.cells, visit.patch);
}

/// A cell draws once whether an intervention takes it; so all that are there when it starts lose the share, and later only what comes new.
void deplete(const Visit& visit) {
  MeanCells& cells = visit.cells;
  for (const TissueIntervention& what : visit.of.interventions) {
    if (!what.acts(visit.step.start_s)) continue;
    const Depleted share = depleted_by(what, visit.of.p.depletion);
    const bool first = what.start_s == visit.step.start_s;
    double &macrophages = visit.scalar(visit.of.s.macrophages_depleted), &neutrophils = visit.scalar(visit.of.s.neutrophils_depleted);
    const auto lose = [&](Sort& sort, double of_all, double of_new, double fresh) {
      const double part = sort.number > 0.0 ? std::min(1.0, first ? of_all : of_new * fresh / sort.number) : 0.0;
      macrophages += take(sort, part).number;
    };
    lose(cells.macrophages[MeanCells::kupffer], share.kupffer, share.kupffer, cells.kupffer_new);
    const auto came = [&](const std::vector<Arriving>& sorts, std::size_t of) {
      double sum = 0.0;
      for (const Arriving& from : sorts) {
        const double arrived = visit.patch.uptaken[from.uptake] / visit.of.weight;
        if (from.sort == of) sum += arrived * (1.0 - from.restorative_share);
        if (of == MeanCells::infused_restorative) sum += arrived * from.restorative_share;
      }
      return visit.of.on.recruitment ? sum : 0.0;
    };
    for (const std::size_t of : {MeanCells::inflammatory, MeanCells::restorative, MeanCells::infused_inflammatory, MeanCells::infused_restorative})
      lose(cells.macrophages[of], share.recruited, share.recruited, came(visit.of.monocytes, of) + came(visit.of.infused, of));
    if (first) {
      neutrophils += share.neutrophils * cells.all_neutrophils();
      cells.lose_neutrophil_signal(share.neutrophils);
      cells.neutrophils *= 1.0 - share.neutrophils;
      cells.reparative_neutrophils *= 1.0 - share.neutrophils;
      cells.apoptotic_neutrophils *= 1.0 - share.neutrophils;
    } else if (visit.of.on.neutrophil_recruitment) {
      const double lost = std::min(cells.neutrophils, share.neutrophils * visit.patch.uptaken[visit.of.neutrophils.uptake] / visit.of.weight);
      neutrophils += lost;
      cells.neutrophils -= lost;
    }
  }
}

namespace {

/// How many more walking leukocytes there are than if they lay evenly: within reach of a necrotic hepatocyte, and of another walker.
struct Gathering {
  double debris = 1.0, walkers = 1.0;
};

Gathering gathering(const Visit& visit) {
  constexpr double cell_um = 20.0;
  double necrotic = 0.0;
  for (const MeanCells::Zone& zone : visit.cells.zone) necrotic += zone.share[static_cast<std::size_t>(hepatocyte::State::necrotic)];
  const double covered = -std::expm1(visit.of.reach * std::log1p(-std::min(necrotic, 0.99)));
  if (!visit.of.on.chemotaxis || !(covered > 0.0)) return {};
  const double steep = cell_um / visit.of.damage_reach_um, directed = steep / (steep + visit.of.p.chemotaxis.half_gradient);
  const double odds = 1.0 + gathering_gain * directed / std::sqrt(covered);
  const double debris = odds / (1.0 + (odds - 1.0) * covered), elsewhere = 1.0 / (1.0 + (odds - 1.0) * covered);
  return {.debris = debris, .walkers = debris * debris * covered + elsewhere * elsewhere * (1.0 - covered)};
}

/// Rate at which macrophages clear what lies at a site, where there are `walkers` times as many walking ones as on average.
double macrophages_eat_per_d(const Visit& visit, double walkers) {
  const PhagocytosisParameters& p = visit.of.p.phagocytosis;
  const MeanCells& cells = visit.cells;
  const double walking = p.inflammatory_per_d * cells.all_inflammatory() + p.restorative_per_d * cells.all_restorative();
  return visit.of.reach * (p.kupffer_per_d * cells.macrophages[MeanCells::kupffer].number + walkers * walking);
}

/// The same of all phagocytes, for a necrotic hepatocyte.
double debris_eaten_per_d(const Visit& visit, const Gathering& near) {
  return macrophages_eat_per_d(visit, near.debris) +
         visit.of.reach * near.debris * visit.of.p.phagocytosis.neutrophil_per_d * visit.cells.living_neutrophils();
}

/// Rate at which a necrotic hepatocyte is cleared, where `all_per_d` is the mean sum over phagocytes: they come one at a time, and each finds beside
/// itself as many others as there are on average, with the spread of such numbers.
double debris_cleared_per_d(const Visit& visit, const Gathering& near, double all_per_d) {
  const PhagocytosisParameters& p = visit.of.p.phagocytosis;
  const MeanCells& cells = visit.cells;
  const std::array<std::pair<double, double>, 4> sorts{{{p.kupffer_per_d, cells.macrophages[MeanCells::kupffer].number},
                                                        {p.inflammatory_per_d, near.debris * cells.all_inflammatory()},
                                                        {p.restorative_per_d, near.debris * cells.all_restorative()},
                                                        {p.neutrophil_per_d, near.debris * cells.living_neutrophils()}}};
  double variance = 0.0, sum = 0.0;
  for (const auto& [rate, number] : sorts) variance += visit.of.reach * number * rate * rate;
  for (const auto& [rate, number] : sorts) {
    const double room = p.largest_per_d + all_per_d + rate;
    sum += visit.of.reach * number * rate * p.largest_per_d / room * (1.0 + variance / (room * room));
  }
  return sum;
}

}  // namespace

void eat(const Visit& visit) {
  const PhagocytosisParameters& p = visit.of.p.phagocytosis;
  MeanCells& cells = visit.cells;
  const double kept = std::exp2(-visit.days / p.meal_half_life_d);
  for (Sort& sort : cells.macrophages) sort.meals *= kept;
  const Gathering near = gathering(visit);
  const double reach_per_d = macrophages_eat_per_d(visit, near.walkers), all_per_d = debris_eaten_per_d(visit, near);
  // meals per rate of a macrophage that is there
  const auto feed = [&](double meals_per_rate, double walkers) {
    for (std::size_t sort = 0; sort < MeanCells::sorts; ++sort) {
      const bool inflammatory = sort == MeanCells::inflammatory || sort == MeanCells::infused_inflammatory, kupffer = sort == MeanCells::kupffer;
      const double rate = kupffer ? p.kupffer_per_d : walkers * (inflammatory ? p.inflammatory_per_d : p.restorative_per_d);
      cells.macrophages[sort].meals += cells.macrophages[sort].number * rate * visit.of.reach * meals_per_rate;
    }
  };
  if (all_per_d > 0.0) {
    const double share = visit.chance(debris_cleared_per_d(visit, near, all_per_d));
    double eaten = 0.0;
    for (MeanCells::Zone& zone : cells.zone) {
      double& necrotic = zone.share[static_cast<std::size_t>(hepatocyte::State::necrotic)];
      eaten += share * necrotic;
      zone.share[static_cast<std::size_t>(hepatocyte::State::empty)] += share * necrotic;
      necrotic *= 1.0 - share;
    }
    visit.scalar(visit.of.s.eaten_hepatocytes) += eaten;
    feed(eaten / all_per_d, near.debris);
  }
  if (reach_per_d > 0.0) {
    const double eaten = visit.chance(p.apoptotic_factor * reach_per_d) * cells.apoptotic_neutrophils;
    cells.apoptotic_neutrophils -= eaten;
    visit.scalar(visit.of.s.eaten_neutrophils) += eaten;
    feed(p.apoptotic_meal * eaten / reach_per_d, near.walkers);
  }
}

namespace {

/// A mean number of things that come `each` at a time, as the even number with the same n / (n + half) on average (to first order in the spread).
double evened(double mean, double each, double half) { return mean * half / (each + half); }

}  // namespace

void switch_macrophages(const Visit& visit) {
  const MacrophageSwitchParameters& p = visit.of.p.macrophage_switch;
  const PhagocytosisParameters& eating = visit.of.p.phagocytosis;
  MeanCells& cells = visit.cells;
  const double all_per_d = debris_eaten_per_d(visit, gathering(visit));
  const double meal = all_per_d > eating.inflammatory_per_d ? eating.inflammatory_per_d / all_per_d : 1.0;
  for (const auto& [from, into] : turning) {
    Sort& sort = cells.macrophages[from];
    if (!(sort.number > 0.0)) continue;
    const double meals = evened(sort.meals / sort.number, meal, p.half_meals), signal = evened(sort.signal / sort.number, 1.0, p.half_signal);
    const SwitchRates rates = switch_rates(p, meals, visit.scalar(visit.of.s.il10), visit.field(visit.of.cytokines.damage), signal);
    const double total_per_d = rates.own_per_d + rates.signal_per_d;
    Sort turned = take(sort, visit.chance(total_per_d));
    const double by_signal = total_per_d > 0.0 ? rates.signal_per_d / total_per_d * turned.number : 0.0;
    turned.lineage = by_signal;
    visit.scalar(visit.of.s.switched) += turned.number;
    visit.scalar(visit.of.s.switched_by_signal) += by_signal;
    put(cells.macrophages[into], turned);
  }
}

void relay(const Visit& visit) {
  const MacrophageRelayParameters& p = visit.of.p.macrophage_relay;
  MeanCells& cells = visit.cells;
  const double restorative = cells.all_restorative();
  if (!(restorative > 0.0)) return;
  const double lineage =
      (cells.macrophages[MeanCells::restorative].lineage + cells.macrophages[MeanCells::infused_restorative].lineage) / restorative;
  const double share = visit.chance(p.rate_per_d * mean_saturation(gathering(visit).walkers * visit.of.reach * restorative, p.half_neighbours));
  for (const auto& [from, into] : turning) {
    Sort turned = take(cells.macrophages[from], share);
    turned.lineage = lineage * turned.number;
    visit.scalar(visit.of.s.turned) += turned.number;
    visit.scalar(visit.of.s.turned_for_msc) += turned.lineage;
    put(cells.macrophages[into], turned);
  }
}

void relay_kupffer(const Visit& visit) {
  const KupfferRelayParameters& p = visit.of.p.kupffer_relay;
  Sort& kupffer = visit.cells.macrophages[MeanCells::kupffer];
  if (!(kupffer.number > 0.0) || (kupffer.signal == 0.0 && kupffer.relay == 0.0)) return;
  const double signal = evened(kupffer.signal / kupffer.number, 1.0, p.half_signal);
  kupffer.relay = kupffer.number * kupffer_relay_after(p, kupffer.relay / kupffer.number, signal, visit.days);
}

void let_macrophages_die(const Visit& visit) {
  const MacrophageDeathParameters& p = visit.of.p.macrophage_death;
  auto& sorts = visit.cells.macrophages;
  const double inflammatory = visit.chance(24.0 * std::numbers::ln2 / p.inflammatory_half_life_h);
  const double restorative = visit.chance(24.0 * std::numbers::ln2 / p.restorative_half_life_h);
  const double infused = visit.chance(std::numbers::ln2 / p.infused_half_life_d);
  visit.scalar(visit.of.s.kupffer_dead) += take(sorts[MeanCells::kupffer], visit.chance(p.kupffer_per_d)).number;
  double& dead = visit.scalar(visit.of.s.recruited_dead);
  dead += take(sorts[MeanCells::inflammatory], inflammatory).number + take(sorts[MeanCells::restorative], restorative).number;
  for (const std::size_t sort : {MeanCells::infused_inflammatory, MeanCells::infused_restorative}) dead += take(sorts[sort], infused).number;
}

void renew_kupffer(const Visit& visit) {
  const KupfferRenewalParameters& p = visit.of.p.kupffer_renewal;
  auto& sorts = visit.cells.macrophages;
  Sort& kupffer = sorts[MeanCells::kupffer];
  const double niche = visit.scalar(visit.of.s.niche), missing = niche > 0.0 ? std::max(0.0, 1.0 - kupffer.number / niche) : 0.0;
  visit.cells.kupffer_new = 0.0;
  if (!(missing > 0.0)) return;
  const double born = visit.chance(kupffer_division_per_d(p, missing)) * kupffer.number, settles = visit.chance(kupffer_settling_per_d(p, missing));
  for (const std::size_t sort : {MeanCells::inflammatory, MeanCells::restorative, MeanCells::infused_inflammatory, MeanCells::infused_restorative}) {
    Sort settled = take(sorts[sort], settles);
    settled.educated = 0.0;  // resident from now on
    visit.scalar(visit.of.s.kupffer_settled) += settled.number;
    put(kupffer, settled);
  }
  kupffer.number += born;
  visit.cells.kupffer_new = born;
  visit.scalar(visit.of.s.kupffer_born) += born;
}

void let_neutrophils_die(const Visit& visit) {
  const NeutrophilFateParameters& p = visit.of.p.neutrophil_fate;
  MeanCells& cells = visit.cells;
  const double living = cells.living_neutrophils(), signal = living > 0.0 ? evened(cells.neutrophil_signal / living, 1.0, p.half_signal) : 0.0;
  const double restorative = p.relay_per_d > 0.0 ? gathering(visit).walkers * visit.of.reach * cells.all_restorative() : 0.0;
  const NeutrophilRates rates = neutrophil_rates(p, signal, 0.0);
  const double turning_per_d = rates.turning_per_d + p.relay_per_d * mean_saturation(restorative, p.half_neighbours);
  const double total_per_d = rates.apoptosis_per_d + turning_per_d, leaving = visit.chance(total_per_d) * cells.neutrophils;
  const double turned = total_per_d > 0.0 ? turning_per_d / total_per_d * leaving : 0.0,
               reparative = visit.chance(rates.apoptosis_per_d) * cells.reparative_neutrophils;
  const double dying = leaving - turned + reparative;
  const double gone = visit.chance(24.0 * std::numbers::ln2 / p.apoptotic_half_life_h) * cells.apoptotic_neutrophils;
  if (living > 0.0) cells.lose_neutrophil_signal(dying / living);
  cells.neutrophils -= leaving;
  cells.reparative_neutrophils += turned - reparative;
  cells.apoptotic_neutrophils += dying - gone;
  visit.scalar(visit.of.s.neutrophils_gone) += gone;
}

}  // namespace paracrine::models::mean_field
