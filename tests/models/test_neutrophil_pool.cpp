#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/processes/neutrophil_pool.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using models::Stock;

namespace {

struct Subject {
  explicit Subject(const models::NeutrophilPoolParameters& p = {}) : parameters(p), pools(models::add_neutrophil_pools(world, p, 1.0, 2.1)) {
    signal = world.add_value("signal_rise");
  }
  void run(double days) {
    const models::NeutrophilPool process(parameters, pools, signal);
    for (int i = 0; i < static_cast<int>(days * 144); ++i) {
      process.advance(world, step);
      world.compartments.step(step.duration_h());
    }
  }
  double off_health() const {
    double largest = std::abs(world.compartments.amount(pools.marrow) / pools.healthy.marrow - 1.0);
    for (std::size_t s = 0; s < models::stocks; ++s)
      largest = std::max(largest, std::abs(world.compartments.amount(pools.cells.pool[s]) / pools.healthy.stock[s] - 1.0));
    return largest;
  }
  double off_balance() const {
    const double in = pools.received(world.compartments);
    return std::abs(pools.stored(world.compartments) + world.compartments.amount(pools.gone) - in) / in;
  }

  models::NeutrophilPoolParameters parameters;
  sim::World world;
  models::NeutrophilPools pools;
  std::size_t signal = 0;
  sim::Step step{.start_s = 0, .duration_s = 600, .index = 0, .seed = 1};
};

}  // namespace

TEST_CASE("neutrophil_pool: a healthy animal stays where it is, and every cell is counted", "[analytic]") {
  Subject mouse;
  mouse.run(28.0);
  CHECK(mouse.off_health() < 1e-9);
  CHECK(mouse.off_balance() < 1e-12);
  const double per_d = 24.0 * mouse.pools.healthy.production_per_h;
  CHECK(per_d > 5e6);
  CHECK(per_d < 3e7);
  Subject other;
  other.world.values[other.signal] = 1e-6;
  other.run(28.0);
  CHECK_FALSE(other.off_health() < 1e-9);
  other.world.compartments.give(other.pools.gone, 1.0);
  CHECK_FALSE(other.off_balance() < 1e-12);
}

TEST_CASE("neutrophil_pool: a signal brings them into the liver, out of blood and the marrow's store", "[property]") {
  Subject mouse;
  mouse.world.values[mouse.signal] = 20.0;
  mouse.run(1.0);
  const auto& compartments = mouse.world.compartments;
  CHECK(compartments.amount(mouse.pools.cells.of(Stock::liver)) > 3.0 * mouse.pools.healthy.stock[models::number(Stock::liver)]);
  CHECK(compartments.amount(mouse.pools.marrow) < 0.7 * mouse.pools.healthy.marrow);
  CHECK(mouse.off_balance() < 1e-12);
  // f = 1 + 9 x 20 / 25 and more for the blood that is missing, g half the way there in two days
  const double made = (mouse.pools.received(compartments) - mouse.pools.stored(Subject().world.compartments)) / mouse.pools.healthy.production_per_h;
  CHECK(made > 24.0 * (8.2 - 7.2 * (1.0 - std::exp2(-0.5)) / (0.5 * std::numbers::ln2)));
  CHECK(made < 24.0 * (10.0 - 9.0 * (1.0 - std::exp2(-0.5)) / (0.5 * std::numbers::ln2)));
  mouse.world.values[mouse.signal] = 1e7;
  mouse.run(1.0);
  CHECK(compartments.amount(mouse.pools.cells.of(Stock::blood)) >= 0.0);
  CHECK(compartments.amount(mouse.pools.cells.of(Stock::blood)) < 1e-3 * mouse.parameters.blood_cells);
}

TEST_CASE("neutrophil_pool: switched off, stocks stay as they are", "[property]") {
  Subject mouse;
  mouse.world.values[mouse.signal] = 20.0;
  for (int i = 0; i < 144; ++i) mouse.world.compartments.step(mouse.step.duration_h());
  CHECK(mouse.off_health() == 0.0);
  CHECK(mouse.world.compartments.amount(mouse.pools.gone) == 0.0);
}
