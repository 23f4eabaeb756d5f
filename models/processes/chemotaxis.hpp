#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct ChemotaxisParameters {
  double macrophage_um_per_min = 2.0;
  double neutrophil_um_per_min = 8.0;
  double macrophage_persistence_min = 5.0;
  double neutrophil_persistence_min = 2.0;
  double half_gradient = 0.1;
  double least_damage = 0.02;
};

inline constexpr auto chemotaxis_parameters = std::to_array<sim::Parameter<ChemotaxisParameters>>({
    {.name = "macrophage_speed",
     .member = &ChemotaxisParameters::macrophage_um_per_min,
     .unit = "um/min",
     .physical = {0.0, 1e3},
     .published = {1.0, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "speed of a recruited macrophage",
     .source = "1 to 5 um/min, of low confidence"},
    {.name = "neutrophil_speed",
     .member = &ChemotaxisParameters::neutrophil_um_per_min,
     .unit = "um/min",
     .physical = {0.0, 1e3},
     .published = {5.0, 15.0},
     .kind = sim::Source::assumed,
     .meaning = "speed of a neutrophil",
     .source = "usual in tissue, to be verified"},
    {.name = "macrophage_persistence",
     .member = &ChemotaxisParameters::macrophage_persistence_min,
     .unit = "min",
     .physical = {0.1, 1e3},
     .published = {2.0, 15.0},
     .kind = sim::Source::assumed,
     .meaning = "time for which a macrophage keeps its heading",
     .source = "no measurement known"},
    {.name = "neutrophil_persistence",
     .member = &ChemotaxisParameters::neutrophil_persistence_min,
     .unit = "min",
     .physical = {0.1, 1e3},
     .published = {0.5, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "time for which a neutrophil keeps its heading",
     .source = "no measurement known"},
    {.name = "half_gradient",
     .member = &ChemotaxisParameters::half_gradient,
     .unit = "1",
     .physical = {1e-9, 1e6},
     .published = {0.01, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "relative difference of the damage signal over a cell's length at which heading is half directed",
     .source = "cells read differences of one to a few per cent; no measurement for this signal"},
    {.name = "least_damage",
     .member = &ChemotaxisParameters::least_damage,
     .unit = "1",
     .physical = {1e-12, 1e6},
     .published = {0.001, 0.05},
     .kind = sim::Source::assumed,
     .meaning = "damage signal below which a difference is not read",
     .source = "a thousandth of a tissue that is all necrotic; no measurement known"},
});
static_assert(sim::complete(chemotaxis_parameters));

/// Share of a step that is directed where the damage signal is `value` and differs by `difference` over a cell's length.
inline double directed_share(const ChemotaxisParameters& p, double value, double difference) {
  const double relative = difference / (value + p.least_damage);
  return relative / (relative + p.half_gradient);
}

/// Where the process finds things in a lobule patch.
struct ChemotaxisPlaces {
  std::size_t macrophages = 0, neutrophils = 0;  // numbers of the agent kinds
  std::size_t damage = 0;                        // field [1]
};

/// Moves recruited macrophages and living neutrophils, in steps of their persistence in the frozen damage signal:
///
///   heading  b g + (1 - b) e, made 1 long     g direction of the signal's gradient, e a random direction (of 1024 in a plane)
///   b = s / (s + half_gradient),   s = |gradient| 20 um / (D + least_damage)
///   D: mean over a hepatocyte site; gradient: between the sites on either side, of those that are in the lobule
///
/// A step that would leave the lobule is not taken. In a slab one site thick headings are planar. Kupffer cells stay.
///
/// Reads: damage. Writes: places. Source: the parameters. Assumed: matrix and flow do not matter to the walk.
class Chemotaxis final : public sim::Process {
 public:
  Chemotaxis(const ChemotaxisParameters& parameters, const ChemotaxisPlaces& places);
  std::string_view name() const override { return "chemotaxis"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  static constexpr std::size_t headings = 1024;
  ChemotaxisParameters p_;
  ChemotaxisPlaces places_;
  std::array<std::array<float, 2>, headings> heading_;  // cosine and sine of evenly spaced angles
};

}  // namespace paracrine::models
