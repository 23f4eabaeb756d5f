#pragma once
#include <algorithm>
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct KupfferRenewalParameters {
  double proliferation_per_d = 0.42;
  double monocytes_per_d = 0.3;
  double threshold = 0.5;
};

inline constexpr auto kupffer_renewal_parameters = std::to_array<sim::Parameter<KupfferRenewalParameters>>({
    {.name = "proliferation",
     .member = &KupfferRenewalParameters::proliferation_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.2, 1.0},
     .kind = sim::Source::derived,
     .meaning = "rate at which a Kupffer cell divides in an empty niche",
     .source = "an emptied niche refills in one to two weeks: half of a loss of 90 % back in 3 to 8 d, 95 % in 10 to 21 d"},
    {.name = "monocytes",
     .member = &KupfferRenewalParameters::monocytes_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which a recruited macrophage becomes a Kupffer cell in an empty niche",
     .source = "monocytes become Kupffer cells after large losses; no rate known"},
    {.name = "threshold",
     .member = &KupfferRenewalParameters::threshold,
     .unit = "1",
     .physical = {0.0, 0.99},
     .published = {0.2, 0.8},
     .kind = sim::Source::assumed,
     .meaning = "share of the Kupffer cells that must be missing before they do",
     .source = "after small losses Kupffer cells renew themselves (Zigmond 2014 J Immunol 193:344); threshold assumed"},
});
static_assert(sim::complete(kupffer_renewal_parameters));

/// Rate [1/d] at which a Kupffer cell divides, and at which a recruited macrophage becomes one, where the share `missing` of the niche is empty.
inline double kupffer_division_per_d(const KupfferRenewalParameters& p, double missing) { return p.proliferation_per_d * missing; }
inline double kupffer_settling_per_d(const KupfferRenewalParameters& p, double missing) {
  return p.monocytes_per_d * std::max(0.0, missing - p.threshold) / (1.0 - p.threshold);
}

/// Where the process finds things in a lobule patch.
struct KupfferRenewalPlaces {
  std::size_t macrophages = 0;  // number of the agent kind
  std::size_t niche = 0;        // scalar: Kupffer cells of health
  std::size_t born = 0;         // scalars, so far: Kupffer cells born by division,
  std::size_t settled = 0;      // and recruited macrophages that became Kupffer cells
};

/// Refills the niche of the Kupffer cells.
///
///   missing    f = max(0, 1 - K / niche)
///   Kupffer cell divides                        proliferation f
///   recruited macrophage becomes Kupffer cell   monocytes max(0, f - threshold) / (1 - threshold)
///
/// A daughter lies at its mother's place and has its state but neither vesicles, signal nor meals.
///
/// Reads: states of macrophages. Writes: the population, states, origins, counts. Source: the parameters. Assumed: one niche per lobule.
class KupfferRenewal final : public sim::Process {
 public:
  KupfferRenewal(const KupfferRenewalParameters& parameters, const KupfferRenewalPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "kupffer_renewal"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  sim::Pace pace() const override { return sim::Pace::slow; }

 private:
  KupfferRenewalParameters p_;
  KupfferRenewalPlaces places_;
};

}  // namespace paracrine::models
