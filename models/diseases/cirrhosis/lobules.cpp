#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/streams.hpp"
#include "models/tissue/cell_placing.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models::cirrhosis {

namespace {

/// The few hepatocytes that TNF and neutrophils injure in health, and what is left of them: without them at the start their damage would call
/// monocytes beyond those of health.
void find_resting_injury(const sim::Scenario& scenario, const Parts& parts, Resting& resting) {
  if (!scenario.process("hepatocyte_injury") || !scenario.process("hepatocyte_death")) return;
  constexpr double ng_per_pg = 1e-3, mL_per_um3 = 1e-12, min_per_d = 1440.0, reach = 5.0;  // sites that a phagocyte reaches in a slab
  const TissueParameters& p = parts.p;
  const double kupffer = parts.body.p.lobule.kupffer_per_hepatocyte, site_mL = std::pow(parts.body.p.lobule.site_um, 3.0) * mL_per_um3;
  const double tnf_pg_per_d = p.cytokine.tnf_kupffer * kupffer + p.cytokine.tnf_inflammatory * p.cytokine.resting_secretion * resting.inflammatory;
  const double tnf =
      scenario.process("cytokine") ? ng_per_pg * tnf_pg_per_d / site_mL * p.cytokine.tnf_half_life_min / (min_per_d * std::numbers::ln2) : 0.0;
  const double injured_per_d = p.injury.tnf_per_d * tnf / (tnf + p.injury.half_tnf_ng_per_mL) + p.injury.neutrophil_per_d * resting.neutrophils;
  double cleared_per_d = std::numbers::ln2 / p.hepatocyte_death.autolysis_half_life_d;
  if (scenario.process("phagocytosis"))
    cleared_per_d += debris_clearance_per_d(
        p.phagocytosis, reach * (p.phagocytosis.kupffer_per_d * kupffer + p.phagocytosis.inflammatory_per_d * resting.inflammatory +
                                 p.phagocytosis.restorative_per_d * resting.restorative + p.phagocytosis.neutrophil_per_d * resting.neutrophils));
  resting.injured = injured_per_d * p.hepatocyte_death.injured_half_life_h / 24.0 / std::numbers::ln2;
  resting.necrotic = injured_per_d * (1.0 - p.hepatocyte_death.recovering_share) / cleared_per_d;
  const double unwell = resting.injured + resting.necrotic;
  resting.no_health = unwell > most_unwell;
  if (!resting.no_health) return;
  resting.injured *= most_unwell / unwell;
  resting.necrotic *= most_unwell / unwell;
}

/// Meals of an inflammatory macrophage, as the even number with the effect that those of the cells have which come one at a time.
double resting_meals(const sim::Scenario& scenario, const Parts& parts, const Resting& resting) {
  if (!scenario.process("phagocytosis")) return 0.0;
  const PhagocytosisParameters& p = parts.p.phagocytosis;
  constexpr double reach = 5.0;
  const double per_d = reach * p.inflammatory_per_d * (resting.necrotic + p.apoptotic_meal * p.apoptotic_factor * resting.apoptotic);
  const double all_per_d = reach * (p.kupffer_per_d * parts.body.p.lobule.kupffer_per_hepatocyte + p.inflammatory_per_d * resting.inflammatory +
                                    p.restorative_per_d * resting.restorative);
  const double each = all_per_d > p.inflammatory_per_d ? p.inflammatory_per_d / all_per_d : 1.0, half = parts.p.macrophage_switch.half_meals;
  return per_d * p.meal_half_life_d / std::numbers::ln2 * half / (each + half);
}

/// Neutrophils that come under the damage of health, die and are eaten.
void rest_neutrophils(const sim::Scenario& scenario, const Parts& parts, double arriving_per_d, double damage, Resting& resting) {
  const TissueParameters& p = parts.p;
  const double dies_per_d = std::numbers::ln2 * 24.0 / p.neutrophil_fate.half_life_h;
  resting.neutrophils = arriving_per_d * neutrophil_recruitment_factor(p.neutrophil_recruitment, damage, resting.restorative) / dies_per_d;
  double eaten_per_d = 0.0;
  if (scenario.process("phagocytosis"))
    eaten_per_d = p.phagocytosis.apoptotic_factor * 5.0 *
                  (p.phagocytosis.kupffer_per_d * parts.body.p.lobule.kupffer_per_hepatocyte +
                   p.phagocytosis.inflammatory_per_d * resting.inflammatory + p.phagocytosis.restorative_per_d * resting.restorative);
  resting.apoptotic = resting.neutrophils * dies_per_d / (std::numbers::ln2 * 24.0 / p.neutrophil_fate.apoptotic_half_life_h + eaten_per_d);
}

}  // namespace

Resting resting_leukocytes(const sim::Scenario& scenario, const Parts& parts, double sites) {
  const TissueParameters& p = parts.p;
  const body::Parts& body = parts.body;
  Resting resting;
  const auto per_d = [](double half_life_d) { return std::numbers::ln2 / half_life_d; };
  const auto arriving = [&](const char* pool, const char* process, double to_liver_per_h, double in_blood) {
    return scenario.process(pool) && scenario.process(process) ? 24.0 * to_liver_per_h * in_blood / body.lobule_weight / sites : 0.0;
  };
  const double monocytes_per_d =
      arriving("monocyte_pool", "recruitment", body.monocytes.healthy_to_liver_per_h, body.monocytes.healthy.stock[number(Stock::blood)]);
  const double neutrophils_per_d = arriving("neutrophil_pool", "neutrophil_recruitment", body.neutrophils.healthy_to_liver_per_h,
                                            body.neutrophils.healthy.stock[number(Stock::blood)]);
  const double site_mL = std::pow(body.p.lobule.site_um, 3.0) * 1e-12, il10_per_d = std::numbers::ln2 * 24.0 / p.cytokine.il10_half_life_h;
  const double dies_i = scenario.process("macrophage_death") ? per_d(p.macrophage_death.inflammatory_half_life_h / 24.0) : 0.0;
  const double dies_r = scenario.process("macrophage_death") ? per_d(p.macrophage_death.restorative_half_life_h / 24.0) : 0.0;
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    const double damage = scenario.process("cytokine")
                              ? resting.necrotic + p.cytokine.damage_injured * resting.injured + p.cytokine.damage_neutrophil * resting.apoptotic
                              : 0.0;
    const double il10 = 1e-3 * (p.cytokine.il10_kupffer * body.p.lobule.kupffer_per_hepatocyte + p.cytokine.il10_restorative * resting.restorative) /
                        site_mL / il10_per_d;
    double turns = scenario.process("macrophage_switch") ? switch_rates(p.macrophage_switch, resting_meals(scenario, parts, resting),
                                                                        scenario.process("cytokine") ? il10 : 0.0, damage, 0.0)
                                                               .own_per_d
                                                         : 0.0;
    if (scenario.process("macrophage_relay"))
      turns += p.macrophage_relay.rate_per_d * mean_saturation(5.0 * resting.restorative, p.macrophage_relay.half_neighbours);
    if (dies_i > 0.0) {
      resting.inflammatory = monocytes_per_d / (dies_i + turns);
      resting.restorative = resting.inflammatory * turns / dies_r;
    }
    if (scenario.process("neutrophil_fate")) rest_neutrophils(scenario, parts, neutrophils_per_d, damage, resting);
    find_resting_injury(scenario, parts, resting);
  }
  return resting;
}

void add_tissue_fields(sim::Patch& patch, const Parts& parts) {
  add_cytokine_fields(patch, parts.p.cytokine);
  patch.fields.push_back(structural_collagen_field(*patch.grid));
  patch.fields.push_back(fibrillar_collagen_field(*patch.grid));
  patch.fields.push_back(crosslinked_collagen_field(*patch.grid));
  patch.fields.push_back(sinusoid_diameter_field(*patch.grid));
}

namespace {

/// Adds agents of a state anywhere in the lobule alike; `wanted` plus the remainder, which the next lobule takes over.
template <class Columns>
void scatter(sim::Population& cells, const Columns& columns, std::uint8_t state, double wanted, double& remainder, const Lobule& lobule,
             std::span<const double> nowhere, std::uint64_t seed) {
  const double number = wanted + remainder, whole = std::floor(number);
  remainder = number - whole;
  const std::size_t first = cells.add(static_cast<std::size_t>(whole));
  const sim::Random random(seed, 0, streams::of_building("leukocytes"));
  for (std::size_t row = first; row < cells.size(); ++row) {
    const Place place = settle(lobule, nowhere, 1.0, 0.0, random, cells.ids()[row]);
    cells.column(columns.x)[row] = place.x_um;
    cells.column(columns.y)[row] = place.y_um;
    cells.column(columns.z)[row] = place.z_um;
    cells.column(columns.voxel)[row] = place.voxel;
    cells.column(columns.state)[row] = state;
    columns.finish(cells, row);
  }
}

/// Puts viable hepatocytes, drawn alike, into a state; `wanted` plus the remainder, which the next lobule takes over. Gives their number.
double injure_some(sim::Population& hepatocytes, hepatocyte::State state, double wanted, double& remainder, std::uint64_t seed) {
  const double number = wanted + remainder, whole = std::floor(number);
  remainder = number - whole;
  const auto states = hepatocytes.column(hepatocyte::state);
  const sim::Random random(seed, 0, streams::of_building("injured_hepatocytes"));
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t row = 0; row < hepatocytes.size(); ++row)
    if (states[row] == static_cast<std::uint8_t>(hepatocyte::State::viable)) order.emplace_back(random.uniforms(hepatocytes.ids()[row], 0)[0], row);
  std::sort(order.begin(), order.end());
  const auto chosen = std::min(order.size(), static_cast<std::size_t>(whole));
  for (std::size_t i = 0; i < chosen; ++i) {
    states[order[i].second] = static_cast<std::uint8_t>(state);
    hepatocytes.column(hepatocyte::cyp2e1)[order[i].second] = 0.0F;
  }
  return static_cast<double>(chosen);
}

struct MacrophageColumns {
  sim::Column<float> x = macrophage::x_um, y = macrophage::y_um, z = macrophage::z_um;
  sim::Column<std::uint32_t> voxel = macrophage::voxel;
  sim::Column<std::uint8_t> state = macrophage::state;
  void finish(sim::Population& cells, std::size_t row) const {
    cells.column(macrophage::origin)[row] = static_cast<std::uint8_t>(macrophage::Origin::recruited);
  }
};
struct NeutrophilColumns {
  sim::Column<float> x = neutrophil::x_um, y = neutrophil::y_um, z = neutrophil::z_um;
  sim::Column<std::uint32_t> voxel = neutrophil::voxel;
  sim::Column<std::uint8_t> state = neutrophil::state;
  void finish(sim::Population&, std::size_t) const {}
};

/// CCL2 and collagenase of health are one number for all lobules: a lobule holds so few leukocytes that each has its own by chance.
void share_reference(sim::World& world, const sim::PatchGroup& liver, std::size_t reference) {
  double mean = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) mean += world.patch(liver.first + i).scalars[reference] / static_cast<double>(liver.count);
  for (std::size_t i = 0; i < liver.count; ++i) world.patch(liver.first + i).scalars[reference] = mean;
}

void add_counts(sim::World& world, TissueScalars& s) {
  const auto add = [&](std::size_t& scalar, const char* name) { scalar = world.add_scalar(name); };
  add(s.naive_arrived, "monocytes_naive_arrived");
  add(s.educated_arrived, "monocytes_educated_arrived");
  add(s.neutrophils_arrived, "neutrophils_arrived");
  add(s.eaten_neutrophils, "neutrophils_eaten");
  add(s.neutrophils_gone, "neutrophils_gone");
  add(s.neutrophils_depleted, "neutrophils_depleted");
  add(s.switched, "macrophages_switched");
  add(s.switched_by_signal, "macrophages_switched_by_signal");
  add(s.turned, "macrophages_turned");
  add(s.turned_for_msc, "macrophages_turned_for_msc");
  add(s.kupffer_dead, "kupffer_dead");
  add(s.recruited_dead, "macrophages_recruited_dead");
  add(s.kupffer_born, "kupffer_born");
  add(s.kupffer_settled, "kupffer_settled");
  add(s.niche, "kupffer_niche");
  add(s.macrophages_depleted, "macrophages_depleted");
  add(s.stellate_lost, "myofibroblasts_lost");
  add(s.stellate_reverted, "myofibroblasts_reverted");
  add(s.stellate_dead, "stellate_dead");
  add(s.stellate_born, "stellate_born");
  add(s.stellate_healthy, "stellate_healthy");
  add(s.collagen_made, "collagen_made_ng");
  add(s.collagen_lost, "collagen_lost_ng");
  add(s.hepatocytes_placed, "hepatocytes_placed");
  add(s.macrophages_placed, "macrophages_placed");
  add(s.neutrophils_placed, "neutrophils_placed");
  add(s.stellate_placed, "stellate_placed");
  add(s.collagen_placed, "collagen_placed_ng");
  add(s.hsc_seen, "hsc_vesicles_seen");
  add(s.hsc_signal, "hsc_signal");
}

void add_tissue_scalars(sim::World& world, TissueScalars& s) {
  s.injury = add_injury_signals(world);
  const auto add = [&](std::size_t& scalar, const char* name) { scalar = world.add_scalar(name); };
  add(s.ccl2, "ccl2_ng_per_mL");
  add(s.ccl2_rise, "ccl2_rise");
  add(s.ccl2_reference, "ccl2_reference_ng_per_mL");
  add(s.il10, "il10_ng_per_mL");
  add(s.mean_damage, "mean_damage");
  add(s.timp, "timp");
  add(s.mmp_activity, "mmp_activity");
  add(s.mmp_reference, "mmp_reference");
  add(s.collagen_made_per_h, "collagen_made_ng_per_h");
  add(s.collagen_lost_per_h, "collagen_lost_ng_per_h");
  add(s.necrosed, "hepatocytes_necrosed");
  add(s.hepatocytes_died, "hepatocytes_died");
  add(s.hepatocytes_born, "hepatocytes_born");
  add(s.eaten_hepatocytes, "hepatocytes_eaten");
  add(s.naive_waiting, "monocytes_naive_waiting");
  add(s.educated_waiting, "monocytes_educated_waiting");
  add(s.neutrophils_waiting, "neutrophils_waiting");
  const std::array<const char*, 3> waiting{"infused_unpolarised_waiting", "infused_inflammatory_waiting", "infused_restorative_waiting"};
  const std::array<const char*, 3> arrived{"infused_unpolarised_arrived", "infused_inflammatory_arrived", "infused_restorative_arrived"};
  for (std::size_t i = 0; i < 3; ++i) {
    add(s.infused_waiting[i], waiting[i]);
    add(s.infused_arrived[i], arrived[i]);
  }
  add_counts(world, s);
  s.activity = {.ccl2 = world.add_scalar("ccl2_activity"),
                .loxl2 = world.add_scalar("loxl2_activity"),
                .tgf_beta = world.add_scalar("tgf_beta_activity"),
                .natural_killer = world.add_scalar("natural_killer")};
}

}  // namespace

void add_tissue_pools(sim::World& world, Parts& parts) {
  parts.kinds = {.hepatocytes = world.add_kind(hepatocyte::kind),
                 .macrophages = parts.body.macrophage_kind,
                 .neutrophils = world.add_kind(neutrophil::kind),
                 .stellate_cells = world.add_kind(stellate_cell::kind)};
  parts.body.neutrophil_kind = parts.kinds.neutrophils;
  add_tissue_scalars(world, parts.s);
  const std::array<const char*, 3> phenotypes{"unpolarised", "inflammatory", "restorative"};
  for (std::size_t i = 0; i < 3; ++i)
    parts.infused[i] = add_infused_macrophages(world.compartments, phenotypes[i], parts.p.macrophage_infusion, parts.body.blood_mL);
  parts.serum = add_serum_values(world, parts.p.serum);
  // what is in a lobule's patch beside the fields of the body
  constexpr std::size_t body_fields = 4;
  parts.cytokines = number_cytokine_fields(body_fields);
  parts.collagen = {
      .structural = body_fields + cytokine_fields, .fibrillar = body_fields + cytokine_fields + 1, .crosslinked = body_fields + cytokine_fields + 2};
  parts.diameter_field = body_fields + cytokine_fields + 3;
  parts.body.capillarisation_drive = CapillarisationDrive{.tgf_beta = parts.cytokines.tgf_beta, .damage = parts.cytokines.damage};
  parts.body.sinusoid_diameter = parts.diameter_field;
}

void fill_lobules(const sim::Scenario& scenario, sim::World& world, Parts& parts) {
  const sim::PatchGroup& liver = world.groups[parts.body.groups[1]];
  const auto seed = static_cast<std::uint64_t>(scenario.root.integer("seed"));
  for (const std::size_t kind : {parts.kinds.hepatocytes, parts.kinds.macrophages, parts.kinds.neutrophils, parts.kinds.stellate_cells})
    world.agent_weight[kind] = parts.body.lobule_weight;
  double sites = 0.0, severity = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) {
    sites += static_cast<double>(lobule_state(world.patch(liver.first + i)).lobule().sites);
    severity += lobule_severity(parts.p.injury, seed, i) / static_cast<double>(liver.count);
  }
  const Resting resting = resting_leukocytes(scenario, parts, sites);
  parts.no_health = resting.no_health;
  double stellate_remainder = 0.0, inflammatory_remainder = 0.0, restorative_remainder = 0.0, neutrophil_remainder = 0.0, apoptotic_remainder = 0.0;
  double injured_remainder = 0.0, necrotic_remainder = 0.0;
  const TissueScalars& s = parts.s;
  const CollagenSynthesis synthesis(parts.p.collagen_synthesis, synthesis_places(parts));
  const CollagenDegradation degradation(parts.p.collagen_degradation, degradation_places(parts));
  const Cytokine cytokine(parts.p.cytokine, cytokine_places(parts), parts.body.lobule_weight);
  const SinusoidNarrowing narrowing(parts.body.p.sinusoid_flow, narrowing_places(parts));
  for (std::size_t i = 0; i < liver.count; ++i) {
    sim::Patch& patch = world.patch(liver.first + i);
    const Lobule& lobule = lobule_state(patch).lobule();
    SiteMap map = make_site_map(lobule);
    place_hepatocytes(patch.agents(parts.kinds.hepatocytes), map);
    std::vector<std::array<float, 3>>().swap(map.middle_um);
    patch.derived.push_back(std::make_unique<TissueState>(std::move(map), parts.kinds));
    add_tissue_fields(patch, parts);

    place_stellate_cells(patch.agents(parts.kinds.stellate_cells), lobule, parts.body.p.lobule, seed, stellate_remainder);
    sim::Population &macrophages = patch.agents(parts.kinds.macrophages), &neutrophils = patch.agents(parts.kinds.neutrophils);
    patch.scalars[s.niche] = static_cast<double>(macrophages.size());
    const std::vector<double> nowhere(lobule.grid.size(), 0.0);
    const auto here = static_cast<double>(lobule.sites);
    scatter(macrophages, MacrophageColumns{}, static_cast<std::uint8_t>(macrophage::State::inflammatory), resting.inflammatory * here,
            inflammatory_remainder, lobule, nowhere, seed);
    scatter(macrophages, MacrophageColumns{}, static_cast<std::uint8_t>(macrophage::State::restorative), resting.restorative * here,
            restorative_remainder, lobule, nowhere, seed);
    scatter(neutrophils, NeutrophilColumns{}, static_cast<std::uint8_t>(neutrophil::State::active), resting.neutrophils * here, neutrophil_remainder,
            lobule, nowhere, seed);
    scatter(neutrophils, NeutrophilColumns{}, static_cast<std::uint8_t>(neutrophil::State::apoptotic), resting.apoptotic * here, apoptotic_remainder,
            lobule, nowhere, seed);
    sim::Population& hepatocytes = patch.agents(parts.kinds.hepatocytes);
    injure_some(hepatocytes, hepatocyte::State::injured, resting.injured * here, injured_remainder, seed);
    patch.scalars[s.hepatocytes_placed] =
        here - injure_some(hepatocytes, hepatocyte::State::necrotic, resting.necrotic * here, necrotic_remainder, seed);
    patch.scalars[s.macrophages_placed] = static_cast<double>(macrophages.size());
    patch.scalars[s.neutrophils_placed] = static_cast<double>(neutrophils.size());
    patch.scalars[s.stellate_placed] = patch.scalars[s.stellate_healthy] = static_cast<double>(patch.agents(parts.kinds.stellate_cells).size());
    patch.scalars[s.injury.severity] = lobule_severity(parts.p.injury, seed, i) / severity;
    for (const std::size_t activity : {s.activity.ccl2, s.activity.loxl2, s.activity.tgf_beta, s.activity.natural_killer})
      patch.scalars[activity] = 1.0;
  }
  world.for_all(liver.count, [&](std::size_t i) {
    sim::Patch& patch = world.patch(liver.first + i);
    synthesis.prepare(patch);
    degradation.prepare(patch);
    narrowing.prepare(patch);
    if (scenario.process("cytokine"))
      for (int round = 0; round < 2; ++round) cytokine.prepare(patch);  // what macrophages make depends on the damage, which the first finds
    patch.scalars[s.collagen_placed] = collagen_ng(patch, parts.collagen);
  });
  share_reference(world, liver, s.ccl2_reference);
  share_reference(world, liver, s.mmp_reference);
}

}  // namespace paracrine::models::cirrhosis
