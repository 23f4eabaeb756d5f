#include "models/processes/neutrophil_recruitment.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;

namespace {

constexpr NeutrophilRecruitmentPlaces places{
    .neutrophils = 2, .macrophages = 1, .damage = 0, .mean_damage = 0, .uptake = 0, .waiting = 1, .arrived = 2};

struct Lobule1 : tests::Tissue {
  Lobule1() : Tissue(1, 3), process({}, places, 3.0, 50.0) {
    patch->clearance_mL_per_h.assign(1, 0.0);
    patch->uptaken.assign(1, 0.0);
  }
  double clearance(double damage) {
    scalar(0) = damage;
    process.prepare(*patch);
    return patch->clearance_mL_per_h[0] / (3.0 * static_cast<double>(count()));
  }
  NeutrophilRecruitment process;
};

}  // namespace

TEST_CASE("neutrophil_recruitment: the clearance by hand", "[analytic]") {
  const NeutrophilRecruitmentParameters p;
  Lobule1 lobule;
  CHECK_THAT(lobule.clearance(0.0), WithinRel(1.0, 1e-12));
  CHECK_THAT(lobule.clearance(p.half_damage), WithinRel(1.0 + 0.5 * p.gain, 1e-12));
  lobule.add(1, macrophage::State::restorative, 0, 50);
  const double per_site = 50.0 / static_cast<double>(lobule.count());
  CHECK_THAT(lobule.clearance(0.0), WithinRel(1.0 / (1.0 + per_site / p.half_restorative), 1e-12));
}

TEST_CASE("neutrophil_recruitment: what the blood gave is agents and what waits", "[property]") {
  Lobule1 lobule;
  double given = 0.0;
  for (int visit = 0; visit < 200; ++visit) {
    lobule.patch->uptaken[0] = 17.7 + visit;
    given += lobule.patch->uptaken[0];
    lobule.run(lobule.process, 1800, 1800, static_cast<std::uint64_t>(visit));
    REQUIRE((lobule.scalar(1) >= 0.0 && lobule.scalar(1) < 50.0));
    REQUIRE_THAT(lobule.scalar(1) + 50.0 * lobule.scalar(2), WithinRel(given, 1e-12));
  }
  CHECK(lobule.number(2, neutrophil::State::active) == lobule.scalar(2));
  for (std::size_t row = 0; row < lobule.agents(2).size(); ++row)
    REQUIRE(in_lobule(284.3, static_cast<double>(lobule.agents(2).column(neutrophil::x_um)[row]),
                      static_cast<double>(lobule.agents(2).column(neutrophil::y_um)[row])));
}

TEST_CASE("neutrophil_recruitment: damage and restorative macrophages together, by hand", "[analytic]") {
  NeutrophilRecruitmentParameters p;
  p.gain = 30.0;
  p.half_damage = 0.05;
  p.half_restorative = 0.1;
  CHECK_THAT(neutrophil_recruitment_factor(p, 0.15, 0.0), WithinRel(23.5, 1e-12));   // 1 + 30 x 3/4
  CHECK_THAT(neutrophil_recruitment_factor(p, 0.15, 0.3), WithinRel(5.875, 1e-12));  // over 1 + 3
  Lobule1 lobule;
  const double before = lobule.clearance(0.15);
  lobule.add(1, macrophage::State::kupffer, 0, 50);
  lobule.add(1, macrophage::State::inflammatory, 0, 50);
  CHECK(lobule.clearance(0.15) == before);  // they do not end it
  lobule.patch->uptaken[0] = 0.0;
  lobule.scalar(0) = 0.0;
  lobule.run(lobule.process, 1800);  // a visit sets the clearance anew
  CHECK_THAT(lobule.patch->clearance_mL_per_h[0], WithinRel(3.0 * static_cast<double>(lobule.count()), 1e-12));
}

TEST_CASE("neutrophil_recruitment: neutrophils settle where damage pulls them", "[statistical]") {
  NeutrophilRecruitmentParameters p;
  p.half_damage = 0.05;
  p.pull = 10.0;
  Lobule1 lobule;
  const sim::Grid& grid = *lobule.patch->grid;
  for (std::size_t y = 0; y < grid.ny(); ++y)
    for (std::size_t x = 0; x < grid.nx(); ++x)
      if (grid.x_um(x) * grid.x_um(x) + grid.y_um(y) * grid.y_um(y) < 100.0 * 100.0) lobule.field(0)[grid.index(x, y, 0)] = p.half_damage;
  double damaged = 0.0, whole = 0.0;  // area, by points
  for (double x = -300.0; x < 300.0; x += 0.5)
    for (double y = -300.0; y < 300.0; y += 0.5) {
      if (!in_lobule(284.3, x, y)) continue;
      whole += 1.0;
      damaged += lobule.field(0)[voxel_at(grid, x, y, 1.0)] > 0.0 ? 1.0 : 0.0;
    }
  constexpr double cells = 40000.0;
  lobule.patch->uptaken[0] = cells;
  lobule.run(NeutrophilRecruitment(p, places, 3.0, 1.0), 1800);
  REQUIRE(lobule.number(2, neutrophil::State::active) == cells);
  double there = 0.0;
  for (const std::uint32_t voxel : lobule.agents(2).column(neutrophil::voxel)) there += lobule.field(0)[voxel] > 0.0 ? 1.0 / cells : 0.0;
  const auto expected = [&](double pull) { return (1.0 + 0.5 * pull) * damaged / ((1.0 + 0.5 * pull) * damaged + whole - damaged); };
  CHECK(agrees(there, expected(10.0), cells));
  CHECK_FALSE(agrees(there, expected(11.0), cells));
  CHECK_FALSE(agrees(there, expected(9.0), cells));
}
