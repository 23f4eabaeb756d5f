#include <fmt/format.h>

#include <cmath>

#include "models/processes/msc_fate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;

namespace {

const std::string text = R"(
parameters.msc_fate.dead_half_life = "18 h"
parameters.msc_fate.debris_liver_share = 0.5
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
    const tests::Rows spleen = tests::run_text(text, {visit, "therapy.0.route=intrasplenic", "parameters.infusion.intrasplenic_retained=1"});
    CHECK(close(spleen.at("msc_viable_spleen", 12.0), 0.9 * std::exp(-ln2 / 8.0 * 12.0)));
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
}

TEST_CASE("msc_fate: label follows its equation whatever the visit", "[analytic][convergence][statistical]") {
  // living cells leak at l and die at a, debris D' = a label - k D: label in the lung at t, without and with leak
  const double a = ln2 / 8.0, k = ln2 / 6.0, t = 24.0;
  for (const double leak : {0.0, 0.05}) {
    const double b = a + leak, dead_at_entry = 0.1 * std::exp(-k * t);
    const double lung = 0.9 * std::exp(-b * t) + dead_at_entry + 0.9 * a / (k - b) * (std::exp(-b * t) - std::exp(-k * t));
    for (const char* visit : {"numerics.visit=10 min", "numerics.visit=6 h"}) {
      const tests::Rows rows = tests::run_text(text, {fmt::format("parameters.msc_fate.label_leak={} 1/h", leak), visit});
      CHECK(close(rows.at("msc_label_lung", t), lung));  // fewer than Bernoulli errors: label is spread over cells
      CHECK_FALSE(close(rows.at("msc_label_lung", t), 1.06 * lung));
      CHECK_FALSE(close(rows.at("msc_label_lung", t), 0.94 * lung));
      if (leak > 0.0) continue;
      CHECK(close(rows.at("msc_label_liver", t), 0.5 * (1.0 - lung)));
      CHECK(close(rows.at("msc_label_spleen", t), 0.08 * (1.0 - lung)));
    }
  }
}

TEST_CASE("msc_fate: label stays where the cell is gone", "[property]") {
  for (const char* visit : {"numerics.visit=10 min", "numerics.visit=1 h"}) {
    const tests::Rows rows = tests::run_text(text, {visit, "parameters.msc_fate.dead_half_life=0.1 h", "parameters.msc_fate.debris_half_life=90000 h",
                                                    "parameters.msc_fate.label_leak=0 1/h"});
    CHECK(rows.at("msc_dna_lung", 48.0) < 0.02 * cells);
    CHECK(rows.at("msc_label_lung", 48.0) > 0.998 * cells);  // less than one in a thousand passes the lung
  }
}

TEST_CASE("msc_fate: switched off, cells live on and keep their label", "[property]") {
  const tests::Rows rows = tests::run_text(text, {"processes.msc_fate=false"});
  CHECK(rows.at("msc_viable_lung", 48.0) > 0.89 * cells);
  CHECK(rows.at("msc_label_lung", 48.0) > 0.995 * cells);
}
