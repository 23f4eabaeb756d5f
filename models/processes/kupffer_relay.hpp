#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct KupfferRelayParameters {
  double rate_per_d = 2.0;
  double half_signal = 10.0;
  double half_life_d = 7.0;
};

inline constexpr auto kupffer_relay_parameters = std::to_array<sim::Parameter<KupfferRelayParameters>>({
    {.name = "rate",
     .member = &KupfferRelayParameters::rate_per_d,
     .unit = "d^-1",
     .physical = {0.0, 1e3},
     .published = {0.3, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which a Kupffer cell's secretion of IL-10 is switched on under much signal of MSC products",
     .source = "hours to a day in culture; no measurement in vivo known"},
    {.name = "half_signal",
     .member = &KupfferRelayParameters::half_signal,
     .unit = "1",
     .physical = {1e-6, 1e9},
     .published = {1.0, 1000.0},
     .kind = sim::Source::assumed,
     .meaning = "signal, in vesicles of unprimed cells, at which it is half of that",
     .source = "potency; not identified by experiments"},
    {.name = "half_life",
     .member = &KupfferRelayParameters::half_life_d,
     .unit = "d",
     .physical = {0.01, 1e4},
     .published = {1.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life for which it stays switched on",
     .source = "whether the cells remember is open; assumed to be days"},
});
static_assert(sim::complete(kupffer_relay_parameters));

/// How far a Kupffer cell's secretion is switched on after `days` under a signal.
double kupffer_relay_after(const KupfferRelayParameters& p, double relay, double signal, double days);

/// Switches a Kupffer cell's secretion of IL-10 on, and lets it fade; exact over a visit.
///
///   dr/dt = rate S / (S + half_signal) (1 - r) - (ln 2 / half_life) r
///
///   r 0 to 1, column `relay` (what it does is in the secretion of IL-10), S signal of MSC products in the cell.
///
/// Reads: states and signals of macrophages. Writes: `relay` of Kupffer cells. Source: the parameters. Assumed: the form.
class KupfferRelay final : public sim::Process {
 public:
  KupfferRelay(const KupfferRelayParameters& parameters, std::size_t macrophages) : p_(parameters), macrophages_(macrophages) {}
  std::string_view name() const override { return "kupffer_relay"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  KupfferRelayParameters p_;
  std::size_t macrophages_;  // number of the agent kind
};

}  // namespace paracrine::models
