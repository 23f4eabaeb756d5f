#include "models/processes/recruitment.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;

namespace {

constexpr double weight = 100.0;

RecruitmentPlaces places() {
  RecruitmentPlaces all{.macrophages = 1, .damage = 0, .ccl2_rise = 0, .ccl2_activity = 1, .sorts = {}};
  all.sorts = {{.uptake = 0, .waiting = 2, .arrived = 3},
               {.uptake = 1, .waiting = 4, .arrived = 5, .state = macrophage::State::restorative, .origin = macrophage::Origin::educated},
               {.uptake = 2, .waiting = 6, .arrived = 7, .origin = macrophage::Origin::infused, .restorative_share = 0.25}};
  return all;
}

struct Lobule1 : tests::Tissue {
  explicit Lobule1(const RecruitmentParameters& parameters = {}) : Tissue(1, 8), process(parameters, places(), 2.0, weight) {
    scalar(1) = 1.0;
    patch->clearance_mL_per_h.assign(3, 0.0);
    patch->uptaken.assign(3, 0.0);
  }
  Recruitment process;
};

}  // namespace

TEST_CASE("recruitment: what the blood gave is agents and what waits, to the last cell", "[property]") {
  Lobule1 lobule;
  double given = 0.0;
  for (int visit = 0; visit < 1000; ++visit) {
    lobule.patch->uptaken[0] = 33.3 + 0.7 * visit;
    given += lobule.patch->uptaken[0];
    lobule.run(lobule.process, 1800, 1800, static_cast<std::uint64_t>(visit));
    REQUIRE_THAT(lobule.scalar(2) + weight * lobule.scalar(3), WithinRel(given, 1e-12));
    REQUIRE(lobule.scalar(2) < weight);
  }
  CHECK(lobule.number(1, macrophage::State::inflammatory) == lobule.scalar(3));
}

TEST_CASE("recruitment: the clearance follows CCL2, and an inhibitor takes from it", "[analytic]") {
  RecruitmentParameters p;
  p.gain = 0.5;
  Lobule1 lobule(p);
  const auto clearance = [&](double rise, double activity) {
    lobule.scalar(0) = rise;
    lobule.scalar(1) = activity;
    lobule.process.prepare(*lobule.patch);
    return lobule.patch->clearance_mL_per_h[1] / (2.0 * static_cast<double>(lobule.count()));
  };
  CHECK_THAT(clearance(0.0, 1.0), WithinRel(1.0, 1e-12));
  CHECK_THAT(clearance(6.0, 1.0), WithinRel(4.0, 1e-12));
  CHECK_THAT(clearance(6.0, 0.25), WithinRel(1.0, 1e-12));
  CHECK(clearance(-10.0, 1.0) == 0.0);
}

TEST_CASE("recruitment: monocytes settle where damage is, and evenly without a gradient", "[statistical]") {
  const RecruitmentParameters p;
  for (const bool flat : {true, false}) {
    Lobule1 lobule;
    const sim::Grid& grid = *lobule.patch->grid;
    double left_share = 0.0;
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x) {
        const bool left = grid.x_um(x) < 0.0;
        lobule.field(0)[grid.index(x, y, 0)] = flat || left ? p.half_damage : 0.0;
        if (left) left_share += grid.volume_fraction()[grid.index(x, y, 0)] * grid.voxel_volume_um3() / grid.domain_volume_um3();
      }
    lobule.patch->uptaken[0] = 20000.0 * weight;
    lobule.run(lobule.process, 1800);
    double left = 0.0;
    const auto voxel = lobule.agents(1).column(macrophage::voxel);
    for (const std::uint32_t v : voxel) left += grid.x_um(v % grid.nx()) < 0.0 ? 1.0 : 0.0;
    const double odds = flat ? 1.0 : 1.0 + 0.5 * p.pull, expected = odds * left_share / (odds * left_share + 1.0 - left_share);
    CHECK(agrees(left / 20000.0, expected, 20000.0));
    CHECK_FALSE(agrees(left / 20000.0, 1.1 * expected, 20000.0));
  }
}

TEST_CASE("recruitment: each sort arrives in its state, with its origin and lineage", "[statistical]") {
  Lobule1 lobule;
  lobule.patch->uptaken = {0.0, 5.0 * weight, 10000.0 * weight};
  lobule.run(lobule.process, 1800);
  const auto origin = lobule.agents(1).column(macrophage::origin), state = lobule.agents(1).column(macrophage::state);
  const auto lineage = lobule.agents(1).column(macrophage::msc_lineage);
  double infused = 0.0;
  for (std::size_t row = 0; row < lobule.agents(1).size(); ++row) {
    if (origin[row] == static_cast<std::uint8_t>(macrophage::Origin::educated)) {
      CHECK(state[row] == static_cast<std::uint8_t>(macrophage::State::restorative));
      CHECK(lineage[row] == 1.0F);
    } else {
      REQUIRE(lineage[row] == 0.0F);
      infused += state[row] == static_cast<std::uint8_t>(macrophage::State::restorative) ? 1.0 : 0.0;
    }
  }
  CHECK(lobule.scalar(5) == 5.0);
  CHECK(agrees(infused / 10000.0, 0.25, 10000.0));
}
