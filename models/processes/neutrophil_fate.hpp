#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct NeutrophilFateParameters {
  double half_life_h = 10.0;
  double apoptotic_half_life_h = 24.0;
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
});
static_assert(sim::complete(neutrophil_fate_parameters));

/// Where the process finds things in a lobule patch.
struct NeutrophilFatePlaces {
  std::size_t neutrophils = 0;  // number of the agent kind
  std::size_t gone = 0;         // scalar: neutrophils that fell apart so far
};

/// Lets neutrophils die: active -> apoptotic (ln 2 / half_life) -> gone (ln 2 / apoptotic_half_life), if no macrophage eats them before.
///
/// Reads and writes: the neutrophils; the count. Source: the parameters. Assumed: memoryless steps.
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
