#include "models/processes/phagocytosis.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;
using tests::Tissue;

namespace {

constexpr PhagocytosisPlaces places{.kinds = Tissue::kinds, .eaten_hepatocytes = 0, .eaten_neutrophils = 1};

/// Where phagocytes have all the room that they need.
PhagocytosisParameters roomy() {
  PhagocytosisParameters p;
  p.largest_per_d = 1e9;
  return p;
}

double meals(Tissue& tissue) {
  double sum = 0.0;
  for (const float meal : tissue.agents(1).column(macrophage::meals)) sum += static_cast<double>(meal);
  return sum;
}

}  // namespace

TEST_CASE("phagocytosis: necrotic hepatocytes go at the sum of their phagocytes' rates, whatever the visit", "[statistical][convergence]") {
  PhagocytosisParameters p = roomy();
  p.kupffer_per_d = 0.25;
  p.inflammatory_per_d = 1.1;
  p.restorative_per_d = 1.6;
  p.neutrophil_per_d = 0.05;
  for (const std::int64_t visit_s : {900, 1800}) {
    Tissue tissue(0, 2, 1500.0);
    tissue.set_all(hepatocyte::State::necrotic);
    tissue.add_everywhere(1, macrophage::State::kupffer);
    tissue.add_everywhere(1, macrophage::State::inflammatory);
    tissue.add_everywhere(1, macrophage::State::restorative);
    tissue.add_everywhere(2, neutrophil::State::active);
    tissue.run(Phagocytosis(p, places), 2 * 3600, visit_s);
    const auto expected = [&](double error) {  // 3 per day and site in reach; sites at the edge have fewer neighbours
      double left = 0.0;
      for (std::size_t site = 0; site < tissue.count(); ++site)
        left += std::exp(-error * 3.0 * (1.0 + tissue.sites().neighbours[site]) / 12.0) / static_cast<double>(tissue.count());
      return left;
    };
    const auto of = static_cast<double>(tissue.count());
    const double left = tissue.number(0, hepatocyte::State::necrotic) / of;
    CHECK(agrees(left, expected(1.0), of));
    CHECK(std::abs(expected(1.0) - std::exp(-1.25)) < 0.02);  // most have four
    CHECK_FALSE(agrees(left, expected(1.1), of));
    CHECK_FALSE(agrees(left, expected(0.9), of));
    CHECK(tissue.number(0, hepatocyte::State::necrotic) + tissue.number(0, hepatocyte::State::empty) == of);
    CHECK(tissue.number(0, hepatocyte::State::empty) == tissue.scalar(0));
  }
}

TEST_CASE("phagocytosis: a crowd clears a necrotic hepatocyte hardly faster than a handful", "[statistical]") {
  PhagocytosisParameters p;
  p.inflammatory_per_d = 2.0;
  p.largest_per_d = 4.0;
  CHECK(debris_clearance_per_d(p, 4.0) == 2.0);
  CHECK_THAT(debris_clearance_per_d(p, 1e6), WithinRel(4.0, 1e-5));
  CHECK_THAT(debris_clearance_per_d(p, 0.01), WithinRel(0.01, 3e-3));
  Tissue tissue(0, 2, 1500.0);
  tissue.set_all(hepatocyte::State::necrotic);
  tissue.add_everywhere(1, macrophage::State::inflammatory);
  tissue.run(Phagocytosis(p, places), 3 * 3600);
  const auto expected = [&](double error) {
    double left = 0.0;
    for (std::size_t site = 0; site < tissue.count(); ++site) {
      const double sum = 2.0 * (1.0 + tissue.sites().neighbours[site]);
      left += std::exp(-error * sum / (1.0 + sum / 4.0) / 8.0) / static_cast<double>(tissue.count());
    }
    return left;
  };
  const auto of = static_cast<double>(tissue.count());
  const double left = tissue.number(0, hepatocyte::State::necrotic) / of;
  CHECK(agrees(left, expected(1.0), of));
  CHECK_FALSE(agrees(left, expected(1.1), of));
  CHECK_FALSE(agrees(left, expected(0.9), of));
  CHECK_THAT(meals(tissue), WithinRel(of * (1.0 - left), 0.1));  // who shares a hepatocyte shares its meal
}

TEST_CASE("phagocytosis: without phagocytes debris stays, and no other hepatocyte is eaten", "[property]") {
  PhagocytosisParameters p = roomy();
  p.kupffer_per_d = 1e6;
  Tissue alone(0, 2, 200.0);
  alone.set_all(hepatocyte::State::necrotic);
  alone.add(2, neutrophil::State::apoptotic, 3, 10);
  alone.run(Phagocytosis(p, places), 86400);
  CHECK(alone.number(0, hepatocyte::State::necrotic) == static_cast<double>(alone.count()));
  CHECK(alone.agents(2).size() == 10);
  for (const auto state : {hepatocyte::State::viable, hepatocyte::State::injured, hepatocyte::State::senescent}) {
    Tissue tissue(0, 2, 200.0);
    tissue.set_all(state);
    tissue.add_everywhere(1, macrophage::State::kupffer);
    tissue.run(Phagocytosis(p, places), 1800);
    CHECK(tissue.number(0, state) == static_cast<double>(tissue.count()));
    CHECK(meals(tissue) == 0.0);
  }
}

TEST_CASE("phagocytosis: what is eaten is shared out as meals, which fade", "[property][analytic]") {
  PhagocytosisParameters p = roomy();
  p.restorative_per_d = 1e4;
  p.kupffer_per_d = 3e4;
  Tissue tissue(0, 2, 200.0);
  const std::size_t middle = tissue.site_at(0.0, 0.0);
  tissue.agents(0).column(hepatocyte::state)[middle] = static_cast<std::uint8_t>(hepatocyte::State::necrotic);
  tissue.add(1, macrophage::State::restorative, middle);
  tissue.add(1, macrophage::State::kupffer, tissue.sites().neighbour[middle][0]);
  tissue.add(1, macrophage::State::kupffer, tissue.site_at(150.0, 0.0));  // out of reach
  tissue.run(Phagocytosis(p, places), 1800);
  CHECK(tissue.scalar(0) == 1.0);
  const auto of = tissue.agents(1).column(macrophage::meals);
  CHECK_THAT(static_cast<double>(of[0]), WithinRel(0.25, 1e-6));
  CHECK_THAT(static_cast<double>(of[1]), WithinRel(0.75, 1e-6));
  CHECK(of[2] == 0.0F);
  tissue.run(Phagocytosis(p, places), 129600);
  CHECK_THAT(meals(tissue), WithinRel(std::exp2(-1.5 / p.meal_half_life_d), 1e-5));
}

TEST_CASE("phagocytosis: neutrophils take debris apart but eat no apoptotic neutrophil", "[property]") {
  PhagocytosisParameters p = roomy();
  p.neutrophil_per_d = 1e4;
  p.kupffer_per_d = 1e4;
  Tissue tissue(0, 2, 200.0);
  tissue.set_all(hepatocyte::State::necrotic);
  tissue.add(2, neutrophil::State::reparative, 3);
  tissue.add(2, neutrophil::State::apoptotic, 3, 4);
  tissue.run(Phagocytosis(p, places), 1800);
  CHECK(tissue.scalar(0) == 1.0 + tissue.sites().neighbours[3]);
  CHECK(tissue.scalar(1) == 0.0);
  tissue.add(1, macrophage::State::kupffer, 3);
  tissue.run(Phagocytosis(p, places), 1800);
  CHECK(tissue.scalar(1) == 4.0);
  CHECK(tissue.agents(2).size() == 1);
  CHECK(meals(tissue) >= 4.0 * p.apoptotic_meal * 0.99);
}

TEST_CASE("phagocytosis: apoptotic neutrophils go faster by the factor, whatever the visit", "[statistical][convergence]") {
  PhagocytosisParameters p = roomy();
  p.kupffer_per_d = 0.25;
  p.apoptotic_factor = 4.0;
  p.meal_half_life_d = 1e6;
  for (const std::int64_t visit_s : {900, 1800}) {
    Tissue tissue(0, 2, 200.0);
    const std::size_t middle = tissue.site_at(0.0, 0.0);
    tissue.add(2, neutrophil::State::apoptotic, middle, 20000);
    tissue.add(1, macrophage::State::kupffer, middle, 2);
    tissue.run(Phagocytosis(p, places), 12 * 3600, visit_s);
    const double left = static_cast<double>(tissue.agents(2).size());
    CHECK(agrees(left / 20000.0, std::exp(-1.0), 20000.0));  // 4 x 2 x 0.25 per day
    CHECK_FALSE(agrees(left / 20000.0, std::exp(-1.1), 20000.0));
    CHECK_FALSE(agrees(left / 20000.0, std::exp(-0.9), 20000.0));
    CHECK(left + tissue.scalar(1) == 20000.0);
    CHECK_THAT(meals(tissue), WithinRel(p.apoptotic_meal * tissue.scalar(1), 1e-4));
  }
}

TEST_CASE("phagocytosis: the same macrophages in other places clear another zone", "[property]") {
  const auto cleared_in_the_middle = [](bool shuffled) {
    Tissue tissue(0, 2);
    tissue.set_all(hepatocyte::State::necrotic);
    for (std::size_t i = 0; i < 40; ++i) {
      const double angle = 0.7 * static_cast<double>(i), radius = shuffled ? 40.0 * std::sqrt(static_cast<double>(i)) : 60.0;
      tissue.add(1, macrophage::State::restorative,
                 tissue.site_at(std::min(radius, 240.0) * std::cos(angle), std::min(radius, 240.0) * std::sin(angle)));
    }
    tissue.run(Phagocytosis({}, places), 86400);
    double middle = 0.0;
    const auto state = tissue.agents(0).column(hepatocyte::state);
    for (std::size_t site = 0; site < tissue.count(); ++site) {
      const double x = static_cast<double>(tissue.sites().middle_um[site][0]), y = static_cast<double>(tissue.sites().middle_um[site][1]);
      if (state[site] == static_cast<std::uint8_t>(hepatocyte::State::empty) && x * x + y * y < 90.0 * 90.0) middle += 1.0;
    }
    return middle / tissue.scalar(0);
  };
  CHECK(cleared_in_the_middle(false) > 0.9);
  CHECK(cleared_in_the_middle(true) < 0.5);
}
