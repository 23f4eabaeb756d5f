#include <cmath>
#include <numbers>

#include "models/processes/efferocytosis.hpp"
#include "models/processes/monocyte_education.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/monocytes.hpp"

using namespace paracrine;
using models::Carriers;
using models::Stock;
using tests::MonocyteWorld;

namespace {

const models::MonocyteEducationParameters defaults{};
constexpr double margin = 2e6, visit_h = 1.0 / 6.0;

double educated(const MonocyteWorld& mouse, Stock stock) { return mouse.amount(mouse.pools.educated.of(stock)); }

/// A mouse with meals, secretors and vesicles in its lung, ready for one visit.
MonocyteWorld loaded() {
  MonocyteWorld mouse;
  const std::size_t first = mouse.world.groups[mouse.lung].first;
  for (std::size_t i = 0; i < 2; ++i) {
    mouse.world.patch(first + i).scalars[mouse.signals.monocyte_meals] = 1e5;
    mouse.world.patch(first + i).scalars[mouse.signals.near_secretors] = 4e5;
  }
  mouse.world.compartments.receive(mouse.effective_lung, 5e8);
  return mouse;
}

/// Newly educated of 2e6 by hand: 2e5 meals, 8e5 secretors of 50 um in 1 mL for 10 min, a tenth of 5e8 vesicles at 0.003 each.
double by_hand(const Carriers& carriers, double margin_cells = margin) {
  double exponent = 0.0;
  if (carriers.efferocytosis) exponent += 2e5 / margin_cells;
  if (carriers.soluble) exponent += 0.03 * (1.0 - std::exp(-8e5 * 4.0 / 3.0 * std::numbers::pi * 125e3 * 1e-12)) * visit_h;
  if (carriers.ev) exponent += 0.003 * 0.1 * 5e8 / margin_cells;
  return margin_cells * (1.0 - std::exp(-exponent));
}

/// A lung of 1e6 MSC (agents of 1000) that die over two days, while the vesicles that the lung takes up and the secretors fall with them.
double liver_receives(const Carriers& carriers, int visits_per_h = 6) {
  constexpr double weight = 1000.0, half_life_h = 8.0, vesicles = 2e9;
  MonocyteWorld mouse;
  mouse.step.duration_s = 3600 / visits_per_h;
  const std::size_t first = mouse.world.groups[mouse.lung].first;
  for (int i = 0; i < 1000; ++i)
    tests::add_stopped_msc(mouse.world.patch(first + static_cast<std::size_t>(i % 2)), mouse.msc_kind,
                           -3600.0 * half_life_h * std::log2((i + 0.5) / 1000.0), 1e9);
  const models::MonocytePool pool(mouse.parameters, mouse.pools, mouse.ccl2);
  const models::MonocyteEducation education = mouse.education(defaults, carriers);
  const models::Efferocytosis eating(models::EfferocytosisParameters{}, mouse.msc_kind, weight, mouse.signals);
  for (int i = 0; i < 72 * visits_per_h; ++i) {
    const auto left = [&](double t_h) { return std::exp2(-t_h / half_life_h); };
    const double t_h = i * mouse.step.duration_h();
    mouse.world.compartments.receive(mouse.effective_lung, vesicles * (left(t_h) - left(t_h + mouse.step.duration_h())));
    for (std::size_t k = 0; k < 2; ++k)
      mouse.world.patch(first + k).scalars[mouse.signals.near_secretors] = 5e5 * left(t_h + 0.5 * mouse.step.duration_h());
    mouse.visit({&education, &pool}, {&eating});
  }
  return mouse.pools.recruited_educated(mouse.world.compartments);
}

}  // namespace

TEST_CASE("monocyte_education: one visit is what one calculates by hand, for every carrier", "[analytic]") {
  for (int set = 0; set < 8; ++set) {
    const Carriers carriers{.ev = (set & 1) != 0, .soluble = (set & 2) != 0, .efferocytosis = (set & 4) != 0};
    MonocyteWorld mouse = loaded();
    mouse.education(defaults, carriers).advance(mouse.world, mouse.step);
    const double expected = by_hand(carriers), found = educated(mouse, Stock::lung_margin);
    CHECK_THAT(found, WithinRel(expected, 1e-12));
    CHECK_THAT(mouse.amount(mouse.pools.naive.of(Stock::lung_margin)) + found, WithinRel(margin, 1e-15));
    CHECK(mouse.world.values[mouse.values.educated] == found);
    CHECK(educated(mouse, Stock::spleen) == 0.0);
    if (set > 0) CHECK_FALSE(std::abs(found / by_hand(carriers, 1.001 * margin) - 1.0) < 1e-12);
  }
}

TEST_CASE("monocyte_education: meals and vesicles act once, soluble factors as long as they last", "[property]") {
  MonocyteWorld mouse = loaded();
  const models::MonocyteEducation process = mouse.education();
  process.advance(mouse.world, mouse.step);
  const double first = mouse.world.values[mouse.values.educated], naive = mouse.amount(mouse.pools.naive.of(Stock::lung_margin));
  process.advance(mouse.world, mouse.step);
  const double second = mouse.world.values[mouse.values.educated] - first;
  CHECK_THAT(second, WithinRel(by_hand({.ev = false, .soluble = true, .efferocytosis = false}) * naive / margin, 1e-9));
  // switched off, a carrier's amounts are used up all the same: switching does not store them
  MonocyteWorld other = loaded();
  other.education(defaults, {.ev = false, .soluble = false, .efferocytosis = false}).advance(other.world, other.step);
  other.education(defaults, {.ev = true, .soluble = false, .efferocytosis = true}).advance(other.world, other.step);
  CHECK(other.world.values[other.values.educated] == 0.0);
}

TEST_CASE("monocyte_education: those that eat or take up vesicles are a random part of those that are there, nobody is taught twice", "[analytic]") {
  MonocyteWorld mouse;
  mouse.world.compartments.transfer(mouse.pools.naive.of(Stock::lung_margin), mouse.pools.educated.of(Stock::lung_margin), 0.75 * margin);
  mouse.world.patch(mouse.world.groups[mouse.lung].first).scalars[mouse.signals.monocyte_meals] = margin;
  mouse.world.compartments.receive(mouse.effective_lung, 400.0 * margin);  // a tenth of them, at 0.003 each
  mouse.education().advance(mouse.world, mouse.step);
  CHECK_THAT(mouse.world.values[mouse.values.educated], WithinRel(0.25 * margin * (1.0 - std::exp(-1.12)), 1e-12));
  // a margin that is almost empty gives what it has and no more; an empty one nothing
  MonocyteWorld empty = loaded();
  empty.world.compartments.give(empty.pools.naive.of(Stock::lung_margin), margin - 10.0);
  empty.education().advance(empty.world, empty.step);
  CHECK_THAT(empty.world.values[empty.values.educated], WithinRel(10.0, 1e-12));
  MonocyteWorld none = loaded();
  none.world.compartments.give(none.pools.naive.of(Stock::lung_margin), none.amount(none.pools.naive.of(Stock::lung_margin)));
  none.education().advance(none.world, none.step);
  CHECK(none.world.values[none.values.educated] == 0.0);
}

TEST_CASE("monocyte_education: MSC and vesicles in the spleen teach its monocytes", "[analytic]") {
  MonocyteWorld mouse;
  mouse.world.patch(mouse.world.groups[mouse.spleen].first).scalars[mouse.signals.near_secretors] = 1e5;
  mouse.world.compartments.receive(mouse.effective_spleen, 1e9);
  mouse.education().advance(mouse.world, mouse.step);
  const double near = 1.0 - std::exp(-1e5 * 4.0 / 3.0 * std::numbers::pi * 125e3 * 1e-12 / 0.1), spleen = mouse.parameters.spleen_cells;
  CHECK_THAT(educated(mouse, Stock::spleen), WithinRel(spleen * (1.0 - std::exp(-0.03 * near * visit_h - 0.003 * 0.05 * 1e9 / spleen)), 1e-12));
  CHECK(educated(mouse, Stock::lung_margin) == 0.0);
}

TEST_CASE("monocyte_education: near share follows the spacing of arrested MSC, wide in man", "[property]") {
  // 7e7 cells in 4 L against 1e6 in 1 mL: a monocyte in man is 57 times more seldom within reach
  const auto taught = [](double secretors, double lung_mL) {
    models::MonocyteEducationParameters p;
    p.lung_volume_mL = lung_mL;
    MonocyteWorld subject;
    subject.world.patch(subject.world.groups[subject.lung].first).scalars[subject.signals.near_secretors] = secretors;
    subject.education(p).advance(subject.world, subject.step);
    return subject.world.values[subject.values.educated];
  };
  CHECK(taught(1e6, 1.0) > 30.0 * taught(7e7, 4000.0));
  CHECK_THAT(taught(1e12, 1.0), WithinRel(margin * (1.0 - std::exp(-0.03 * visit_h)), 1e-12));  // everywhere within reach
}

TEST_CASE("monocyte_education: switching a carrier off changes how many educated monocytes the liver receives", "[property]") {
  const double all = liver_receives({}), without_ev = liver_receives({.ev = false}), without_soluble = liver_receives({.soluble = false}),
               without_eating = liver_receives({.efferocytosis = false});
  CHECK(liver_receives({.ev = false, .soluble = false, .efferocytosis = false}) == 0.0);
  for (const double without : {without_ev, without_soluble, without_eating}) {
    CHECK(without > 0.0);
    CHECK(without < 0.99 * all);
  }
  INFO("all " << all << ", without vesicles " << without_ev << ", soluble " << without_soluble << ", efferocytosis " << without_eating);
  // few are taught by two carriers, so that their parts nearly add up
  const double parts = 3.0 * all - without_ev - without_soluble - without_eating;
  CHECK(parts < all);
  CHECK(parts > 0.8 * all);
}

TEST_CASE("monocyte_education: the number received does not depend on the length of a visit", "[convergence]") {
  const Carriers no_draws{.efferocytosis = false};
  const double fine = liver_receives(no_draws, 12), middle = liver_receives(no_draws, 6), coarse = liver_receives(no_draws, 3);
  CHECK_THAT(middle, WithinRel(fine, 1e-3));
  CHECK(std::abs(coarse - middle) / std::abs(middle - fine) > 1.7);  // first order: the lag of one visit
  CHECK(std::abs(coarse - middle) / std::abs(middle - fine) < 2.3);
}
