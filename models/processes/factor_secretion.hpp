#pragma once
#include <array>
#include <vector>

#include "models/agents/cell_product.hpp"
#include "models/agents/infused.hpp"
#include "models/compartments/blood_pools.hpp"
#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct FactorSecretionParameters {
  double tsg6_pg_per_d = 0.005;
  double pge2_pg_per_d = 0.01;
  double hgf_pg_per_d = 0.004;
  double il10_pg_per_d = 1e-4;
  double il6_pg_per_d = 0.02;
  double tsg6_licensing = 10.0;
  double pge2_licensing = 10.0;
  double il6_licensing = 6.0;
  double licensing_tnf_ng_per_mL = 1.0;
  double priming = 2.0;
  double spheroid = 3.0;
  double culture_h = 48.0;
  double pge2_extraction = 0.96;
  double hgf_extraction = 0.002;
  double tsg6_half_life_min = 18.0;
  double pge2_half_life_min = 0.5;
  double hgf_half_life_min = 4.0;
  double il10_half_life_min = 42.0;
  double il6_half_life_min = 20.0;
  double tnf_half_life_min = 18.9;
  double il10_volume = 1.6;
  double tnf_baseline_ng_per_mL = 0.005;
  double il6_baseline_ng_per_mL = 0.005;
  double il10_baseline_ng_per_mL = 0.01;
  double hgf_baseline_ng_per_mL = 0.5;
  double tsg6_half_effect_ng_per_mL = 10.0;
  double pge2_half_effect_ng_per_mL = 3.5;
  double il10_half_effect_ng_per_mL = 3.0;
};

inline constexpr auto factor_secretion_parameters = std::to_array<sim::Parameter<FactorSecretionParameters>>({
    {.name = "tsg6_secretion",
     .member = &FactorSecretionParameters::tsg6_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1000.0},
     .published = {0.0002, 0.05},
     .kind = sim::Source::assumed,
     .meaning = "what a viable MSC secretes per day in two-dimensional culture, without licensing: TSG-6",
     .source = "little at rest, induced by TNF (Choi 2011 Blood 118:330, 10.1182/blood-2010-12-327353); amount assumed from ng/mL in media of "
               "1e5-1e6 cells"},
    {.name = "pge2_secretion",
     .member = &FactorSecretionParameters::pge2_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1000.0},
     .published = {0.0005, 0.1},
     .kind = sim::Source::assumed,
     .meaning = "what a viable MSC secretes per day in two-dimensional culture, without licensing: prostaglandin E2",
     .source = "usual ng/mL in media of 1e5-1e6 cells per day; no figure per cell known"},
    {.name = "hgf_secretion",
     .member = &FactorSecretionParameters::hgf_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1000.0},
     .published = {0.0005, 0.013},
     .kind = sim::Source::derived,
     .meaning = "what a viable MSC secretes per day in two-dimensional culture, without licensing: HGF",
     .source = "12.28 +/- 2.94 ng per 1e6 adipose cells (Rehman 2004 Circulation 109:1292, 10.1161/01.cir.0000121425.42966.f1) over a culture "
               "assumed to last 72 h"},
    {.name = "il10_secretion",
     .member = &FactorSecretionParameters::il10_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1000.0},
     .published = {0.0, 0.001},
     .kind = sim::Source::assumed,
     .meaning = "what a viable MSC secretes per day in two-dimensional culture, without licensing: IL-10",
     .source = "near detection limits in most media; most IL-10 comes from the macrophages that MSC act on"},
    {.name = "il6_secretion",
     .member = &FactorSecretionParameters::il6_pg_per_d,
     .unit = "pg/d",
     .physical = {0.0, 1000.0},
     .published = {0.002, 0.1},
     .kind = sim::Source::assumed,
     .meaning = "what a viable MSC secretes per day in two-dimensional culture, without licensing: IL-6",
     .source = "usual ng/mL in media of 1e5-1e6 cells per day; no figure per cell known"},
    {.name = "tsg6_licensing",
     .member = &FactorSecretionParameters::tsg6_licensing,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {3.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "largest factor by which TNF in the host's plasma raises secretion of TSG-6",
     .source = "direction: activated by inflammatory signals to secrete it (Choi 2011 Blood 118:330); size assumed"},
    {.name = "pge2_licensing",
     .member = &FactorSecretionParameters::pge2_licensing,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {3.0, 10.0},
     .kind = sim::Source::measured,
     .meaning = "largest factor by which TNF in the host's plasma raises secretion of prostaglandin E2",
     .source = "10 times in coculture with mononuclear blood cells (Aggarwal & Pittenger 2005 Blood 105:1815)"},
    {.name = "il6_licensing",
     .member = &FactorSecretionParameters::il6_licensing,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {3.0, 10.0},
     .kind = sim::Source::measured,
     .meaning = "largest factor by which TNF in the host's plasma raises secretion of IL-6",
     .source = "6 times in coculture with mononuclear blood cells (Aggarwal & Pittenger 2005 Blood 105:1815)"},
    {.name = "licensing_tnf",
     .member = &FactorSecretionParameters::licensing_tnf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e6},
     .published = {0.1, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "TNF in plasma that licenses by half",
     .source = "cells respond to TNF of 0.1-1 ng/mL; MSC are usually licensed with 10-20 ng/mL"},
    {.name = "priming",
     .member = &FactorSecretionParameters::priming,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {1.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "factor by which priming with interferon gamma changes the secretion of every factor",
     .source = "direction: PGE2 rises with TNF and IFN-gamma (Aggarwal & Pittenger 2005 Blood 105:1815); size assumed"},
    {.name = "spheroid",
     .member = &FactorSecretionParameters::spheroid,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {1.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "secretion of cells from spheroids relative to two-dimensional culture",
     .source = "direction: spheroids raise PGE2 (Ylostalo 2012 Stem Cells 30:2283, 10.1002/stem.1191); size assumed"},
    {.name = "culture",
     .member = &FactorSecretionParameters::culture_h,
     .unit = "h",
     .physical = {0.0, 1000.0},
     .published = {24.0, 72.0},
     .kind = sim::Source::assumed,
     .meaning = "time for which cells condition a conditioned medium",
     .source = "24 to 72 h are usual"},
    {.name = "pge2_extraction",
     .member = &FactorSecretionParameters::pge2_extraction,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.9, 0.98},
     .distribution = {sim::Spread::normal, 0.01},
     .kind = sim::Source::measured,
     .meaning = "share that the lung removes of what is secreted in it, before it reaches the arteries: prostaglandin E2",
     .source = "96 +/- 1 % per pass, rat (Br J Pharmacol 1978;62:275)",
     .variants = {{{.name = "human",
                    .value = 0.67,
                    .published = {0.5, 0.8},
                    .kind = sim::Source::measured,
                    .source = "67.8 +/- 6.8 %, prostaglandin E1 (Golub 1975 J Clin Invest 56:1404)"}}}},
    {.name = "hgf_extraction",
     .member = &FactorSecretionParameters::hgf_extraction,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 0.02},
     .kind = sim::Source::derived,
     .meaning = "share that the lung removes of what is secreted in it, before it reaches the arteries: HGF",
     .source = "the lung has less than a tenth of the clearance from plasma (Kato 1999 J Pharmacol Exp Ther 290:373): 0.02 of some 9 mL plasma that "
               "pass it per min in a mouse; the other factors: assumed none"},
    {.name = "tsg6_half_life",
     .member = &FactorSecretionParameters::tsg6_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {6.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life in plasma: TSG-6",
     .source = "no measurement known"},
    {.name = "pge2_half_life",
     .member = &FactorSecretionParameters::pge2_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {0.1, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life in plasma: prostaglandin E2",
     .source = "below 1 min, usual figure, to be verified"},
    {.name = "hgf_half_life",
     .member = &FactorSecretionParameters::hgf_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {3.0, 27.0},
     .kind = sim::Source::derived,
     .meaning = "half-life in plasma: HGF",
     .source = "3.2 min, then 26.5 min, rat (Uematsu 1999 J Pharm Sci 88:131); the fast phase moves most of the dose",
     .variants = {{{.name = "human", .value = 4.0, .published = {3.0, 27.0}, .kind = sim::Source::assumed, .source = "the rat's"}}}},
    {.name = "il10_half_life",
     .member = &FactorSecretionParameters::il10_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {30.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life in plasma: IL-10",
     .source = "no measurement known; shorter than in man",
     .variants = {{{.name = "human",
                    .value = 138.0,
                    .published = {116.0, 222.0},
                    .kind = sim::Source::measured,
                    .source = "2.3-3.7 h (Blood 1996;87:699), 1.94 h (Radwanski 1998 Pharm Res 15:1895)"}}}},
    {.name = "il6_half_life",
     .member = &FactorSecretionParameters::il6_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {5.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life in plasma: IL-6",
     .source = "usual figure, to be verified; longer published ones are of a falling production"},
    {.name = "tnf_half_life",
     .member = &FactorSecretionParameters::tnf_half_life_min,
     .unit = "min",
     .physical = {0.01, 1e5},
     .published = {18.5, 19.2},
     .kind = sim::Source::measured,
     .meaning = "half-life in plasma: TNF",
     .source = "18.9 min (Ferraiolo 1988 Drug Metab Dispos 16:270)",
     .variants = {{{.name = "human",
                    .value = 20.0,
                    .published = {10.0, 120.0},
                    .kind = sim::Source::assumed,
                    .source = "the mouse's; monkey 1.2-2.1 h at high, saturating doses"}}}},
    {.name = "il10_volume",
     .member = &FactorSecretionParameters::il10_volume,
     .unit = "1",
     .physical = {0.1, 100.0},
     .published = {1.0, 2.0},
     .kind = sim::Source::derived,
     .meaning = "volume of distribution of IL-10 relative to plasma; of the other factors assumed 1",
     .source = "70 mL/kg in man (Radwanski 1998 Pharm Res 15:1895) over 43 mL plasma per kg"},
    {.name = "tnf_baseline",
     .member = &FactorSecretionParameters::tnf_baseline_ng_per_mL,
     .unit = "ng/mL",
     .physical = {0.0, 1e6},
     .published = {0.0, 0.05},
     .kind = sim::Source::assumed,
     .meaning = "concentration in the plasma of a healthy host: TNF",
     .source = "near detection limits of mouse assays",
     .variants = {{{.name = "human",
                    .value = 0.003,
                    .published = {0.0, 0.068},
                    .kind = sim::Source::measured,
                    .source = "2.2-3.5 pg/mL in children; blood donors 0-67.6 pg/mL, median undetected (10.1155/MI/2006/65237)"}}}},
    {.name = "il6_baseline",
     .member = &FactorSecretionParameters::il6_baseline_ng_per_mL,
     .unit = "ng/mL",
     .physical = {0.0, 1e6},
     .published = {0.0, 0.05},
     .kind = sim::Source::assumed,
     .meaning = "concentration in the plasma of a healthy host: IL-6",
     .source = "near detection limits of mouse assays; as man",
     .variants = {{{.name = "human",
                    .value = 0.005,
                    .published = {0.0, 0.0435},
                    .kind = sim::Source::measured,
                    .source = "5.2 pg/mL (4.6-5.7), pooled over 3166 healthy adults; single ones 0-43.5 (meta-analysis of 140 studies, 2020)"}}}},
    {.name = "il10_baseline",
     .member = &FactorSecretionParameters::il10_baseline_ng_per_mL,
     .unit = "ng/mL",
     .physical = {0.0, 1e6},
     .published = {0.0, 0.05},
     .kind = sim::Source::assumed,
     .meaning = "concentration in the plasma of a healthy host: IL-10",
     .source = "near detection limits of mouse assays",
     .variants = {{{.name = "human",
                    .value = 0.004,
                    .published = {0.0, 0.0126},
                    .kind = sim::Source::measured,
                    .source = "3.3-5.5 pg/mL in children; blood donors 0-12.6 pg/mL, median undetected (10.1155/MI/2006/65237)"}}}},
    {.name = "hgf_baseline",
     .member = &FactorSecretionParameters::hgf_baseline_ng_per_mL,
     .unit = "ng/mL",
     .physical = {0.0, 1e6},
     .published = {0.1, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "concentration in the plasma of a healthy host: HGF",
     .source = "usual figure of human serum assays, to be verified"},
    {.name = "tsg6_half_effect",
     .member = &FactorSecretionParameters::tsg6_half_effect_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e6},
     .published = {1.0, 100.0},
     .kind = sim::Source::assumed,
     .meaning = "concentration with a soluble activity of 1, half of the greatest effect on a macrophage: TSG-6",
     .source = "acts on macrophages through CD44 (Choi 2011 Blood 118:330); concentration assumed"},
    {.name = "pge2_half_effect",
     .member = &FactorSecretionParameters::pge2_half_effect_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e6},
     .published = {0.35, 35.0},
     .kind = sim::Source::assumed,
     .meaning = "concentration with a soluble activity of 1, half of the greatest effect on a macrophage: prostaglandin E2",
     .source = "acts on macrophages through EP4 (Ylostalo 2012 Stem Cells 30:2283); 10 nmol/L assumed"},
    {.name = "il10_half_effect",
     .member = &FactorSecretionParameters::il10_half_effect_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e6},
     .published = {1.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "concentration with a soluble activity of 1, half of the greatest effect on a macrophage: IL-10",
     .source = "1-10 ng/mL, usual figure, to be verified"},
});
static_assert(sim::complete(factor_secretion_parameters));

/// Adds to `pools` the plasma pools [ng] of all factors, with volume, and what is lost of each; elimination from one to the other at the half-life;
/// and fills the plasma with the body's own: baseline concentration x volume.
void add_factor_pools(sim::Compartments& compartments, const FactorSecretionParameters& p, double plasma_mL, BloodPools& pools);

/// Share of each factor that is lost when venous blood passes the lung.
std::array<double, factors> lung_extraction(const FactorSecretionParameters& p);

/// Effect of the MSC's factors on a macrophage in plasma of these concentrations, relative to half of the greatest one:
///   sum over TSG-6, PGE2, IL-10 of max(0, C - baseline)/half_effect,   C [ng/mL]
double soluble_activity(const FactorSecretionParameters& p, const std::array<double, factors>& ng_per_mL);

/// Factors of the medium that `cell_equivalents` cells conditioned [ng].
std::array<double, factors> conditioned_factors(const FactorSecretionParameters& p, double cell_equivalents, const CellProduct& product);

/// The body's own factors, made at the rate that holds their baseline: ln 2/half-life x baseline x volume. Tells the patches the TNF in plasma and
/// the activity of the MSC's factors there.
///
/// Reads: plasma pools. Writes: plasma pools of the factors; scalars tnf_ng_per_mL and soluble_activity of all patches. Assumed: the healthy rate
/// whatever the host's state; what disease adds comes from elsewhere.
class FactorBackground final : public sim::CompartmentProcess {
 public:
  FactorBackground(const FactorSecretionParameters& parameters, const BloodPools& pools, const Signals& signals);
  std::string_view name() const override { return "factor_secretion"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  FactorSecretionParameters p_;
  BloodPools pools_;
  std::array<double, factors> ng_per_h_;
  std::size_t tnf_, activity_;  // scalars
};

/// Viable MSC secrete soluble factors.
///
///   secreted  = secretion/24 h x s x culture x max(priming, licensing) x (hours lived in this visit)
///   s         = secretion of the cell relative to the mean; 1 where none was drawn
///   licensing = 1 + (largest - 1) C/(C + licensing_tnf),   C = TNF in plasma [ng/mL]
///
/// All of it passes the lung before it reaches an artery, where its extraction is lost; the rest enters the plasma evenly over the next visit.
/// Near an arrested cell the factors act undiminished: `near_secretors` = number of viable arrested cells at the end of the visit, each by its s.
///
/// Reads: entry, death, dose, whereabouts, secretion; TNF in plasma. Writes: factor pools; near_secretors.
/// Assumed: one factor of culture and priming for all factors; no difference between sources and passages; in the lung, circulating cells lose as
/// arrested ones do.
class FactorSecretion final : public sim::Process {
 public:
  /// `by_dose`: product of every therapy, by its number.
  FactorSecretion(const FactorSecretionParameters& parameters, const std::vector<CellProduct>& by_dose, std::size_t msc_kind, double agent_weight,
                  const BloodPools& pools, const Signals& signals);
  std::string_view name() const override { return "factor_secretion"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  void hand_over(sim::Patch& patch, const std::vector<double>& hours_by_dose) const;

  FactorSecretionParameters p_;
  std::vector<CellProduct> by_dose_;
  std::size_t kind_;
  double weight_;
  BloodPools pools_;
  std::array<double, factors> extraction_;  // in the lung
  std::size_t tnf_, near_secretors_;
};

}  // namespace paracrine::models
