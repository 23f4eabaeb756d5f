#pragma once
#include <array>

#include "models/compartments/leukocytes.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct MonocytePoolParameters {
  double marrow_cells = 3e6;
  double blood_cells = 1e6;
  double margin_cells = 2e6;
  double spleen_cells = 2e6;
  double blood_half_life_h = 20.0;
  double store_half_life_h = 360.0;
  double margin_stay_h = 6.0;
  double spleen_stay_h = 24.0;
  double liver_share = 0.6;
  double liver_half_life_h = 72.0;
  double education_half_life_h = 72.0;
  double max_egress_factor = 7.0;
  double half_signal = 5.0;
  double recruitment_gain = 1.0;
  double production_half_time_h = 24.0;
};

inline constexpr auto monocyte_pool_parameters = std::to_array<sim::Parameter<MonocytePoolParameters>>({
    {.name = "marrow_cells",
     .member = &MonocytePoolParameters::marrow_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {1e6, 1e7},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "monocytes in the marrow that are ready to leave, in health; scales with body weight",
     .source = "a few 1e6 in mouse: order of magnitude",
     .variants = {{{.name = "human",
                    .value = 4e9,
                    .published = {1e9, 1.2e10},
                    .kind = sim::Source::derived,
                    .source = "1.6 d after the last division (Patel 2017 J Exp Med 214:1913, doi 10.1084/jem.20170355) at the production that the "
                              "other stocks need, 2.3e9/d"}}}},
    {.name = "blood_cells",
     .member = &MonocytePoolParameters::blood_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {3e5, 3e6},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "inflammatory (Ly6C-hi, classical) monocytes in the blood, in health; scales with body weight",
     .source = "about 1e6 in mouse: order of magnitude",
     .variants = {{{.name = "human",
                    .value = 2e9,
                    .published = {1e9, 4e9},
                    .kind = sim::Source::derived,
                    .source = "0.2 to 0.8 per nL, usual count, in 5.6 L"}}}},
    {.name = "margin_cells",
     .member = &MonocytePoolParameters::margin_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {5e5, 5e6},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "monocytes that stay in the capillaries of the lung, in health; scales with body weight",
     .source = "a few 1e6 in mouse: order of magnitude",
     .variants =
         {{{.name = "human", .value = 4e9, .published = {1e9, 1.2e10}, .kind = sim::Source::assumed, .source = "as in mouse, twice the blood's"}}}},
    {.name = "spleen_cells",
     .member = &MonocytePoolParameters::spleen_cells,
     .unit = "1",
     .physical = {1.0, 1e14},
     .published = {5e5, 5e6},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "monocytes in the spleen, in health; scales with body weight",
     .source =
         "a few 1e6 in mouse: order of magnitude; they outnumber those in the blood (Swirski 2009 Science 325:612, doi 10.1126/science.1175202)",
     .variants =
         {{{.name = "human", .value = 4e9, .published = {1e9, 1.2e10}, .kind = sim::Source::assumed, .source = "as in mouse, twice the blood's"}}}},
    {.name = "blood_half_life",
     .member = &MonocytePoolParameters::blood_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {10.0, 40.0},
     .distribution = {sim::Spread::lognormal, 1.3},
     .kind = sim::Source::assumed,
     .meaning = "half-life of blood monocytes with respect to what does not come back: differentiation, death, the way into the liver",
     .source = "about 20 h for Ly6C-hi (Yona 2013 Immunity 38:79, doi 10.1016/j.immuni.2012.12.001), to be verified",
     .variants = {{{.name = "human",
                    .value = 17.0,
                    .published = {12.0, 30.0},
                    .kind = sim::Source::derived,
                    .source = "classical monocytes circulate for about 1 d in the mean (Patel 2017 J Exp Med 214:1913): times ln2"}}}},
    {.name = "store_half_life",
     .member = &MonocytePoolParameters::store_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {100.0, 1000.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life, with respect to what does not come back, of monocytes in lung margin and spleen",
     .source = "chosen so that production in mouse is about 1e6/d with the other values"},
    {.name = "margin_stay",
     .member = &MonocytePoolParameters::margin_stay_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {1.0, 24.0},
     .kind = sim::Source::assumed,
     .meaning = "mean time that a monocyte stays in the lung margin before the blood takes it on",
     .source = "leukocytes are held for hours; no measurement for monocytes known"},
    {.name = "spleen_stay",
     .member = &MonocytePoolParameters::spleen_stay_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {6.0, 100.0},
     .kind = sim::Source::assumed,
     .meaning = "mean time that a monocyte stays in the spleen before the blood takes it on",
     .source = "longer than in the lung margin; no measurement known"},
    {.name = "liver_share",
     .member = &MonocytePoolParameters::liver_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.6},
     .kind = sim::Source::assumed,
     .meaning = "share of the blood's losses that goes into the liver, in health",
     .source = "keeps about 1e6 recruited cells in a healthy mouse liver, some per cent of the Kupffer cells; no measurement known"},
    {.name = "liver_half_life",
     .member = &MonocytePoolParameters::liver_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {28.0, 120.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of a recruited cell in the liver",
     .source = "recruited macrophages are there for 2 to 5 d; 0.6/d in an infarct model (Jin 2011 BMC Syst Biol 5:60), 0.3/d in a cell circuit"},
    {.name = "education_half_life",
     .member = &MonocytePoolParameters::education_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {24.0, 168.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of what MSC taught a monocyte, in every stock",
     .source = "lost over days; no measurement known"},
    {.name = "max_egress_factor",
     .member = &MonocytePoolParameters::max_egress_factor,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {3.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "largest egress from the marrow, and production, over that of health",
     .source = "up to tenfold on demand; the liver's CD11b+F4/80+ cells rise up to tenfold, by CCR2 at egress (Karlmark 2009 Hepatology 50:261, doi "
               "10.1002/hep.22950)"},
    {.name = "half_signal",
     .member = &MonocytePoolParameters::half_signal,
     .unit = "1",
     .physical = {1e-6, 1e6},
     .published = {1.0, 20.0},
     .kind = sim::Source::assumed,
     .meaning = "rise of CCL2 over health, relative to it, at which half of the largest egress is asked for",
     .source = "no measurement known"},
    {.name = "recruitment_gain",
     .member = &MonocytePoolParameters::recruitment_gain,
     .unit = "1",
     .physical = {0.0, 1e6},
     .published = {0.1, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "relative rise of recruitment to the liver, per blood monocyte, for a relative rise of CCL2 of 1",
     .source = "proportional; no measurement known"},
    {.name = "production_half_time",
     .member = &MonocytePoolParameters::production_half_time_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {12.0, 72.0},
     .kind = sim::Source::assumed,
     .meaning = "time in which production goes half the way to what egress asks for",
     .source = "a few divisions of precursors"},
});
static_assert(sim::complete(monocyte_pool_parameters));

/// Monocytes of one subject: pools, flows, and what holds them in health. Educated ones are those that MSC taught.
struct MonocytePools {
  sim::PoolIndex marrow = 0, gone = 0;
  sim::FlowIndex egress = 0;
  LeukocyteCohort naive, educated;
  std::array<sim::FlowIndex, stocks> forgetting{};  // by Stock: educated -> naive
  std::size_t production_factor = 0;                // number of the world's value: production relative to health
  LeukocyteRates healthy;
  bool lobules_recruit = false;                            // the lobules take them out of the blood, by these uptakes; else a flow does
  double healthy_to_liver_per_h = 0.0;                     // where the lobules do: what they together take in health
  sim::UptakeIndex naive_uptake = 0, educated_uptake = 0;  // of the blood, into the liver's stock

  double count(const sim::Compartments& compartments, Stock stock) const;  // naive and educated
  double educated_count(const sim::Compartments& compartments) const;      // in all stocks
  double blood_per_mL(const sim::Compartments& compartments) const;        // naive and educated
  double received(const sim::Compartments& compartments) const;            // those of the start and all produced
  double stored(const sim::Compartments& compartments) const;              // in all stocks, marrow included
  double recruited_educated(const sim::Compartments& compartments) const { return compartments.transferred(educated.to_liver); }  // so far
};

/// Adds pools and flows to the world's compartments and fills them with the steady state of health, for a subject `scale` times as heavy as the one
/// of the parameters. The flows rest until MonocytePool sets them. `lobules_recruit`: see leave_liver_to_lobules.
MonocytePools add_monocyte_pools(sim::World& world, const MonocytePoolParameters& parameters, double scale, double blood_mL,
                                 bool lobules_recruit = false);

/// Makes monocytes in the marrow, sends them into the blood and on to lung margin, spleen and liver, and lets the educated forget.
///
///   marrow        dM/dt = g P - f e M
///   blood         dB/dt = f e M + r_m L + r_s S - (k_m + k_s + k_liver (1 + recruitment_gain c) + loss) B
///   lung margin   dL/dt = k_m B - (r_m + loss) L,   spleen alike
///   liver         dH/dt = k_liver (1 + recruitment_gain c) B - loss H
///   educated      -> naive at ln2 / education_half_life in every stock; else as the naive
///   egress        f = 1 + (max_egress_factor - 1) (1 - (1 - c / (c + half_signal)) (1 - max(0, 1 - B / B of health)))
///   production    dg/dt = (f - g) ln2 / production_half_time
///
///   M, B, L, S, H [cells], P [cells/h] and all rates [1/h] from healthy_rates (leukocytes.hpp); c [1] rise of CCL2 over health, relative to it;
///   below 0 counts as 0.
///
/// Reads: the world's values of CCL2 and of production. Writes: flow rates, cells received by the marrow, the value of production.
/// Source: Patel 2017 (doi 10.1084/jem.20170355), Yona 2013 (doi 10.1016/j.immuni.2012.12.001), Karlmark 2009 (doi 10.1002/hep.22950; CCR2 acts at
/// egress). Assumed: c proportional in recruitment and saturating in egress, f and c
/// constant over a visit; cells in the liver do not come back.
class MonocytePool final : public sim::CompartmentProcess {
 public:
  MonocytePool(const MonocytePoolParameters& parameters, const MonocytePools& pools, std::size_t ccl2_value)
      : p_(parameters), pools_(pools), ccl2_value_(ccl2_value) {}
  std::string_view name() const override { return "monocyte_pool"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  MonocytePoolParameters p_;
  MonocytePools pools_;
  std::size_t ccl2_value_;
};

}  // namespace paracrine::models
