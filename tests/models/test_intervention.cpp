#include <cmath>
#include <set>
#include <utility>

#include "models/processes/intervention.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using Kind = TissueIntervention::Kind;
using tests::agrees;

namespace {

constexpr std::int64_t day = 86400;

TissueIntervention what(Kind kind, double efficacy, std::int64_t start_s = 0, std::int64_t stop_s = 10 * day) {
  return {.kind = kind, .start_s = start_s, .stop_s = stop_s, .efficacy = efficacy};
}

struct Lobule1 : tests::Tissue {
  Lobule1() : Tissue(0, 2, 200.0) {
    add(1, macrophage::State::kupffer, 0, 10000);
    add(1, macrophage::State::inflammatory, 0, 10000);
    add(2, neutrophil::State::active, 0, 10000);
  }
  void deplete(const TissueIntervention& intervention, std::int64_t duration_s = 1800) {
    run(Depletion({}, {intervention}, kinds, 0, 1), duration_s);
  }
};

/// A body with pools to empty.
struct Body {
  sim::World world;
  sim::PoolIndex blood = world.compartments.add_pool("blood", "1"), spleen = world.compartments.add_pool("spleen", "1");
  sim::PoolIndex neutrophils = world.compartments.add_pool("neutrophils", "1"), gone = world.compartments.add_pool("gone", "1");
  sim::PoolIndex neutrophils_spleen = world.compartments.add_pool("neutrophils_spleen", "1");
  sim::FlowIndex into_spleen = world.compartments.add_flow("into_spleen", blood, spleen, 0.5);
  Activities activities{.ccl2 = world.add_scalar("ccl2"),
                        .loxl2 = world.add_scalar("loxl2"),
                        .tgf_beta = world.add_scalar("tgf_beta"),
                        .natural_killer = world.add_scalar("nk")};
  std::size_t liver = world.add_group("liver", 2);
  Body() {
    for (const sim::PoolIndex pool : {blood, spleen, neutrophils, neutrophils_spleen}) world.compartments.receive(pool, 1000.0);
  }
  void act(const std::vector<TissueIntervention>& all, std::int64_t start_s, std::int64_t duration_s = 1800) {
    const DepletionPools pools{.monocytes_blood_marrow = {blood},
                               .monocytes_stored = {spleen},
                               .monocytes_spleen = {spleen},
                               .into_spleen = {into_spleen},
                               .monocyte_gone = gone,
                               .neutrophils = {neutrophils},
                               .neutrophils_spleen = {neutrophils_spleen},
                               .neutrophil_gone = gone};
    Interventions(all, pools, activities, liver, 1, 2).advance(world, {.start_s = start_s, .duration_s = duration_s, .index = 0, .seed = 1});
  }
  double in(sim::PoolIndex pool) const { return world.compartments.amount(pool); }
  double all() const { return in(blood) + in(spleen) + in(neutrophils) + in(neutrophils_spleen) + in(gone); }
};

}  // namespace

TEST_CASE("intervention: depleted cells vanish, the others are the same cells, and neutrophils are spared", "[statistical]") {
  const InterventionParameters p;
  struct Expected {
    Kind kind;
    double kupffer, recruited;
  };
  for (const Expected& e : {Expected{Kind::clodronate, 0.8, 0.8 * p.clodronate_recruited}, Expected{Kind::cd11b_dtr, 0.8 * p.dtr_kupffer, 0.8}}) {
    Lobule1 lobule;
    const auto ids = lobule.agents(1).ids();
    const std::set<sim::AgentId> before(ids.begin(), ids.end());
    lobule.deplete(what(e.kind, 0.8));
    CHECK(agrees(lobule.number(1, macrophage::State::kupffer) / 1e4, 1.0 - e.kupffer, 1e4));
    CHECK(agrees(lobule.number(1, macrophage::State::inflammatory) / 1e4, 1.0 - e.recruited, 1e4));
    for (const double error : {0.9, 1.1}) {  // of the efficacy
      CHECK_FALSE(agrees(lobule.number(1, macrophage::State::kupffer) / 1e4, 1.0 - error * e.kupffer, 1e4));
      CHECK_FALSE(agrees(lobule.number(1, macrophage::State::inflammatory) / 1e4, 1.0 - error * e.recruited, 1e4));
    }
    CHECK(lobule.number(2, neutrophil::State::active) == 1e4);
    CHECK(static_cast<double>(lobule.agents(1).size()) + lobule.scalar(0) == 2e4);
    for (const sim::AgentId id : lobule.agents(1).ids()) REQUIRE(before.count(id) == 1);
  }
}

TEST_CASE("intervention: a cell draws once, what comes later draws for itself", "[statistical]") {
  Lobule1 lobule;
  lobule.deplete(what(Kind::cd11b_dtr, 0.5), day);
  const double left = lobule.number(1, macrophage::State::inflammatory);
  CHECK(agrees(left / 1e4, 0.5, 1e4));  // after 48 visits as after one
  lobule.add(1, macrophage::State::inflammatory, 0, 10000);
  lobule.deplete(what(Kind::cd11b_dtr, 0.5));
  CHECK(agrees((lobule.number(1, macrophage::State::inflammatory) - left) / 1e4, 0.5, 1e4));
  const double then = lobule.number(1, macrophage::State::inflammatory);
  lobule.deplete(what(Kind::cd11b_dtr, 0.5, day, 2 * day));  // not yet
  CHECK(lobule.number(1, macrophage::State::inflammatory) == then);
}

TEST_CASE("intervention: neutrophil depletion takes neutrophils alone", "[property]") {
  Lobule1 lobule;
  lobule.deplete(what(Kind::neutrophil_depletion, 1.0));
  CHECK(lobule.agents(2).size() == 0);
  CHECK(lobule.scalar(1) == 1e4);
  CHECK(lobule.agents(1).size() == 20000);
}

TEST_CASE("intervention: pools are emptied at the start and then day by day", "[analytic]") {
  Body body;
  body.act({what(Kind::cd11b_dtr, 0.9)}, 0);
  CHECK_THAT(body.in(body.blood), WithinRel(100.0, 1e-12));
  CHECK_THAT(body.in(body.spleen), WithinRel(100.0, 1e-12));
  CHECK(body.in(body.neutrophils) == 1000.0);
  body.act({what(Kind::cd11b_dtr, 0.9)}, 1800);
  CHECK_THAT(body.in(body.blood), WithinRel(100.0 * std::pow(0.1, 1.0 / 48.0), 1e-9));
  Body other;
  other.act({what(Kind::clodronate, 0.9)}, 0);
  CHECK(other.in(other.blood) == 1000.0);
  CHECK_THAT(other.in(other.spleen), WithinRel(100.0, 1e-12));
  other.act({what(Kind::neutrophil_depletion, 0.5)}, 0);
  CHECK_THAT(other.in(other.neutrophils), WithinRel(500.0, 1e-12));
}

TEST_CASE("intervention: splenectomy empties the spleen and closes the way into it", "[property]") {
  Body body;
  body.act({what(Kind::splenectomy, 1.0)}, 0);
  body.world.compartments.step(1.0);
  CHECK(body.in(body.spleen) == 0.0);
  CHECK(body.in(body.neutrophils_spleen) == 0.0);
  CHECK(body.in(body.blood) == 1000.0);
  CHECK(body.in(body.neutrophils) == 1000.0);
  CHECK(body.in(body.gone) == 2000.0);
  // what opens the flow again, as the pools do in every step, is closed while it lasts and no longer
  body.world.compartments.set_flow_rate(body.into_spleen, 0.5);
  body.act({what(Kind::splenectomy, 1.0)}, 9 * day);
  body.world.compartments.step(1.0);
  CHECK(body.in(body.spleen) == 0.0);
  body.world.compartments.set_flow_rate(body.into_spleen, 0.5);
  body.act({what(Kind::splenectomy, 1.0)}, 10 * day);
  body.world.compartments.step(1.0);
  CHECK_THAT(body.in(body.blood), WithinRel(1000.0 * std::exp(-0.5), 1e-9));
}

TEST_CASE("intervention: activities are what is left, and events say when", "[property]") {
  Body body;
  const std::vector<TissueIntervention> all{what(Kind::ccl2_inhibition, 0.5), what(Kind::ccl2_inhibition, 0.5, 0, day),
                                            what(Kind::loxl2_inhibition, 1.0), what(Kind::tgf_beta_blockade, 0.25),
                                            what(Kind::nk_depletion, 0.9, day, 2 * day)};
  body.act(all, 0);
  const auto scalar = [&](std::size_t number) { return body.world.patch(1).scalars[number]; };
  CHECK(scalar(body.activities.ccl2) == 0.25);
  CHECK(scalar(body.activities.loxl2) == 0.0);
  CHECK(scalar(body.activities.tgf_beta) == 0.75);
  CHECK(scalar(body.activities.natural_killer) == 1.0);
  CHECK(body.world.events.size() == 4);
  body.act(all, day);
  CHECK(scalar(body.activities.ccl2) == 0.5);
  CHECK_THAT(scalar(body.activities.natural_killer), WithinRel(0.1, 1e-12));
}

TEST_CASE("intervention: survivors keep all that they hold, and depend on nothing but seed and id", "[property]") {
  const auto survivors = [](bool crowded) {
    Lobule1 lobule;
    if (crowded) lobule.add(2, neutrophil::State::active, 3, 500);
    const auto ids = lobule.agents(1).ids();
    const auto taken = lobule.agents(1).column(macrophage::ev_taken);
    for (std::size_t row = 0; row < ids.size(); ++row) taken[row] = static_cast<double>(ids[row] % 1000003);
    std::set<sim::AgentId> resident;
    for (std::size_t row = 0; row < 10000; ++row) resident.insert(ids[row]);
    lobule.deplete(what(Kind::clodronate, 0.7), crowded ? day : 1800);
    const sim::Population& left = std::as_const(*lobule.patch).agents(1);
    std::set<sim::AgentId> found;
    for (std::size_t row = 0; row < left.size(); ++row) {
      const sim::AgentId id = left.ids()[row];
      REQUIRE(left.column(macrophage::ev_taken)[row] == static_cast<double>(id % 1000003));
      const auto state = resident.count(id) == 1 ? macrophage::State::kupffer : macrophage::State::inflammatory;
      REQUIRE(left.column(macrophage::state)[row] == static_cast<std::uint8_t>(state));
      found.insert(id);
    }
    return found;
  };
  CHECK(survivors(false) == survivors(true));
}

TEST_CASE("intervention: arrivals are drawn once, two interventions draw apart, signals deplete no cell", "[statistical]") {
  Lobule1 lobule;
  lobule.deplete(what(Kind::neutrophil_depletion, 0.6));
  const double before = lobule.number(2, neutrophil::State::active);
  lobule.add(2, neutrophil::State::apoptotic, 0, 10000);
  lobule.deplete(what(Kind::neutrophil_depletion, 0.6), day);
  CHECK(lobule.number(2, neutrophil::State::active) == before);
  const double arrived = lobule.number(2, neutrophil::State::apoptotic) / 1e4;
  CHECK(agrees(arrived, 0.4, 1e4));
  CHECK_FALSE(agrees(arrived, 1.0 - 1.1 * 0.6, 1e4));
  CHECK_FALSE(agrees(arrived, 1.0 - 0.9 * 0.6, 1e4));
  CHECK(lobule.scalar(1) + static_cast<double>(lobule.agents(2).size()) == 2e4);
  Lobule1 twice;
  twice.run(Depletion({}, {what(Kind::cd11b_dtr, 0.5), what(Kind::cd11b_dtr, 0.5)}, Lobule1::kinds, 0, 1), 1800);
  CHECK(agrees(twice.number(1, macrophage::State::inflammatory) / 1e4, 0.25, 1e4));
  Lobule1 whole;
  for (const Kind kind : {Kind::splenectomy, Kind::ccl2_inhibition, Kind::loxl2_inhibition, Kind::tgf_beta_blockade, Kind::nk_depletion})
    whole.deplete(what(kind, 1.0));
  CHECK(whole.agents(1).size() == 20000);
  CHECK(whole.agents(2).size() == 10000);
}

TEST_CASE("intervention: [start, stop) in the lobule", "[property]") {
  Lobule1 lobule;
  const Depletion process({}, {what(Kind::neutrophil_depletion, 1.0, 3600, 7200)}, Lobule1::kinds, 0, 1);
  const auto visit = [&](std::int64_t start_s) {
    process.advance(*lobule.patch, {.start_s = start_s, .duration_s = 1800, .index = 0, .seed = 7});
    return lobule.agents(2).size();
  };
  CHECK(visit(1800) == 10000);
  CHECK(visit(3600) == 0);
  lobule.add(2, neutrophil::State::active, 0, 10);
  CHECK(visit(7200) == 10);
  CHECK(visit(5400) == 0);
}

TEST_CASE("intervention: a day leaves 1 - efficacy of a pool, whatever the visit, and nothing is lost on the way", "[analytic][convergence]") {
  for (const std::int64_t visit_s : {900, 1800}) {
    Body body;
    const std::vector<TissueIntervention> all{what(Kind::cd11b_dtr, 0.4), what(Kind::neutrophil_depletion, 0.7)};
    for (std::int64_t t = 0; t < day + visit_s; t += visit_s) body.act(all, t, visit_s);  // the first takes its share at once
    CHECK_THAT(body.in(body.blood), WithinRel(1000.0 * 0.6 * 0.6, 1e-9));
    CHECK_THAT(body.in(body.spleen), WithinRel(1000.0 * 0.6 * 0.6, 1e-9));
    CHECK_THAT(body.in(body.neutrophils), WithinRel(1000.0 * 0.3 * 0.3, 1e-9));
    CHECK_THAT(body.all(), WithinRel(4000.0, 1e-12));
    const double before = body.in(body.blood);
    body.act(all, 10 * day);
    CHECK(body.in(body.blood) == before);  // it is over
  }
}

TEST_CASE("intervention: what waits to enter a pool is not yet there to be taken", "[property]") {
  Body body;
  body.world.compartments.receive_over_step(body.blood, 500.0);
  body.act({what(Kind::cd11b_dtr, 1.0)}, 0);
  CHECK_THAT(body.in(body.blood), WithinRel(500.0, 1e-12));
}
