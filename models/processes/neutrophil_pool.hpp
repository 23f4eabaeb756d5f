#pragma once
#include <array>

#include "models/compartments/leukocytes.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct NeutrophilPoolParameters {
  double marrow_cells = 5e7;
  double blood_cells = 2e6;
  double margin_cells = 4e6;
  double spleen_cells = 2e6;
  double blood_half_life_h = 10.0;
  double store_half_life_h = 10.0;
  double margin_stay_h = 2.0;
  double spleen_stay_h = 4.0;
  double liver_share = 0.2;
  double liver_half_life_h = 12.0;
  double max_egress_factor = 10.0;
  double half_signal = 5.0;
  double recruitment_gain = 1.0;
  double production_half_time_h = 48.0;
};

inline constexpr auto neutrophil_pool_parameters = std::to_array<sim::Parameter<NeutrophilPoolParameters>>({
    {.name = "marrow_cells",
     .member = &NeutrophilPoolParameters::marrow_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {2e7, 2e8},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "neutrophils in store in the marrow, in health; scales with body weight",
     .source = "tens of times the blood's; order of magnitude",
     .variants = {{{.name = "human",
                    .value = 5e11,
                    .published = {2e11, 1e12},
                    .kind = sim::Source::assumed,
                    .source = "usual figure, 3 to 9e9 per kg; to be verified"}}}},
    {.name = "blood_cells",
     .member = &NeutrophilPoolParameters::blood_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {8e5, 4e6},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "neutrophils in the blood, in health; scales with body weight",
     .source = "about 1 per nL of blood in mouse, usual count",
     .variants = {{{.name = "human",
                    .value = 2.2e10,
                    .published = {1.1e10, 4e10},
                    .kind = sim::Source::derived,
                    .source = "2 to 7 per nL, usual count, 4 in 5.6 L"}}}},
    {.name = "margin_cells",
     .member = &NeutrophilPoolParameters::margin_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {1e6, 1e7},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "neutrophils that stay in the capillaries of the lung, in health; scales with body weight",
     .source = "the lung's margin is one to three times the blood's; order of magnitude",
     .variants =
         {{{.name = "human", .value = 2.2e10, .published = {1e10, 7e10}, .kind = sim::Source::assumed, .source = "as many as in the blood"}}}},
    {.name = "spleen_cells",
     .member = &NeutrophilPoolParameters::spleen_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {5e5, 5e6},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "neutrophils in the spleen, in health; scales with body weight",
     .source = "order of magnitude",
     .variants = {{{.name = "human", .value = 1e10, .published = {2e9, 3e10}, .kind = sim::Source::assumed, .source = "order of magnitude"}}}},
    {.name = "blood_half_life",
     .member = &NeutrophilPoolParameters::blood_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {8.0, 12.0},
     .distribution = {sim::Spread::lognormal, 1.3},
     .kind = sim::Source::assumed,
     .meaning = "half-life of blood neutrophils with respect to what does not come back: death, the way into the liver",
     .source = "8 to 12 h in mouse, usual figure",
     .variants = {{{.name = "human",
                    .value = 7.0,
                    .published = {6.0, 130.0},
                    .kind = sim::Source::measured,
                    .source = "6 to 8 h (Summers 2010 Trends Immunol 31:318, as cited in BioNumbers 117065); by method below 7 h to 5.4 d (Tak 2013 "
                              "J Leukoc Biol 94:595, doi 10.1189/jlb.1112571)"}}}},
    {.name = "store_half_life",
     .member = &NeutrophilPoolParameters::store_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {6.0, 24.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life, with respect to what does not come back, of neutrophils in lung margin and spleen",
     .source = "they age as in the blood",
     .variants = {{{.name = "human", .value = 7.0, .published = {6.0, 24.0}, .kind = sim::Source::assumed, .source = "they age as in the blood"}}}},
    {.name = "margin_stay",
     .member = &NeutrophilPoolParameters::margin_stay_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {0.1, 6.0},
     .kind = sim::Source::assumed,
     .meaning = "mean time that a neutrophil stays in the lung margin before the blood takes it on",
     .source = "minutes to hours; order of magnitude"},
    {.name = "spleen_stay",
     .member = &NeutrophilPoolParameters::spleen_stay_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {0.2, 12.0},
     .kind = sim::Source::assumed,
     .meaning = "mean time that a neutrophil stays in the spleen before the blood takes it on",
     .source = "order of magnitude"},
    {.name = "liver_share",
     .member = &NeutrophilPoolParameters::liver_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.4},
     .kind = sim::Source::assumed,
     .meaning = "share of the blood's losses that goes into the liver, in health",
     .source = "marrow, liver and spleen clear old neutrophils; share assumed"},
    {.name = "liver_half_life",
     .member = &NeutrophilPoolParameters::liver_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {4.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of a neutrophil in the liver",
     .source = "6 to 24 h in resolving injury; 1 to 2 d elsewhere"},
    {.name = "max_egress_factor",
     .member = &NeutrophilPoolParameters::max_egress_factor,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {3.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "largest egress from the marrow, and production, over that of health",
     .source = "as for monocytes"},
    {.name = "half_signal",
     .member = &NeutrophilPoolParameters::half_signal,
     .unit = "1",
     .physical = {1e-6, 1e6},
     .published = {1.0, 20.0},
     .kind = sim::Source::assumed,
     .meaning = "rise of the recruiting signal over health, relative to it, at which half of the largest egress is asked for",
     .source = "as for monocytes"},
    {.name = "recruitment_gain",
     .member = &NeutrophilPoolParameters::recruitment_gain,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {0.1, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "relative rise of recruitment to the liver, per blood neutrophil, for a relative rise of the signal of 1",
     .source = "proportional; no measurement known"},
    {.name = "production_half_time",
     .member = &NeutrophilPoolParameters::production_half_time_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {24.0, 120.0},
     .kind = sim::Source::assumed,
     .meaning = "time in which production goes half the way to what egress asks for",
     .source = "division and ripening take days"},
});
static_assert(sim::complete(neutrophil_pool_parameters));

/// Neutrophils of one subject: pools, flows, and what holds them in health.
struct NeutrophilPools {
  sim::PoolIndex marrow = 0, gone = 0;
  sim::FlowIndex egress = 0;
  LeukocyteCohort cells;
  std::size_t production_factor = 0;  // number of the world's value: production relative to health
  LeukocyteRates healthy;
  bool lobules_recruit = false;         // the lobules take them out of the blood, by this uptake; else a flow does
  double healthy_to_liver_per_h = 0.0;  // where the lobules do: what they together take in health
  sim::UptakeIndex uptake = 0;          // of the blood, into the liver's stock

  double received(const sim::Compartments& compartments) const;  // those of the start and all produced
  double stored(const sim::Compartments& compartments) const;    // in all stocks, marrow included
};

/// Adds pools and flows to the world's compartments and fills them with the steady state of health, for a subject `scale` times as heavy as the one
/// of the parameters. The flows rest until NeutrophilPool sets them. `lobules_recruit`: see leave_liver_to_lobules.
NeutrophilPools add_neutrophil_pools(sim::World& world, const NeutrophilPoolParameters& parameters, double scale, double blood_mL,
                                     bool lobules_recruit = false);

/// Makes neutrophils in the marrow, sends them into the blood and on to lung margin, spleen and liver.
///
///   marrow        dM/dt = g P - f e M
///   blood         dB/dt = f e M + r_m L + r_s S - (k_m + k_s + k_liver (1 + recruitment_gain c) + loss) B
///   lung margin   dL/dt = k_m B - (r_m + loss) L,   spleen alike
///   liver         dH/dt = k_liver (1 + recruitment_gain c) B - loss H
///   egress        f = 1 + (max_egress_factor - 1) (1 - (1 - c / (c + half_signal)) (1 - max(0, 1 - B / B of health)))
///   production    dg/dt = (f - g) ln2 / production_half_time
///
///   M, B, L, S, H [cells], P [cells/h] and all rates [1/h] from healthy_rates (leukocytes.hpp); c [1] rise of the recruiting signal over health,
///   relative to it; below 0 counts as 0.
///
/// Reads: the world's values of the signal and of production. Writes: flow rates, cells received by the marrow, the value of production.
/// Source: Summers 2010, Tak 2013 (doi 10.1189/jlb.1112571) for the half-life. Assumed: the form, as for monocytes; cells in the liver do not come
/// back.
class NeutrophilPool final : public sim::CompartmentProcess {
 public:
  NeutrophilPool(const NeutrophilPoolParameters& parameters, const NeutrophilPools& pools, std::size_t signal_value)
      : p_(parameters), pools_(pools), signal_value_(signal_value) {}
  std::string_view name() const override { return "neutrophil_pool"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  NeutrophilPoolParameters p_;
  NeutrophilPools pools_;
  std::size_t signal_value_;
};

}  // namespace paracrine::models
