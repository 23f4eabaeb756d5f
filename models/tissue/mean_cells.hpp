#pragma once
#include <array>
#include <cstddef>
#include <type_traits>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/tissue/lobule.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// Cells of a lobule as numbers per hepatocyte site, where no agents stand for them: what the mean-field twin follows. It lies in the scalars of a
/// patch that is one hepatocyte site, well mixed. Numbers are real; all members are double.
struct MeanCells {
  static constexpr std::size_t zones = 12;  // equal parts of the hepatocytes, from the portal tracts to the vein
  /// Hepatocytes of one zone.
  struct Zone {
    std::array<double, hepatocyte::states> share{};  // of all hepatocyte sites, by state
    double cyp2e1 = 0.0;                             // sum over viable, regenerating and senescent cells
  };
  /// Macrophages of one sort, and sums over them.
  struct Sort {
    double number = 0.0, ev_taken = 0.0, signal = 0.0, meals = 0.0, relay = 0.0, lineage = 0.0;
    double educated = 0.0;  // of the number, those that came educated
  };
  enum SortName : std::size_t { kupffer, inflammatory, restorative, infused_inflammatory, infused_restorative, sorts };

  std::array<Zone, zones> zone{};
  std::array<Sort, sorts> macrophages{};
  double kupffer_new = 0.0;                                                             // born in the last visit
  double neutrophils = 0.0, apoptotic_neutrophils = 0.0, reparative_neutrophils = 0.0;  // the first: active ones
  double neutrophil_ev_taken = 0.0, neutrophil_signal = 0.0;                            // sums over the active and the reparative
  std::array<double, stellate_cell::states> stellate{};
  double stellate_pairs = 0.0;  // ordered pairs of activated cells and myofibroblasts at one site, per site

  double hepatocytes(hepatocyte::State state) const {
    double sum = 0.0;
    for (const Zone& of : zone) sum += of.share[static_cast<std::size_t>(state)];
    return sum;
  }
  double all_macrophages() const { return macrophages[kupffer].number + all_inflammatory() + all_restorative(); }
  double all_inflammatory() const { return macrophages[inflammatory].number + macrophages[infused_inflammatory].number; }
  double all_restorative() const { return macrophages[restorative].number + macrophages[infused_restorative].number; }
  double living_neutrophils() const { return neutrophils + reparative_neutrophils; }
  double all_neutrophils() const { return living_neutrophils() + apoptotic_neutrophils; }
  /// Takes a share of the living neutrophils' vesicles and signal out, with the cells that held them.
  void lose_neutrophil_signal(double share) {
    neutrophil_ev_taken *= 1.0 - share;
    neutrophil_signal *= 1.0 - share;
  }
  double activated_stellate() const {
    return stellate[static_cast<std::size_t>(stellate_cell::State::activated)] +
           stellate[static_cast<std::size_t>(stellate_cell::State::myofibroblast)];
  }
  double all_stellate() const {
    double sum = 0.0;
    for (const double of : stellate) sum += of;
    return sum;
  }
};
static_assert(std::is_trivially_copyable_v<MeanCells> && sizeof(MeanCells) % sizeof(double) == 0);

/// Adds the scalars that hold MeanCells; gives the number of the first.
std::size_t add_mean_cells(sim::World& world);
MeanCells load_mean_cells(const sim::Patch& patch, std::size_t first);
void store_mean_cells(sim::Patch& patch, std::size_t first, const MeanCells& cells);

/// The well-mixed lobule: one voxel of the size of a hepatocyte site, with inlet and outlet. What flows through it is taken up as along one sinusoid,
/// so uptake is that of plug flow. `radius_um`: of the lobule that it stands for.
Lobule make_mean_lobule(const LobuleParameters& p, double radius_um);

/// Mean over a Poisson number n of `mean` of n / (n + half): how cells that are few act on one another. 0 without any.
double mean_saturation(double mean, double half);

}  // namespace paracrine::models
