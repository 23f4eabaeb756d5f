#include "models/processes/neutrophil_recruitment.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;

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
    REQUIRE_THAT(lobule.scalar(1) + 50.0 * lobule.scalar(2), WithinRel(given, 1e-12));
  }
  CHECK(lobule.number(2, neutrophil::State::active) == lobule.scalar(2));
  for (std::size_t row = 0; row < lobule.agents(2).size(); ++row)
    REQUIRE(in_lobule(284.3, static_cast<double>(lobule.agents(2).column(neutrophil::x_um)[row]),
                      static_cast<double>(lobule.agents(2).column(neutrophil::y_um)[row])));
}
