#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/processes/monocyte_pool.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/monocytes.hpp"

using namespace paracrine;
using models::Stock;
using tests::MonocyteWorld;

namespace {

constexpr int visits_per_day = 144;

/// Largest relative distance of marrow and naive stocks from those of health.
double off_health(const MonocyteWorld& mouse) {
  const auto away = [&](sim::PoolIndex pool, double healthy) { return std::abs(mouse.amount(pool) / healthy - 1.0); };
  double largest = away(mouse.pools.marrow, mouse.pools.healthy.marrow);
  for (std::size_t s = 0; s < models::stocks; ++s) largest = std::max(largest, away(mouse.pools.naive.pool[s], mouse.pools.healthy.stock[s]));
  return largest;
}

double off_balance(const MonocyteWorld& mouse) {
  const double in = mouse.pools.received(mouse.world.compartments);
  return std::abs(mouse.pools.stored(mouse.world.compartments) + mouse.amount(mouse.pools.gone) - in) / in;
}

void run(MonocyteWorld& mouse, double days) {
  const models::MonocytePool process(mouse.parameters, mouse.pools, mouse.ccl2);
  for (int i = 0; i < static_cast<int>(days * visits_per_day); ++i) mouse.visit({&process});
}

models::MonocytePoolParameters human() {
  std::vector<sim::ParameterInfo> rows = sim::describe("monocyte_pool", models::monocyte_pool_parameters, "human");
  return sim::collect("monocyte_pool", models::monocyte_pool_parameters, std::function<double(const std::string&)>([&](const std::string& name) {
                        return std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; })->value;
                      }));
}

}  // namespace

TEST_CASE("monocyte_pool: a healthy animal stays where it is, and every cell is counted", "[analytic]") {
  for (const auto& parameters : {models::MonocytePoolParameters{}, human()}) {
    MonocyteWorld subject(parameters, 1.3);
    CHECK_THAT(subject.amount(subject.pools.naive.of(Stock::blood)), WithinRel(1.3 * parameters.blood_cells, 1e-15));
    run(subject, 28.0);
    CHECK(off_health(subject) < 1e-9);
    CHECK(off_balance(subject) < 1e-12);
    CHECK(subject.world.values[subject.pools.production_factor] == 1.0);
    const double day_h = 24.0, produced = subject.world.compartments.received(subject.pools.marrow) - subject.pools.healthy.marrow;
    CHECK_THAT(produced, WithinRel(28.0 * day_h * subject.pools.healthy.production_per_h, 1e-12));
    // a rise of CCL2 by one part in a million is found out; so is a cell in a thousand million that was not counted
    MonocyteWorld other(parameters, 1.3);
    other.world.values[other.ccl2] = 1e-6;
    run(other, 28.0);
    CHECK_FALSE(off_health(other) < 1e-9);
    subject.world.compartments.give(subject.pools.gone, 1e-9 * subject.amount(subject.pools.gone));
    CHECK_FALSE(off_balance(subject) < 1e-12);
  }
}

TEST_CASE("monocyte_pool: the defaults give the production that is known", "[property]") {
  const double mouse_per_d = 24.0 * models::healthy_rates(models::MonocytePoolParameters{}, 1.0).production_per_h;
  CHECK(mouse_per_d > 0.9e6);
  CHECK(mouse_per_d < 1.2e6);
  const models::LeukocyteRates man = models::healthy_rates(human(), 1.0);
  CHECK_THAT(man.marrow / (24.0 * man.production_per_h), WithinRel(1.6, 0.1));  // days in the marrow
}

TEST_CASE("monocyte_pool: without exchange the blood follows its half-life", "[analytic]") {
  models::MonocytePoolParameters p;
  p.margin_cells = p.spleen_cells = 0.0;
  p.max_egress_factor = 1.0;
  MonocyteWorld mouse(p);
  const double healthy = p.blood_cells;
  mouse.world.compartments.give(mouse.pools.naive.of(Stock::blood), 0.5 * healthy);
  run(mouse, 1.0);
  const auto expected = [&](double half_life_h) { return healthy * (1.0 - 0.5 * std::exp2(-24.0 / half_life_h)); };
  CHECK_THAT(mouse.amount(mouse.pools.naive.of(Stock::blood)), WithinRel(expected(20.0), 1e-9));
  CHECK_FALSE(std::abs(mouse.amount(mouse.pools.naive.of(Stock::blood)) / expected(20.01) - 1.0) < 1e-9);
}

TEST_CASE("monocyte_pool: recruitment draws from the blood and can empty it, never below nothing", "[property]") {
  models::MonocytePoolParameters p;
  p.max_egress_factor = 1.0;
  MonocyteWorld mouse(p);
  mouse.world.values[mouse.ccl2] = 1e5;
  double least = p.blood_cells;
  for (int day = 0; day < 10; ++day) {
    run(mouse, 1.0);
    least = std::min(least, mouse.pools.count(mouse.world.compartments, Stock::blood));
  }
  CHECK(least >= 0.0);
  CHECK(least < 1e-3 * p.blood_cells);
  CHECK(off_balance(mouse) < 1e-12);
  // what the liver receives then is what the marrow makes and the stores give back
  const double before = mouse.world.compartments.transferred(mouse.pools.naive.to_liver);
  run(mouse, 1.0);
  const double recruited_per_h = (mouse.world.compartments.transferred(mouse.pools.naive.to_liver) - before) / 24.0;
  CHECK_THAT(recruited_per_h, WithinRel(mouse.pools.healthy.production_per_h, 0.01));
}

TEST_CASE("monocyte_pool: on demand the marrow gives at once and makes more with time, up to its largest factor", "[analytic]") {
  MonocyteWorld mouse;
  mouse.world.values[mouse.ccl2] = 1e9;
  const auto marrow = [&] { return mouse.amount(mouse.pools.marrow); };
  run(mouse, 1.0);
  CHECK(marrow() < 0.6 * mouse.parameters.marrow_cells);
  const double most = mouse.parameters.max_egress_factor;
  // dg/dt = (most - g) ln2 / 24 h: half the way after a day
  CHECK_THAT(mouse.world.values[mouse.pools.production_factor], WithinRel(0.5 * (1.0 + most), 1e-6));
  const double made = mouse.world.compartments.received(mouse.pools.marrow) - mouse.parameters.marrow_cells;
  CHECK_THAT(made / (24.0 * mouse.pools.healthy.production_per_h), WithinRel(most - 0.5 * (most - 1.0) / std::numbers::ln2, 1e-6));
  run(mouse, 20.0);
  const double before = mouse.world.compartments.received(mouse.pools.marrow);
  run(mouse, 1.0);
  CHECK_THAT((mouse.world.compartments.received(mouse.pools.marrow) - before) / (24.0 * mouse.pools.healthy.production_per_h), WithinRel(most, 1e-5));
  CHECK_THAT(marrow(), WithinRel(mouse.parameters.marrow_cells, 1e-3));  // egress and production are raised alike
}

TEST_CASE("monocyte_pool: lost blood is made good by the marrow", "[property]") {
  const auto blood_after = [](double max_egress_factor, double days) {
    models::MonocytePoolParameters p;
    p.max_egress_factor = max_egress_factor;
    MonocyteWorld mouse(p);
    mouse.world.compartments.give(mouse.pools.naive.of(Stock::blood), p.blood_cells);
    run(mouse, days);
    return mouse.pools.count(mouse.world.compartments, Stock::blood);
  };
  CHECK(blood_after(10.0, 1.0) > 1.1 * blood_after(1.0, 1.0));
  CHECK_THAT(blood_after(10.0, 40.0), WithinRel(1e6, 0.02));
}

TEST_CASE("monocyte_pool: production does not depend on the length of a visit", "[convergence]") {
  const auto produced = [](int visits) {
    double factor = 1.0, sum = 0.0;
    for (int i = 0; i < visits; ++i) {
      const models::Production made = models::follow_demand(factor, 10.0, 24.0, 48.0 / visits);
      sum += made.mean_factor / visits;
      factor = made.end_factor;
    }
    return sum;
  };
  CHECK_THAT(produced(1), WithinRel(produced(288), 1e-12));
  // mean of 10 - 9 exp(-ln2 t / 24) over 48 h
  CHECK_THAT(produced(8), WithinRel(10.0 - 9.0 * 0.75 / (2.0 * std::numbers::ln2), 1e-12));
}

TEST_CASE("monocyte_pool: educated cells go where others go, and forget", "[analytic]") {
  const auto educated_after = [](double half_life_h, Stock stock) {
    models::MonocytePoolParameters p;
    p.education_half_life_h = half_life_h;
    MonocyteWorld mouse(p);
    mouse.world.values[mouse.ccl2] = 3.0;
    mouse.world.compartments.transfer(mouse.pools.naive.of(Stock::lung_margin), mouse.pools.educated.of(Stock::lung_margin), 1e6);
    run(mouse, 2.0);
    CHECK(off_balance(mouse) < 1e-12);
    return mouse.amount(mouse.pools.educated.of(stock));
  };
  for (const Stock stock : {Stock::blood, Stock::lung_margin, Stock::spleen, Stock::liver}) {
    const double never = educated_after(1e5, stock) * std::exp2(48.0 / 1e5), after = educated_after(72.0, stock);
    CHECK(never > 0.0);
    CHECK_THAT(after, WithinRel(never * std::exp2(-48.0 / 72.0), 1e-9));
    CHECK_FALSE(std::abs(after / (never * std::exp2(-48.0 / 72.1)) - 1.0) < 1e-9);
  }
  // where half of all monocytes are educated, half of the recruits are, until they forget and naive ones follow
  MonocyteWorld mouse;
  for (std::size_t s = 0; s < models::stocks; ++s)
    mouse.world.compartments.transfer(mouse.pools.naive.pool[s], mouse.pools.educated.pool[s], 0.5 * mouse.pools.healthy.stock[s]);
  mouse.world.values[mouse.ccl2] = 3.0;
  mouse.step.duration_s = 1;
  run(mouse, 1.0 / visits_per_day);
  const double naive = mouse.world.compartments.transferred(mouse.pools.naive.to_liver);
  CHECK_THAT(mouse.pools.recruited_educated(mouse.world.compartments), WithinRel(naive, 1e-3));
}

TEST_CASE("monocyte_pool: switched off, stocks stay as they are", "[property]") {
  MonocyteWorld mouse;
  mouse.world.values[mouse.ccl2] = 10.0;
  mouse.world.compartments.transfer(mouse.pools.naive.of(Stock::blood), mouse.pools.educated.of(Stock::blood), 1e5);
  for (int i = 0; i < visits_per_day; ++i) mouse.visit({});
  CHECK(mouse.amount(mouse.pools.educated.of(Stock::blood)) == 1e5);
  CHECK(mouse.amount(mouse.pools.naive.of(Stock::blood)) == 9e5);
  CHECK(mouse.amount(mouse.pools.marrow) == mouse.pools.healthy.marrow);
  CHECK(mouse.amount(mouse.pools.gone) == 0.0);
}
