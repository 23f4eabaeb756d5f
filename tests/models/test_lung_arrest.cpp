#include <cmath>

#include "models/processes/lung_arrest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using models::Bed;
using models::LungArrest;
using models::LungArrestParameters;

namespace {

LungArrest process(const LungArrestParameters& p, std::vector<models::LungIntervention> interventions = {}) {
  return LungArrest(p, models::scale_circulation({}, 25.0), std::move(interventions), 0, 1, {0, 1, 2, 3});
}

/// Share of `n` bodies that one passage of the lung stops.
double stopped_share(const LungArrest& arrest, double diameter_um, bool rigid, std::uint64_t n, double time_s = 0.0) {
  const sim::Random random(7, 0, sim::ProcessStream(2));
  std::uint64_t stopped = 0;
  for (std::uint64_t i = 1; i <= n; ++i) {
    std::uint16_t draw = 0;
    stopped += arrest.stops(Bed::lung, diameter_um, rigid, time_s, random, sim::agent_id(0, i), draw) ? 1 : 0;
  }
  return static_cast<double>(stopped) / static_cast<double>(n);
}

/// The same share by quadrature over the capillary's diameter (midpoint rule in standard deviations; the clipped tail stands at the narrowest).
double expected_share(const LungArrestParameters& p, double diameter_um) {
  const int steps = 20000;
  double pass = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double z = -8.0 + 16.0 * (i + 0.5) / steps;
    const double capillary_um = std::max(p.narrowest_um, p.lung_capillary_um + p.lung_capillary_sd_um * z);
    pass += 16.0 / steps * std::exp(-0.5 * z * z) / std::sqrt(2.0 * M_PI) *
            (1.0 - models::arrest_probability(diameter_um, capillary_um, p.threshold, p.width));
  }
  return 1.0 - std::pow(pass, p.lung_segments);
}

bool close(double share, double expected, double n) { return tests::agrees(share, expected, std::sqrt(expected * (1.0 - expected) / n)); }

}  // namespace

TEST_CASE("lung_arrest: the law of one segment has the values it was derived from", "[analytic]") {
  CHECK_THAT(models::arrest_probability(1.56, 1.0, 1.9, 0.15), WithinAbs(0.09, 0.005));
  CHECK_THAT(models::arrest_probability(2.1, 1.0, 1.9, 0.15), WithinAbs(0.79, 0.005));
  CHECK_THAT(models::arrest_probability(3.0, 1.0, 1.9, 0.15), WithinAbs(0.999, 0.001));
}

TEST_CASE("lung_arrest: in capillaries all alike the share is that of segments in series", "[analytic][statistical]") {
  LungArrestParameters p;
  p.lung_capillary_sd_um = 0.0;
  const double n = 200000;
  for (const double segments : {1.0, 2.0, 3.0, 5.0}) {
    p.lung_segments = segments;
    const double one = models::arrest_probability(10.0, 5.5, p.threshold, p.width), expected = 1.0 - std::pow(1.0 - one, segments);
    CHECK(close(stopped_share(process(p), 10.0, false, 200000), expected, n));
    CHECK_FALSE(close(stopped_share(process(p), 10.0, false, 200000), expected * 1.02, n));
    CHECK_FALSE(close(stopped_share(process(p), 10.0, false, 200000), expected * 0.98, n));
  }
}

TEST_CASE("lung_arrest: in capillaries that differ the share agrees with quadrature", "[analytic][statistical]") {
  const LungArrestParameters p;
  for (const double diameter_um : {8.0, 10.0, 12.6, 14.0}) {
    const double share = stopped_share(process(p), diameter_um, false, 200000);
    CHECK(close(share, expected_share(p, diameter_um), 200000));
    if (diameter_um != 10.0) continue;
    for (const double wrong : {-0.05, 0.05}) {  // a threshold a little off is found out
      LungArrestParameters planted = p;
      planted.threshold += wrong;
      CHECK_FALSE(close(share, expected_share(planted, diameter_um), 200000));
    }
  }
}

TEST_CASE("lung_arrest: shunt, bypass and vasodilator let through what they should", "[analytic][statistical]") {
  LungArrestParameters p;
  p.threshold = 0.01;  // every capillary stops everything
  CHECK(stopped_share(process(p), 17.0, false, 1000) == 1.0);
  p.shunt = 0.3;
  CHECK(close(stopped_share(process(p), 17.0, false, 100000), 0.7, 100000));
  const models::LungIntervention bypass{.kind = models::LungIntervention::Kind::lung_bypass, .start_s = 100.0, .stop_s = 200.0, .efficacy = 0.5};
  CHECK(close(stopped_share(process(p, {bypass}), 17.0, false, 100000, 150.0), 0.35, 100000));
  CHECK(close(stopped_share(process(p, {bypass}), 17.0, false, 100000, 200.0), 0.7, 100000));

  const LungArrestParameters defaults;
  LungArrestParameters wide = defaults;
  wide.lung_capillary_um *= 1.5;
  wide.lung_capillary_sd_um *= 1.5;
  const models::LungIntervention vasodilator{
      .kind = models::LungIntervention::Kind::vasodilator, .start_s = 0.0, .stop_s = 200.0, .efficacy = 0.5 / (defaults.dilation - 1.0)};
  CHECK(stopped_share(process(defaults, {vasodilator}), 14.0, false, 100000, 150.0) == stopped_share(process(wide), 14.0, false, 100000));
  CHECK(stopped_share(process(defaults, {vasodilator}), 14.0, false, 100000, 250.0) > stopped_share(process(wide), 14.0, false, 100000));
}

TEST_CASE("lung_arrest: what passes the lung is shared out by blood flow", "[analytic][statistical]") {
  // a lung that stops nothing, other beds that stop everything
  const tests::Rows rows = tests::run_text(R"(
[time]
duration = "1 h"
record_every = "30 min"
[[therapy]]
product = "msc"
cells = 1e5
at = "0 h"
[[intervention]]
kind = "lung_bypass"
start = "0 h"
stop = "1 h"
[parameters]
"lung_arrest.threshold" = 0.5
"lung_arrest.liver_segments" = 100
"msc_fate.viable_half_life" = "4000 h"
"infusion.viability" = 1
)");
  const models::Circulation c = models::scale_circulation({}, 25.0);
  const double n = 1e5;
  CHECK(rows.at("msc_dna_lung", 1.0) == 0.0);
  CHECK(close(rows.at("msc_dna_liver", 1.0) / n, c.hepatic_artery, n));
  CHECK(close(rows.at("msc_dna_spleen", 1.0) / n, c.spleen, n));
  CHECK(close(rows.at("msc_dna_other", 1.0) / n, 1.0 - c.hepatic_artery - c.spleen, n));  // with what the gut stopped
  CHECK_FALSE(close(rows.at("msc_dna_liver", 1.0) / n, c.hepatic_artery * 1.4, n));
}

TEST_CASE("lung_arrest: with nothing to stop them particles leave the blood at their clearance, whatever the visit", "[analytic][statistical]") {
  const std::string text = R"(
[time]
duration = "20 min"
record_every = "10 min"
[[therapy]]
product = "particle"
count = 1e5
diameter = "1 um"
at = "0 h"
duration = "1 s"
)";
  const double n = 1e5;
  for (const char* visit : {"numerics.visit=10 min", "numerics.visit=30 s"}) {
    const tests::Rows rows =
        tests::run_text(text, {visit, "parameters.lung_arrest.particle_spleen_share=0.23", "parameters.lung_arrest.rigid_width=0.01"});
    const double left = std::exp(-0.21 * 20.0), taken = 1.0 - left;
    CHECK(rows.at("particle_lung", 1.0 / 3.0) == 0.0);
    CHECK(close(rows.at("particle_other", 1.0 / 3.0) / n, left, n));  // liver and spleen take all that is cleared: what is elsewhere circulates
    CHECK(close(rows.at("particle_liver", 1.0 / 3.0) / n, 0.77 * taken, n));
    CHECK_FALSE(close(rows.at("particle_liver", 1.0 / 3.0) / n, 0.77 * taken * 1.03, n));
  }
}

TEST_CASE("lung_arrest: a cell that lets go is caught elsewhere, at the rate given, while it lives, whatever the visit", "[analytic][statistical]") {
  // living cells leave the lung at r and die at a: those that ever left, r / (r + a) (1 - exp(-(r + a) t)), stay where they were caught
  const double n = 1e5, a = std::log(2.0) / 5.0, t = 10.0;
  for (const double rate : {0.02, 0.5})
    for (const char* visit : {"numerics.visit=10 min", "numerics.visit=2 h"}) {
      const tests::Rows rows = tests::run_text(R"(
[time]
duration = "10 h"
record_every = "10 h"
[[therapy]]
product = "msc"
cells = 1e5
at = "0 h"
duration = "1 s"
[parameters]
"lung_arrest.other_segments" = 40
"lung_arrest.liver_segments" = 100
"msc_fate.viable_half_life" = "5 h"
"msc_fate.dead_half_life" = "90000 h"
"infusion.viability" = 1
"infusion.diameter" = "22 um"
)",
                                               {visit, "parameters.lung_arrest.release=" + std::to_string(rate) + " 1/h"});
      const double elsewhere = (rows.at("msc_dna_liver", t) + rows.at("msc_dna_spleen", t) + rows.at("msc_dna_other", t)) / n;
      const double expected = rate / (rate + a) * (1.0 - std::exp(-(rate + a) * t));
      INFO(rate << " " << visit << " " << elsewhere << " " << expected);
      CHECK(close(elsewhere, expected, n));
      CHECK_FALSE(close(elsewhere, 1.1 * expected, n));
      CHECK_FALSE(close(elsewhere, 0.9 * expected, n));
    }
}

TEST_CASE("lung_arrest: switched off, nothing is ever caught", "[property]") {
  const tests::Rows rows = tests::run_file("delivery/mouse_iv_msc_delivery.toml",
                                           {"processes.lung_arrest=false", "processes.msc_fate=false", "time.duration=1 d", "therapy.0.cells=1e4"});
  for (const double lung : rows["msc_dna_lung"]) CHECK(lung == 0.0);
  CHECK(rows["msc_dna_other"][1] == 1e4);
}
