#include "models/processes/kupffer_relay.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;

TEST_CASE("kupffer_relay: follows its equation whatever the visit, in Kupffer cells alone", "[analytic][convergence]") {
  const KupfferRelayParameters p;
  for (const std::int64_t visit_s : {1800, 21600}) {
    tests::Tissue tissue(0, 0, 200.0);
    tissue.add(1, macrophage::State::kupffer, 0);
    tissue.add(1, macrophage::State::inflammatory, 0);
    const auto signal = tissue.agents(1).column(macrophage::signal), relay = tissue.agents(1).column(macrophage::relay);
    signal[0] = signal[1] = static_cast<float>(p.half_signal);
    tissue.run(KupfferRelay(p, 1), 2 * 86400, visit_s);
    const double on = 0.5 * p.rate_per_d, off = std::log(2.0) / p.half_life_d, steady = on / (on + off);
    const double expected = steady * (1.0 - std::exp(-2.0 * (on + off)));
    CHECK_THAT(static_cast<double>(relay[0]), WithinRel(expected, 1e-5));
    CHECK_FALSE(std::abs(static_cast<double>(relay[0]) / expected - 1.0) > 0.001);
    CHECK(relay[1] == 0.0F);
    signal[0] = 0.0F;
    tissue.run(KupfferRelay(p, 1), static_cast<std::int64_t>(p.half_life_d * 86400.0), visit_s);
    CHECK_THAT(static_cast<double>(relay[0]), WithinRel(0.5 * expected, 1e-4));
  }
}
