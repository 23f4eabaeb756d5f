#pragma once
#include <array>

#include "models/tissue/collagen.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct RegenerationParameters {
  double rate_per_d = 2.3;
  double without_mitogen = 0.3;
  double half_hgf_ng_per_mL = 0.5;
  double half_il6_ng_per_mL = 0.5;
  double half_tgf_beta_ng_per_mL = 1.0;
  double maturation_half_time_d = 0.8;
};

inline constexpr auto regeneration_parameters = std::to_array<sim::Parameter<RegenerationParameters>>({
    {.name = "rate",
     .member = &RegenerationParameters::rate_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.3, 3.0},
     .kind = sim::Source::fitted,
     .meaning = "largest rate at which an empty site among viable hepatocytes is filled",
     .source = "calibration 3; hepatocytes divide 36 to 48 h after loss and close a single dose's necrosis in 4 to 8 d in mouse; rate assumed",
     .variants = {{{.name = "human",
                    .value = 0.4,
                    .published = {0.1, 1.0},
                    .kind = sim::Source::assumed,
                    .source = "several times slower than in mouse; no measurement taken"}}}},
    {.name = "without_mitogen",
     .member = &RegenerationParameters::without_mitogen,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.6},
     .kind = sim::Source::assumed,
     .meaning = "rate without HGF and IL-6 relative to that with much of them",
     .source = "regeneration is slow but not absent without either; no measurement taken"},
    {.name = "half_hgf",
     .member = &RegenerationParameters::half_hgf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.1, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "HGF at which half of its effect is reached",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "half_il6",
     .member = &RegenerationParameters::half_il6_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.1, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "IL-6 at which half of its effect is reached",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "half_tgf_beta",
     .member = &RegenerationParameters::half_tgf_beta_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.1, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "active TGF-beta that halves the rate",
     .source = "TGF-beta stops hepatocytes from dividing; usual concentration in culture, to be verified"},
    {.name = "maturation_half_time",
     .member = &RegenerationParameters::maturation_half_time_d,
     .unit = "d",
     .physical = {0.01, 1000.0},
     .published = {0.5, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "half-time in which a regenerating hepatocyte is viable",
     .source = "division and growth take one to two days; no half-time known"},
});
static_assert(sim::complete(regeneration_parameters));

/// Effect of mitogens and of TGF-beta on the rate, 0 to 1.
double regeneration_drive(const RegenerationParameters& p, double hgf_ng_per_mL, double il6_ng_per_mL, double tgf_beta_ng_per_mL);

/// Where the process finds things in a lobule patch.
struct RegenerationPlaces {
  std::size_t hepatocytes = 0;                 // number of the agent kind
  std::size_t hgf = 0, il6 = 0, tgf_beta = 0;  // fields [ng/mL]
  CollagenFields collagen;
  std::size_t born = 0;  // scalar: hepatocytes born so far
};

/// Fills empty sites with regenerating hepatocytes, which grow up.
///
///   empty        -> regenerating   rate v (without_mitogen + (1 - without_mitogen) m) / (1 + T / half_tgf_beta) max(0, 1 - F / full stain)
///   regenerating -> viable         ln 2 / maturation_half_time
///   m = 1 - (1 - H / (H + half_hgf)) (1 - I / (I + half_il6))
///
///   v share of the site's neighbours that are viable or regenerating (senescent ones do not divide), H, I, T [ng/mL] HGF, IL-6, TGF-beta, F [mg/mL]
///   fibrillar and cross-linked collagen: where all is scar no hepatocyte grows, the site is lost to a septum until the scar goes.
///
/// Reads: hepatocytes' states, the fields. Writes: states, CYP2E1 (none at first), the count. Source: the parameters. Assumed: memoryless steps;
/// hepatocytes come from neighbours only.
class Regeneration final : public sim::Process {
 public:
  Regeneration(const RegenerationParameters& parameters, const RegenerationPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "regeneration"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  RegenerationParameters p_;
  RegenerationPlaces places_;
};

}  // namespace paracrine::models
