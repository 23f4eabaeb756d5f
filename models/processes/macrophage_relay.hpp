#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct MacrophageRelayParameters {
  double rate_per_d = 0.2;
  double half_neighbours = 1.0;
};

inline constexpr auto macrophage_relay_parameters = std::to_array<sim::Parameter<MacrophageRelayParameters>>({
    {.name = "rate",
     .member = &MacrophageRelayParameters::rate_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which an inflammatory macrophage among many restorative ones is turned",
     .source = "restorative cells turn neighbours by IL-10 and contact; whether and how much is not measured"},
    {.name = "half_neighbours",
     .member = &MacrophageRelayParameters::half_neighbours,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.3, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "restorative macrophages at its own and the neighbouring sites at which it is half of that",
     .source = "no measurement known"},
});
static_assert(sim::complete(macrophage_relay_parameters));

/// Where the process finds things in a lobule patch.
struct MacrophageRelayPlaces {
  std::size_t macrophages = 0;     // number of the agent kind
  std::size_t turned = 0;          // scalars, so far: macrophages turned by neighbours,
  std::size_t turned_for_msc = 0;  // and of them those whose neighbours go back to MSC products, each by that share
};

/// Lets restorative macrophages turn inflammatory ones beside them.
///
///   rate = rate n / (n + half_neighbours),   n restorative macrophages at its own site and those that share a face with it
///
/// msc_lineage becomes the mean of those neighbours: so a chain that began with MSC products is followed through the cells.
///
/// Reads and writes: the macrophages; counts. Source: the parameters. Assumed: contact reaches one site.
class MacrophageRelay final : public sim::Process {
 public:
  MacrophageRelay(const MacrophageRelayParameters& parameters, const MacrophageRelayPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "macrophage_relay"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  MacrophageRelayParameters p_;
  MacrophageRelayPlaces places_;
};

}  // namespace paracrine::models
