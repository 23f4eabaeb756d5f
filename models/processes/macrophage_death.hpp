#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct MacrophageDeathParameters {
  double inflammatory_half_life_h = 30.0;
  double restorative_half_life_h = 46.1;
  double infused_half_life_d = 11.8;
  double kupffer_per_d = 0.0024;
};

inline constexpr auto macrophage_death_parameters = std::to_array<sim::Parameter<MacrophageDeathParameters>>({
    {.name = "inflammatory_half_life",
     .member = &MacrophageDeathParameters::inflammatory_half_life_h,
     .unit = "h",
     .physical = {0.1, 1e5},
     .published = {28.0, 120.0},
     .kind = sim::Source::fitted,
     .meaning = "half-life of a recruited inflammatory macrophage in the liver",
     .source = "calibration 3; recruited macrophages live for days: removal 0.6/d in infarct (Jin 2011 BMC Syst Biol 5:60 Table 4) and 0.3/d (Adler "
               "2020 iScience); "
               "no measurement in liver known"},
    {.name = "restorative_half_life",
     .member = &MacrophageDeathParameters::restorative_half_life_h,
     .unit = "h",
     .physical = {0.1, 1e5},
     .published = {28.0, 120.0},
     .kind = sim::Source::fitted,
     .meaning = "the same of a restorative one",
     .source = "calibration 3; same"},
    {.name = "infused_half_life",
     .member = &MacrophageDeathParameters::infused_half_life_d,
     .unit = "d",
     .physical = {0.1, 1e4},
     .published = {7.0, 30.0},
     .kind = sim::Source::fitted,
     .meaning = "the same of an infused bone-marrow macrophage, whatever its state",
     .source = "calibration 3; they are there for more than 7 d; no half-life known"},
    {.name = "kupffer_rate",
     .member = &MacrophageDeathParameters::kupffer_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.0, 0.02},
     .kind = sim::Source::derived,
     .meaning = "rate at which Kupffer cells die in health",
     .source = "number unchanged at a mitotic index of 0.06 % per 6 h, rat: 0.24 %/d; Bouwens 1986 Hepatology 6:718, PMID 3733004"},
});
static_assert(sim::complete(macrophage_death_parameters));

/// Where the process finds things in a lobule patch.
struct MacrophageDeathPlaces {
  std::size_t macrophages = 0;     // number of the agent kind
  std::size_t kupffer_dead = 0;    // scalars: agents that died so far
  std::size_t recruited_dead = 0;  // infused ones included
};

/// Lets macrophages of a lobule die; they vanish.
///
///   probability in a visit  1 - exp(-rate dt),   rate = ln 2 / half_life of its state, or kupffer_rate; of an infused cell ln 2 / infused_half_life
///
/// Reads: states and origins. Writes: the population, the counts of the dead. Source: the parameters. Assumed: no age; death does not depend on
/// where.
class MacrophageDeath final : public sim::Process {
 public:
  MacrophageDeath(const MacrophageDeathParameters& parameters, const MacrophageDeathPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "macrophage_death"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  MacrophageDeathParameters p_;
  MacrophageDeathPlaces places_;
};

}  // namespace paracrine::models
