#include "models/processes/hepatocyte_death.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using hepatocyte::State;
using tests::agrees;

namespace {

constexpr HepatocyteDeathPlaces places{.hepatocytes = 0, .necrosed = 0, .died = 1};
constexpr double large_um = 1500.0;  // some 16000 sites

struct Followed : tests::Tissue {
  Followed(State from, std::int64_t duration_s, std::int64_t visit_s, const HepatocyteDeathParameters& p = {}) : Tissue(0, 2, large_um) {
    set_all(from);
    run(HepatocyteDeath(p, places), duration_s, visit_s);
  }
  double share(State of) const { return number(kinds.hepatocytes, of) / static_cast<double>(count()); }
};

}  // namespace

TEST_CASE("hepatocyte_death: injured hepatocytes leave with their half-life, whatever the visit", "[statistical][convergence]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    const HepatocyteDeathParameters p;
    const Followed followed(State::injured, 8 * 3600, visit_s, p);
    const auto of = static_cast<double>(followed.count());
    const double left = followed.share(State::injured), expected = std::exp2(-8.0 / p.injured_half_life_h);
    CHECK(agrees(left, expected, of));
    CHECK_FALSE(agrees(left, std::exp2(-8.0 / (0.9 * p.injured_half_life_h)), of));
    CHECK_FALSE(agrees(left, std::exp2(-8.0 / (1.1 * p.injured_half_life_h)), of));
  }
}

TEST_CASE("hepatocyte_death: of those that leave, the given shares recover and are senescent", "[statistical]") {
  HepatocyteDeathParameters p;
  p.injured_half_life_h = 0.1;
  p.recovering_share = 0.6;
  p.senescent_share = 0.5;
  p.autolysis_half_life_d = 2.0;
  p.turnover_per_d = 0.0;
  p.senescent_half_life_d = 1e5;
  const Followed followed(State::injured, 6 * 3600, 1800, p);
  const auto of = static_cast<double>(followed.count());
  const double dead = followed.share(State::necrotic) + followed.share(State::empty);
  CHECK(followed.share(State::injured) == 0.0);
  CHECK(agrees(dead, 0.4, of));
  CHECK_FALSE(agrees(dead, 0.44, of));
  CHECK_FALSE(agrees(dead, 0.36, of));
  for (const State state : {State::viable, State::senescent}) {
    CHECK(agrees(followed.share(state), 0.3, of));
    CHECK_FALSE(agrees(followed.share(state), 0.33, of));
    CHECK_FALSE(agrees(followed.share(state), 0.27, of));
  }
  CHECK(followed.patch->scalars[places.necrosed] == followed.number(0, State::necrotic) + followed.number(0, State::empty));
  CHECK(followed.patch->scalars[places.died] == followed.patch->scalars[places.necrosed]);
}

TEST_CASE("hepatocyte_death: necrotic, viable and senescent ones go at their rates, and each death is counted once", "[statistical][convergence]") {
  HepatocyteDeathParameters p;
  p.autolysis_half_life_d = 4.0;
  p.turnover_per_d = 0.2;
  p.senescent_half_life_d = 5.0;
  struct Case {
    State from;
    double rate_per_d;
    bool dies;
  };
  for (const std::int64_t visit_s : {900, 1800})
    for (const Case& c :
         {Case{State::necrotic, std::log(2.0) / 4.0, false}, Case{State::viable, 0.2, true}, Case{State::senescent, std::log(2.0) / 5.0, true}}) {
      const Followed followed(c.from, 4 * 86400, visit_s, p);
      const auto of = static_cast<double>(followed.count());
      CHECK(agrees(followed.share(c.from), std::exp(-4.0 * c.rate_per_d), of));
      CHECK_FALSE(agrees(followed.share(c.from), std::exp(-4.4 * c.rate_per_d), of));
      CHECK_FALSE(agrees(followed.share(c.from), std::exp(-3.6 * c.rate_per_d), of));
      CHECK(followed.number(0, c.from) + followed.number(0, State::empty) == of);
      CHECK(followed.patch->scalars[places.died] == (c.dies ? followed.number(0, State::empty) : 0.0));  // the necrotic were dead
      CHECK(followed.patch->scalars[places.necrosed] == 0.0);
    }
}

TEST_CASE("hepatocyte_death: regenerating hepatocytes and empty sites stay", "[property]") {
  for (const State state : {State::regenerating, State::empty}) CHECK(Followed(state, 30 * 86400, 86400).share(state) == 1.0);
}
