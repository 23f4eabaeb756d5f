#pragma once
#include <array>
#include <string>
#include <vector>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct HepatocyteInjuryParameters {
  double absorption_half_time_h = 2.0;
  double elimination_half_life_h = 2.0;
  double reference_dose_mL_per_kg = 0.5;
  double ccl4 = 4.15;
  double ccl4_zonation = 3.0;
  double cyp2e1_loss = 1.0;
  double cyp2e1_half_time_d = 2.0;
  double chronic_per_d = 0.02;
  double chronic_zonation = 2.0;
  double tnf_per_d = 0.01;
  double half_tnf_ng_per_mL = 1.0;
  double neutrophil_per_d = 0.05;
  double severity_cv = 0.3;
};

inline constexpr auto hepatocyte_injury_parameters = std::to_array<sim::Parameter<HepatocyteInjuryParameters>>({
    {.name = "absorption_half_time",
     .member = &HepatocyteInjuryParameters::absorption_half_time_h,
     .unit = "h",
     .physical = {0.01, 1000.0},
     .published = {0.5, 6.0},
     .kind = sim::Source::assumed,
     .meaning = "half-time in which carbon tetrachloride reaches the blood from where it was given",
     .source = "given in oil into the peritoneum or by mouth; no measurement taken"},
    {.name = "elimination_half_life",
     .member = &HepatocyteInjuryParameters::elimination_half_life_h,
     .unit = "h",
     .physical = {0.01, 1000.0},
     .published = {1.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of carbon tetrachloride in the body",
     .source = "hours in rodents; with absorption it puts the peak of ALT at 16 to 20 h, as measured after one dose"},
    {.name = "reference_dose",
     .member = &HepatocyteInjuryParameters::reference_dose_mL_per_kg,
     .unit = "mL/kg",
     .physical = {1e-6, 100.0},
     .published = {0.2, 1.0},
     .kind = sim::Source::model,
     .meaning = "dose to which ccl4 belongs; other doses act in proportion",
     .source = "a usual dose; fibrosis follows the dose in mouse"},
    {.name = "ccl4",
     .member = &HepatocyteInjuryParameters::ccl4,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {0.5, 5.0},
     .kind = sim::Source::fitted,
     .meaning = "injuries that one reference dose causes per hepatocyte at the central vein with the CYP2E1 of health",
     .source = "calibration 3; the inner sixth of the lobule dies of one dose; share assumed"},
    {.name = "ccl4_zonation",
     .member = &HepatocyteInjuryParameters::ccl4_zonation,
     .unit = "1",
     .physical = {0.0, 20.0},
     .published = {2.0, 8.0},
     .kind = sim::Source::assumed,
     .meaning = "power of the zone (0 portal, 1 central) with which CYP2E1 and so the injury rise towards the vein",
     .source = "CCl4 kills the central third; steepness assumed"},
    {.name = "cyp2e1_loss",
     .member = &HepatocyteInjuryParameters::cyp2e1_loss,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {0.3, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "e-folds of CYP2E1 that a hepatocyte at the vein loses under one reference dose",
     .source = "CCl4 destroys the enzyme that turns it over; size assumed"},
    {.name = "cyp2e1_half_time",
     .member = &HepatocyteInjuryParameters::cyp2e1_half_time_d,
     .unit = "d",
     .physical = {0.01, 1000.0},
     .published = {1.0, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "half-time in which lost CYP2E1 is regained",
     .source = "regained in about 6 d"},
    {.name = "chronic",
     .member = &HepatocyteInjuryParameters::chronic_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.005, 0.1},
     .kind = sim::Source::assumed,
     .meaning = "share of the hepatocytes that alcohol, virus or steatohepatitis of severity 1 injures in a day, mean over the lobule",
     .source = "a few per cent a day scar a mouse's liver in months; no measurement known",
     .variants = {{{.name = "human",
                    .value = 0.005,
                    .published = {0.001, 0.02},
                    .kind = sim::Source::assumed,
                    .source = "several times slower than in mouse: years to cirrhosis"}}}},
    {.name = "chronic_zonation",
     .member = &HepatocyteInjuryParameters::chronic_zonation,
     .unit = "1",
     .physical = {0.0, 20.0},
     .published = {0.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "power of the zone with which alcohol and steatohepatitis rise towards the vein, and viral injury towards the portal tracts",
     .source = "pericentral for alcohol and steatohepatitis, interface for viral hepatitis; steepness assumed"},
    {.name = "tnf",
     .member = &HepatocyteInjuryParameters::tnf_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 0.1},
     .kind = sim::Source::assumed,
     .meaning = "share of the hepatocytes that much TNF injures in a day",
     .source = "hepatocytes withstand TNF unless they are sensitised; no measurement known"},
    {.name = "half_tnf",
     .member = &HepatocyteInjuryParameters::half_tnf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.3, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "TNF at which it is half of that",
     .source = "usual concentrations in culture, to be verified"},
    {.name = "neutrophil",
     .member = &HepatocyteInjuryParameters::neutrophil_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.0, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "rate at which one neutrophil injures the hepatocyte at whose site it is",
     .source = "collateral injury; no rate known"},
    {.name = "severity_cv",
     .member = &HepatocyteInjuryParameters::severity_cv,
     .unit = "1",
     .physical = {0.0, 3.0},
     .published = {0.1, 0.6},
     .kind = sim::Source::assumed,
     .meaning = "coefficient of variation of injury between lobules, lognormal",
     .source = "injury is patchy; no measurement known"},
});
static_assert(sim::complete(hepatocyte_injury_parameters));

/// One cause of injury, as a scenario gives it.
struct InjuryCause {
  enum class Kind : std::uint8_t { ccl4, alcohol, viral, nash };
  Kind kind = Kind::ccl4;
  std::int64_t start_s = 0, stop_s = 0;  // [start, stop)
  std::vector<std::int64_t> doses_s;     // of CCl4, in order, on ends of visits
  double dose = 0.0;                     // of CCl4, relative to the reference dose
  double severity = 1.0;                 // of the others
};

/// What the compartments tell every lobule of the injury in a visit, and what holds the toxin: numbers of scalars and of the world's values.
struct InjurySignals {
  std::size_t toxin = 0;                         // scalar: share of a reference dose's exposure that falls into this visit
  std::size_t central = 0, portal = 0;           // scalars: chronic rates of this visit, relative to severity 1
  std::size_t severity = 0;                      // scalar: of the lobule, mean 1
  std::size_t depot = 0, body = 0;               // values: doses of CCl4 not yet absorbed, not yet eliminated, in reference doses
  std::size_t toxin_given = 0, toxin_spent = 0;  // values: doses given, exposure passed, so far
};
InjurySignals add_injury_signals(sim::World& world);

/// Severity of a lobule relative to the mean: lognormal of mean 1, a function of seed and number.
double lobule_severity(const HepatocyteInjuryParameters& p, std::uint64_t seed, std::size_t lobule);

/// Rate [1/d] at which TNF and `neutrophils` active neutrophils at its site injure a hepatocyte.
inline double collateral_hazard_per_d(const HepatocyteInjuryParameters& p, double tnf_ng_per_mL, double neutrophils) {
  return p.tnf_per_d * tnf_ng_per_mL / (tnf_ng_per_mL + p.half_tnf_ng_per_mL) + p.neutrophil_per_d * neutrophils;
}

/// Gives the doses of CCl4, and says which chronic causes act. It alone reads the schedule of injury.
///
///   depot      dA/dt = -k_a A                  k_a = ln 2 / absorption_half_time
///   body       dB/dt = k_a A - k_e B           k_e = ln 2 / elimination_half_life
///   exposure   of a visit = integral of k_e B dt, exact; what is left below 1e-4 reference doses counts at once
///
/// Reads: the causes. Writes: values of the world, the lobules' signals, events.
class InjurySchedule final : public sim::CompartmentProcess {
 public:
  InjurySchedule(const HepatocyteInjuryParameters& parameters, std::vector<InjuryCause> causes, const InjurySignals& signals, std::size_t liver_group,
                 std::uint32_t event_code)
      : p_(parameters), causes_(std::move(causes)), signals_(signals), liver_group_(liver_group), event_code_(event_code) {}
  std::string_view name() const override { return "hepatocyte_injury"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  HepatocyteInjuryParameters p_;
  std::vector<InjuryCause> causes_;
  InjurySignals signals_;
  std::size_t liver_group_;
  std::uint32_t event_code_;
};

/// Where the process finds things in a lobule patch.
struct HepatocyteInjuryPlaces {
  std::size_t hepatocytes = 0, neutrophils = 0;  // numbers of the agent kinds
  std::size_t tnf = 0;                           // field [ng/mL]
  InjurySignals signals;
};

/// Injures hepatocytes. In a visit of length dt a viable, regenerating or senescent one is injured with probability 1 - exp(-h),
///
///   h = severity (ccl4 E c z^ccl4_zonation + dt chronic (central w_c(z) + portal w_p(z))) + dt (tnf T / (T + half_tnf) + neutrophil n)
///
///   E exposure of this visit in reference doses, c CYP2E1 of the cell, z zone (0 portal, 1 central), w_c = z^q and w_p = (1 - z)^q over their means,
///   q = chronic_zonation; T [ng/mL] TNF at the cell, n active neutrophils at its site. CYP2E1:
///
///   dc/dt = (ln 2 / cyp2e1_half_time) (1 - c),  and falls by exp(-cyp2e1_loss E z^ccl4_zonation); an injured hepatocyte has none
///
/// Reads: signals of the schedule, zones, TNF, neutrophils' places. Writes: hepatocytes' states and CYP2E1. Source: the parameters. Assumed: CCl4 is
/// the same all over the liver's blood; injuries are independent.
class HepatocyteInjury final : public sim::Process {
 public:
  HepatocyteInjury(const HepatocyteInjuryParameters& parameters, const HepatocyteInjuryPlaces& places) : p_(parameters), places_(places) {}
  std::string_view name() const override { return "hepatocyte_injury"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  HepatocyteInjuryParameters p_;
  HepatocyteInjuryPlaces places_;
};

}  // namespace paracrine::models
