#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "models/tissue/lobule_state.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct SinusoidFlowParameters {
  double exponent = 0.594;
  double healthy_diameter_um = 10.3;
  double narrowing = 1.0;
  double shunt = 0.0;
  double vesicle_diffusion_um2_per_s = 3.8;
  double capillarised_narrowing = 0.45;
  double contraction = 0.45;
  double half_cells = 0.05;
};

inline constexpr auto sinusoid_flow_parameters = std::to_array<sim::Parameter<SinusoidFlowParameters>>({
    {.name = "exponent",
     .member = &SinusoidFlowParameters::exponent,
     .unit = "1",
     .physical = {0.0, 4.0},
     .published = {0.4, 0.8},
     .kind = sim::Source::derived,
     .meaning = "flow at a held pressure drop goes with the diameter of the sinusoids to this power",
     .source =
         "perfusion 67.3 against 94.4 mL/min/100 g where the diameter is 5.82 against 10.28 um: ln 0.713 / ln 0.566 (80.0 at 6.84 um gives 0.41); "
         "Fan 2019 WJG 25:1355, PMC6429340; far from the 4 of a stiff tube, for the pressure rises too"},
    {.name = "healthy_diameter",
     .member = &SinusoidFlowParameters::healthy_diameter_um,
     .unit = "um",
     .physical = {1.0, 50.0},
     .published = {8.9, 11.7},
     .kind = sim::Source::measured,
     .meaning = "diameter of a healthy sinusoid",
     .source = "10.28 +/- 1.40 um; Fan 2019 WJG 25:1355, PMC6429340",
     .variants = {{{.name = "human",
                    .value = 9.0,
                    .published = {7.0, 15.0},
                    .kind = sim::Source::assumed,
                    .source = "8 to 10 um, well known, not verified"}}}},
    {.name = "narrowing",
     .member = &SinusoidFlowParameters::narrowing,
     .unit = "1",
     .physical = {0.05, 3.0},
     .published = {0.5, 1.0},
     .kind = sim::Source::measured,
     .meaning = "diameter of the sinusoids relative to health, all over the liver; below 1 for a diseased liver",
     .source = "1 in health; 0.57 after 4 weeks of CCl4, 0.67 after 2; Fan 2019 WJG 25:1355, PMC6429340"},
    {.name = "shunt",
     .member = &SinusoidFlowParameters::shunt,
     .unit = "1",
     .physical = {0.0, 0.99},
     .published = {0.0, 0.7},
     .kind = sim::Source::assumed,
     .meaning = "share of the liver's blood that goes round the sinusoids' cells",
     .source =
         "0 in health; in cirrhosis a low extraction through shunts within the liver (colloid and hepatic vein catheter, n = 28), not a number"},
    {.name = "vesicle_diffusion",
     .member = &SinusoidFlowParameters::vesicle_diffusion_um2_per_s,
     .unit = "um^2/s",
     .physical = {0.0, 1e3},
     .published = {1.0, 6.6},
     .kind = sim::Source::derived,
     .meaning = "diffusion of a vesicle in plasma; matters only where nothing flows",
     .source = "kT / (3 pi viscosity d) at 37 C, 1.2 mPa s, d = 100 nm"},
    {.name = "capillarised_narrowing",
     .member = &SinusoidFlowParameters::capillarised_narrowing,
     .unit = "1",
     .physical = {0.0, 0.9},
     .published = {0.1, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "relative narrowing of a sinusoid whose endothelium is capillarised",
     .source = "with contraction it narrows sinusoids to 0.57 after 4 weeks of CCl4 (Fan 2019); how the two share it is not known"},
    {.name = "contraction",
     .member = &SinusoidFlowParameters::contraction,
     .unit = "1",
     .physical = {0.0, 0.9},
     .published = {0.1, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "relative narrowing by many activated stellate cells and myofibroblasts",
     .source = "they contract around the sinusoids; same"},
    {.name = "half_cells",
     .member = &SinusoidFlowParameters::half_cells,
     .unit = "1",
     .physical = {1e-6, 100.0},
     .published = {0.01, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "activated stellate cells and myofibroblasts per hepatocyte site, own and neighbouring sites, at which half of that is reached",
     .source = "about a third of their number under injury; no measurement known"},
});
static_assert(sim::complete(sinusoid_flow_parameters));

/// Flow of plasma from the six portal tracts of a lobule to its central vein at a held pressure drop (p = 1 and 0):
///
///   div( k grad p ) = b k in (p - 1) + b k out p,   k = (d / d_healthy)^exponent per voxel, b = 1 / site^2
///
/// in, out: share of a place in a portal tract or the vein, where vessels feed the sinusoids over the length of a site; so the flow has a limit as
/// voxels get smaller. A potential flow of 1 stands for flow_scale; that is found once for the healthy liver, and then every change of flow is a
/// result. Assumed: all lobules have the same pressure drop; blood and plasma part nowhere.
/// Source: Fan 2019 WJG 25:1355 for the exponent; uniform conductance is assumed.
sim::PotentialFlow sinusoid_flow(const Lobule& lobule, std::span<const double> relative_diameter, const SinusoidFlowParameters& p);

/// The same with one diameter for all sinusoids.
sim::PotentialFlow sinusoid_flow(const Lobule& lobule, double relative_diameter, const SinusoidFlowParameters& p);

/// Plasma flow [mL/h] that a potential flow of 1 stands for: plasma_flow / (weight x sum of the lobules' healthy totals). `weight`: slabs in the
/// liver per slab that is simulated. Throws std::invalid_argument when there is no flow.
double flow_scale_mL_per_h(std::span<const double> healthy_totals, double plasma_flow_mL_per_h, double weight);

/// Diameter of a sinusoid relative to health; `contracted`: m / (m + half_cells) of the activated stellate cells and myofibroblasts around.
inline double narrowed_diameter(const SinusoidFlowParameters& p, double capillarised, double contracted) {
  return p.narrowing * std::max(0.05, 1.0 - p.capillarised_narrowing * capillarised - p.contraction * contracted);
}

/// Where the narrowing of sinusoids finds things in a lobule patch.
struct NarrowingPlaces {
  std::size_t stellate_cells = 0;   // number of the agent kind
  std::size_t capillarisation = 0;  // field [1]
  std::size_t diameter = 0;         // field: diameter relative to health
};
/// The field of the sinusoids' diameter relative to health.
sim::Field sinusoid_diameter_field(const sim::Grid& grid);

/// Narrows the sinusoids, and finds the flow anew:
///
///   d = narrowing (1 - capillarised_narrowing K - contraction m / (m + half_cells))
///
///   K capillarisation of a voxel, m mean number of activated stellate cells and myofibroblasts at its site and the neighbouring ones. A change in
///   diameter takes weeks and a flow costs a factorisation, so both are found every three days, and only where some diameter changed by a hundredth.
///
/// Reads: stellate cells, capillarisation. Writes: the field of the diameter, the lobule's flow. Source: the parameters; Fan 2019 WJG 25:1355.
class SinusoidNarrowing final : public sim::Process {
 public:
  SinusoidNarrowing(const SinusoidFlowParameters& parameters, const NarrowingPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "sinusoid_flow"; }
  /// Sets the diameter of the start.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  std::vector<std::size_t> written_fields() const override { return {places_.diameter}; }

 private:
  SinusoidFlowParameters p_;
  NarrowingPlaces places_;
};

/// A lobule with the flow of its parameters' `narrowing` and `shunt`.
std::unique_ptr<LobuleState> make_lobule_state(Lobule lobule, const SinusoidFlowParameters& p, double scale_mL_per_h);

}  // namespace paracrine::models
