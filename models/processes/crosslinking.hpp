#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct CrosslinkingParameters {
  double rate_per_d = 0.005;
  double half_cells = 0.1;
};

inline constexpr auto crosslinking_parameters = std::to_array<sim::Parameter<CrosslinkingParameters>>({
    {.name = "rate",
     .member = &CrosslinkingParameters::rate_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.005, 0.02},
     .kind = sim::Source::derived,
     .meaning = "largest rate at which fibrillar collagen is cross-linked",
     .source =
         "0.5 to 2 %/d; above 0.5 %/d four weeks of injury would leave more than a tenth of the scar after four weeks of recovery, against near "
         "control in rat (Iredale 1998 J Clin Invest 102:538)"},
    {.name = "half_cells",
     .member = &CrosslinkingParameters::half_cells,
     .unit = "1",
     .physical = {1e-6, 100.0},
     .published = {0.02, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "activated stellate cells and myofibroblasts per hepatocyte site at which the rate is half of its largest",
     .source = "they secrete LOXL2; their number under injury is 0.15 to 0.3 per site; no measurement known"},
});
static_assert(sim::complete(crosslinking_parameters));

/// Rate [1/d] at which fibrillar collagen is cross-linked among `cells` activated stellate cells and myofibroblasts per hepatocyte site; `loxl2`:
/// activity of LOXL2 relative to the untreated.
inline double crosslinking_rate_per_d(const CrosslinkingParameters& p, double cells, double loxl2) {
  return p.rate_per_d * loxl2 * cells / (cells + p.half_cells);
}

/// Where the process finds things in a lobule patch.
struct CrosslinkingPlaces {
  std::size_t stellate_cells = 0;              // number of the agent kind
  std::size_t fibrillar = 0, crosslinked = 0;  // fields [mg/mL]
  std::size_t loxl2 = 0;                       // scalar: activity of LOXL2 relative to the untreated
};

/// Turns fibrillar collagen into cross-linked collagen, which hardly anything degrades; exact over a visit.
///
///   dX/dt = -dF/dt = rate loxl2 m / (m + half_cells) F
///
///   F, X [mg/mL] fibrillar and cross-linked collagen of a voxel, m mean number of activated stellate cells and myofibroblasts at its hepatocyte site
///   and the sites that share a face with it.
///
/// Reads: stellate cells' places and states, LOXL2's activity. Writes: the two fields; their sum stays.
/// Source: the parameters. Assumed: LOXL2 reaches one site further than its cell; the form of the rate.
class Crosslinking final : public sim::Process {
 public:
  Crosslinking(const CrosslinkingParameters& parameters, const CrosslinkingPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "crosslinking"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  sim::Pace pace() const override { return sim::Pace::slow; }
  std::vector<std::size_t> written_fields() const override { return {places_.fibrillar, places_.crosslinked}; }

 private:
  CrosslinkingParameters p_;
  CrosslinkingPlaces places_;
};

}  // namespace paracrine::models
