#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "models/agents/infused.hpp"
#include "models/body/therapy.hpp"
#include "models/compartments/blood.hpp"
#include "models/compartments/carriers.hpp"
#include "models/compartments/circulation.hpp"
#include "models/compartments/signals.hpp"
#include "models/processes/capillarisation.hpp"
#include "models/processes/efferocytosis.hpp"
#include "models/processes/ev_secretion.hpp"
#include "models/processes/ev_uptake.hpp"
#include "models/processes/factor_secretion.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "models/processes/monocyte_education.hpp"
#include "models/processes/monocyte_pool.hpp"
#include "models/processes/msc_fate.hpp"
#include "models/processes/neutrophil_pool.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/tissue/lobule.hpp"
#include "sim/engine/world.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::models::body {

/// The parameters of all parts, as a scenario resolved them.
struct Parameters {
  CirculationParameters circulation;
  BloodParameters blood;
  LobuleParameters lobule;
  TherapyModels therapy;  // infusion, ev_secretion, factor_secretion
  LungArrestParameters lung_arrest;
  MscFateParameters msc_fate;
  EfferocytosisParameters efferocytosis;
  MonocytePoolParameters monocyte_pool;
  NeutrophilPoolParameters neutrophil_pool;
  MonocyteEducationParameters monocyte_education;
  SinusoidFlowParameters sinusoid_flow;
  EvUptakeParameters ev_uptake;
  CapillarisationParameters capillarisation;
};
Parameters read_parameters(const sim::Scenario& scenario);

// Fields of a lobule.
inline constexpr std::size_t ev_uptake_map_field = 0, capillarised_field = 1, local_source_field = 2;

/// What a world of this model is built from, and the numbers of what is in it.
struct Parts {
  Parameters p;
  bool tissue = false;                                        // the lobules have a tissue, which recruits leukocytes
  std::optional<CapillarisationDrive> capillarisation_drive;  // none: nothing drives it
  std::optional<std::size_t> sinusoid_diameter;               // field of a lobule; none: as the parameters say
  std::optional<std::size_t> mean_cells;                      // first scalar of MeanCells of the mean-field twin; none: agents
  double scale = 1.0;                                         // body weight / reference body weight
  double blood_mL = 0.0;
  Circulation circulation;
  std::vector<Therapy> therapies;
  std::vector<LungIntervention> interventions;
  Carriers carriers;

  std::size_t msc_kind = 0, particle_kind = 0, macrophage_kind = 0;
  std::optional<std::size_t> neutrophil_kind;  // of the lobules; none: there are none
  std::size_t cleared = 0;                     // scalar
  Signals signals;
  BloodPools blood;
  LabelPools label;
  MonocytePools monocytes;
  NeutrophilPools neutrophils;
  EducationValues education;
  std::vector<TherapyPlace> places;
  std::size_t ev_given = 0, effective_given = 0, colloid_given = 0, largest_ev_share = 0, ccl2_rise = 0, neutrophil_call = 0;  // values of the world
  std::array<std::size_t, organs> groups{};
  std::array<std::uint32_t, organs> group_numbers{};
  TakenBy taken_by;  // scalars
  std::shared_ptr<const EvUptake> uptake;
  double lobule_weight = 0.0;  // lobules of the liver that one simulated stands for, in hepatocytes
  std::vector<double> liver_share;
};

/// Agent kinds, scalars, values and pools: all that must be there before the patches.
void add_pools(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// Radii of the simulated lobules [um], scaled so that their mean cross-section is that of the parameter's radius, however few they are.
std::vector<double> lobule_radii_um(const LobuleParameters& p, std::size_t count, std::uint64_t seed);
/// Lung, liver, spleen and the other organs.
void add_patches(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// The lobules of the liver: sizes, grids, fields, Kupffer cells, flow.
void add_lobules(const sim::Scenario& scenario, sim::World& world, Parts& parts);
/// What happens between two visits, in this order.
void add_compartment_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts);
/// What happens in the patches of one organ in a visit, in this order.
void add_patch_processes(const sim::Scenario& scenario, sim::World& world, const Parts& parts, Bed organ);
/// Readouts, balances, and what is said at the end.
void add_readouts(sim::World& world, const Parts& parts);

}  // namespace paracrine::models::body
