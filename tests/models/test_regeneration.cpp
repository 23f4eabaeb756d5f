#include "models/processes/regeneration.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using hepatocyte::State;
using tests::agrees;

namespace {

constexpr RegenerationPlaces places{
    .hepatocytes = 0, .hgf = 0, .il6 = 1, .tgf_beta = 2, .collagen = {.structural = 3, .fibrillar = 4, .crosslinked = 5}, .born = 0};

/// A chessboard: every other site is empty, so that all neighbours of an empty one are viable.
struct Board : tests::Tissue {
  explicit Board(State others = State::viable) : Tissue(6, 1, 1500.0) {
    const auto state = agents(0).column(hepatocyte::state);
    const double edge = patch->grid->spacing_um();
    for (std::size_t site = 0; site < count(); ++site) {
      const auto x = std::floor(static_cast<double>(sites().middle_um[site][0]) / edge + 500.25),
                 y = std::floor(static_cast<double>(sites().middle_um[site][1]) / edge + 500.25);
      state[site] = static_cast<std::uint8_t>(std::fmod(x + y, 2.0) == 0.0 ? State::empty : others);
    }
    empty = number(0, State::empty);
  }
  double empty = 0.0;
};

}  // namespace

TEST_CASE("regeneration: the drive by hand", "[analytic]") {
  const RegenerationParameters p;
  CHECK_THAT(regeneration_drive(p, 0.0, 0.0, 0.0), WithinRel(p.without_mitogen, 1e-12));
  CHECK_THAT(regeneration_drive(p, p.half_hgf_ng_per_mL, p.half_il6_ng_per_mL, p.half_tgf_beta_ng_per_mL),
             WithinRel((0.3 + 0.7 * 0.75) / 2.0, 1e-12));
}

TEST_CASE("regeneration: empty sites among viable hepatocytes are filled at the rate", "[statistical]") {
  RegenerationParameters p;
  p.maturation_half_time_d = 1000.0;
  Board board;
  board.run(Regeneration(p, places), 12 * 3600, 1800);
  const double filled = board.patch->scalars[places.born] / board.empty, expected = -std::expm1(-0.5 * p.rate_per_d * p.without_mitogen);
  CHECK(std::abs(filled - expected) < 0.02);
  CHECK(std::abs(filled - expected * 1.15) > 0.02);
  CHECK(board.number(0, State::empty) + board.patch->scalars[places.born] == board.empty);
}

TEST_CASE("regeneration: none without parents, through scar or from senescent neighbours; TGF-beta halves it", "[property]") {
  const RegenerationParameters p;
  Board senescent(State::senescent), scarred, held, free;
  scarred.fill(places.collagen.fibrillar, full_stain_mg_per_mL);
  held.fill(places.tgf_beta, p.half_tgf_beta_ng_per_mL);
  for (Board* board : {&senescent, &scarred, &held, &free}) board->run(Regeneration(p, places), 1800);
  CHECK(senescent.scalar(places.born) == 0.0);
  CHECK(scarred.scalar(places.born) == 0.0);
  CHECK_THAT(held.scalar(places.born) / free.scalar(places.born), WithinRel(0.5, 0.25));
}

TEST_CASE("regeneration: newborn hepatocytes have no CYP2E1 and grow up with their half-time", "[statistical]") {
  RegenerationParameters p;
  Board board;
  board.set_all(State::regenerating);
  board.run(Regeneration(p, places), 36 * 3600, 1800);
  CHECK(agrees(board.number(0, State::regenerating) / static_cast<double>(board.count()), std::exp2(-1.5 / p.maturation_half_time_d),
               static_cast<double>(board.count())));
  Board born;
  born.run(Regeneration(p, places), 1800);
  const auto state = born.agents(0).column(hepatocyte::state);
  for (std::size_t site = 0; site < born.count(); ++site)
    if (state[site] == static_cast<std::uint8_t>(State::regenerating)) REQUIRE(born.agents(0).column(hepatocyte::cyp2e1)[site] == 0.0F);
}
