#pragma once
#include <algorithm>
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct StellateFateParameters {
  double loss_half_life_d = 4.0;
  double survival_factor = 4.44;
  double half_tnf_ng_per_mL = 0.674;
  double reverting_share = 0.5;
  double senescence_per_d = 0.0055;
  double senescent_half_life_d = 7.0;
  double killed_share = 0.2;
  double quiescence_half_life_d = 120.0;
};

inline constexpr auto stellate_fate_parameters = std::to_array<sim::Parameter<StellateFateParameters>>({
    {.name = "loss_half_life",
     .member = &StellateFateParameters::loss_half_life_d,
     .unit = "d",
     .physical = {0.01, 1e4},
     .published = {3.5, 7.8},
     .kind = sim::Source::derived,
     .meaning = "half-life of activated stellate cells and myofibroblasts without survival signals",
     .source =
         "between 3.54 d (Bougueon 2024 PLoS Comput Biol, 10.1371/journal.pcbi.1011858) and the 7.8 d of a 12-fold fall over 28 d in rat (Iredale "
         "1998 J Clin Invest 102:538)"},
    {.name = "survival_factor",
     .member = &StellateFateParameters::survival_factor,
     .unit = "1",
     .physical = {0.0, 1e4},
     .published = {1.0, 20.0},
     .kind = sim::Source::fitted,
     .meaning = "how many times longer they live, above 1, under much TNF",
     .source = "calibration 3; TNF and IL-1 of inflammatory macrophages keep them alive; no measurement in vivo known"},
    {.name = "half_tnf",
     .member = &StellateFateParameters::half_tnf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e3},
     .published = {0.1, 1.0},
     .kind = sim::Source::fitted,
     .meaning = "TNF at which half of this effect is reached",
     .source = "calibration 3; usual half-effective concentration in culture, to be verified"},
    {.name = "reverting_share",
     .member = &StellateFateParameters::reverting_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.4, 0.6},
     .kind = sim::Source::measured,
     .meaning = "share of those lost that become inactivated stellate cells; the others die",
     .source = "about half escape apoptosis; Kisseleva 2012 PNAS 109:9448, 10.1073/pnas.1201840109"},
    {.name = "senescence",
     .member = &StellateFateParameters::senescence_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.0, 0.05},
     .kind = sim::Source::fitted,
     .meaning = "rate at which a myofibroblast becomes senescent",
     .source = "calibration 3; a minority in fibrotic mouse liver; no rate known"},
    {.name = "senescent_half_life",
     .member = &StellateFateParameters::senescent_half_life_d,
     .unit = "d",
     .physical = {0.01, 1e4},
     .published = {2.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of a senescent cell where natural killer cells are as in health",
     .source = "cleared by natural killer cells; no rate known"},
    {.name = "killed_share",
     .member = &StellateFateParameters::killed_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "share of the loss of activated cells, not of myofibroblasts, that is by natural killer cells as in health",
     .source = "they kill cells early in activation, not quiescent or fully activated ones (Radaeva 2006 Gastroenterology 130:435, from memory); "
               "share assumed"},
    {.name = "quiescence_half_life",
     .member = &StellateFateParameters::quiescence_half_life_d,
     .unit = "d",
     .physical = {1.0, 1e5},
     .published = {60.0, 730.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life after which an inactivated cell is quiescent again",
     .source = "quiescent cells recover by about 6 months, inactivated ones may last 2 years (Bougueon 2024)"},
});
static_assert(sim::complete(stellate_fate_parameters));

/// Rate [1/d] at which activated stellate cells and myofibroblasts are lost under a concentration of TNF.
double stellate_loss_per_d(const StellateFateParameters& p, double tnf_ng_per_mL);
/// By how many times activated cells are lost faster where natural killer cells are `natural_killer` times those of health.
inline double natural_killing(const StellateFateParameters& p, double natural_killer) { return 1.0 + p.killed_share * (natural_killer - 1.0); }
/// Share of the lost activated cells that revert: those that natural killer cells kill more or fewer are among the dead.
inline double reverting_of_activated(const StellateFateParameters& p, double killing) {
  return killing > 0.0 ? std::min(1.0, p.reverting_share / killing) : 0.0;
}

/// Where the process finds things in a lobule patch.
struct StellateFatePlaces {
  std::size_t stellate_cells = 0;                // number of the agent kind
  std::size_t tnf = 0;                           // field [ng/mL]
  std::size_t natural_killer = 0;                // scalar: natural killer cells relative to health
  std::size_t lost = 0, reverted = 0, dead = 0;  // scalars, agents so far: activated cells and myofibroblasts lost, of them inactivated; all dead
};

/// Lets activated stellate cells and myofibroblasts go.
///
///   myofibroblast            -> lost          (ln 2 / loss_half_life) / (1 + survival_factor c / (c + half_tnf))
///   activated                -> lost          the same x K,   K = 1 + killed_share (n - 1)
///     of the lost: inactivated with probability reverting_share (of activated cells reverting_share / K, at most 1), else dead
///   myofibroblast            -> senescent     senescence
///   senescent                -> dead          n ln 2 / senescent_half_life
///   inactivated              -> quiescent     ln 2 / quiescence_half_life
///
///   rates in 1/d, c [ng/mL] TNF at the cell's voxel, n natural killer cells relative to health. A cell leaves its state in a visit with probability
///   1 - exp(-sum of rates dt), and takes an exit in proportion to its rate. The dead vanish.
///
/// Reads: places and states of stellate cells, TNF, natural killer cells. Writes: states, the population, counts. Source: the parameters. Assumed:
/// memoryless steps; with the natural killer cells of health activated cells are lost like myofibroblasts.
class StellateFate final : public sim::Process {
 public:
  StellateFate(const StellateFateParameters& parameters, const StellateFatePlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "stellate_fate"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  StellateFateParameters p_;
  StellateFatePlaces places_;
};

}  // namespace paracrine::models
