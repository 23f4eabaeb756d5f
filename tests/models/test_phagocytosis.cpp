#include "models/processes/phagocytosis.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;
using tests::Tissue;

namespace {

constexpr PhagocytosisPlaces places{.kinds = Tissue::kinds, .eaten_hepatocytes = 0, .eaten_neutrophils = 1};

double meals(Tissue& tissue) {
  double sum = 0.0;
  for (const float meal : tissue.agents(1).column(macrophage::meals)) sum += static_cast<double>(meal);
  return sum;
}

}  // namespace

TEST_CASE("phagocytosis: necrotic hepatocytes go at the sum of their phagocytes' rates, whatever the visit", "[statistical][convergence]") {
  const PhagocytosisParameters p;
  for (const std::int64_t visit_s : {900, 1800}) {
    Tissue tissue(0, 2, 1500.0);
    tissue.set_all(hepatocyte::State::necrotic);
    tissue.add_everywhere(1, macrophage::State::restorative);
    tissue.run(Phagocytosis(p, places), 3 * 3600, visit_s);
    double expected = 0.0, wrong = 0.0;  // sites at the edge have fewer neighbours
    for (std::size_t site = 0; site < tissue.count(); ++site) {
      const double rate = p.restorative_per_d * (1.0 + tissue.sites().neighbours[site]) / 8.0;
      expected += std::exp(-rate) / static_cast<double>(tissue.count());
      wrong += std::exp(-1.1 * rate) / static_cast<double>(tissue.count());
    }
    const double left = tissue.number(0, hepatocyte::State::necrotic) / static_cast<double>(tissue.count());
    CHECK(agrees(left, expected, static_cast<double>(tissue.count())));
    CHECK_FALSE(agrees(left, wrong, static_cast<double>(tissue.count())));
    CHECK(tissue.number(0, hepatocyte::State::necrotic) + tissue.scalar(0) == static_cast<double>(tissue.count()));
  }
}

TEST_CASE("phagocytosis: what is eaten is shared out as meals, which fade", "[property][analytic]") {
  PhagocytosisParameters p;
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
  PhagocytosisParameters p;
  p.neutrophil_per_d = 1e4;
  p.kupffer_per_d = 1e4;
  Tissue tissue(0, 2, 200.0);
  tissue.set_all(hepatocyte::State::necrotic);
  tissue.add(2, neutrophil::State::active, 3);
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

TEST_CASE("phagocytosis: apoptotic neutrophils go faster by the factor", "[statistical]") {
  const PhagocytosisParameters p;
  Tissue tissue(0, 2, 200.0);
  const std::size_t middle = tissue.site_at(0.0, 0.0);
  tissue.add(2, neutrophil::State::apoptotic, middle, 20000);
  tissue.add(1, macrophage::State::kupffer, middle, 2);
  tissue.run(Phagocytosis(p, places), 6 * 3600);
  const double expected = std::exp(-p.apoptotic_factor * 2.0 * p.kupffer_per_d / 4.0);
  CHECK(agrees(static_cast<double>(tissue.agents(2).size()) / 20000.0, expected, 20000.0));
  CHECK_FALSE(agrees(static_cast<double>(tissue.agents(2).size()) / 20000.0, 1.1 * expected, 20000.0));
}
