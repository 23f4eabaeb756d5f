#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct NeutrophilFateParameters {
  double half_life_h = 10.0;
  double apoptotic_half_life_h = 24.0;
  double apoptosis_gain = 1.0;
  double signal_per_d = 1.0;
  double half_signal = 10.0;
  double relay_per_d = 0.2;
  double half_neighbours = 1.0;
};

inline constexpr auto neutrophil_fate_parameters = std::to_array<sim::Parameter<NeutrophilFateParameters>>({
    {.name = "half_life",
     .member = &NeutrophilFateParameters::half_life_h,
     .unit = "h",
     .physical = {0.1, 1e4},
     .published = {4.0, 24.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of an active neutrophil in the liver",
     .source = "6 to 24 h in resolving injury; no measurement in liver known"},
    {.name = "apoptotic_half_life",
     .member = &NeutrophilFateParameters::apoptotic_half_life_h,
     .unit = "h",
     .physical = {0.1, 1e4},
     .published = {6.0, 72.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of an apoptotic neutrophil that no macrophage eats",
     .source = "it falls apart within a day or two; no measurement known"},
    {.name = "apoptosis_gain",
     .member = &NeutrophilFateParameters::apoptosis_gain,
     .unit = "1",
     .physical = {0.0, 1e3},
     .published = {0.0, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "relative rise of the rate at which a neutrophil becomes apoptotic under much signal of MSC products",
     .source = "MSC and their vesicles are reported to lower the number of neutrophils in injured tissue; by what rate is not known"},
    {.name = "signal",
     .member = &NeutrophilFateParameters::signal_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which an active neutrophil becomes reparative under much signal of MSC products",
     .source = "potency; not identified by experiments"},
    {.name = "half_signal",
     .member = &NeutrophilFateParameters::half_signal,
     .unit = "1",
     .physical = {1e-6, 1e9},
     .published = {1.0, 1000.0},
     .kind = sim::Source::assumed,
     .meaning = "signal, in vesicles of unprimed cells, at which half of both effects is reached",
     .source = "as in macrophages; potency, not identified by experiments"},
    {.name = "relay",
     .member = &NeutrophilFateParameters::relay_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which an active neutrophil among many restorative macrophages becomes reparative",
     .source = "that they do in liver is not measured; a fifth of that of much signal, assumed"},
    {.name = "half_neighbours",
     .member = &NeutrophilFateParameters::half_neighbours,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.3, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "restorative macrophages at its own and the neighbouring sites at which it is half of that",
     .source = "as between macrophages; no measurement known"},
});
static_assert(sim::complete(neutrophil_fate_parameters));

/// Rates [1/d] of what can become of a neutrophil that lives.
struct NeutrophilRates {
  double apoptosis_per_d = 0.0, turning_per_d = 0.0;  // the second: of an active one, to reparative
};
NeutrophilRates neutrophil_rates(const NeutrophilFateParameters& p, double signal, double restorative_near);

/// Where the process finds things in a lobule patch.
struct NeutrophilFatePlaces {
  std::size_t neutrophils = 0, macrophages = 0;  // numbers of the agent kinds
  std::size_t gone = 0;                          // scalar: neutrophils that fell apart so far
};

/// Lets neutrophils die, and turns active ones into reparative ones, which injure nothing.
///
///   active, reparative -> apoptotic    (ln 2 / half_life) (1 + apoptosis_gain h)
///   active             -> reparative   signal h + relay n / (n + half_neighbours)
///   apoptotic          -> gone         ln 2 / apoptotic_half_life, if no macrophage eats it before
///
///   h = S / (S + half_signal), S signal of MSC products in the cell, n restorative macrophages at its own site and those that share a face with it.
///   A cell makes at most one step in a visit, with probability 1 - exp(-sum of rates dt), in proportion to its rates.
///
/// Reads: the neutrophils, restorative macrophages near them. Writes: the neutrophils; the count. Source: the parameters. Assumed: memoryless
/// steps; a reparative neutrophil does all that an active one does but injure, and does not go back.
class NeutrophilFate final : public sim::Process {
 public:
  NeutrophilFate(const NeutrophilFateParameters& parameters, const NeutrophilFatePlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "neutrophil_fate"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  NeutrophilFateParameters p_;
  NeutrophilFatePlaces places_;
};

}  // namespace paracrine::models
