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

TEST_CASE("regeneration: empty sites among viable hepatocytes are filled at the rate, whatever the visit", "[statistical][convergence]") {
  RegenerationParameters p;
  p.maturation_half_time_d = 1000.0;
  p.rate_per_d = 1.0;
  p.without_mitogen = 0.4;
  for (const std::int64_t visit_s : {900, 1800}) {
    Board board;
    board.run(Regeneration(p, places), 4 * 86400, visit_s);
    const double filled = board.patch->scalars[places.born] / board.empty;
    CHECK(agrees(filled, -std::expm1(-1.6), board.empty));
    CHECK_FALSE(agrees(filled, -std::expm1(-1.1 * 1.6), board.empty));
    CHECK_FALSE(agrees(filled, -std::expm1(-0.9 * 1.6), board.empty));
    CHECK(board.number(0, State::empty) + board.patch->scalars[places.born] == board.empty);
    CHECK(board.number(0, State::viable) + board.number(0, State::regenerating) + board.number(0, State::empty) ==
          static_cast<double>(board.count()));
  }
}

TEST_CASE("regeneration: TGF-beta, mitogens, half a scar and the share of parents act on the rate by hand", "[statistical]") {
  RegenerationParameters p;
  p.rate_per_d = 8.0;
  p.without_mitogen = 0.4;
  p.maturation_half_time_d = 1000.0;
  const auto filled = [&](Board& board, double rate_per_d) {
    board.run(Regeneration(p, places), 86400, 86400);  // one visit, so that no parent is born
    const double share = board.scalar(places.born) / board.empty;
    CHECK(agrees(share, -std::expm1(-rate_per_d), board.empty));
    CHECK_FALSE(agrees(share, -std::expm1(-1.1 * rate_per_d), board.empty));
    CHECK_FALSE(agrees(share, -std::expm1(-0.9 * rate_per_d), board.empty));
  };
  Board held, fed, scarred;
  held.fill(places.tgf_beta, p.half_tgf_beta_ng_per_mL);
  filled(held, 8.0 * 0.4 / 2.0);
  p.rate_per_d = 2.0;
  fed.fill(places.hgf, p.half_hgf_ng_per_mL);
  fed.fill(places.il6, 3.0 * p.half_il6_ng_per_mL);
  filled(fed, 2.0 * (0.4 + 0.6 * (1.0 - 0.5 * 0.25)));
  p.rate_per_d = 8.0;
  scarred.fill(places.collagen.fibrillar, 0.3 * full_stain_mg_per_mL);
  scarred.fill(places.collagen.crosslinked, 0.2 * full_stain_mg_per_mL);
  scarred.fill(places.collagen.structural, full_stain_mg_per_mL);  // does not count
  filled(scarred, 8.0 * 0.4 * 0.5);
  tests::Tissue alone(6, 1, 200.0);  // one parent among its neighbours' neighbours
  alone.set_all(State::empty);
  const std::size_t middle = alone.site_at(0.0, 0.0);
  alone.agents(0).column(hepatocyte::state)[middle] = static_cast<std::uint8_t>(State::viable);
  p.rate_per_d = 1e9;
  alone.run(Regeneration(p, places), 1800);
  CHECK(alone.scalar(places.born) == static_cast<double>(alone.sites().neighbours[middle]));
}

TEST_CASE("regeneration: none from senescent or injured neighbours, none through scar", "[property]") {
  const RegenerationParameters p;
  Board senescent(State::senescent), injured(State::injured), scarred;
  scarred.fill(places.collagen.fibrillar, full_stain_mg_per_mL);
  for (Board* board : {&senescent, &injured, &scarred}) board->run(Regeneration(p, places), 1800);
  CHECK(senescent.scalar(places.born) == 0.0);
  CHECK(scarred.scalar(places.born) == 0.0);
  CHECK(injured.scalar(places.born) == 0.0);
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
