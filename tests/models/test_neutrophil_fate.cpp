#include <algorithm>
#include <cmath>

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

TEST_CASE("neutrophil_fate: under a signal they turn and die faster, by hand, whatever the visit", "[statistical][convergence]") {
  NeutrophilFateParameters p;
  p.half_life_h = 24.0;
  p.apoptosis_gain = 1.0;
  p.signal_per_d = 2.0;
  p.half_signal = 10.0;
  constexpr double cells = 20000.0;
  // at the half signal: apoptosis a = 1.5 ln 2 / d, turning b = 1 / d; after half a day active exp(-(a + b) t), reparative exp(-a t) less those
  const double a = 1.5 * std::log(2.0), b = 1.0, t = 0.5;
  for (const std::int64_t visit_s : {300, 600}) {
    tests::Tissue tissue(0, 1, 200.0);
    tissue.add(2, neutrophil::State::active, 0, 20000);
    const auto signal = tissue.agents(2).column(neutrophil::signal);
    std::fill(signal.begin(), signal.end(), 10.0F);
    tissue.run(NeutrophilFate(p, {.neutrophils = 2, .macrophages = 1, .gone = 0}), 12 * 3600, visit_s);
    const double active = tissue.number(2, neutrophil::State::active) / cells, reparative = tissue.number(2, neutrophil::State::reparative) / cells;
    CHECK(agrees(active, std::exp(-(a + b) * t), cells));
    CHECK(agrees(reparative, std::exp(-a * t) - std::exp(-(a + b) * t), cells));
    for (const double wrong : {0.9, 1.1}) {
      CHECK_FALSE(agrees(active, std::exp(-wrong * (a + b) * t), cells));
      CHECK_FALSE(agrees(reparative, std::exp(-a * t) - std::exp(-(a + wrong * b) * t), cells));
    }
    CHECK(static_cast<double>(tissue.agents(2).size()) + tissue.scalar(0) == cells);
  }
}

TEST_CASE("neutrophil_fate: restorative macrophages turn those near them where the relay is on", "[statistical]") {
  NeutrophilFateParameters p;
  p.half_life_h = 1e5;
  p.relay_per_d = 2.0;
  const NeutrophilFatePlaces places{.neutrophils = 2, .macrophages = 1, .gone = 0};
  const auto reparative = [&](const NeutrophilFateParameters& with) {
    tests::Tissue tissue(0, 1, 200.0);
    const std::size_t middle = tissue.site_at(0.0, 0.0), far = tissue.site_at(150.0, 0.0);
    tissue.add(2, neutrophil::State::active, middle, 10000);
    tissue.add(2, neutrophil::State::active, far, 10000);
    tissue.add(1, macrophage::State::restorative, tissue.sites().neighbour[middle][0]);
    tissue.add(1, macrophage::State::inflammatory, far);
    tissue.run(NeutrophilFate(with, places), 86400);
    const auto state = tissue.agents(2).column(neutrophil::state);
    for (std::size_t row = 10000; row < state.size(); ++row) CHECK(state[row] != static_cast<std::uint8_t>(neutrophil::State::reparative));
    return tissue.number(2, neutrophil::State::reparative) / 1e4;
  };
  CHECK(agrees(reparative(p), 1.0 - std::exp(-1.0), 1e4));  // one macrophage: half of 2 / d
  for (const double wrong : {0.9, 1.1}) CHECK_FALSE(agrees(reparative(p), 1.0 - std::exp(-wrong), 1e4));
  p.relay_per_d = 0.0;
  CHECK(reparative(p) == 0.0);
}
