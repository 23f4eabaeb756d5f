#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "models/tissue/tissue_state.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct InterventionParameters {
  double clodronate_recruited = 0.8;
  double dtr_kupffer = 0.6;
};

inline constexpr auto intervention_parameters = std::to_array<sim::Parameter<InterventionParameters>>({
    {.name = "clodronate_recruited",
     .member = &InterventionParameters::clodronate_recruited,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.5, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "efficacy of clodronate on recruited macrophages relative to that on Kupffer cells",
     .source = "most infiltrating macrophages take liposomes up; share assumed"},
    {.name = "dtr_kupffer",
     .member = &InterventionParameters::dtr_kupffer,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.2, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "efficacy of diphtheria toxin in CD11b-DTR mice on Kupffer cells relative to that on recruited macrophages",
     .source = "Kupffer cells express less CD11b; share assumed"},
});
static_assert(sim::complete(intervention_parameters));

/// What an experimenter does to cells and signals of the liver, as a scenario gives it; [start, stop).
struct TissueIntervention {
  enum class Kind : std::uint8_t {
    clodronate,
    cd11b_dtr,
    neutrophil_depletion,
    splenectomy,
    ccl2_inhibition,
    loxl2_inhibition,
    tgf_beta_blockade,
    nk_depletion
  };
  Kind kind = Kind::clodronate;
  std::int64_t start_s = 0, stop_s = 0;
  double efficacy = 1.0;
  std::uint32_t subject = 0;  // its number in the scenario
  bool acts(std::int64_t time_s) const { return time_s >= start_s && time_s < stop_s; }
};

/// Pools of the body that interventions empty, and where what they held goes.
struct DepletionPools {
  std::vector<sim::PoolIndex> monocytes_blood_marrow;  // CD11b-DTR takes them
  std::vector<sim::PoolIndex> monocytes_stored;        // in lung margin and spleen: both methods do
  std::vector<sim::PoolIndex> monocytes_spleen;        // splenectomy does
  std::vector<sim::FlowIndex> into_spleen;             // closed by splenectomy
  sim::PoolIndex monocyte_gone = 0;
  std::vector<sim::PoolIndex> neutrophils;  // outside the marrow
  std::vector<sim::PoolIndex> neutrophils_spleen;
  sim::PoolIndex neutrophil_gone = 0;
};
/// Scalars of every lobule: what interventions leave of an activity, 1 without one.
struct Activities {
  std::size_t ccl2 = 0, loxl2 = 0, tgf_beta = 0, natural_killer = 0;
};

/// Carries out interventions on the body's pools and signals. A depletion takes `efficacy` of what is in a pool when it starts, and as much of what
/// is there each day while it lasts; splenectomy takes the spleen's cells and closes its flows, until it stops. The activity of an inhibited signal
/// is the product of 1 - efficacy of what acts.
///
/// Reads: the schedule of interventions. Writes: pools, flows, activities, events.
class Interventions final : public sim::CompartmentProcess {
 public:
  Interventions(std::vector<TissueIntervention> interventions, DepletionPools pools, const Activities& activities, std::size_t liver_group,
                std::uint32_t start_code, std::uint32_t stop_code)
      : interventions_(std::move(interventions)),
        pools_(std::move(pools)),
        activities_(activities),
        group_(liver_group),
        start_code_(start_code),
        stop_code_(stop_code) {}
  std::string_view name() const override { return "intervention"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  std::vector<TissueIntervention> interventions_;
  DepletionPools pools_;
  Activities activities_;
  std::size_t group_;
  std::uint32_t start_code_, stop_code_;
};

/// Takes depleted cells out of a lobule. Each cell draws once for an intervention, by its id, whenever it comes; so what comes while it lasts is
/// depleted alike, and the others stay.
///
///   clodronate            Kupffer cells efficacy, recruited macrophages efficacy clodronate_recruited; no neutrophil
///   cd11b_dtr             recruited macrophages efficacy, Kupffer cells efficacy dtr_kupffer; no neutrophil
///   neutrophil_depletion  neutrophils efficacy
///
/// Reads: the schedule of interventions. Writes: the populations, counts. Source: the parameters. Assumed: the depleted leave no debris.
class Depletion final : public sim::Process {
 public:
  /// `macrophages_gone`, `neutrophils_gone`: scalars, agents depleted so far.
  Depletion(const InterventionParameters& parameters, std::vector<TissueIntervention> interventions, const TissueKinds& kinds,
            std::size_t macrophages_gone, std::size_t neutrophils_gone)
      : p_(parameters),
        interventions_(std::move(interventions)),
        kinds_(kinds),
        macrophages_gone_(macrophages_gone),
        neutrophils_gone_(neutrophils_gone) {}
  std::string_view name() const override { return "intervention"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  InterventionParameters p_;
  std::vector<TissueIntervention> interventions_;
  TissueKinds kinds_;
  std::size_t macrophages_gone_, neutrophils_gone_;
};

}  // namespace paracrine::models
