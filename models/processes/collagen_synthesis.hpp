#pragma once
#include <array>

#include "models/tissue/collagen.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct CollagenSynthesisParameters {
  double structural_ug_per_g = 165.0;
  double structural_per_d = 0.01;
  double fibrillar_ug_per_g = 33.0;
  double fibrillar_per_d = 0.03;
  double activated_pg_per_d = 0.862;
  double myofibroblast_pg_per_d = 12.0;
  double half_tgf_beta_ng_per_mL = 0.3;
  double without_tgf_beta = 0.2;
};

inline constexpr auto collagen_synthesis_parameters = std::to_array<sim::Parameter<CollagenSynthesisParameters>>({
    {.name = "structural_hydroxyproline",
     .member = &CollagenSynthesisParameters::structural_ug_per_g,
     .unit = "ug/g",
     .physical = {0.0, 1e5},
     .published = {120.0, 200.0},
     .kind = sim::Source::derived,
     .meaning = "hydroxyproline of structural collagen in health: portal tracts, vein walls, basement membrane, capsule; not stained",
     .source = "about 200 ug/g in all, of which a stained area of 0.5 % at 47 mg/mL is 33"},
    {.name = "structural_turnover",
     .member = &CollagenSynthesisParameters::structural_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.006, 0.014},
     .kind = sim::Source::derived,
     .meaning = "structural collagen made in a day relative to what is there in health",
     .source = "a three-fold rise of the fraction labelled over weeks of CCl4 (Gardner 2007 AJP GI 292:G1695) needs health below 1.4 %/d, growth of "
               "hydroxyproline at least 0.6 to 0.8 %/d",
     .variants =
         {{{.name = "human",
            .value = 0.003,
            .published = {0.002, 0.006},
            .kind = sim::Source::derived,
            .source = "0.2 to 0.6 % of the liver's collagen is made in a day in man (half-life 116 to 347 d); Decaris 2015 PLoS ONE 10:e0123311"}}}},
    {.name = "fibrillar_hydroxyproline",
     .member = &CollagenSynthesisParameters::fibrillar_ug_per_g,
     .unit = "ug/g",
     .physical = {0.0, 1e5},
     .published = {20.0, 60.0},
     .kind = sim::Source::derived,
     .meaning = "hydroxyproline of fibrillar collagen in health",
     .source = "a stained area of 0.5 % (Bougueon 2024) at 47 mg/mL; 1.66 +/- 0.62 % in another laboratory"},
    {.name = "fibrillar_turnover",
     .member = &CollagenSynthesisParameters::fibrillar_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.006, 0.03},
     .kind = sim::Source::assumed,
     .meaning = "fibrillar collagen made in a day in health, by cells that are not activated, relative to what is there",
     .source = "as structural collagen; no measurement known",
     .variants =
         {{{.name = "human",
            .value = 0.006,
            .published = {0.002, 0.01},
            .kind = sim::Source::derived,
            .source = "0.2 to 0.6 % of the liver's collagen is made in a day in man (half-life 116 to 347 d); Decaris 2015 PLoS ONE 10:e0123311"}}}},
    {.name = "activated_secretion",
     .member = &CollagenSynthesisParameters::activated_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1e4},
     .published = {0.3, 5.0},
     .kind = sim::Source::fitted,
     .meaning = "fibrillar collagen made by one activated stellate cell under much TGF-beta",
     .source = "calibration 3; less than a myofibroblast; a tenth to a third in published models"},
    {.name = "myofibroblast_secretion",
     .member = &CollagenSynthesisParameters::myofibroblast_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1e4},
     .published = {1.0, 20.0},
     .kind = sim::Source::derived,
     .meaning = "the same of one myofibroblast",
     .source = "net 1 to 5 pg/d: 359 ug/g of hydroxyproline in 28 to 56 d over 2e7 to 4e7 cells per g"},
    {.name = "half_tgf_beta",
     .member = &CollagenSynthesisParameters::half_tgf_beta_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e3},
     .published = {0.1, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "active TGF-beta at which half of its effect on synthesis is reached",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "without_tgf_beta",
     .member = &CollagenSynthesisParameters::without_tgf_beta,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.5},
     .kind = sim::Source::model,
     .meaning = "synthesis without TGF-beta relative to that under much of it",
     .source = "TGF-beta raises it two- to tenfold in Bougueon 2024 PLoS Comput Biol, 10.1371/journal.pcbi.1011858"},
});
static_assert(sim::complete(collagen_synthesis_parameters));

/// Synthesis under a concentration of TGF-beta relative to the largest: floor + (1 - floor) c / (c + half).
inline double collagen_effect_of_tgf_beta(const CollagenSynthesisParameters& p, double tgf_beta_ng_per_mL) {
  return p.without_tgf_beta + (1.0 - p.without_tgf_beta) * tgf_beta_ng_per_mL / (tgf_beta_ng_per_mL + p.half_tgf_beta_ng_per_mL);
}

/// Where the process finds things in a lobule patch.
struct CollagenSynthesisPlaces {
  std::size_t stellate_cells = 0;  // number of the agent kind
  std::size_t tgf_beta = 0;        // field [ng/mL]
  CollagenFields collagen;
  std::size_t made_ng = 0;     // scalar: collagen of all pools made so far in the slab
  std::size_t made_per_h = 0;  // scalar: made in the last visit [ng/h]
};

/// Makes collagen.
///
///   dS/dt = structural_turnover S0 w(x)     S0 [mg/mL] the mean in health, w its distribution, of mean 1
///   dF/dt = fibrillar_turnover F0 + sum over stellate cells at the site of secretion h(c) / volume of the site
///   h(c)  = without_tgf_beta + (1 - without_tgf_beta) c / (c + half_tgf_beta)
///
///   S, F [mg/mL] structural and fibrillar collagen, secretion [pg/d] of activated stellate cells and myofibroblasts, c [ng/mL] TGF-beta at the cell.
///
/// Reads: stellate cells' places and states, TGF-beta, distribution of structural collagen. Writes: both fields, the counts of what was made.
/// Source: the parameters. Assumed: a cell's collagen is spread over the sites that its processes reach, a
/// distance of about one and a quarter sites (three times half of it goes on to the sites beside); injury does not change the making of structural
/// collagen.
class CollagenSynthesis final : public sim::Process {
 public:
  CollagenSynthesis(const CollagenSynthesisParameters& parameters, const CollagenSynthesisPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "collagen_synthesis"; }
  /// Fills the pools of health: structural collagen with four times as much at portal tracts and the vein's wall as elsewhere, fibrillar evenly.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  sim::Pace pace() const override { return sim::Pace::slow; }
  std::vector<std::size_t> written_fields() const override { return {places_.collagen.structural, places_.collagen.fibrillar}; }

 private:
  CollagenSynthesisParameters p_;
  CollagenSynthesisPlaces places_;
};

}  // namespace paracrine::models
