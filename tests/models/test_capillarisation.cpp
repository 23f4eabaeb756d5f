#include <cmath>

#include "models/processes/capillarisation.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

constexpr std::int64_t day_s = 86400;
constexpr CapillarisationDrive tgf_beta_and_damage{.tgf_beta = 1, .damage = 2};

/// A place whose TGF-beta alone drives with `drive`, 0 to below 1.
sim::Patch patch_with_drive(double drive) {
  sim::Patch patch(0, 0);
  patch.grid = sim::Grid::hexagonal_prism(60.0, 1, 19.2);
  patch.fields.push_back(capillarisation_field(*patch.grid));
  patch.fields.emplace_back("tgf_beta", "ng/mL", *patch.grid);
  patch.fields.emplace_back("damage", "1", *patch.grid);
  const double ng_per_mL = 0.3 * std::sqrt(drive / (1.0 - drive));
  for (std::size_t v = 0; v < patch.grid->size(); ++v) patch.field(1).value[v] = patch.grid->inside(v) ? ng_per_mL : 0.0;
  return patch;
}

/// State in the middle after `days`, in visits of the given length.
double run(const CapillarisationParameters& p, double drive, std::optional<CapillarisationDrive> fields, std::int64_t days, std::int64_t visit_s) {
  sim::Patch patch = patch_with_drive(drive);
  const Capillarisation process(p, 0, fields);
  process.prepare(patch);
  for (std::int64_t t = 0; t < days * day_s; t += visit_s)
    process.advance(patch, {.start_s = t, .duration_s = visit_s, .index = static_cast<std::uint32_t>(t / visit_s), .seed = 1});
  return patch.field(0).value[patch.grid->index(patch.grid->nx() / 2, patch.grid->ny() / 2, 0)];
}

/// Solution of dK/dt = a (1 - K) - b K.
double expected(const CapillarisationParameters& p, double drive, double days) {
  const double a = p.induction_per_d * drive, b = std::log(2.0) / p.recovery_half_life_d;
  return a / (a + b) + (p.initial - a / (a + b)) * std::exp(-(a + b) * days);
}

}  // namespace

TEST_CASE("capillarisation: follows its equation whatever the visit", "[analytic][convergence]") {
  CapillarisationParameters p;
  p.initial = 0.1;
  for (const double drive : {0.0, 0.3, 0.9})
    for (const std::int64_t visit_s : {600L, 3600L, 86400L}) {
      const double state = run(p, drive, tgf_beta_and_damage, 5, visit_s);
      CHECK_THAT(state, WithinRel(expected(p, drive, 5.0), 1e-11));
      CapillarisationParameters wrong = p;
      wrong.recovery_half_life_d *= 1.01;
      CHECK_FALSE(std::abs(state / expected(wrong, drive, 5.0) - 1.0) < 1e-11);
    }
}

TEST_CASE("capillarisation: halves over its half-life without a drive", "[analytic]") {
  CapillarisationParameters p;
  p.initial = 0.8;
  CHECK_THAT(run(p, 0.7, std::nullopt, 14, 3600), WithinRel(0.4, 1e-11));
  CHECK(run({}, 0.7, std::nullopt, 14, 3600) == 0.0);
}

TEST_CASE("capillarisation: stays within 0 and 1, and 0 outside the lobule", "[property]") {
  CapillarisationParameters p;
  p.initial = 1.0;
  for (const double drive : {0.0, 0.5, 1.0 - 1e-12}) {
    sim::Patch patch = patch_with_drive(drive);
    const Capillarisation process(p, 0, tgf_beta_and_damage);
    process.prepare(patch);
    process.advance(patch, {.start_s = 0, .duration_s = day_s, .index = 0, .seed = 1});
    for (std::size_t v = 0; v < patch.grid->size(); ++v) {
      const double state = patch.field(0).value[v];
      CHECK(state >= 0.0);
      CHECK(state <= 1.0);
      CHECK((state == 0.0) == !patch.grid->inside(v));
    }
  }
}

TEST_CASE("capillarisation: TGF-beta and damage drive it, each with its half value, and together more than either", "[analytic]") {
  CHECK(capillarisation_drive({}, 0.0, 0.0) == 0.0);
  CHECK_THAT(capillarisation_drive({}, 0.3, 0.0), WithinRel(0.5, 1e-12));
  CHECK_THAT(capillarisation_drive({}, 0.0, 0.1), WithinRel(0.5, 1e-12));
  CHECK_THAT(capillarisation_drive({}, 0.3, 0.1), WithinRel(0.75, 1e-12));
  CHECK_THAT(capillarisation_drive({}, 3.0, 0.0), WithinRel(1.0 - 1.0 / 101.0, 1e-12));
}
