#pragma once
#include <array>
#include <cmath>

#include "models/tissue/collagen.hpp"
#include "models/tissue/tissue_state.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct CollagenDegradationParameters {
  double basal_per_d = 0.03;
  double restorative = 5000.0;
  double inflammatory = 10.0;
  double half_contact_mg_per_mL = 0.666;
  double contact_power = 3.0;
  double neutrophil = 2.0;
  double myofibroblast = 0.5;
  double timp_half_life_h = 1.5;
  double timp_production = 450.0;
  double half_tgf_beta_ng_per_mL = 0.5;
  double half_timp = 1.33;
  double timp_power = 3.0;
  double crosslinked_half_life_d = 450.0;
  double structural_per_d = 0.01;
};

inline constexpr auto collagen_degradation_parameters = std::to_array<sim::Parameter<CollagenDegradationParameters>>({
    {.name = "basal",
     .member = &CollagenDegradationParameters::basal_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.006, 0.03},
     .kind = sim::Source::derived,
     .meaning = "rate at which fibrillar collagen is lost in health, by endothelium and quiescent cells",
     .source = "balances collagen_synthesis.fibrillar_turnover",
     .variants = {{{.name = "human",
                    .value = 0.006,
                    .published = {0.002, 0.01},
                    .kind = sim::Source::derived,
                    .source = "balances collagen_synthesis.fibrillar_turnover"}}}},
    {.name = "restorative",
     .member = &CollagenDegradationParameters::restorative,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {50.0, 5000.0},
     .kind = sim::Source::derived,
     .meaning = "collagenase (MMP-9, -12, -13) of one restorative macrophage per hepatocyte site amid scar, relative to the basal one",
     .source =
         "fibrillar half-life of 1 to 4 d at their peak in recovery (Ramachandran 2012 PNAS 109:E3186 for the times), of about 0.03 cells per site"},
    {.name = "inflammatory",
     .member = &CollagenDegradationParameters::inflammatory,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {0.0, 100.0},
     .kind = sim::Source::assumed,
     .meaning = "the same of one inflammatory macrophage",
     .source = "little beside a restorative one's; direction from Ramachandran 2012, size assumed"},
    {.name = "half_contact",
     .member = &CollagenDegradationParameters::half_contact_mg_per_mL,
     .unit = "mg/mL",
     .physical = {0.0, 1e4},
     .published = {0.5, 20.0},
     .kind = sim::Source::fitted,
     .meaning = "fibrillar collagen around a macrophage at which it makes half of its collagenase",
     .source = "calibration 3; MMP-13 is expressed in and beside scar alone, by the macrophages there (Fallowfield 2007 J Immunol 178:5288); between "
               "healthy tissue, "
               "0.25 mg/mL, and scar that stains fully, 47 mg/mL; size assumed"},
    {.name = "contact_power",
     .member = &CollagenDegradationParameters::contact_power,
     .unit = "1",
     .physical = {0.5, 8.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "steepness of that rise",
     .source = "MMP-13 is confined to the scar (Fallowfield 2007): steeper than 1; no measurement known"},
    {.name = "neutrophil",
     .member = &CollagenDegradationParameters::neutrophil,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {0.0, 100.0},
     .kind = sim::Source::assumed,
     .meaning = "the same of one neutrophil that lives (MMP-8, -9)",
     .source = "no measurement known"},
    {.name = "myofibroblast",
     .member = &CollagenDegradationParameters::myofibroblast,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {0.0, 50.0},
     .kind = sim::Source::assumed,
     .meaning = "the same of one myofibroblast (MMP-2, -14)",
     .source = "no measurement known"},
    {.name = "timp_half_life",
     .member = &CollagenDegradationParameters::timp_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e4},
     .published = {0.8, 12.0},
     .kind = sim::Source::fitted,
     .meaning = "half-life of TIMP in tissue",
     .source = "calibration 3; hours; 0.8 h in Friedman & Hao 2017 Math Biosci Eng 14:143, from memory"},
    {.name = "timp_production",
     .member = &CollagenDegradationParameters::timp_production,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {5.0, 500.0},
     .kind = sim::Source::fitted,
     .meaning = "TIMP that one activated stellate cell or myofibroblast per hepatocyte site holds under much TGF-beta, relative to health",
     .source = "calibration 3; TIMP-1 rises several-fold in fibrosis and falls fast in recovery (Iredale 1998 J Clin Invest 102:538); size assumed"},
    {.name = "half_tgf_beta",
     .member = &CollagenDegradationParameters::half_tgf_beta_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e3},
     .published = {0.1, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "active TGF-beta at which such a cell makes half of this",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "half_timp",
     .member = &CollagenDegradationParameters::half_timp,
     .unit = "1",
     .physical = {1e-3, 1e6},
     .published = {1.0, 10.0},
     .kind = sim::Source::fitted,
     .meaning = "TIMP relative to health at which half of the collagenases are bound",
     .source = "calibration 3; health is far from full inhibition; no measurement known"},
    {.name = "timp_power",
     .member = &CollagenDegradationParameters::timp_power,
     .unit = "1",
     .physical = {0.5, 8.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "steepness of inhibition",
     .source = "tight binding makes it steeper than 1; no measurement known"},
    {.name = "crosslinked_half_life",
     .member = &CollagenDegradationParameters::crosslinked_half_life_d,
     .unit = "d",
     .physical = {1.0, 1e6},
     .published = {400.0, 4000.0},
     .kind = sim::Source::derived,
     .meaning = "half-life of cross-linked collagen, which only the basal loss reaches",
     .source = "400 d or more: residual septa a year after 12 weeks of injury in rat (Issa 2004 Gastroenterology 126:1795)"},
    {.name = "structural",
     .member = &CollagenDegradationParameters::structural_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.006, 0.014},
     .kind = sim::Source::derived,
     .meaning = "rate at which structural collagen is lost",
     .source = "balances collagen_synthesis.structural_turnover",
     .variants = {{{.name = "human",
                    .value = 0.003,
                    .published = {0.002, 0.006},
                    .kind = sim::Source::derived,
                    .source = "balances collagen_synthesis.structural_turnover"}}}},
});
static_assert(sim::complete(collagen_degradation_parameters));

/// Cells at a place, per hepatocyte site.
struct Collagenases {
  double restorative = 0.0, inflammatory = 0.0, neutrophils = 0.0, myofibroblasts = 0.0;
};
/// Share of its collagenase that a macrophage makes amid so much fibrillar collagen.
inline double scar_contact(const CollagenDegradationParameters& p, double fibrillar_mg_per_mL) {
  if (!(fibrillar_mg_per_mL > 0.0)) return 0.0;
  const double relative = p.half_contact_mg_per_mL / fibrillar_mg_per_mL;
  return 1.0 / (1.0 + (p.contact_power == 3.0 ? relative * relative * relative : std::pow(relative, p.contact_power)));
}
/// Collagenase of macrophages amid scar, and of the other cells, relative to the tissue's alone.
inline double macrophage_collagenase(const CollagenDegradationParameters& p, const Collagenases& cells) {
  return p.restorative * cells.restorative + p.inflammatory * cells.inflammatory;
}
inline double other_collagenase(const CollagenDegradationParameters& p, const Collagenases& cells) {
  return p.neutrophil * cells.neutrophils + p.myofibroblast * cells.myofibroblasts;
}
/// Collagenase of these cells amid so much fibrillar collagen and of the tissue, relative to the tissue's alone.
inline double collagenase(const CollagenDegradationParameters& p, const Collagenases& cells, double fibrillar_mg_per_mL) {
  return 1.0 + scar_contact(p, fibrillar_mg_per_mL) * macrophage_collagenase(p, cells) + other_collagenase(p, cells);
}
/// Share of the collagenases that TIMP (relative to health) leaves free, relative to health.
double free_collagenase(const CollagenDegradationParameters& p, double timp);
/// TIMP that `makers` activated stellate cells and myofibroblasts per site, each with its response to TGF-beta, hold when nothing changes; relative
/// to health.
inline double steady_timp(const CollagenDegradationParameters& p, double makers) { return 1.0 + p.timp_production * makers; }

/// Where the process finds things in a lobule patch.
struct CollagenDegradationPlaces {
  TissueKinds kinds;
  std::size_t tgf_beta = 0;  // field [ng/mL]
  CollagenFields collagen;
  std::size_t timp = 0;          // scalar: TIMP relative to health
  std::size_t mmp_activity = 0;  // scalar: rate at which fibrillar collagen is lost, relative to health
  std::size_t reference = 0;     // scalar: mean collagenase of the lobules in health, relative to the tissue's alone
  std::size_t lost_ng = 0;       // scalar: collagen of all pools lost so far in the slab
  std::size_t lost_per_h = 0;    // scalar: the same per time in the last visit [ng/h]
};

/// Degrades collagen; each pool exactly over a visit, with what degrades it held.
///
///   dF/dt = -basal (M / M0) f(T) F,   M = 1 + g(F) m + n,   g(F) = F^q / (F^q + half_contact^q),   q = contact_power
///   m, n sums over macrophages and over other cells of weight x cells per site, around the place; M0 the mean of M in health
///   dX/dt = -(ln 2 / crosslinked_half_life) X,   dS/dt = -structural S
///   f(T)  = (1 + (1 / half_timp)^n) / (1 + (T / half_timp)^n),   n = timp_power
///   dT/dt = (ln 2 / timp_half_life) (1 + timp_production a - T),   a = sum of activated cells and myofibroblasts c^2 / (c^2 + half_tgf_beta^2) /
///   sites
///
///   F, X, S [mg/mL] fibrillar, cross-linked and structural collagen; T TIMP relative to health, one number per lobule: over its half-life it
///   diffuses (50 um^2/s) some hundred um and more, about the lobule's radius; c [ng/mL] TGF-beta at the cell.
///
/// Reads: macrophages, neutrophils and stellate cells, TGF-beta. Writes: the collagen fields, TIMP, the activity, the count of what was lost.
/// Source: the parameters. Assumed: a collagenase reaches about 35 um from its cell (six times half of it goes on to the sites
/// beside); TIMP binds all of them alike.
class CollagenDegradation final : public sim::Process {
 public:
  CollagenDegradation(const CollagenDegradationParameters& parameters, const CollagenDegradationPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "collagen_degradation"; }
  /// TIMP and activity of health, and the collagenase of the cells that are there as that of health.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  sim::Pace pace() const override { return sim::Pace::slow; }
  std::vector<std::size_t> written_fields() const override {
    return {places_.collagen.structural, places_.collagen.fibrillar, places_.collagen.crosslinked};
  }

 private:
  static Collagenases cells_at(const Census& census, std::size_t site);
  double makers_per_site(const sim::Patch& patch, std::size_t sites) const;

  CollagenDegradationParameters p_;
  CollagenDegradationPlaces places_;
};

}  // namespace paracrine::models
