#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

constexpr NarrowingPlaces places{.stellate_cells = 3, .capillarisation = 0, .diameter = 1};
constexpr std::int64_t three_days = 3 * 86400;

struct Lobule1 : tests::Tissue {
  Lobule1() : Tissue(2, 0), process({}, places) { process.prepare(*patch); }
  SinusoidNarrowing process;
  double diameter() { return field(1)[sites().voxel[site_at(0.0, 0.0)]]; }
};

}  // namespace

TEST_CASE("sinusoid_narrowing: diameter by hand, and flow by its exponent", "[analytic]") {
  const SinusoidFlowParameters p;
  Lobule1 lobule;
  const double before = lobule_state(*lobule.patch).flow_total();
  lobule.fill(0, 0.5);
  lobule.add_everywhere(3, stellate_cell::State::myofibroblast);
  lobule.run(lobule.process, three_days, 21600);
  const double expected = 1.0 - 0.5 * p.capillarised_narrowing - p.contraction / (1.0 + p.half_cells);
  CHECK_THAT(lobule.diameter(), WithinRel(expected, 1e-12));
  CHECK_THAT(lobule_state(*lobule.patch).flow_total() / before, WithinRel(std::pow(expected, p.exponent), 1e-9));
}

TEST_CASE("sinusoid_narrowing: a healthy lobule keeps its flow, a flow lost with a checkpoint is found again", "[property]") {
  Lobule1 lobule;
  const double before = lobule_state(*lobule.patch).flow_total();
  lobule.add_everywhere(3, stellate_cell::State::quiescent);
  lobule.run(lobule.process, 2 * three_days, 21600);
  CHECK(lobule.diameter() == 1.0);
  CHECK(lobule_state(*lobule.patch).flow_total() == before);
  lobule.fill(1, 0.6);  // as read from a checkpoint, with the flow of the start
  lobule.run(lobule.process, 1800);
  CHECK_THAT(lobule_state(*lobule.patch).flow_total() / before, WithinRel(std::pow(0.6, SinusoidFlowParameters{}.exponent), 1e-9));
}
