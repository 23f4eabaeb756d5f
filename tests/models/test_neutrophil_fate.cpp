#include "models/processes/neutrophil_fate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::agrees;

TEST_CASE("neutrophil_fate: active ones become apoptotic and fall apart, whatever the visit", "[statistical][convergence]") {
  NeutrophilFateParameters p;
  constexpr double cells = 20000.0;
  for (const std::int64_t visit_s : {300, 600}) {
    tests::Tissue tissue(0, 1, 200.0);
    tissue.add(2, neutrophil::State::active, 0, 20000);
    tissue.run(NeutrophilFate(p, {.neutrophils = 2, .gone = 0}), 10 * 3600, visit_s);
    const double active = tissue.number(2, neutrophil::State::active) / cells, apoptotic = tissue.number(2, neutrophil::State::apoptotic) / cells;
    CHECK(agrees(active, std::exp2(-10.0 / p.half_life_h), cells));
    CHECK_FALSE(agrees(active, std::exp2(-10.0 / (0.9 * p.half_life_h)), cells));
    CHECK_FALSE(agrees(active, std::exp2(-10.0 / (1.1 * p.half_life_h)), cells));
    const double in = std::log(2.0) / p.half_life_h, out = std::log(2.0) / p.apoptotic_half_life_h;
    CHECK(std::abs(apoptotic - in / (out - in) * (std::exp(-in * 10.0) - std::exp(-out * 10.0))) < 0.02);
    CHECK(tissue.number(2, neutrophil::State::active) + tissue.number(2, neutrophil::State::apoptotic) + tissue.scalar(0) == cells);
  }
}
