#include "models/processes/cytokine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

constexpr std::size_t ccl2 = 0, il10 = 1, rise = 2, reference = 3, mean_damage = 4, activity = 5;

/// A lobule with the fields of cytokines, and pools for what reaches the plasma.
struct Lobule1 : tests::Tissue {
  CytokineParameters p;
  CytokinePlaces places{.kinds = kinds,
                        .fields = number_cytokine_fields(0),
                        .ccl2 = ccl2,
                        .il10 = il10,
                        .ccl2_rise = rise,
                        .ccl2_reference = reference,
                        .mean_damage = mean_damage,
                        .tgf_beta_activity = activity,
                        .pools = {}};
  explicit Lobule1(double radius_um = 284.3) : Tissue(0, 6, radius_um) {
    add_cytokine_fields(*patch, p);
    scalar(activity) = 1.0;
    for (std::size_t f = 0; f < factors; ++f) places.pools.factor[f] = {.plasma = f, .lost = factors};
    patch->deposits.assign(factors + 1, 0.0);
    patch->slow_deposits.assign(factors + 1, 0.0);
  }
  Cytokine process() const { return {p, places, 10.0}; }
  /// Amount in the slab [pg].
  double pg(std::size_t field_number) const { return 1e-9 * sim::amount(patch->field(field_number), *patch->grid); }
};

}  // namespace

TEST_CASE("cytokine: what is secreted equals what decays, for any place of the source", "[analytic][property]") {
  Lobule1 lobule;
  for (int i = 0; i < 7; ++i) lobule.add(1, macrophage::State::restorative, lobule.site_at(20.0 * i, 100.0 - 30.0 * i));
  lobule.process().prepare(*lobule.patch);
  const double hgf_per_d = std::log(2.0) / lobule.p.hgf_half_life_min * 1440.0;
  CHECK_THAT(lobule.pg(lobule.places.fields.hgf) * hgf_per_d, WithinRel(7.0 * lobule.p.hgf_restorative, 5e-3));
  CHECK_FALSE(std::abs(lobule.pg(lobule.places.fields.hgf) * hgf_per_d / (7.0 * lobule.p.hgf_restorative) - 1.1) < 0.09);
}

TEST_CASE("cytokine: an even source gives source over decay everywhere", "[analytic]") {
  Lobule1 lobule;
  lobule.add_everywhere(1, macrophage::State::kupffer);
  lobule.process().prepare(*lobule.patch);
  const double site_mL = std::pow(19.2, 3.0) * 1e-12, decay_per_d = std::log(2.0) / lobule.p.tnf_half_life_min * 1440.0;
  const double expected = 1e-3 * lobule.p.tnf_kupffer / site_mL / decay_per_d;
  const std::size_t middle = lobule.sites().voxel[lobule.site_at(0.0, 0.0)];
  CHECK_THAT(lobule.field(lobule.places.fields.tnf)[middle], WithinRel(expected, 0.02));
  CHECK_THAT(lobule.scalar(il10),
             WithinRel(1e-3 * lobule.p.il10_kupffer * static_cast<double>(lobule.count()) / (lobule.patch->grid->domain_volume_um3() * 1e-12) /
                           (std::log(2.0) * 24.0 / lobule.p.il10_half_life_h),
                       1e-9));
}

TEST_CASE("cytokine: TGF-beta falls off with the distance from its source, by its range, a blockade takes it away", "[analytic][property]") {
  Lobule1 lobule(800.0);  // its edge is far
  const std::size_t middle = lobule.site_at(0.0, 0.0);
  lobule.add(1, macrophage::State::inflammatory, middle, 20);
  lobule.process().prepare(*lobule.patch);
  const auto at = [&](double x) { return lobule.field(lobule.places.fields.tgf_beta)[lobule.sites().voxel[lobule.site_at(x, 0.0)]]; };
  const double range_um = std::sqrt(lobule.p.tgf_beta_um2_per_s * lobule.p.tgf_beta_half_life_min * 60.0 / std::log(2.0));
  CHECK(std::abs(range_um - 104.0) < 1.0);
  const double ratio = at(19.2 * 7.0) / at(19.2 * 3.0), expected = std::cyl_bessel_k(0.0, 134.4 / range_um) / std::cyl_bessel_k(0.0, 57.6 / range_um);
  CHECK_THAT(ratio, WithinRel(expected, 0.1));
  lobule.scalar(activity) = 0.0;
  lobule.process().prepare(*lobule.patch);
  CHECK(at(0.0) == 0.0);
}

TEST_CASE("cytokine: inflammatory macrophages make more amid damage", "[analytic]") {
  const CytokineParameters p;
  CHECK_THAT(stimulation(p, 0.0), WithinRel(p.resting_secretion, 1e-12));
  CHECK_THAT(stimulation(p, p.half_stimulus), WithinRel(0.5 + 0.5 * p.resting_secretion, 1e-12));
}

TEST_CASE("cytokine: damage of a tissue that is all necrotic rises to 1 by implicit steps, and vanishes alike", "[analytic]") {
  Lobule1 lobule(200.0);
  lobule.set_all(hepatocyte::State::necrotic);
  lobule.run(lobule.process(), 1800);
  const double k = std::log(2.0) / (60.0 * lobule.p.damage_half_life_min), expected = 1.0 - 1.0 / (1.0 + k * 1800.0);
  CHECK_THAT(lobule.scalar(mean_damage), WithinRel(expected, 0.03));  // sites at the edge hold less than a whole hepatocyte
  lobule.run(lobule.process(), 10 * 1800);
  const double full = lobule.scalar(mean_damage);
  CHECK_THAT(full, WithinRel(1.0, 0.03));
  lobule.set_all(hepatocyte::State::viable);
  lobule.run(lobule.process(), 1800);
  CHECK_THAT(lobule.scalar(mean_damage), WithinRel(full / (1.0 + k * 1800.0), 1e-3));
}

TEST_CASE("cytokine: CCL2 follows damage with its half-life, from the level of health", "[analytic]") {
  Lobule1 lobule(200.0);
  lobule.process().prepare(*lobule.patch);
  CHECK_THAT(lobule.scalar(ccl2), WithinRel(lobule.p.ccl2_healthy_ng_per_mL, 1e-12));
  CHECK(lobule.scalar(rise) == 0.0);
  lobule.scalar(ccl2) = 2.0;
  lobule.run(lobule.process(), static_cast<std::int64_t>(lobule.p.ccl2_half_life_h * 3600.0));
  CHECK_THAT(lobule.scalar(ccl2) - lobule.p.ccl2_healthy_ng_per_mL, WithinRel(0.5 * (2.0 - lobule.p.ccl2_healthy_ng_per_mL), 1e-9));
  CHECK_THAT(lobule.scalar(rise), WithinRel(lobule.scalar(ccl2) / lobule.scalar(reference) - 1.0, 1e-12));
}

TEST_CASE("cytokine: a share of what is made reaches the plasma", "[analytic]") {
  Lobule1 lobule;
  lobule.add_everywhere(1, macrophage::State::kupffer);
  lobule.run(lobule.process(), 86400);
  const double ng = 1e-3 * lobule.p.tnf_kupffer * static_cast<double>(lobule.count()) * 10.0 * lobule.p.spill;
  CHECK_THAT(lobule.patch->slow_deposits[static_cast<std::size_t>(Factor::tnf)], WithinRel(ng, 1e-6));  // made by cells in single precision
  CHECK(lobule.patch->slow_deposits[static_cast<std::size_t>(Factor::il10)] == 0.0);                    // IL-10 acts where it is made
}
