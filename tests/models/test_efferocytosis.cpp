#include <cmath>

#include "models/processes/efferocytosis.hpp"
#include "models/processes/msc_fate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/monocytes.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using tests::add_stopped_msc;
using tests::MonocyteWorld;

namespace {

constexpr models::EfferocytosisParameters every_death_one_meal{.eaten_share = 1.0, .phagocytes = 1.0, .monocyte_share = 1.0};
constexpr double day_s = 86400.0;

double meals(const MonocyteWorld& mouse) {
  double sum = 0.0;
  for (std::size_t i = 0; i < 2; ++i) sum += mouse.world.patch(mouse.world.groups[mouse.lung].first + i).scalars[mouse.signals.monocyte_meals];
  return sum;
}

sim::Patch& lung_patch(MonocyteWorld& mouse, std::size_t i) { return mouse.world.patch(mouse.world.groups[mouse.lung].first + i); }

/// Mean and variance of the meals of one dying MSC: eaten with probability e by K = 1 + Binomial(3, q), each counting with probability s.
struct PerDeath {
  explicit PerDeath(const models::EfferocytosisParameters& p) {
    const double q = (p.phagocytes - 1.0) / 3.0, k = 1.0 + 3.0 * q, k_squared = k * k + 3.0 * q * (1.0 - q), s = p.monocyte_share;
    mean = p.eaten_share * k * s;
    variance = p.eaten_share * (k * s * (1.0 - s) + k_squared * s * s) - mean * mean;
  }
  double mean = 0.0, variance = 0.0;
};

}  // namespace

TEST_CASE("efferocytosis: the meals of many deaths have the mean and the spread of their law", "[statistical]") {
  constexpr int patches_run = 200, deaths = 500;
  for (const models::EfferocytosisParameters& p :
       {models::EfferocytosisParameters{}, models::EfferocytosisParameters{.eaten_share = 0.5, .phagocytes = 3.4, .monocyte_share = 0.6}}) {
    MonocyteWorld mouse;
    for (int i = 0; i < deaths; ++i) add_stopped_msc(lung_patch(mouse, 0), mouse.msc_kind, 100.0, 2.0 * day_s);
    const models::Efferocytosis process(p, mouse.msc_kind, 10.0, mouse.signals);
    std::vector<double> per_death;
    for (int run = 0; run < patches_run; ++run) {
      mouse.step.seed = static_cast<std::uint64_t>(run);
      lung_patch(mouse, 0).scalars[mouse.signals.monocyte_meals] = 0.0;
      process.advance(lung_patch(mouse, 0), mouse.step);
      per_death.push_back(meals(mouse) / (10.0 * deaths));
    }
    const PerDeath expected(p);
    const tests::Moments found = tests::moments(per_death);
    const double standard_error = std::sqrt(expected.variance / (deaths * patches_run));
    CHECK(tests::agrees(found.mean, expected.mean, standard_error));
    const double spread = found.variance / (expected.variance / deaths), spread_error = std::sqrt(2.0 / patches_run);
    CHECK(tests::agrees(spread, 1.0, spread_error));
    CHECK_FALSE(tests::agrees(2.0 * spread, 1.0, spread_error));
    CHECK_FALSE(tests::agrees(0.4 * spread, 1.0, spread_error));
    // one share a tenth larger or smaller is found out
    for (const double wrong : {0.9, 1.1}) {
      CHECK_FALSE(tests::agrees(found.mean, wrong * expected.mean, standard_error));
      models::EfferocytosisParameters other = p;
      other.phagocytes *= wrong;
      CHECK_FALSE(tests::agrees(found.mean, PerDeath(other).mean, standard_error));
    }
  }
}

TEST_CASE("efferocytosis: one to four phagocytes share an MSC, binomially", "[statistical]") {
  constexpr int deaths = 5000;
  const models::EfferocytosisParameters p{.eaten_share = 1.0, .phagocytes = 2.2, .monocyte_share = 1.0};
  MonocyteWorld mouse;
  add_stopped_msc(lung_patch(mouse, 0), mouse.msc_kind, 100.0, 2.0 * day_s);
  const models::Efferocytosis process(p, mouse.msc_kind, 1.0, mouse.signals);
  std::vector<double> counts(5, 0.0);
  for (int i = 0; i < deaths; ++i) {
    mouse.step.seed = static_cast<std::uint64_t>(i);
    lung_patch(mouse, 0).scalars[mouse.signals.monocyte_meals] = 0.0;
    process.advance(lung_patch(mouse, 0), mouse.step);
    counts.at(static_cast<std::size_t>(meals(mouse))) += 1.0;
  }
  CHECK(counts[0] == 0.0);
  const auto expected = [](double q) {
    const double r = 1.0 - q;
    return std::vector<double>{deaths * r * r * r, deaths * 3.0 * q * r * r, deaths * 3.0 * q * q * r, deaths * q * q * q};
  };
  const std::span<const double> found(counts.data() + 1, 4);
  CHECK(tests::chi_square_errors(found, expected(0.4)) < tests::allowed_errors);
  CHECK_FALSE(tests::chi_square_errors(found, expected(0.37)) < tests::allowed_errors);
  CHECK_FALSE(tests::chi_square_errors(found, expected(0.43)) < tests::allowed_errors);
}

TEST_CASE("efferocytosis: the defaults give 2e4 to 4e5 meals for 1e6 dying MSC", "[property]") {
  CHECK(1e6 * PerDeath(models::EfferocytosisParameters{}).mean > 2e4);
  CHECK(1e6 * PerDeath(models::EfferocytosisParameters{}).mean < 4e5);
  const auto& row = models::efferocytosis_parameters[2];
  for (const auto& [share, number] : {std::pair{row.published.low, 2e4}, {row.published.high, 4e5}}) {
    models::EfferocytosisParameters p;
    p.*row.member = share;
    CHECK_THAT(1e6 * PerDeath(p).mean, WithinRel(number, 0.01));
  }
}

TEST_CASE("efferocytosis: every death in the lung counts once, whatever the visit", "[property]") {
  for (const std::int64_t visit_s : {300, 600, 3600, 21600}) {
    MonocyteWorld mouse;
    mouse.step.duration_s = visit_s;
    int deaths = 0;
    for (int i = 0; i < 1000; ++i) {  // over a day and a half; some at the very bounds of visits
      const double death_s = i % 10 == 0 ? 300.0 * i / 2 : 129.6 * i;
      add_stopped_msc(lung_patch(mouse, i % 2 == 0 ? 0 : 1), mouse.msc_kind, death_s, 10.0 * day_s);
      if (death_s < day_s) ++deaths;
    }
    const models::Efferocytosis process(every_death_one_meal, mouse.msc_kind, 7.0, mouse.signals);
    for (std::int64_t i = 0; i < 86400 / visit_s; ++i) mouse.visit({}, {&process});
    CHECK(meals(mouse) == 7.0 * deaths);
  }
}

TEST_CASE("efferocytosis: what circulates when it dies, lives on, or has no time of death is not eaten", "[property]") {
  MonocyteWorld mouse;
  sim::Patch& patch = lung_patch(mouse, 0);
  sim::Population& cells = patch.agents(mouse.msc_kind);
  const models::Efferocytosis process(every_death_one_meal, mouse.msc_kind, 1.0, mouse.signals);
  const auto eaten = [&] {
    patch.scalars[mouse.signals.monocyte_meals] = 0.0;
    process.advance(patch, mouse.step);
    return patch.scalars[mouse.signals.monocyte_meals];
  };
  const std::size_t circulating = add_stopped_msc(patch, mouse.msc_kind, 10.0, day_s);
  cells.column(models::infused::whereabouts)[circulating] = static_cast<std::uint8_t>(models::Whereabouts::circulating);
  add_stopped_msc(patch, mouse.msc_kind, 700.0, day_s);
  add_stopped_msc(patch, mouse.msc_kind, 0.0, 0.0);
  CHECK(eaten() == 0.0);
  // dead when given, 20 s after the start: eaten, whether msc_fate draws its times or is switched off
  const std::size_t dead = add_stopped_msc(patch, mouse.msc_kind, 0.0, 0.0);
  cells.column(models::msc::vitality)[dead] = static_cast<std::uint8_t>(models::Vitality::apoptotic);
  cells.column(models::msc::entry_s)[dead] = 20.0;
  CHECK(eaten() == 1.0);
  cells.column(models::msc::death_s)[dead] = 20.0;
  cells.column(models::msc::clear_s)[dead] = day_s;
  CHECK(eaten() == 1.0);
  mouse.step = {.start_s = 600, .duration_s = 600, .index = 1, .seed = 1};
  CHECK(eaten() == 1.0);  // the one that dies at 700 s, and none twice
}

TEST_CASE("efferocytosis: with msc_fate, as many meals as cells that died, cleared or not", "[property]") {
  sim::World world;
  const std::size_t kind = world.add_kind(models::msc::kind), cleared = world.add_scalar("msc_cleared");
  const models::Signals signals = models::add_signals(world);
  models::MscFateParameters fate_parameters;
  fate_parameters.dead_half_life_h = 0.05;  // most are cleared in the visit in which they die
  const models::LabelPools label = models::add_label_pools(world.compartments, fate_parameters);
  world.add_group("lung", 1);
  sim::Patch& patch = world.patch(0);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t row = add_stopped_msc(patch, kind, 0.0, 0.0);
    patch.agents(kind).column(models::msc::vitality)[row] = static_cast<std::uint8_t>(i % 10 == 0 ? 1 : 0);
  }
  const models::MscLifetimes lifetimes(fate_parameters, kind);
  const models::Efferocytosis process(every_death_one_meal, kind, 1.0, signals);
  const models::MscFate fate(fate_parameters, kind, models::Bed::lung, label, cleared, 1.0);
  const auto count = [&](double died_before_s) {
    double living = 0.0;
    for (const double death_s : patch.agents(kind).column(models::msc::death_s)) living += death_s >= died_before_s ? 1.0 : 0.0;
    return living;
  };
  for (std::uint32_t i = 0; i < 24; ++i) {
    const sim::Step step{.start_s = 1800 * static_cast<std::int64_t>(i), .duration_s = 1800, .index = i, .seed = 3};
    for (const sim::Process* process_here :
         {static_cast<const sim::Process*>(&lifetimes), static_cast<const sim::Process*>(&process), static_cast<const sim::Process*>(&fate)})
      process_here->advance(patch, step);
    CHECK(patch.scalars[signals.monocyte_meals] == 2000.0 - count(static_cast<double>(step.end_s())));
  }
  CHECK(patch.scalars[cleared] > 1000.0);
}
