#pragma once
#include <array>
#include <cstddef>
#include <optional>

#include "models/compartments/blood_pools.hpp"
#include "models/compartments/carriers.hpp"
#include "models/compartments/signals.hpp"
#include "models/tissue/cell_signal.hpp"
#include "models/tissue/lobule_state.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct EvUptakeParameters {
  double kupffer_um3_per_min = 2556.0;
  double recruited_um3_per_min = 2556.0;
  double neutrophil_um3_per_min = 250.0;
  double endothelial_um3_per_min = 186.0;
  double hepatocyte_um3_per_min = 10.8;
  double stellate_um3_per_min = 10.0;
  double colloid_um3_per_min = 16800.0;
  double phagocytic_activity = 1.0;
  double capillarised_endothelium = 0.5;
  double capillarised_sieving = 0.15;
  double half_saturation_per_mL = 1e12;
  double signal_half_life_d = 2.0;
  double thin = 10.0;
  double soluble_signal_per_h = 1.0;
  double near_reach_um = 50.0;
};

inline constexpr auto ev_uptake_parameters = std::to_array<sim::Parameter<EvUptakeParameters>>({
    {.name = "kupffer_clearance",
     .member = &EvUptakeParameters::kupffer_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e9},
     .published = {500.0, 20000.0},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::derived,
     .meaning = "plasma freed of vesicles by one Kupffer cell",
     .source =
         "mouse: 0.65 of 0.144 mL/min (see blood.spleen_clearance) is 0.0936 mL/min; plasma flow 1.3 g x 0.94 mL/min/g x 0.55 = 0.672; "
         "intrinsic -0.672 ln(1 - 0.0936 / 0.672) = 0.1007 mL/min, x 1.048 for the unequal paths of the default lobules; macrophages' share 0.85 "
         "(0.3 to 0.95, not identified: sweep it) over 1.755e8 x 0.20 = 3.51e7 cells",
     .variants =
         {{{.name = "human",
            .value = 1312.0,
            .published = {200.0, 10000.0},
            .kind = sim::Source::derived,
            .source =
                "man: 0.60 of 120 mL/min (see blood.spleen_clearance) is 72.3 mL/min; plasma flow 1800 g x 0.9 mL/min/g x 0.55 = 891; intrinsic "
                "-891 ln(1 - 72.3 / 891) = 75.4 mL/min, x 1.024 for the default lobules; 0.85 of it over 2.502e11 x 0.20 = 5.00e10 cells"}}}},
    {.name = "recruited_clearance",
     .member = &EvUptakeParameters::recruited_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e9},
     .published = {500.0, 20000.0},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::assumed,
     .meaning = "the same of a recruited macrophage",
     .source = "as a Kupffer cell's; no measurement known",
     .variants = {{{.name = "human",
                    .value = 1312.0,
                    .published = {200.0, 10000.0},
                    .kind = sim::Source::assumed,
                    .source = "as a Kupffer cell's; no measurement known"}}}},
    {.name = "neutrophil_clearance",
     .member = &EvUptakeParameters::neutrophil_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e9},
     .published = {0.0, 2500.0},
     .distribution = {sim::Spread::lognormal, 1.6},
     .kind = sim::Source::assumed,
     .meaning = "the same of a neutrophil in the liver",
     .source = "a tenth of a Kupffer cell's, by its smaller surface; neutrophils take up vesicles, no rate is known",
     .variants = {{{.name = "human",
                    .value = 130.0,
                    .published = {0.0, 1300.0},
                    .kind = sim::Source::assumed,
                    .source = "a tenth of a Kupffer cell's, by its smaller surface; no rate is known"}}}},
    {.name = "endothelial_clearance",
     .member = &EvUptakeParameters::endothelial_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e8},
     .published = {50.0, 2000.0},
     .kind = sim::Source::derived,
     .meaning = "the same of a sinusoidal endothelial cell",
     .source = "0.13 of the same intrinsic clearance over 1.755e8 x 0.42 = 7.37e7 cells; small vesicles go to endothelium (Nemeth 2021 Cell Mol Life "
               "Sci, 10.1007/s00018-021-03969-6), by how much is not known",
     .variants = {{{.name = "human",
                    .value = 96.0,
                    .published = {20.0, 1000.0},
                    .kind = sim::Source::derived,
                    .source = "0.13 of the same over 2.502e11 x 0.42 = 1.051e11 cells"}}}},
    {.name = "hepatocyte_clearance",
     .member = &EvUptakeParameters::hepatocyte_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e8},
     .published = {0.0, 200.0},
     .kind = sim::Source::derived,
     .meaning = "the same of a hepatocyte, through fenestrae",
     .source = "0.018 of the same over 1.755e8 cells; fenestrae let 1 to 12 % of the diffusive flux pass (rigid spheres; Braet & Wisse 2002 Comp "
               "Hepatol 1:1 for the pores)",
     .variants = {{{.name = "human",
                    .value = 5.5,
                    .published = {0.0, 100.0},
                    .kind = sim::Source::derived,
                    .source = "0.018 of the same over 2.502e11 cells"}}}},
    {.name = "stellate_clearance",
     .member = &EvUptakeParameters::stellate_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e8},
     .published = {0.0, 200.0},
     .kind = sim::Source::derived,
     .meaning = "the same of a stellate cell, through fenestrae",
     .source = "0.002 of the same over 1.755e8 x 0.12 = 2.11e7 cells; as for hepatocytes",
     .variants = {{{.name = "human",
                    .value = 6.1,
                    .published = {0.0, 100.0},
                    .kind = sim::Source::derived,
                    .source = "0.002 of the same over 2.502e11 x 0.10 = 2.50e10 cells"}}}},
    {.name = "colloid_clearance",
     .member = &EvUptakeParameters::colloid_um3_per_min,
     .unit = "um^3/min",
     .physical = {0.0, 1e9},
     .published = {5000.0, 50000.0},
     .distribution = {sim::Spread::lognormal, 1.3},
     .kind = sim::Source::derived,
     .meaning = "plasma freed of colloid by one macrophage",
     .source = "man's, taken over; gives a half-life of about 2 min",
     .variants = {{{.name = "human",
                    .value = 16800.0,
                    .published = {10000.0, 20000.0},
                    .kind = sim::Source::derived,
                    .source = "16.0 mL/min per 100 mL plasma x 3.0 L = 480 mL/min against a plasma flow of 891: intrinsic -891 ln(1 - 480 / 891) = "
                              "689 mL/min, x 1.216 for the default lobules, all by 5.00e10 Kupffer cells; J Nucl Med 1976;17:449, PMID 1262962"}}}},
    {.name = "phagocytic_activity",
     .member = &EvUptakeParameters::phagocytic_activity,
     .unit = "1",
     .physical = {0.0, 10.0},
     .published = {0.2, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "clearance of vesicles and colloid by every macrophage, relative to health",
     .source = "1 in health; CCl4 0.6 (0.4-0.9); cirrhosis in man 0.24, which gives the 5.7 against 16.0 mL/min per 100 mL plasma of colloid (J Nucl "
               "Med 1976;17:449) when shunts and narrow sinusoids are not given by themselves: the clearance of colloid is limited by flow"},
    {.name = "capillarised_endothelium",
     .member = &EvUptakeParameters::capillarised_endothelium,
     .unit = "1",
     .physical = {0.0, 10.0},
     .published = {0.2, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "clearance of vesicles by a capillarised endothelial cell, relative to a fenestrated one",
     .source = "no measurement known; scavenging is lost with the fenestrae"},
    {.name = "capillarised_sieving",
     .member = &EvUptakeParameters::capillarised_sieving,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.07, 0.3},
     .kind = sim::Source::derived,
     .meaning = "what capillarised endothelium lets through to hepatocytes and stellate cells, relative to fenestrated one",
     .source = "flux of vesicles of median 70 to 100 nm through pores of 80 +/- 20 nm against 107 to 162 nm, rigid spheres: 0.003 to 0.015 of the "
               "diffusive flux against 0.011 to 0.118"},
    {.name = "half_saturation",
     .member = &EvUptakeParameters::half_saturation_per_mL,
     .unit = "1/mL",
     .physical = {1000.0, 1e30},
     .published = {1e11, 1e13},
     .kind = sim::Source::assumed,
     .meaning = "concentration of all vesicles at which uptake by cells is half as effective",
     .source = "no measurement; more dose gives a smaller share to the liver (Wiklander 2015 J Extracell Vesicles 4:26316)"},
    {.name = "signal_half_life",
     .member = &EvUptakeParameters::signal_half_life_d,
     .unit = "d",
     .physical = {0.001, 10000.0},
     .published = {0.5, 7.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of the internal signal of a macrophage or a neutrophil",
     .source = "no measurement known; the switch of macrophages takes one to three days"},
    {.name = "thin",
     .member = &EvUptakeParameters::thin,
     .unit = "1",
     .physical = {0.0, 1e9},
     .published = {1.0, 100.0},
     .kind = sim::Source::model,
     .meaning = "vesicles taken up below which a macrophage's or neutrophil's response is drawn, vesicle by vesicle",
     .source = "a choice: relative spread of a Poisson count of 10 is 0.3"},
    {.name = "soluble_signal",
     .member = &EvUptakeParameters::soluble_signal_per_h,
     .unit = "h^-1",
     .physical = {0.0, 1e6},
     .published = {0.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which soluble MSC factors raise the signal of a macrophage or a neutrophil at full effect, in vesicles of unprimed cells",
     .source = "no measurement known; 1 is of the order of the vesicles that a mouse macrophage receives after 1e6 MSC"},
    {.name = "near_reach",
     .member = &EvUptakeParameters::near_reach_um,
     .unit = "um",
     .physical = {0.0, 1e4},
     .published = {20.0, 200.0},
     .kind = sim::Source::assumed,
     .meaning = "distance from a secreting MSC in the lobule within which its soluble factors act undiminished",
     .source = "as for monocytes in the lung; no measurement known"},
});
static_assert(sim::complete(ev_uptake_parameters));

/// Numbers of the scalars that count, in every lobule patch, the MSC and product vesicles taken up so far by each sort of cell; of the whole organ.
struct TakenBy {
  std::size_t macrophages = 0, neutrophils = 0, endothelium = 0, hepatocytes = 0, stellate_cells = 0;
};
TakenBy add_taken_by(sim::World& world);

/// The map of vesicle uptake on a patch's grid: MSC and product vesicles taken up so far per volume of tissue.
sim::Field ev_uptake_field(const sim::Grid& grid);

/// Where the process finds things in a lobule patch.
struct UptakePlaces {
  std::size_t macrophages = 0;                 // number of the agent kind
  std::size_t local_source = 0;                // fields: vesicles secreted by MSC stopped here in this visit, and, next, the same with potency
  std::size_t map = 0;                         // field of ev_uptake_field
  std::optional<std::size_t> capillarisation;  // field; none: fenestrated
  std::optional<std::size_t> mean_cells{};     // first scalar of MeanCells, where numbers and no agents are the macrophages
  bool colloid = true;                         // whether any is given in the run; without, its clearance is left at 0
  std::optional<std::size_t> neutrophils{};    // number of the agent kind; none: there are none in the lobules
};

/// Lets the cells of a lobule take vesicles and colloid out of the plasma that flows past them, and tells the blood how much that clears.
///
///   k_v = (activity sum of k_macrophage + sum of k_neutrophil) s_v
///         + w_v (n_e k_e (1 + K_v (capillarised_endothelium - 1)) + (n_h k_h + n_s k_s) (1 + K_v (sieving - 1)))
///   clearance of the patch = weight x uptake(C) / C x (1 + C / half_saturation)
///
///   k_v [mL/h] clearance of a voxel; s_v its share of the open volume of the cell's site, w_v of the lobule's; apoptotic neutrophils take up
///   nothing; n the numbers of endothelial cells, hepatocytes and stellate cells, k their clearances; K_v capillarisation, seen in steps of 1/256;
///   uptake(C) [1/h] from one sweep along the flow (FlowSweep) with C [1/mL] in plasma at the inlet, saturating above half_saturation / 1000, C seen
///   in steps of 2.2 %. The blood divides by (1 + C / half_saturation).
///
/// What the patch took up in a visit is shared out to voxels as in the sweep and within them to cells by their clearances. Vesicles of MSC that
/// stopped in the lobule, and what was given into the liver's inflow, pass along the flow first; the rest enters the plasma over the next visit. A
/// macrophage's or living neutrophil's signal S, in vesicles of unprimed cells:
///
///   dS/dt = -(ln 2 / signal_half_life) S + potency x (vesicles taken up per h) + soluble_signal (n + (1 - n) A / (1 + A))
///   n     = 1 - exp(-m 4/3 pi near_reach^3)
///
/// A activity of soluble MSC factors in plasma; n share of its site near viable MSC that stopped in the lobule, m [1/um^3] their number per volume
/// there, each by its relative secretion: they lie where vesicles are set free, or evenly where none are.
///
/// While nothing of MSC or a product is near, the clearance is found every 6 h only: endogenous vesicles change slowly.
///
/// where it has taken up fewer than `thin` vesicles, the vesicles of a visit are a Poisson count for the signal (and the real number in the balance).
///
/// Reads: macrophages' and neutrophils' places (within the lobule) and states, capillarisation, signals of the blood, amounts taken up, local
/// sources, inlets. Writes: their vesicles and signal, clearances, pools of the liver and the plasma, the map, the counts by cell; empties local
/// sources and inlets.
/// Source: the parameters. Assumed: a macrophage or a neutrophil reaches all of its hepatocyte site alike; endothelium, hepatocytes and stellate
/// cells are spread by volume; all uptake saturates alike; colloid does not saturate, and vesicles of MSC in the lobule compete with those of the
/// plasma only.
class EvUptake final : public sim::Process {
 public:
  /// `weight`: slabs of the liver that a patch's slab stands for.
  EvUptake(const EvUptakeParameters& parameters, const LobuleParameters& lobule, Carriers carriers, const BloodPools& pools, const Signals& signals,
           const TakenBy& taken_by, const UptakePlaces& places, double weight);
  std::string_view name() const override { return "ev_uptake"; }
  /// Sets the clearances before the first visit.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  std::vector<std::size_t> written_fields() const override { return {places_.map}; }

  /// Plasma flow of what the patch stands for, with what goes round the sinusoids.
  double plasma_mL_per_h(const sim::Patch& patch) const { return weight_ * lobule_state(patch).plasma_mL_per_h(); }
  /// Clearance of vesicles by what the patch stands for at the present concentration, saturation included, as found in the last visit; divided by the
  /// plasma flow it is the extraction.
  double ev_clearance_mL_per_h(const sim::Patch& patch) const;

 private:
  /// Clearances [mL/h] of all cells of a sort in a slab.
  struct Fixed {
    double endothelium = 0.0, hepatocytes = 0.0, stellate_cells = 0.0;
  };
  Fixed fixed_of(const Lobule& lobule) const;
  double seen_per_mL(double ev_per_mL) const;
  void add_macrophages(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  void add_neutrophils(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  bool look_at_cells(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  void find_clearances(LobuleState& state, LobuleState::Scratch& work) const;
  void sweep(const LobuleState& state, double seen_per_mL, sim::Carriage& carriage) const;
  bool idle(const sim::Patch& patch) const;
  void refresh(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  void set_clearances(sim::Patch& patch, const LobuleState& state) const;
  void take_from_plasma(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  void first_pass(sim::Patch& patch, LobuleState& state, const sim::Step& step, LobuleState::Scratch& work) const;
  void take_from_local_sources(sim::Patch& patch, LobuleState& state, const sim::Step& step, LobuleState::Scratch& work) const;
  void find_near(const sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  bool expose(sim::Patch& patch, LobuleState& state, LobuleState::Scratch& work) const;
  SignalStep signal_step(const sim::Patch& patch, const sim::Step& step) const;
  void feed_cells(sim::Patch& patch, const LobuleState& state, const sim::Step& step, bool any, LobuleState::Scratch& work) const;
  void feed_mean_cells(sim::Patch& patch, const sim::Step& step, bool any, LobuleState::Scratch& work) const;

  EvUptakeParameters p_;
  LobuleParameters lobule_;
  Carriers carriers_;
  BloodPools pools_;
  Signals signals_;
  TakenBy taken_by_;
  UptakePlaces places_;
  double weight_;
};

}  // namespace paracrine::models
