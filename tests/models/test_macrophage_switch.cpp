#include "models/processes/macrophage_switch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using macrophage::State;
using tests::agrees;

namespace {

constexpr MacrophageSwitchPlaces places{.macrophages = 1, .damage = 0, .il10 = 0, .switched = 1, .switched_by_signal = 2};
constexpr std::size_t cells = 60000;

struct Followed : tests::Tissue {
  Followed(double meals, double il10, double damage, double signal, std::int64_t visit_s = 1800, const MacrophageSwitchParameters& p = {})
      : Tissue(1, 3, 200.0) {
    add(1, State::inflammatory, site_at(0.0, 0.0), cells);
    fill(0, damage);
    scalar(0) = il10;
    const auto eaten = agents(1).column(macrophage::meals), taught = agents(1).column(macrophage::signal);
    std::fill(eaten.begin(), eaten.end(), static_cast<float>(meals));
    std::fill(taught.begin(), taught.end(), static_cast<float>(signal));
    run(MacrophageSwitch(p, places), 86400, visit_s);
  }
  double left() const { return number(1, State::inflammatory) / static_cast<double>(cells); }
};

}  // namespace

TEST_CASE("macrophage_switch: by itself with its half-time, whatever the visit", "[statistical][convergence]") {
  const MacrophageSwitchParameters p;
  for (const std::int64_t visit_s : {900, 1800}) {
    const Followed followed(0.0, 0.0, 0.0, 0.0, visit_s);
    CHECK(agrees(followed.left(), std::exp2(-24.0 / p.half_time_h), cells));
    CHECK_FALSE(agrees(followed.left(), std::exp2(-24.0 / (0.9 * p.half_time_h)), cells));
    CHECK_FALSE(agrees(followed.left(), std::exp2(-24.0 / (1.1 * p.half_time_h)), cells));
  }
}

TEST_CASE("macrophage_switch: meals and IL-10 speed it up, damage holds it back", "[statistical]") {
  const MacrophageSwitchParameters p;
  const double own = std::log(2.0) * 24.0 / p.half_time_h;
  CHECK(agrees(Followed(p.half_meals, 0.0, 0.0, 0.0).left(), std::exp(-own * (1.0 + 0.5 * p.meals_gain)), cells));
  CHECK(agrees(Followed(0.0, p.half_il10_ng_per_mL, 0.0, 0.0).left(), std::exp(-own * (1.0 + 0.5 * p.il10_gain)), cells));
  CHECK(agrees(Followed(0.0, 0.0, p.half_damage, 0.0).left(), std::exp(-own / 2.0), cells));
  CHECK_FALSE(agrees(Followed(0.0, 0.0, p.half_damage, 0.0).left(), std::exp(-own / 1.5), cells));
}

TEST_CASE("macrophage_switch: the signal of MSC products adds to it, and the lineage is its share", "[statistical][analytic]") {
  const MacrophageSwitchParameters p;
  Followed followed(0.0, 0.0, 0.0, p.half_signal);
  const double own = std::log(2.0) * 24.0 / p.half_time_h, by_signal = 0.5 * p.signal_per_d, share = by_signal / (own + by_signal);
  CHECK(agrees(followed.left(), std::exp(-own - by_signal), cells));
  CHECK(followed.scalar(places.switched) == followed.number(1, State::restorative));
  CHECK_THAT(followed.scalar(places.switched_by_signal) / followed.scalar(places.switched), WithinRel(share, 1e-6));
  const auto lineage = followed.agents(1).column(macrophage::msc_lineage);
  const auto state = followed.agents(1).column(macrophage::state);
  for (std::size_t row = 0; row < cells; ++row)
    REQUIRE_THAT(static_cast<double>(lineage[row]), WithinAbs(state[row] == static_cast<std::uint8_t>(State::restorative) ? share : 0.0, 1e-6));
}

TEST_CASE("macrophage_switch: Kupffer and restorative cells stay what they are", "[property]") {
  tests::Tissue tissue(1, 3, 200.0);
  tissue.add(1, State::kupffer, 0, 100);
  tissue.add(1, State::restorative, 0, 100);
  tissue.run(MacrophageSwitch({}, places), 10 * 86400);
  CHECK(tissue.number(1, State::kupffer) == 100.0);
  CHECK(tissue.number(1, State::restorative) == 100.0);
}
