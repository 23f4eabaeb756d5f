#include <algorithm>
#include <cmath>
#include <memory>

#include "models/agents/stellate_cell.hpp"
#include "models/processes/stellate_fate.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;
using stellate_cell::State;

namespace {

constexpr std::size_t cells = 20000;
/// Round numbers for cases computed by hand.
StellateFateParameters by_hand() {
  StellateFateParameters p;
  p.loss_half_life_d = 6.0;
  p.survival_factor = 8.0;
  p.half_tnf_ng_per_mL = 0.3;
  return p;
}
constexpr StellateFatePlaces places{.stellate_cells = 0, .tnf = 0, .natural_killer = 0, .lost = 1, .reverted = 2, .dead = 3};

/// Many cells of one state in one voxel, followed for some days.
struct Followed {
  std::unique_ptr<sim::Patch> patch = std::make_unique<sim::Patch>(0, 0);
  Followed(State from, double tnf, double natural_killer, int days, std::int64_t visit_s = 1800, const StellateFateParameters& p = by_hand()) {
    patch->grid.emplace(1, 1, 1, 19.2);
    patch->fields.emplace_back("tnf", "ng/mL", *patch->grid);
    patch->field(0).value[0] = tnf;
    patch->scalars = {natural_killer, 0.0, 0.0, 0.0};
    patch->populations.emplace_back(stellate_cell::kind, 0, 0);
    patch->agents(0).add(cells);
    const auto state = patch->agents(0).column(stellate_cell::state);
    std::fill(state.begin(), state.end(), static_cast<std::uint8_t>(from));
    const StellateFate process(p, places);
    std::uint32_t index = 0;
    for (std::int64_t t = 0; t < days * 86400; t += visit_s)
      process.advance(*patch, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = 4});
    REQUIRE(static_cast<double>(patch->agents(0).size()) + patch->scalars[places.dead] == static_cast<double>(cells));
  }
  double share(State of) const {
    const auto state = patch->agents(0).column(stellate_cell::state);
    return static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(of))) / static_cast<double>(cells);
  }
};

bool agrees(double share, double expected, double of = cells) {
  return std::abs(share - expected) < 5.0 * std::sqrt(expected * (1.0 - expected) / of);
}

}  // namespace

TEST_CASE("stellate_fate: without survival signals activated cells go with their half-life, whatever the visit", "[statistical][convergence]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    const double left = Followed(State::activated, 0.0, 1.0, 6, visit_s).share(State::activated);
    REQUIRE(agrees(left, 0.5));
    REQUIRE_FALSE(agrees(left, std::exp2(-1.1)));  // a half-life a tenth too short or too long is seen
    REQUIRE_FALSE(agrees(left, std::exp2(-0.9)));
  }
  REQUIRE(agrees(Followed(State::activated, 0.3, 1.0, 6).share(State::activated), std::exp2(-1.0 / 5.0)));  // half of the effect of TNF
}

TEST_CASE("stellate_fate: half of those lost revert", "[statistical]") {
  const Followed followed(State::activated, 0.0, 1.0, 6);
  const double lost = followed.patch->scalars[places.lost], share = followed.patch->scalars[places.reverted] / lost;
  REQUIRE(agrees(share, 0.5, lost));
  REQUIRE_FALSE(agrees(share, 0.55, lost));
  REQUIRE_FALSE(agrees(share, 0.45, lost));
  REQUIRE(lost == static_cast<double>(cells) * (1.0 - followed.share(State::activated)));
}

TEST_CASE("stellate_fate: myofibroblasts leave by loss and senescence in proportion", "[statistical]") {
  StellateFateParameters p = by_hand();
  p.senescence_per_d = 0.1;
  const Followed followed(State::myofibroblast, 0.0, 0.0, 3, 1800, p);  // nothing clears the senescent
  const double rate_per_d = std::log(2.0) / 6.0 + 0.1, left = std::exp(-3.0 * rate_per_d);
  REQUIRE(agrees(followed.share(State::myofibroblast), left));
  REQUIRE(agrees(followed.share(State::senescent), 0.1 / rate_per_d * (1.0 - left)));
}

TEST_CASE("stellate_fate: natural killer cells take their share of activated cells, none of which revert, and no myofibroblast", "[statistical]") {
  StellateFateParameters p = by_hand();
  p.killed_share = 0.2;
  struct Case {
    double natural_killer, loss, reverting;  // relative to health; of the lost
  };
  for (const Case& of : {Case{0.0, 0.8, 0.625}, Case{1.0, 1.0, 0.5}, Case{3.0, 1.4, 0.5 / 1.4}}) {
    const Followed followed(State::activated, 0.0, of.natural_killer, 6, 1800, p);
    const double lost = followed.patch->scalars[places.lost], reverted = followed.patch->scalars[places.reverted] / lost;
    CHECK(agrees(followed.share(State::activated), std::exp2(-of.loss)));
    CHECK(agrees(reverted, of.reverting, lost));
    CHECK_FALSE(agrees(followed.share(State::activated), std::exp2(-1.1 * of.loss)));
    CHECK_FALSE(agrees(reverted, 1.1 * of.reverting, lost));
    p.senescence_per_d = 0.0;
    CHECK(agrees(Followed(State::myofibroblast, 0.0, of.natural_killer, 6, 1800, p).share(State::myofibroblast), 0.5));
  }
}

TEST_CASE("stellate_fate: in recovery myofibroblasts fall as in the rat", "[validation]") {
  const double after_96h = Followed(State::myofibroblast, 0.0, 1.0, 4, 1800, {}).share(State::myofibroblast);
  REQUIRE((after_96h > 0.3 && after_96h < 0.8));
}

TEST_CASE("stellate_fate: senescent cells need natural killer cells to go, inactivated ones become quiescent", "[statistical]") {
  REQUIRE(agrees(Followed(State::senescent, 0.0, 1.0, 7).share(State::senescent), 0.5));
  REQUIRE(Followed(State::senescent, 0.0, 0.0, 7).share(State::senescent) == 1.0);
  REQUIRE(agrees(Followed(State::inactivated, 0.0, 1.0, 30).share(State::quiescent), 1.0 - std::exp2(-0.25)));
  REQUIRE(Followed(State::quiescent, 0.0, 1.0, 2).share(State::quiescent) == 1.0);
}
