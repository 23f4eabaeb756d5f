#include <cmath>

#include "models/processes/msc_fate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;

namespace {

const std::string text = R"(
[time]
duration = "48 h"
record_every = "6 h"
[[therapy]]
product = "msc"
cells = 1e5
at = "0 h"
duration = "1 s"
viability = 0.9
)";
constexpr double cells = 1e5;
const double ln2 = std::log(2.0);

bool close(double count, double expected_share) {
  return tests::agrees(count / cells, expected_share, std::sqrt(expected_share * (1.0 - expected_share) / cells));
}

/// Share of dead, uncleared cells at t: those that entered dead and those that died since (two exponentials in series).
double dead_share(double t_h, double viable_h, double dead_h) {
  const double a = ln2 / viable_h, b = ln2 / dead_h;
  return 0.1 * std::exp(-b * t_h) + 0.9 * a / (b - a) * (std::exp(-a * t_h) - std::exp(-b * t_h));
}

}  // namespace

TEST_CASE("msc_fate: viable cells and DNA follow two exponentials in series", "[analytic][statistical]") {
  const tests::Rows rows = tests::run_text(text);
  for (const double t : {6.0, 12.0, 24.0, 48.0}) {
    const double viable = 0.9 * std::exp(-ln2 / 8.0 * t);
    CHECK(close(rows.at("msc_viable_lung", t), viable));
    CHECK(close(rows.at("msc_apoptotic_lung", t), dead_share(t, 8.0, 18.0)));
    CHECK(close(rows.at("msc_dna_lung", t), viable + dead_share(t, 8.0, 18.0)));
  }
  // half-lives 3 % off, upward and downward, are found out
  for (const double wrong : {0.97, 1.03}) {
    CHECK_FALSE(close(rows.at("msc_viable_lung", 12.0), 0.9 * std::exp(-ln2 / (8.0 * wrong) * 12.0)));
    CHECK_FALSE(close(rows.at("msc_apoptotic_lung", 48.0), dead_share(48.0, 8.0, 18.0 * wrong)));
  }
}

TEST_CASE("msc_fate: half-lives do not depend on the length of a visit", "[convergence][statistical]") {
  for (const char* visit : {"numerics.visit=5 min", "numerics.visit=1 h", "numerics.visit=6 h"}) {
    const tests::Rows rows = tests::run_text(text, {visit});
    CHECK(close(rows.at("msc_viable_lung", 24.0), 0.9 * std::exp(-ln2 / 8.0 * 24.0)));
  }
}

TEST_CASE("msc_fate: label is never lost, leaks from living cells and moves with debris", "[analytic]") {
  const tests::Rows rows = tests::run_text(text);
  for (std::size_t i = 1; i < rows.time_h.size(); ++i) {
    double sum = 0.0;
    for (const char* organ : {"lung", "liver", "spleen", "other"}) sum += rows["msc_label_" + std::string(organ)][i];
    CHECK_THAT(sum, WithinRel(cells, 1e-12));
  }
  CHECK(rows.largest_audit_error < 1e-12);
  // without leak: label of living cells stays, debris D' = deaths - k D
  const tests::Rows tight = tests::run_text(text, {"parameters.msc_fate.label_leak=0 1/h", "numerics.visit=4 min", "time.duration=24 h"});
  const double a = ln2 / 8.0, k = ln2 / 6.0, t = 24.0;
  const double lung = 0.9 * std::exp(-a * t) + 0.1 * std::exp(-k * t) + 0.9 * a / (k - a) * (std::exp(-a * t) - std::exp(-k * t));
  CHECK_THAT(tight.at("msc_label_lung", t) / cells, WithinAbs(lung, 5e-3));
  CHECK_THAT(tight.at("msc_label_liver", t) / cells, WithinAbs(0.5 * (1.0 - lung), 5e-3));
  CHECK_THAT(tight.at("msc_label_spleen", t) / cells, WithinAbs(0.08 * (1.0 - lung), 5e-3));
}

TEST_CASE("msc_fate: label stays where the cell is gone", "[property]") {
  const tests::Rows rows = tests::run_text(
      text, {"parameters.msc_fate.dead_half_life=3 h", "parameters.msc_fate.debris_half_life=10000 h", "parameters.msc_fate.label_leak=0 1/h"});
  CHECK(rows.at("msc_dna_lung", 48.0) < 0.03 * cells);
  CHECK(rows.at("msc_label_lung", 48.0) > 0.99 * cells);
}

TEST_CASE("msc_fate: switched off, cells live on and keep their label", "[property]") {
  const tests::Rows rows = tests::run_text(text, {"processes.msc_fate=false"});
  CHECK(rows.at("msc_viable_lung", 48.0) > 0.89 * cells);
  CHECK(rows.at("msc_label_lung", 48.0) > 0.995 * cells);
}
