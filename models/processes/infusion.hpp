#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/agents/cell_product.hpp"
#include "models/agents/infused.hpp"
#include "models/compartments/blood_pools.hpp"
#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct InfusionParameters {
  double duration_s = 30.0;
  double viability = 0.9;
  double diameter_um = 17.0;
  double diameter_sd_um = 2.0;
  double smallest_diameter_um = 8.0;
  double largest_diameter_um = 40.0;
  double spheroid_diameter_um = 12.6;
  double reference_passage = 4.0;
  double growth_per_passage = 0.05;
  double intrasplenic_retained = 0.7;
  double intrahepatic_retained = 0.85;
  double embolic_limit = 1e6;
};

inline constexpr auto infusion_parameters = std::to_array<sim::Parameter<InfusionParameters>>({
    {.name = "duration",
     .member = &InfusionParameters::duration_s,
     .unit = "s",
     .physical = {1.0, 86400.0},
     .published = {5.0, 120.0},
     .kind = sim::Source::assumed,
     .meaning = "time over which a dose is given, where the scenario does not say",
     .source = "hand injection into a tail vein; no published figure",
     .variants = {{{.name = "human",
                    .value = 1800.0,
                    .published = {600.0, 3600.0},
                    .kind = sim::Source::assumed,
                    .source = "30 to 60 min in clinical practice, as cited by one clinic"}}}},
    {.name = "viability",
     .member = &InfusionParameters::viability,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.7, 0.95},
     .kind = sim::Source::assumed,
     .meaning = "share of the cells that live when given, where the scenario does not say; the others enter as apoptotic and are caught alike",
     .source = "non-viable fraction 0.10 (0.05-0.3), usual for fresh cells",
     .variants = {{{.name = "human",
                    .value = 0.8,
                    .published = {0.5, 0.95},
                    .kind = sim::Source::assumed,
                    .source = "non-viable fraction 0.20 (0.05-0.5), thawed products"}}}},
    {.name = "diameter",
     .member = &InfusionParameters::diameter_um,
     .unit = "um",
     .physical = {5.0, 60.0},
     .published = {15.0, 23.0},
     .distribution = {sim::Spread::normal, 2.0},
     .kind = sim::Source::measured,
     .meaning = "mean diameter of an MSC in suspension, two-dimensional culture, reference passage",
     .source = "15-19 um, mouse bone marrow: Schrepfer 2007 Transplant Proc 39:573; rat 23 um: Toma 2009 Stroke, PMC3700384",
     .variants = {{{.name = "human",
                    .value = 19.0,
                    .published = {15.0, 27.0},
                    .kind = sim::Source::assumed,
                    .source = "15-25 um, nominal 18-20, usual in reviews such as Leibacher & Henschler 2016 Stem Cell Res Ther 7:7"}}}},
    {.name = "diameter_sd",
     .member = &InfusionParameters::diameter_sd_um,
     .unit = "um",
     .physical = {0.0, 20.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "standard deviation of the diameter between cells of one dose",
     .source = "from the spread of published means and ranges",
     .variants = {{{.name = "human", .value = 3.5, .published = {2.0, 5.0}, .kind = sim::Source::assumed, .source = "from the range 10-32 um"}}}},
    {.name = "smallest_diameter",
     .member = &InfusionParameters::smallest_diameter_um,
     .unit = "um",
     .physical = {1.0, 60.0},
     .published = {7.0, 12.0},
     .kind = sim::Source::assumed,
     .meaning = "no cell is smaller",
     .source = "a mononuclear cell: 7-8 um",
     .variants = {{{.name = "human",
                    .value = 10.0,
                    .published = {7.0, 12.0},
                    .kind = sim::Source::assumed,
                    .source = "lower end of the range of published cells"}}}},
    {.name = "largest_diameter",
     .member = &InfusionParameters::largest_diameter_um,
     .unit = "um",
     .physical = {1.0, 100.0},
     .published = {30.0, 45.0},
     .kind = sim::Source::assumed,
     .meaning = "no cell is larger",
     .source = "cells beyond are taken out by the 40-um filter of an infusion set",
     .variants = {{{.name = "human",
                    .value = 32.0,
                    .published = {30.0, 45.0},
                    .kind = sim::Source::assumed,
                    .source = "upper end of the range of published cells"}}}},
    {.name = "spheroid_diameter",
     .member = &InfusionParameters::spheroid_diameter_um,
     .unit = "um",
     .physical = {5.0, 60.0},
     .published = {10.0, 15.0},
     .kind = sim::Source::measured,
     .meaning = "mean diameter of an MSC from a three-dimensional spheroid",
     .source = "12.6 um against 26.5 um in two dimensions at passage 6; Ge 2014 Stem Cell Rev Rep 10:295, 10.1007/s12015-013-9492-x"},
    {.name = "reference_passage",
     .member = &InfusionParameters::reference_passage,
     .unit = "1",
     .physical = {0.0, 50.0},
     .published = {2.0, 6.0},
     .kind = sim::Source::assumed,
     .meaning = "passage to which the diameter belongs",
     .source = "most published doses are of passage 3 to 5"},
    {.name = "growth_per_passage",
     .member = &InfusionParameters::growth_per_passage,
     .unit = "1",
     .physical = {-0.5, 0.5},
     .published = {0.0, 0.2},
     .kind = sim::Source::assumed,
     .meaning = "relative growth of the diameter with each passage beyond the reference, in two-dimensional culture",
     .source = "direction: 26.5 um at passage 6 (Ge 2014) against 17-19 um; no series over passages known"},
    {.name = "intrasplenic_retained",
     .member = &InfusionParameters::intrasplenic_retained,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.5, 0.85},
     .kind = sim::Source::assumed,
     .meaning = "share of an intrasplenic dose that stays at the site; the rest leaves with the portal blood",
     .source = "direction: cells stay in the spleen (swine, Raschzok 2010, PMC4789318); share assumed"},
    {.name = "intrahepatic_retained",
     .member = &InfusionParameters::intrahepatic_retained,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.5, 0.97},
     .kind = sim::Source::assumed,
     .meaning = "share of an intrahepatic dose that stays at the site; the rest leaves with the venous blood",
     .source = "oval deposit at the site; share assumed"},
    {.name = "embolic_limit",
     .member = &InfusionParameters::embolic_limit,
     .unit = "1",
     .physical = {1.0, 1e12},
     .published = {5e5, 5e6},
     .kind = sim::Source::assumed,
     .meaning = "cells of one dose into a peripheral vein above which a warning is given; the model has no embolism",
     .source = "usual experience that mice die of boluses above some 1e6 cells; no dose-response known",
     .variants = {{{.name = "human",
                    .value = 1e9,
                    .published = {2e8, 1e10},
                    .kind = sim::Source::assumed,
                    .source = "above all published doses (1.95e8); no dose-response known"}}}},
});
static_assert(sim::complete(infusion_parameters));

enum class Product { msc, particle, ev, conditioned_medium, colloid, bone_marrow_macrophages };
/// MSC, or what they secreted.
constexpr bool comes_from_msc(Product product) { return product == Product::msc || product == Product::ev || product == Product::conditioned_medium; }
/// Whether it is given as agents, which capillaries can stop.
constexpr bool has_agents(Product product) { return product == Product::msc || product == Product::particle; }
enum class Route { peripheral_vein, hepatic_artery, portal_vein, intrasplenic, intrahepatic };

/// One therapy of a scenario: what is given, by which route, when.
struct Therapy {
  Product product = Product::msc;
  Route route = Route::peripheral_vein;
  double number = 0.0;  // cells, particles or vesicles of one dose; of conditioned medium: its vesicles
  double viability = 1.0;
  double mean_diameter_um = 0.0;
  double diameter_sd_um = 0.0;
  CellProduct cells;                        // what cells it is, or comes from
  double potency = 1.0;                     // of its vesicles
  std::array<double, factors> factor_ng{};  // soluble factors of one dose
  std::vector<std::int64_t> starts_s;       // of the doses, on visit ends
  double duration_s = 0.0;
};

/// Where a therapy is, in agents and pools of the world.
struct TherapyPlace {
  static constexpr std::size_t no_agents = static_cast<std::size_t>(-1);
  std::size_t kind = no_agents;               // of agents
  std::array<std::size_t, 2> waiting_pool{};  // given but not yet an agent (less than one agent's weight): viable, not viable
};

/// Where cell-free products go in.
struct CellFreePlaces {
  BloodPools pools;
  Signals signals;
  std::size_t liver_group = 0;
  std::size_t local_source_field = 0;             // of a lobule: vesicles set free in it, by voxel; the next field: the same with their potency
  std::array<double, factors> lung_extraction{};  // share of a factor that is lost on its way to the arteries
  std::vector<double> liver_share;                // by lobule: share of the liver's blood
  std::size_t ev_given = 0, effective_given = 0, colloid_given = 0;  // values of the world: what was given so far
};

/// Gives doses at a constant rate over each dose's duration. Cells and particles go into a real-valued pool per therapy and vitality; whole agents
/// leave it for the blocks of lung capillaries, dealt round and round, and what is less than an agent waits there. Vesicles, factors and colloid go
/// into the plasma; by hepatic artery, portal vein and spleen into the liver's inflow; by intrahepatic injection into the lobules, evenly by volume.
/// What is given over a part of a visit enters at its start.
///
/// Reads: the therapies' schedule (it alone does). Writes: pools, arrivals, the lobules' inlets and sources, events.
/// Assumed: what is injected into the spleen without cells leaves with its vein; soluble factors of a product enter the
/// plasma by every route, and colloid by all but those into the liver's inflow. Bone-marrow macrophages are given by MacrophageInfusion.
class Infusion final : public sim::CompartmentProcess {
 public:
  Infusion(std::vector<Therapy> therapies, std::vector<TherapyPlace> places, std::size_t lung_group, CellFreePlaces cell_free,
           std::uint32_t event_code);
  std::string_view name() const override { return "infusion"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  /// The part of a dose that falls into [from_s, to_s).
  void give_agents(sim::World& world, std::size_t therapy, double given, double from_s, double to_s) const;
  void give_cell_free(sim::World& world, const Therapy& therapy, double given_s, bool whole_visit) const;
  void into_lobules(sim::World& world, double number, double effective) const;
  void into_liver_inlet(sim::World& world, std::size_t scalar, double amount, double given_s) const;

  std::vector<Therapy> therapies_;
  std::vector<TherapyPlace> places_;
  std::size_t lung_group_;
  CellFreePlaces cell_free_;
  std::uint32_t event_code_;
};

/// Makes agents of arrivals: diameter, time of entry, first bed by route, vitality.
///
///   d ~ N(mean, sd) within [smallest, largest];  entry uniform over the part of the dose given in this visit
///
/// Reads: arrivals. Writes: new agents.
class InfusionEntry final : public sim::Process {
 public:
  InfusionEntry(const InfusionParameters& parameters, std::vector<Therapy> therapies, std::size_t msc_kind)
      : p_(parameters), therapies_(std::move(therapies)), msc_kind_(msc_kind) {}
  std::string_view name() const override { return "infusion"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  void enter(sim::Patch& patch, const sim::Step& step, const sim::Arrival& arrival) const;

  InfusionParameters p_;
  std::vector<Therapy> therapies_;
  std::size_t msc_kind_;
};

/// Sends what stays at the site of an injection into the spleen or the liver there, from the visit in which it was given on; in the liver to a
/// segment of sinusoid drawn evenly.
///
/// Reads: dose, due. Writes: whereabouts, bed, segment; departures.
class InfusionPlacement final : public sim::Process {
 public:
  InfusionPlacement(const InfusionParameters& parameters, std::vector<Therapy> therapies, std::vector<std::size_t> kinds, double liver_segments,
                    std::array<std::uint32_t, organs> groups)
      : p_(parameters), therapies_(std::move(therapies)), kinds_(std::move(kinds)), liver_segments_(liver_segments), groups_(groups) {}
  std::string_view name() const override { return "infusion"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  void place(sim::Patch& patch, std::size_t kind, std::size_t first_row, const sim::Step& step) const;

  InfusionParameters p_;
  std::vector<Therapy> therapies_;
  std::vector<std::size_t> kinds_;
  double liver_segments_;
  std::array<std::uint32_t, organs> groups_;
};

/// Mean diameter of the cells of a product: spheroids have their own; in two-dimensional culture it grows with passage.
double msc_diameter_um(const InfusionParameters& p, bool spheroid, double passage);

}  // namespace paracrine::models
