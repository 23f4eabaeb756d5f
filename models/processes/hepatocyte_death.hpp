#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct HepatocyteDeathParameters {
  double injured_half_life_h = 9.15;
  double recovering_share = 0.47;
  double senescent_share = 0.05;
  double autolysis_half_life_d = 4.0;
  double turnover_per_d = 0.002;
  double senescent_half_life_d = 60.0;
};

inline constexpr auto hepatocyte_death_parameters = std::to_array<sim::Parameter<HepatocyteDeathParameters>>({
    {.name = "injured_half_life",
     .member = &HepatocyteDeathParameters::injured_half_life_h,
     .unit = "h",
     .physical = {0.1, 1000.0},
     .published = {4.0, 24.0},
     .kind = sim::Source::fitted,
     .meaning = "half-life of an injured hepatocyte, until it is necrotic or has recovered",
     .source = "calibration 3; with absorption of CCl4 and the half-life of ALT it puts the peak of ALT at 16 to 20 h, as measured after one dose"},
    {.name = "recovering_share",
     .member = &HepatocyteDeathParameters::recovering_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.5},
     .kind = sim::Source::fitted,
     .meaning = "share of the injured hepatocytes that recover",
     .source = "calibration 3; ballooned cells around the necrosis recover within days; no share known"},
    {.name = "senescent_share",
     .member = &HepatocyteDeathParameters::senescent_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 0.3},
     .kind = sim::Source::assumed,
     .meaning = "share of those that recover which are senescent afterwards",
     .source = "senescent hepatocytes gather in long injury; no share known"},
    {.name = "autolysis_half_life",
     .member = &HepatocyteDeathParameters::autolysis_half_life_d,
     .unit = "d",
     .physical = {0.01, 1000.0},
     .published = {2.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of a necrotic hepatocyte that no phagocyte eats",
     .source = "debris stays for a week when phagocytes are missing; no half-life known"},
    {.name = "turnover",
     .member = &HepatocyteDeathParameters::turnover_per_d,
     .unit = "d^-1",
     .physical = {0.0, 10.0},
     .published = {0.001, 0.005},
     .kind = sim::Source::assumed,
     .meaning = "rate at which a viable hepatocyte dies in health, without debris",
     .source = "life of a hepatocyte in mouse of 200 to 400 d, from memory"},
    {.name = "senescent_half_life",
     .member = &HepatocyteDeathParameters::senescent_half_life_d,
     .unit = "d",
     .physical = {0.1, 1e5},
     .published = {10.0, 365.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of a senescent hepatocyte",
     .source = "cleared by immune cells within weeks to months; no measurement known"},
});
static_assert(sim::complete(hepatocyte_death_parameters));

/// Where the process finds things in a lobule patch.
struct HepatocyteDeathPlaces {
  std::size_t hepatocytes = 0;  // number of the agent kind
  std::size_t necrosed = 0;     // scalars, hepatocytes so far: that became necrotic,
  std::size_t died = 0;         // and that died in all
};

/// Lets hepatocytes die.
///
///   injured    -> necrotic | viable | senescent   ln 2 / injured_half_life;  viable with recovering_share (1 - senescent_share), senescent with
///                                                 recovering_share senescent_share, else necrotic
///   necrotic   -> empty                           ln 2 / autolysis_half_life
///   viable     -> empty                           turnover
///   senescent  -> empty                           ln 2 / senescent_half_life
///
/// A cell makes at most one step in a visit, with probability 1 - exp(-rate dt). Reads and writes: hepatocytes' states; counts. Source: the
/// parameters. Assumed: memoryless steps; what dies in health leaves no debris.
class HepatocyteDeath final : public sim::Process {
 public:
  HepatocyteDeath(const HepatocyteDeathParameters& parameters, const HepatocyteDeathPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "hepatocyte_death"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  HepatocyteDeathParameters p_;
  HepatocyteDeathPlaces places_;
};

}  // namespace paracrine::models
