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
  p.autolysis_half_life_d = 1000.0;
  p.turnover_per_d = 0.0;
  p.senescent_half_life_d = 1e5;
  const Followed followed(State::injured, 6 * 3600, 1800, p);
  const auto of = static_cast<double>(followed.count());
  CHECK(agrees(followed.share(State::necrotic) + followed.share(State::empty), 0.7, of));
  CHECK_FALSE(agrees(followed.share(State::necrotic) + followed.share(State::empty), 0.77, of));
  CHECK(agrees(followed.share(State::viable), 0.3 * 0.95, of));
  CHECK(agrees(followed.share(State::senescent), 0.3 * 0.05, of));
  CHECK(followed.patch->scalars[places.necrosed] == followed.patch->scalars[places.died]);
}

TEST_CASE("hepatocyte_death: necrotic, viable and senescent ones go at their rates, and each death is counted once", "[statistical]") {
  HepatocyteDeathParameters p;
  p.turnover_per_d = 0.1;
  p.senescent_half_life_d = 5.0;
  const Followed necrotic(State::necrotic, 4 * 86400, 1800, p), viable(State::viable, 4 * 86400, 1800, p), old(State::senescent, 4 * 86400, 1800, p);
  const auto of = static_cast<double>(viable.count());
  CHECK(agrees(necrotic.share(State::necrotic), 0.5, of));
  CHECK(necrotic.patch->scalars[places.died] == 0.0);  // they were dead
  CHECK(agrees(viable.share(State::viable), std::exp(-0.4), of));
  CHECK(agrees(old.share(State::senescent), std::exp2(-0.8), of));
  CHECK(viable.patch->scalars[places.died] == viable.number(0, State::empty));
  CHECK(viable.patch->scalars[places.necrosed] == 0.0);
}
