#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "models/processes/cytokine.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/tissue/mean_cells.hpp"
#include "models/tissue/tissue_parameters.hpp"

/// The mean-field twin of a lobule: the same processes for a well-mixed lobule, in numbers of cells.
namespace paracrine::models::mean_field {

/// How strongly walking leukocytes gather at the dead: the odds that one is within reach of a necrotic hepatocyte, over those of a place, are
///   1 + gathering_gain b / sqrt(c),   b = s / (s + half_gradient),   s = 20 um over the decay length of the damage signal,
/// c the share of places within reach of a necrotic hepatocyte. The form and the number are read off agents: CCl4 twice a week, 28 d, 16 lobules,
/// seed 1, frames every 12 h.
inline constexpr double gathering_gain = 1.4;

/// Processes whose being switched on matters to others.
struct Switches {
  bool recruitment = true, neutrophil_recruitment = true, chemotaxis = true;
};

/// One sort of cell that the lobule takes out of the blood.
struct Arriving {
  std::size_t uptake = 0, waiting = 0, arrived = 0;  // as in Recruits
  MeanCells::SortName sort = MeanCells::inflammatory;
  double restorative_share = 0.0;  // of infused cells that arrive restorative instead
  double lineage = 0.0;            // of each
};

struct Visit;

/// What the twin is built from. Places are numbers in the patch; the patch is one hepatocyte site.
struct Setup {
  TissueParameters p;
  SinusoidFlowParameters flow;
  Switches on;
  std::vector<void (*)(const Visit&)> steps;  // the forms of the processes that happen, in their order
  TissueScalars s;
  CytokineFields cytokines;
  CollagenFields collagen;
  std::size_t capillarisation = 0, diameter = 0;  // fields
  std::size_t mean_cells = 0;                     // first scalar of MeanCells
  double weight = 1.0;                            // cells of the organ that one here stands for
  double damage_reach_um = 200.0;                 // decay length of the damage signal
  double reach = 5.0;                             // sites that a cell reaches: its own and those beside it, mean of the lobule
  /// Per zone: mean of z^ccl4_zonation; of z^q and of (1 - z)^q over their means in the lobule, q = chronic_zonation.
  std::array<double, MeanCells::zones> toxic{}, central{}, portal{};
  std::vector<Arriving> monocytes, infused;
  Arriving neutrophils;
  double monocytes_mL_per_h = 0.0, infused_mL_per_h = 0.0, neutrophils_mL_per_h = 0.0;  // clearance of the blood in health
  std::vector<TissueIntervention> interventions;
  std::optional<StellateActivationPlaces::Direct> direct;
};

/// One visit: what a process of the twin reads and writes.
struct Visit {
  const Setup& of;
  MeanCells& cells;
  sim::Patch& patch;
  const sim::Step& step;
  double days;
  double& scalar(std::size_t number) const { return patch.scalars[number]; }
  double& field(std::size_t number) const { return patch.fields[number].value[0]; }
  /// Probability of an event of this rate in the visit.
  double chance(double rate_per_d) const;
};

void injure(const Visit& visit);
void let_hepatocytes_die(const Visit& visit);
void regenerate(const Visit& visit);

void receive_macrophages(const Visit& visit);
void receive_neutrophils(const Visit& visit);
void deplete(const Visit& visit);
void eat(const Visit& visit);
void switch_macrophages(const Visit& visit);
void relay(const Visit& visit);
void relay_kupffer(const Visit& visit);
void let_macrophages_die(const Visit& visit);
void renew_kupffer(const Visit& visit);
void let_neutrophils_die(const Visit& visit);
/// Clearances of monocytes, infused macrophages and neutrophils.
void set_clearances(const Setup& of, const MeanCells& cells, sim::Patch& patch);

void activate_stellate(const Visit& visit);
void lose_stellate(const Visit& visit);
void divide_stellate(const Visit& visit);
void make_collagen(const Visit& visit);
void crosslink(const Visit& visit);
void degrade(const Visit& visit);
/// Collagenase of the cells that are there amid so much fibrillar collagen.
double collagenase_of(const Setup& of, const MeanCells& cells, double fibrillar_mg_per_mL);

/// A process in its mean-field form.
struct Form {
  std::string_view process;
  void (*advance)(const Visit&);
};
/// What a process does that others do for it: see gathering_gain.
inline void within_others(const Visit&) {}

/// All forms, in the order of the agents' processes.
inline constexpr auto forms = std::to_array<Form>({
    {"hepatocyte_injury", injure},
    {"hepatocyte_death", let_hepatocytes_die},
    {"recruitment", receive_macrophages},
    {"neutrophil_recruitment", receive_neutrophils},
    {"intervention", deplete},
    {"chemotaxis", within_others},
    {"phagocytosis", eat},
    {"macrophage_switch", switch_macrophages},
    {"macrophage_relay", relay},
    {"kupffer_relay", relay_kupffer},
    {"macrophage_death", let_macrophages_die},
    {"kupffer_renewal", renew_kupffer},
    {"neutrophil_fate", let_neutrophils_die},
    {"regeneration", regenerate},
    {"stellate_activation", activate_stellate},
    {"stellate_fate", lose_stellate},
    {"stellate_proliferation", divide_stellate},
    {"collagen_synthesis", make_collagen},
    {"crosslinking", crosslink},
    {"collagen_degradation", degrade},
});

/// Follows the cells and the matrix of a well-mixed lobule by the expected change of each process over a visit, in the order of the agents'
/// processes. With x the numbers and f_i the rates of process i:
///
///   x -> P_n(dt) ... P_2(dt) P_1(dt) x,    P_i the exact flow of process i alone, dx/dt = f_i(x), its other arguments held
///
/// a splitting of first order in dt, as the agents have it: both have the same error in dt. Rates and parameters are those of the processes; what
/// depends on cells that are few around one (relays, cross-linking) is the mean over a Poisson number of them; crowding of stellate cells follows the
/// number of pairs. Hepatocytes have twelve zones, for CCl4. Walking leukocytes gather at the dead (gathering_gain). Nothing else has a place: no
/// gradient, no bridging.
///
/// Reads and writes: MeanCells, fields of one voxel, the counts of the tissue's processes. Assumed: well mixed.
class MeanTissue final : public sim::Process {
 public:
  explicit MeanTissue(Setup setup) : of_(std::move(setup)) {}
  std::string_view name() const override { return "mean_field"; }
  /// Sets the clearances before the first visit.
  void prepare(sim::Patch& patch) const { set_clearances(of_, load_mean_cells(patch, of_.mean_cells), patch); }
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  std::vector<std::size_t> written_fields() const override { return {of_.collagen.structural, of_.collagen.fibrillar, of_.collagen.crosslinked}; }

 private:
  Setup of_;
};

/// Narrows the sinusoids of the well-mixed lobule and finds the flow anew, where the diameter changed by a hundredth.
class MeanNarrowing final : public sim::Process {
 public:
  explicit MeanNarrowing(Setup setup) : of_(std::move(setup)) {}
  std::string_view name() const override { return "sinusoid_flow"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  std::vector<std::size_t> written_fields() const override { return {of_.diameter}; }

 private:
  Setup of_;
};

}  // namespace paracrine::models::mean_field
