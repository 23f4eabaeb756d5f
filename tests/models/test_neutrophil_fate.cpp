#include "models/processes/neutrophil_fate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;

TEST_CASE("neutrophil_fate: active ones become apoptotic and fall apart, whatever the visit", "[statistical][convergence]") {
  NeutrophilFateParameters p;
  p.half_life_h = 10.0;
  p.apoptotic_half_life_h = 24.0;
  constexpr double cells = 20000.0;
  for (const std::int64_t visit_s : {300, 600}) {
    tests::Tissue tissue(0, 1, 200.0);
    tissue.add(2, neutrophil::State::active, 0, 20000);
    tissue.run(NeutrophilFate(p, {.neutrophils = 2, .gone = 0}), 10 * 3600, visit_s);
    const double active = tissue.number(2, neutrophil::State::active) / cells, apoptotic = tissue.number(2, neutrophil::State::apoptotic) / cells;
    CHECK(agrees(active, std::exp2(-10.0 / p.half_life_h), cells));
    CHECK_FALSE(agrees(active, std::exp2(-10.0 / (0.9 * p.half_life_h)), cells));
    CHECK_FALSE(agrees(active, std::exp2(-10.0 / (1.1 * p.half_life_h)), cells));
    // by hand: k_1 / (k_2 - k_1) (exp(-k_1 t) - exp(-k_2 t)) = 0.0693 / (0.0289 - 0.0693) x (0.5 - 0.749)
    CHECK(agrees(apoptotic, 0.4271, cells));
    CHECK(tissue.number(2, neutrophil::State::active) + tissue.number(2, neutrophil::State::apoptotic) + tissue.scalar(0) == cells);
  }
}

TEST_CASE("neutrophil_fate: apoptotic ones fall apart with their half-life, and are counted", "[statistical][convergence]") {
  NeutrophilFateParameters p;
  p.apoptotic_half_life_h = 24.0;
  constexpr double cells = 20000.0;
  for (const std::int64_t visit_s : {900, 1800}) {
    tests::Tissue tissue(0, 1, 200.0);
    tissue.add(2, neutrophil::State::apoptotic, 0, 20000);
    tissue.run(NeutrophilFate(p, {.neutrophils = 2, .gone = 0}), 86400, visit_s);
    const double left = tissue.number(2, neutrophil::State::apoptotic) / cells;
    CHECK(agrees(left, 0.5, cells));
    CHECK_FALSE(agrees(left, std::exp2(-1.1), cells));
    CHECK_FALSE(agrees(left, std::exp2(-0.9), cells));
    CHECK(tissue.scalar(0) == cells * (1.0 - left));
    CHECK(static_cast<double>(tissue.agents(2).size()) == cells * left);
  }
}
