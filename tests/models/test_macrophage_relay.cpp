#include "models/processes/macrophage_relay.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using macrophage::State;
using tests::agrees;

namespace {
constexpr MacrophageRelayPlaces places{.macrophages = 1, .turned = 0, .turned_for_msc = 1};
}

TEST_CASE("macrophage_relay: inflammatory cells are turned at the rate of their restorative neighbours, and take over their lineage",
          "[statistical]") {
  MacrophageRelayParameters p;
  p.rate_per_d = 20.0;
  constexpr std::size_t cells = 20000;
  for (const std::int64_t visit_s : {900, 1800}) {
    tests::Tissue tissue(0, 2, 200.0);
    const std::size_t middle = tissue.site_at(0.0, 0.0), beside = tissue.sites().neighbour[middle][0];
    tissue.add(1, State::restorative, beside, 2);
    tissue.agents(1).column(macrophage::msc_lineage)[0] = 0.6F;
    tissue.add(1, State::inflammatory, middle, cells);
    // one visit, for those that are turned turn others
    tissue.run(MacrophageRelay(p, places), visit_s, visit_s);
    const double left = tissue.number(1, State::inflammatory) / static_cast<double>(cells);
    const double expected = std::exp(-p.rate_per_d * 2.0 / (2.0 + p.half_neighbours) * static_cast<double>(visit_s) / 86400.0);
    CHECK(agrees(left, expected, cells));
    CHECK_FALSE(agrees(left, 1.0 - 1.1 * (1.0 - expected), cells));
    CHECK(tissue.scalar(places.turned) == static_cast<double>(cells) - tissue.number(1, State::inflammatory));
    CHECK_THAT(tissue.scalar(places.turned_for_msc) / tissue.scalar(places.turned), WithinRel(0.3, 1e-6));
  }
}

TEST_CASE("macrophage_relay: nothing turns without a restorative cell in reach, a chain goes on", "[property]") {
  MacrophageRelayParameters p;
  p.rate_per_d = 50.0;
  tests::Tissue tissue(0, 2);
  tissue.add_everywhere(1, State::inflammatory, 2);
  tissue.run(MacrophageRelay(p, places), 86400);
  CHECK(tissue.scalar(places.turned) == 0.0);
  tissue.add(1, State::restorative, tissue.site_at(0.0, 0.0));
  tissue.agents(1).column(macrophage::msc_lineage)[tissue.agents(1).size() - 1] = 1.0F;
  tissue.run(MacrophageRelay(p, places), 3 * 86400);
  CHECK(tissue.scalar(places.turned) > 100.0);  // one cell began it
  CHECK_THAT(tissue.scalar(places.turned_for_msc), WithinRel(tissue.scalar(places.turned), 1e-5));
}
