#pragma once
#include <array>
#include <optional>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct SerumParameters {
  double alt_half_life_h = 9.0;
  double alt_baseline_per_L = 30.0;
  double alt_release_per_L = 40000.0;
  double albumin_half_life_d = 1.2;
  double albumin_healthy_g_per_L = 30.0;
  double bilirubin_half_life_h = 4.0;
  double bilirubin_healthy_umol_per_L = 5.0;
  double clotting_half_life_h = 5.0;
  double inr_slope = 0.5;
  double least_function = 0.02;
  double injured_function = 0.3;
  double regenerating_function = 0.5;
  double senescent_function = 0.7;
};

inline constexpr auto serum_parameters = std::to_array<sim::Parameter<SerumParameters>>({
    {.name = "alt_half_life",
     .member = &SerumParameters::alt_half_life_h,
     .unit = "h",
     .physical = {0.1, 1e3},
     .published = {4.0, 20.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of alanine aminotransferase (ALT) in plasma",
     .source = "not found in mouse; after one dose of CCl4 it peaks at 16 to 20 h and is about normal at 72 h",
     .variants =
         {{{.name = "human", .value = 34.6, .published = {25.0, 60.0}, .kind = sim::Source::measured, .source = "34.6 h, in man; to be verified"}}}},
    {.name = "alt_baseline",
     .member = &SerumParameters::alt_baseline_per_L,
     .unit = "1/L",
     .physical = {0.0, 1e6},
     .published = {15.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "ALT in health, U/L",
     .source = "usual value"},
    {.name = "alt_release",
     .member = &SerumParameters::alt_release_per_L,
     .unit = "1/L",
     .physical = {0.0, 1e9},
     .published = {5e3, 2e5},
     .kind = sim::Source::assumed,
     .meaning = "rise of ALT, U/L, if all hepatocytes became necrotic at once",
     .source = "several thousand U/L after one dose of CCl4 that kills a sixth; to be verified"},
    {.name = "albumin_half_life",
     .member = &SerumParameters::albumin_half_life_d,
     .unit = "d",
     .physical = {0.01, 1e3},
     .published = {1.0, 2.0},
     .kind = sim::Source::measured,
     .meaning = "half-life of albumin in plasma",
     .source = "1.2 d, mouse",
     .variants =
         {{{.name = "human", .value = 17.0, .published = {15.0, 19.0}, .kind = sim::Source::measured, .source = "15 to 19 d; synthesis of 14 g/d"}}}},
    {.name = "albumin_healthy",
     .member = &SerumParameters::albumin_healthy_g_per_L,
     .unit = "g/L",
     .physical = {0.0, 200.0},
     .published = {25.0, 35.0},
     .kind = sim::Source::assumed,
     .meaning = "albumin in health",
     .source = "usual value in mouse",
     .variants = {{{.name = "human", .value = 43.0, .published = {35.0, 50.0}, .kind = sim::Source::assumed, .source = "usual value"}}}},
    {.name = "bilirubin_half_life",
     .member = &SerumParameters::bilirubin_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e4},
     .published = {1.0, 24.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of bilirubin in plasma in health",
     .source = "hours; no measurement taken"},
    {.name = "bilirubin_healthy",
     .member = &SerumParameters::bilirubin_healthy_umol_per_L,
     .unit = "umol/L",
     .physical = {0.0, 1e4},
     .published = {2.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "bilirubin in health",
     .source = "usual value in mouse",
     .variants = {{{.name = "human", .value = 10.0, .published = {5.0, 17.0}, .kind = sim::Source::assumed, .source = "usual value"}}}},
    {.name = "clotting_half_life",
     .member = &SerumParameters::clotting_half_life_h,
     .unit = "h",
     .physical = {0.1, 1e3},
     .published = {3.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of the clotting factor that sets the prothrombin time",
     .source = "about 5 h, factor VII, the shortest, which the prothrombin time follows first; prothrombin itself 60 h; in man, usual figures, "
               "taken for mouse as well"},
    {.name = "inr_slope",
     .member = &SerumParameters::inr_slope,
     .unit = "1",
     .physical = {0.0, 10.0},
     .published = {0.3, 0.8},
     .kind = sim::Source::derived,
     .meaning = "rise of INR above 1 when half of the clotting factors is left",
     .source = "usual tables of prothrombin activity against INR: 50 % is about 1.5, 25 % about 2.5; to be verified"},
    {.name = "least_function",
     .member = &SerumParameters::least_function,
     .unit = "1",
     .physical = {1e-6, 1.0},
     .published = {0.001, 0.1},
     .kind = sim::Source::model,
     .meaning = "function, and share of clotting factors, below which bilirubin and INR do not follow further",
     .source = "other ways out of bilirubin, and no clot at all; a choice"},
    {.name = "injured_function",
     .member = &SerumParameters::injured_function,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 0.7},
     .kind = sim::Source::assumed,
     .meaning = "function of an injured hepatocyte relative to a viable one",
     .source = "assumed"},
    {.name = "regenerating_function",
     .member = &SerumParameters::regenerating_function,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.3, 0.9},
     .kind = sim::Source::assumed,
     .meaning = "function of a regenerating hepatocyte relative to a viable one",
     .source = "assumed"},
    {.name = "senescent_function",
     .member = &SerumParameters::senescent_function,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.3, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "function of a senescent hepatocyte relative to a viable one",
     .source = "assumed"},
});
static_assert(sim::complete(serum_parameters));

/// Function of a share of each state of hepatocytes, relative to a liver that is all viable; by hepatocyte::State.
double hepatocyte_function(const SerumParameters& p, const std::array<double, 6>& shares);

/// INR that goes with a share of the clotting factors of health.
double inr(const SerumParameters& p, double clotting);

/// Values of the world.
struct SerumValues {
  std::size_t alt_per_L = 0, albumin_g_per_L = 0, bilirubin_umol_per_L = 0, clotting = 0, necrosed = 0;
};
/// Adds them, as in health.
SerumValues add_serum_values(sim::World& world, const SerumParameters& p);

/// Follows what a laboratory reads in serum; exact over a step with what the hepatocytes did held.
///
///   ALT        dA/dt = (ln 2 / alt_half_life) (alt_baseline - A) + alt_release dN/dt
///   albumin    dB/dt = (ln 2 / albumin_half_life) (albumin_healthy f - B)
///   bilirubin  dC/dt = (ln 2 / bilirubin_half_life) (bilirubin_healthy - max(f, least_function) C)
///
///   clotting   dV/dt = (ln 2 / clotting_half_life) (f - V),   INR = 1 + inr_slope (1 / max(V, least_function) - 1)
///
///   N share of the hepatocyte sites that became necrotic so far, f function of the hepatocytes, V clotting factors, both 1 in health.
///
/// Reads: states of hepatocytes, those that became necrotic. Writes: the values. Source: the parameters. Assumed: function is a sum over cells.
class Serum final : public sim::CompartmentProcess {
 public:
  /// `mean_cells`: first scalar of MeanCells, where numbers and no agents are the hepatocytes.
  Serum(const SerumParameters& parameters, const SerumValues& values, std::size_t liver_group, std::size_t hepatocytes, std::size_t necrosed,
        std::optional<std::size_t> mean_cells = std::nullopt)
      : p_(parameters), values_(values), group_(liver_group), hepatocytes_(hepatocytes), necrosed_(necrosed), mean_cells_(mean_cells) {}
  std::string_view name() const override { return "serum"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  SerumParameters p_;
  SerumValues values_;
  std::size_t group_, hepatocytes_, necrosed_;  // group, kind, scalar
  std::optional<std::size_t> mean_cells_;
};

}  // namespace paracrine::models
