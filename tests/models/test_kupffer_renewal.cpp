#include "models/processes/kupffer_renewal.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using macrophage::State;

namespace {

constexpr KupfferRenewalPlaces places{.macrophages = 1, .niche = 0, .born = 1, .settled = 2};

struct Niche : tests::Tissue {
  Niche(std::size_t kupffer, double niche) : Tissue(0, 3, 200.0) {
    add(1, State::kupffer, 0, kupffer);
    scalar(places.niche) = niche;
  }
};

}  // namespace

TEST_CASE("kupffer_renewal: an emptied niche refills as the logistic equation says, in the measured times", "[statistical][validation]") {
  const KupfferRenewalParameters p;
  Niche niche(2000, 20000.0);
  double half_d = 0.0, full_d = 0.0;
  for (int h = 1; h <= 21 * 24; ++h) {
    niche.run(KupfferRenewal(p, places), 3600, 1800, static_cast<std::uint64_t>(h));
    const double share = niche.number(1, State::kupffer) / 20000.0;
    if (half_d == 0.0 && share >= 0.55) half_d = h / 24.0;
    if (full_d == 0.0 && share >= 0.95) full_d = h / 24.0;
    if (h == 96) CHECK(std::abs(share - 1.0 / (1.0 + 9.0 * std::exp(-4.0 * p.proliferation_per_d))) < 0.015);
  }
  CHECK((half_d > 3.0 && half_d < 8.0));
  CHECK((full_d > 10.0 && full_d < 21.0));
  CHECK(niche.number(1, State::kupffer) == 2000.0 + niche.scalar(places.born));
}

TEST_CASE("kupffer_renewal: recruited macrophages settle only after large losses", "[property]") {
  KupfferRenewalParameters p;
  p.proliferation_per_d = 0.0;
  Niche small(600, 1000.0), large(100, 1000.0);
  for (Niche* niche : {&small, &large}) {
    niche->add(1, State::restorative, 0, 10000);
    niche->run(KupfferRenewal(p, places), 3600);
  }
  CHECK(small.scalar(places.settled) == 0.0);
  CHECK(large.scalar(places.settled) > 0.0);
  CHECK(large.number(1, State::kupffer) == 100.0 + large.scalar(places.settled));
}

TEST_CASE("kupffer_renewal: a full niche stays as it is, daughters carry nothing of what their mothers took up", "[property]") {
  Niche full(1000, 1000.0), half(500, 1000.0);
  full.run(KupfferRenewal({}, places), 10 * 86400);
  CHECK(full.agents(1).size() == 1000);
  const auto taken = half.agents(1).column(macrophage::ev_taken);
  std::fill(taken.begin(), taken.end(), 5.0);
  half.run(KupfferRenewal({}, places), 5 * 86400);
  double sum = 0.0;
  for (const double vesicles : half.agents(1).column(macrophage::ev_taken)) sum += vesicles;
  CHECK(sum == 2500.0);
  CHECK(half.scalar(places.born) > 50.0);
}
