#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct MacrophageSwitchParameters {
  double half_time_h = 40.0;
  double meals_gain = 2.38;
  double half_meals = 0.5;
  double il10_gain = 0.5;
  double half_il10_ng_per_mL = 2.0;
  double half_damage = 0.05;
  double signal_per_d = 1.0;
  double half_signal = 10.0;
};

inline constexpr auto macrophage_switch_parameters = std::to_array<sim::Parameter<MacrophageSwitchParameters>>({
    {.name = "half_time",
     .member = &MacrophageSwitchParameters::half_time_h,
     .unit = "h",
     .physical = {0.1, 1e5},
     .published = {24.0, 72.0},
     .kind = sim::Source::derived,
     .meaning = "half-time in which an inflammatory macrophage becomes restorative without what speeds it up or holds it back",
     .source = "36 h (24 to 72) in resolving injury, with debris: from the phases after the last CCl4 (Ramachandran 2012 PNAS 109:E3186) and "
               "Dal-Secco 2015 JEM 212:447; slower without"},
    {.name = "meals_gain",
     .member = &MacrophageSwitchParameters::meals_gain,
     .unit = "1",
     .physical = {0.0, 1e3},
     .published = {0.5, 10.0},
     .kind = sim::Source::fitted,
     .meaning = "relative rise of the rate after many meals of dead cells",
     .source = "calibration 3; eating debris drives the switch (Ramachandran 2012); size assumed"},
    {.name = "half_meals",
     .member = &MacrophageSwitchParameters::half_meals,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.1, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "meals at which half of that is reached",
     .source = "one dead cell; no measurement known"},
    {.name = "il10_gain",
     .member = &MacrophageSwitchParameters::il10_gain,
     .unit = "1",
     .physical = {0.0, 1e3},
     .published = {0.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "relative rise of the rate under much IL-10",
     .source = "IL-4 and IL-10 drive it (Dal-Secco 2015, from memory); size assumed"},
    {.name = "half_il10",
     .member = &MacrophageSwitchParameters::half_il10_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.1, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "IL-10 at which half of that is reached",
     .source = "usual concentrations in culture, to be verified"},
    {.name = "half_damage",
     .member = &MacrophageSwitchParameters::half_damage,
     .unit = "1",
     .physical = {1e-6, 1e6},
     .published = {0.01, 1.0},
     .kind = sim::Source::fitted,
     .meaning = "damage signal that halves the rate",
     .source = "calibration 3; fresh damage keeps macrophages inflammatory; no measurement known"},
    {.name = "signal",
     .member = &MacrophageSwitchParameters::signal_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.1, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "rate of the switch under much signal of MSC products",
     .source = "potency; not identified by experiments"},
    {.name = "half_signal",
     .member = &MacrophageSwitchParameters::half_signal,
     .unit = "1",
     .physical = {1e-6, 1e9},
     .published = {1.0, 1000.0},
     .kind = sim::Source::assumed,
     .meaning = "signal, in vesicles of unprimed cells, at which half of that is reached",
     .source = "potency; not identified by experiments"},
});
static_assert(sim::complete(macrophage_switch_parameters));

/// Rate [1/d] of the switch by itself, and by the signal of MSC products.
struct SwitchRates {
  double own_per_d = 0.0, signal_per_d = 0.0;
};
SwitchRates switch_rates(const MacrophageSwitchParameters& p, double meals, double il10_ng_per_mL, double damage, double signal);

/// Where the process finds things in a lobule patch.
struct MacrophageSwitchPlaces {
  std::size_t macrophages = 0;         // number of the agent kind
  std::size_t damage = 0;              // field [1]
  std::size_t il10 = 0;                // scalar [ng/mL]
  std::size_t switched = 0;            // scalars, so far: macrophages switched,
  std::size_t switched_by_signal = 0;  // and of them those that the signal did, each by its share of the rate
};

/// Turns inflammatory macrophages into restorative ones, in place.
///
///   rate = (ln 2 / half_time) (1 + meals_gain m / (m + half_meals) + il10_gain I / (I + half_il10)) / (1 + D / half_damage)
///          + signal S / (S + half_signal)
///
///   m meals, I [ng/mL] IL-10, D damage signal at the cell, S its signal of MSC products. msc_lineage becomes the signal's share of the rate.
///
/// Reads: the macrophages, damage, IL-10. Writes: states, lineage, counts. Source: the parameters. Assumed: no way back; the form of each effect.
class MacrophageSwitch final : public sim::Process {
 public:
  MacrophageSwitch(const MacrophageSwitchParameters& parameters, const MacrophageSwitchPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "macrophage_switch"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  MacrophageSwitchParameters p_;
  MacrophageSwitchPlaces places_;
};

}  // namespace paracrine::models
