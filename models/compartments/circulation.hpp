#pragma once
#include <array>

#include "sim/core/parameters.hpp"

namespace paracrine::models {

/// Blood flow between the organs of an animal of the reference weight.
struct CirculationParameters {
  double reference_body_weight_g = 25.0;
  double cardiac_output_mL_per_min = 17.3;
  double blood_volume_mL = 2.1;
  double liver_mass_g = 1.3;
  double liver_perfusion_mL_per_min_g = 0.94;
  double spleen_share = 0.068;
  double gut_share = 0.876;
};

inline constexpr auto circulation_parameters = std::to_array<sim::Parameter<CirculationParameters>>({
    {.name = "reference_body_weight",
     .member = &CirculationParameters::reference_body_weight_g,
     .unit = "g",
     .physical = {1.0, 2e5},
     .published = {18.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "body weight to which the other values of the circulation belong, and default body weight",
     .source = "usual adult laboratory mouse",
     .variants =
         {{{.name = "human", .value = 70000.0, .published = {50000.0, 100000.0}, .kind = sim::Source::assumed, .source = "reference adult"}}}},
    {.name = "cardiac_output",
     .member = &CirculationParameters::cardiac_output_mL_per_min,
     .unit = "mL/min",
     .physical = {0.1, 5e4},
     .published = {12.0, 21.0},
     .distribution = {sim::Spread::lognormal, 1.2},
     .kind = sim::Source::derived,
     .meaning = "cardiac output; scales with body weight to the power 0.75",
     .source = "16.5 L/h/kg^0.75 at 25 g; Brown 1997 and Davies & Morris 1993, as coded in published PBTK models",
     .variants = {{{.name = "human",
                    .value = 6500.0,
                    .published = {5000.0, 8000.0},
                    .kind = sim::Source::measured,
                    .source = "ICRP / Poulin & Theil, as coded in published PBPK models"}}}},
    {.name = "blood_volume",
     .member = &CirculationParameters::blood_volume_mL,
     .unit = "mL",
     .physical = {0.05, 2e4},
     .published = {1.2, 2.5},
     .distribution = {sim::Spread::lognormal, 1.1},
     .kind = sim::Source::measured,
     .meaning = "blood volume; scales with body weight",
     .source = "2.1 mL in a 25-g mouse; Davies & Morris 1993, as coded in published PBTK models",
     .variants = {{{.name = "human",
                    .value = 5600.0,
                    .published = {4500.0, 6500.0},
                    .kind = sim::Source::measured,
                    .source = "ICRP / Poulin & Theil, as coded in published PBPK models"}}}},
    {.name = "liver_mass",
     .member = &CirculationParameters::liver_mass_g,
     .unit = "g",
     .physical = {0.05, 5e3},
     .published = {1.3, 1.75},
     .distribution = {sim::Spread::lognormal, 1.1},
     .kind = sim::Source::measured,
     .meaning = "liver mass; scales with body weight",
     .source = "5.5 % of body weight; Brown 1997, as coded in published PBTK models",
     .variants = {{{.name = "human",
                    .value = 1800.0,
                    .published = {1500.0, 1800.0},
                    .kind = sim::Source::measured,
                    .source = "ICRP / Poulin & Theil, as coded in published PBPK models"}}}},
    {.name = "liver_perfusion",
     .member = &CirculationParameters::liver_perfusion_mL_per_min_g,
     .unit = "mL/min/g",
     .physical = {0.01, 5.0},
     .published = {0.79, 1.09},
     .distribution = {sim::Spread::normal, 0.15},
     .kind = sim::Source::measured,
     .meaning = "blood flow through the liver, portal and arterial, per mass",
     .source = "94.4 +/- 14.6 mL/min/100 g; Fan 2019 WJG 25:1355, PMC6429340",
     .variants = {{{.name = "human",
                    .value = 0.9,
                    .published = {0.8, 1.1},
                    .kind = sim::Source::derived,
                    .source = "25 % of 6.5 L/min over 1.8 kg; 20 mL/min per kg body over 20 g liver per kg gives 1.0"}}}},
    {.name = "spleen_share",
     .member = &CirculationParameters::spleen_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.04, 0.12},
     .kind = sim::Source::derived,
     .meaning = "share of the liver's inflow that comes through the spleen",
     .source = "1.1 of 16.1 % of cardiac output; Brown 1997, as coded in published PBTK models",
     .variants =
         {{{.name = "human", .value = 0.12, .published = {0.08, 0.2}, .kind = sim::Source::derived, .source = "3 of 25 % of cardiac output"}}}},
    {.name = "gut_share",
     .member = &CirculationParameters::gut_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.7, 0.9},
     .kind = sim::Source::derived,
     .meaning = "share of the liver's inflow that comes through the gut; the rest comes through the hepatic artery",
     .source = "14.1 of 16.1 % of cardiac output; Brown 1997, as coded in published PBTK models",
     .variants =
         {{{.name = "human", .value = 0.56, .published = {0.5, 0.7}, .kind = sim::Source::derived, .source = "14 of 25 % of cardiac output"}}}},
});
static_assert(sim::complete(circulation_parameters));

/// The circulation of one subject, at its own body weight.
struct Circulation {
  double circuit_s = 0.0;       // mean time of one round: blood volume / cardiac output
  double hepatic_artery = 0.0;  // shares of what leaves the lung; the rest goes to the other organs
  double spleen = 0.0;
  double gut = 0.0;
};

/// Scales the reference values to `body_weight_g`: cardiac output with the power 0.75, volumes and masses linearly.
Circulation scale_circulation(const CirculationParameters& p, double body_weight_g);

}  // namespace paracrine::models
