#include <cmath>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"

using namespace paracrine;

namespace {

const std::string portal = R"(
[time]
duration = "1 h"
record_every = "10 min"
[[therapy]]
product = "ev"
particles = 1e12
route = "portal_vein"
at = "0 h"
duration = "1 s"
[liver]
lobules = 4
)";

}  // namespace

TEST_CASE("delivery: a liver that takes up all but nothing hands on no negative amount", "[property]") {
  for (const char* clearance : {"1e6 um^3/min", "1e7 um^3/min", "1e8 um^3/min"}) {
    const tests::Rows rows = tests::run_text(portal, {"parameters.ev_uptake.stellate_clearance=" + std::string(clearance)});
    CHECK(rows.largest_audit_error < 1e-12);
    CHECK(rows.at("ev_plasma", 1.0) >= 0.0);
    CHECK(rows.at("ev_uptake_liver", 1.0) <= 1e12);
  }
}

TEST_CASE("delivery: vesicles given as a product bring no soluble factor", "[property]") {
  const tests::Rows rows = tests::run_text(portal);
  for (const char* factor : {"tsg6_plasma", "pge2_plasma"})
    for (const double value : rows[factor]) CHECK(value == 0.0);
  const tests::Rows medium = tests::run_text(
      "[time]\nduration=\"1 h\"\nrecord_every=\"10 min\"\n[[therapy]]\nproduct=\"conditioned_medium\"\ncell_equivalents=1e6\nat=\"0 h\"\n");
  CHECK(medium.at("tsg6_plasma", 1.0) > 0.0);
}

TEST_CASE("delivery: how a bolus saturates its first pass does not depend on the length of a visit", "[convergence]") {
  const auto taken = [](const std::vector<std::string>& overrides) { return tests::run_text(portal, overrides).at("ev_uptake_liver", 1.0); };
  const double fine = taken({"numerics.visit=10 s"}), usual = taken({});
  CHECK(std::abs(usual / fine - 1.0) < 0.03);
  const double spread_out = taken({"therapy.0.duration=10 min"});  // what diluting it over the visit would give
  CHECK_FALSE(std::abs(spread_out / fine - 1.0) < 0.03);
}

TEST_CASE("delivery: extraction is that of the blood as it is, from the first row on", "[unit]") {
  const tests::Rows rows = tests::run_text("[time]\nduration=\"1 h\"\nrecord_every=\"10 min\"\n", {"parameters.ev_uptake.half_saturation=1e10 1/mL"});
  const double first = rows.at("ev_extraction", 0.0), next = rows.at("ev_extraction", 1.0 / 6.0);
  CHECK(std::abs(first / next - 1.0) < 0.05);
  CHECK_FALSE(std::abs(2.0 * first / next - 1.0) < 0.05);
}
