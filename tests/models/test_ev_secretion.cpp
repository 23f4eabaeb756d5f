#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/processes/ev_secretion.hpp"
#include "models/processes/msc_fate.hpp"
#include "sim/engine/world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

constexpr double never_s = std::numeric_limits<double>::infinity();

struct Cell {
  double entry_s = 0.0, death_s = never_s, clear_s = never_s;
  Whereabouts whereabouts = Whereabouts::arrested;
  std::uint8_t dose = 0, segment = 0;
  float secretion = 1.0F;
  Vitality vitality = Vitality::viable;
};

/// One patch of an organ with hand-made MSC.
struct Organ {
  explicit Organ(Bed bed_ = Bed::lung) : bed(bed_) {
    kind = world.add_kind(msc::kind);
    signals = add_signals(world);
    for (VesiclePools* vesicles : {&pools.ev, &pools.effective}) {
      const std::string name = vesicles == &pools.ev ? "ev_" : "effective_";
      vesicles->plasma = world.compartments.add_pool(name + "plasma", "1", 1.2);
      vesicles->lung = world.compartments.add_pool(name + "lung", "1");
      vesicles->liver = world.compartments.add_pool(name + "liver", "1");
      vesicles->spleen = world.compartments.add_pool(name + "spleen", "1");
      vesicles->other = world.compartments.add_pool(name + "other", "1");
    }
    world.add_group("organ", 1);
  }
  sim::Patch& patch() { return world.patch(0); }
  void add(const Cell& cell) {
    sim::Population& cells = patch().agents(kind);
    const std::size_t row = cells.add(1);
    cells.column(msc::entry_s)[row] = cell.entry_s;
    cells.column(msc::death_s)[row] = cell.death_s;
    cells.column(msc::clear_s)[row] = cell.clear_s;
    cells.column(infused::whereabouts)[row] = static_cast<std::uint8_t>(cell.whereabouts);
    cells.column(infused::dose)[row] = cell.dose;
    cells.column(infused::segment)[row] = cell.segment;
    cells.column(msc::secretion)[row] = cell.secretion;
    cells.column(msc::vitality)[row] = static_cast<std::uint8_t>(cell.vitality);
  }
  void visit(std::int64_t start_s, std::int64_t duration_s) {
    const EvSecretion process(p, products, kind, weight, bed, pools, signals, 0, segments);
    process.advance(patch(), {.start_s = start_s, .duration_s = duration_s, .index = static_cast<std::uint32_t>(start_s / 600), .seed = 7});
  }
  double slow(sim::PoolIndex pool) { return patch().slow_deposits[pool]; }
  double now(sim::PoolIndex pool) { return patch().deposits[pool]; }
  double released() {  // by now, in all pools
    double sum = 0.0;
    for (const sim::PoolIndex pool : {pools.ev.plasma, pools.ev.lung, pools.ev.liver, pools.ev.spleen, pools.ev.other}) sum += slow(pool) + now(pool);
    return sum;
  }

  Bed bed;
  sim::World world;
  std::size_t kind = 0, segments = 1;
  Signals signals;
  BloodPools pools;
  EvSecretionParameters p;
  std::vector<CellProduct> products{{}};
  double weight = 1.0;
};

/// A lobule in a row: zone rises along x; a corner of the box is closed and one voxel is cut.
struct LobuleRow : Organ {
  LobuleRow() : Organ(Bed::liver) {
    std::vector<double> layer(20, 1.0);
    layer[3] = 0.5;
    layer[10] = 0.0;  // the first of the second row
    patch().grid = sim::Grid::prism(10, 2, 1, 19.2, layer, layer, layer);
    for (std::size_t v = 0; v < 20; ++v) patch().zone.push_back(static_cast<float>(v % 10) / 9.0F);
    for (const char* name : {"local_ev", "local_effective"}) patch().fields.emplace_back(name, "1", *patch().grid);
  }
  const std::vector<double>& number() { return patch().field(0).value; }
  const std::vector<double>& effective() { return patch().field(1).value; }
};

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("ev_secretion: a cell sheds its rate, of which a share reaches the blood and the organ takes the rest", "[analytic]") {
  for (const Bed bed : {Bed::lung, Bed::spleen, Bed::other}) {
    Organ organ(bed);
    organ.weight = 10.0;
    organ.add({.secretion = 1.5F});
    organ.visit(0, 600);
    const double shed = 10.0 * 2000.0 / 24.0 * 2.0 * 1.5 / 6.0;
    const sim::PoolIndex here = bed == Bed::lung ? organ.pools.ev.lung : bed == Bed::spleen ? organ.pools.ev.spleen : organ.pools.ev.other;
    CHECK_THAT(organ.slow(organ.pools.ev.plasma), WithinRel(0.6 * shed, 1e-12));
    CHECK_THAT(organ.now(here), WithinRel(0.4 * shed, 1e-12));
    CHECK_THAT(organ.released(), WithinRel(shed, 1e-12));  // and nowhere else
    CHECK_THAT(organ.slow(organ.pools.effective.plasma), WithinRel(0.6 * shed, 1e-12));
  }
}

TEST_CASE("ev_secretion: what a circulating cell sheds is the blood's", "[analytic]") {
  Organ organ;
  organ.add({.whereabouts = Whereabouts::circulating});
  organ.visit(0, 600);
  CHECK_THAT(organ.slow(organ.pools.ev.plasma), WithinRel(2000.0 / 24.0 * 2.0 / 6.0, 1e-12));
  CHECK(organ.now(organ.pools.ev.lung) == 0.0);
}

TEST_CASE("ev_secretion: it sheds from entry to death, to the second, whatever the visit, and bursts once", "[analytic][convergence]") {
  for (const double death_s : {7200.0, 7201.0, 10799.0}) {  // on the end of visits, and within
    for (const std::int64_t visit_s : {600, 1800, 21600}) {
      Organ organ;
      organ.add({.entry_s = 301.0, .death_s = death_s, .clear_s = death_s + 1000.0});
      for (std::int64_t t = 0; t < 21600; t += visit_s) organ.visit(t, visit_s);
      const double steady = 2000.0 / 24.0 * 2.0 * (death_s - 301.0) / 3600.0;
      CHECK_THAT(organ.released(), WithinRel(steady + 500.0, 1e-12));
    }
  }
}

TEST_CASE("ev_secretion: a cell that was dead when given sheds nothing", "[property]") {
  Organ organ;
  organ.add({.entry_s = 100.0, .death_s = 100.0, .clear_s = 5000.0, .vitality = Vitality::apoptotic});
  organ.add({.entry_s = 0.0, .death_s = 0.0, .clear_s = 5000.0, .vitality = Vitality::apoptotic});
  for (const std::int64_t t : {0, 600, 1200}) organ.visit(t, 600);
  CHECK(organ.released() == 0.0);
}

TEST_CASE("ev_secretion: where nothing dies, living cells secrete for ever and dead ones never", "[property]") {
  Organ organ;  // msc_fate switched off: no time of death or clearance is drawn
  organ.add({.death_s = 0.0, .clear_s = 0.0});
  organ.add({.entry_s = 100.0, .death_s = 0.0, .clear_s = 0.0, .vitality = Vitality::apoptotic});
  organ.visit(86400, 3600);
  CHECK_THAT(organ.released(), WithinRel(2000.0 / 24.0 * 2.0, 1e-12));
}

TEST_CASE("ev_secretion: secretion of cells is lognormal with mean 1, drawn once", "[statistical]") {
  Organ organ;
  constexpr std::size_t n = 100000;
  for (std::size_t i = 0; i < n; ++i) organ.add({.secretion = 0.0F, .vitality = i % 3 == 0 ? Vitality::apoptotic : Vitality::viable});
  organ.visit(0, 600);
  const auto column = organ.patch().agents(organ.kind).column(msc::secretion);
  const std::vector<float> drawn(column.begin(), column.end());
  std::vector<double> value, log;
  for (const float s : drawn) {
    value.push_back(s);
    log.push_back(std::log(static_cast<double>(s)));
  }
  const tests::Moments mean = tests::moments(value), spread = tests::moments(log);
  const double sigma = std::log(2.0), of_sd = sigma / std::sqrt(2.0 * n);
  CHECK(tests::agrees(mean.mean, 1.0, mean.standard_error));
  CHECK(tests::agrees(spread.mean, -0.5 * sigma * sigma, spread.standard_error));
  CHECK(tests::agrees(std::sqrt(spread.variance), sigma, of_sd));
  for (const double wrong : {0.97, 1.03}) {
    CHECK_FALSE(tests::agrees(mean.mean, wrong, mean.standard_error));
    CHECK_FALSE(tests::agrees(spread.mean, -0.5 * sigma * sigma + std::log(wrong), spread.standard_error));
    CHECK_FALSE(tests::agrees(std::sqrt(spread.variance), wrong * sigma, of_sd));
  }
  organ.add({.secretion = 0.0F});
  organ.visit(600, 600);
  const auto later = organ.patch().agents(organ.kind).column(msc::secretion);
  CHECK(std::equal(drawn.begin(), drawn.end(), later.begin()));
  CHECK(later[n] > 0.0F);
}

TEST_CASE("ev_secretion: a cell's secretion does not depend on its neighbours", "[property]") {
  Organ many, few;
  for (int i = 0; i < 700; ++i) many.add({.secretion = 0.0F});
  for (int i = 0; i < 3; ++i) few.add({.secretion = 0.0F});
  many.visit(0, 600);
  few.visit(0, 600);
  for (std::size_t row = 0; row < 3; ++row)
    CHECK(many.patch().agents(0).column(msc::secretion)[row] == few.patch().agents(0).column(msc::secretion)[row]);
  CHECK(few.patch().agents(0).column(msc::secretion)[0] != few.patch().agents(0).column(msc::secretion)[1]);
  Organ equal;
  equal.p.cell_gsd = 1.0;
  equal.add({.secretion = 0.0F});
  equal.visit(0, 600);
  CHECK(equal.patch().agents(0).column(msc::secretion)[0] == 1.0F);
}

TEST_CASE("ev_secretion: source, culture, priming and passage change number and potency as written", "[analytic]") {
  using Source = CellProduct::Source;
  struct Case {
    CellProduct product;
    double number, potency;
  };
  EvSecretionParameters p;
  p.adipose = 1.1;
  p.amnion = 0.9;
  p.priming_number = 1.2;
  for (const Case& c : {Case{{}, 1.0, 1.0},
                        {{.source = Source::adipose}, 1.1, 1.0},
                        {{.source = Source::umbilical_cord}, 2.0, 1.0},
                        {{.source = Source::amnion}, 0.9, 1.0},
                        {{.spheroid = true}, 6.7, 1.0},
                        {{.primed = true}, 1.2, 2.0},
                        {{.passage = 2.0}, 1.0, 1.0},
                        {{.passage = 7.0}, 1.0, 0.9 * 0.9 * 0.9},
                        {{.source = Source::umbilical_cord, .spheroid = true, .passage = 5.0, .primed = true}, 2.0 * 6.7 * 1.2, 1.8}}) {
    Organ organ;
    organ.p = p;
    organ.products = {{}, c.product};
    organ.add({.dose = 1});
    organ.visit(0, 3600);
    CHECK_THAT(organ.released(), WithinRel(2000.0 / 24.0 * 2.0 * c.number, 1e-12));
    CHECK_THAT(organ.slow(organ.pools.effective.plasma), WithinRel(c.potency * organ.slow(organ.pools.ev.plasma), 1e-12));
    CHECK_THAT(conditioned_vesicles(p, 1e6, c.product), WithinRel(1e6 * 2000.0 * 2.0 * c.number, 1e-12));  // 48 h, not in vivo
    CHECK_THAT(product_potency(p, c.product), WithinRel(c.potency, 1e-12));
  }
}

TEST_CASE("ev_secretion: TNF licenses number and potency by saturation, a primed cell gains nothing until it exceeds priming", "[analytic]") {
  struct Case {
    double tnf, number, potency, primed_potency;
  };
  for (const Case& c : {Case{0.0, 1.0, 1.0, 2.0}, {1.0, 1.2, 2.0, 2.0}, {3.0, 1.3, 2.5, 2.5}, {1e9, 1.4, 3.0, 3.0}}) {
    Organ organ;
    organ.p.licensing_potency = 3.0;
    organ.products = {{}, {.primed = true}};
    organ.patch().scalars[organ.signals.tnf_ng_per_mL] = c.tnf;
    organ.add({});
    organ.visit(0, 3600);
    CHECK_THAT(organ.released(), WithinRel(2000.0 / 24.0 * 2.0 * c.number, 1e-8));
    CHECK_THAT(organ.slow(organ.pools.effective.plasma), WithinRel(c.potency * organ.slow(organ.pools.ev.plasma), 1e-8));
    Organ primed;
    primed.p.licensing_potency = 3.0;
    primed.products = {{}, {.primed = true}};
    primed.patch().scalars[primed.signals.tnf_ng_per_mL] = c.tnf;
    primed.add({.dose = 1});
    primed.visit(0, 3600);
    CHECK_THAT(primed.slow(primed.pools.effective.plasma), WithinRel(c.primed_potency * primed.slow(primed.pools.ev.plasma), 1e-8));
  }
}

TEST_CASE("ev_secretion: in a lobule vesicles go to the voxels of the cell's segment, by volume", "[analytic]") {
  LobuleRow lobule;
  lobule.segments = 3;
  lobule.products = {{.primed = true}};
  lobule.add({.segment = 0});
  lobule.add({.segment = 0});
  lobule.add({.segment = 2});
  lobule.add({.segment = 9, .secretion = 2.0F});  // beyond the end: the last
  lobule.visit(0, 3600);
  const double one = 2000.0 / 24.0 * 2.0;
  // zones v/9: columns 0 to 2 are the first third (one voxel closed), 3 to 5 the second, 6 to 9 the last
  for (const std::size_t v : {0, 1, 2, 11, 12}) CHECK_THAT(lobule.number()[v], WithinRel(2.0 * one / 5.0, 1e-12));
  for (const std::size_t v : {6, 9, 16, 19}) CHECK_THAT(lobule.number()[v], WithinRel(3.0 * one / 8.0, 1e-12));
  for (const std::size_t v : {3, 4, 5, 10, 13, 15}) CHECK(lobule.number()[v] == 0.0);
  CHECK_THAT(sum(lobule.number()), WithinRel(5.0 * one, 1e-12));
  CHECK_THAT(sum(lobule.effective()), WithinRel(2.0 * 5.0 * one, 1e-12));
  CHECK(lobule.released() == 0.0);  // what is in the fields is for the lobule to share out

  LobuleRow cut;
  cut.segments = 3;
  cut.add({.segment = 1});
  cut.visit(0, 3600);
  CHECK_THAT(cut.number()[3], WithinRel(0.5 * one / 5.5, 1e-12));
  CHECK_THAT(cut.number()[4], WithinRel(one / 5.5, 1e-12));
  cut.visit(3600, 3600);  // adds to what nobody has taken
  CHECK_THAT(sum(cut.number()), WithinRel(2.0 * one, 1e-12));
}

TEST_CASE("ev_secretion: no voxel in a segment's band: the nearest takes all, nothing is lost", "[property]") {
  LobuleRow lobule;
  lobule.segments = 200;
  lobule.patch().zone[10] = 0.07F;  // a closed voxel takes nothing, near as it is
  lobule.add({.segment = 12});      // middle 0.0625: column 1 (0.111) is nearer than column 0
  lobule.add({.segment = 250});     // the last band holds zone 1
  lobule.visit(0, 3600);
  const double one = 2000.0 / 24.0 * 2.0;
  CHECK_THAT(lobule.number()[1], WithinRel(one, 1e-12));
  CHECK_THAT(lobule.number()[9] + lobule.number()[19], WithinRel(one, 1e-12));
  CHECK_THAT(sum(lobule.number()), WithinRel(2.0 * one, 1e-12));
  CHECK(lobule.effective() == lobule.number());
}

TEST_CASE("ev_secretion: a patch counts all that its cells set free over the run", "[property]") {
  Organ lung;
  LobuleRow lobule;
  lung.weight = lobule.weight = 10.0;
  lung.products = lobule.products = {{.passage = 5.0}};
  for (Organ* organ : {&lung, static_cast<Organ*>(&lobule)}) {
    organ->add({.death_s = 900.0, .clear_s = 5000.0});
    organ->add({.whereabouts = organ == &lung ? Whereabouts::circulating : Whereabouts::arrested});
    for (const std::int64_t t : {0, 600, 1200}) organ->visit(t, 600);
    const double shed = 10.0 * (2000.0 / 24.0 * 2.0 * (0.25 + 0.5) + 500.0);
    CHECK_THAT(organ->patch().scalars[organ->signals.ev_secreted], WithinRel(shed, 1e-12));
    CHECK_THAT(organ->patch().scalars[organ->signals.effective_secreted], WithinRel(0.9 * shed, 1e-12));
  }
  CHECK_THAT(lung.released(), WithinRel(lung.patch().scalars[lung.signals.ev_secreted], 1e-12));
  CHECK_THAT(sum(lobule.number()), WithinRel(lobule.patch().scalars[lobule.signals.ev_secreted], 1e-12));
}

TEST_CASE("ev_secretion: a lobule without zones is refused", "[unit]") {
  LobuleRow lobule;
  lobule.patch().zone.clear();
  lobule.visit(0, 600);  // no cell: nothing to spread
  lobule.add({});
  CHECK_THROWS_WITH(lobule.visit(600, 600), "ev_secretion: patch 0 is no lobule with zones and two source fields");
}

TEST_CASE("ev_secretion: the dose's vesicles are cells x rate x mean life, as agents of any weight", "[analytic][statistical]") {
  // 1e6 cells that live for a half-life of 8 h: 9.6e8 in culture
  for (const double weight : {10.0, 100.0}) {
    Organ organ;
    organ.p.in_vivo = 1.0;
    organ.p.burst = 0.0;
    organ.weight = weight;
    const double n = 1e6 / weight;
    organ.patch().agents(organ.kind).add(static_cast<std::size_t>(n));
    for (auto& w : organ.patch().agents(organ.kind).column(infused::whereabouts)) w = static_cast<std::uint8_t>(Whereabouts::arrested);
    const MscLifetimes lifetimes({}, organ.kind);
    lifetimes.advance(organ.patch(), {.start_s = 0, .duration_s = 600, .index = 0, .seed = 7});
    for (std::int64_t t = 0; t < 10 * 86400; t += 3600) organ.visit(t, 3600);
    const double expected = 1e6 * 2000.0 * 8.0 / (24.0 * std::log(2.0));  // 9.62e8
    // relative variance of secretion x life: (1 + v_s)(1 + 1) - 1, v_s = exp(sigma^2) - 1 of the lognormal
    const double error = expected * std::sqrt((2.0 * std::exp(std::log(2.0) * std::log(2.0)) - 1.0) / n);
    CHECK(tests::agrees(organ.released(), expected, error));
    for (const double wrong : {0.9, 1.1}) CHECK_FALSE(tests::agrees(organ.released(), wrong * expected, error));
  }
}

TEST_CASE("ev_secretion: many cells of several doses shed what a plain sum over cells says", "[property]") {
  Organ organ;
  organ.products = {{}, {.source = CellProduct::Source::umbilical_cord}, {.spheroid = true, .passage = 6.0}};
  organ.patch().scalars[organ.signals.tnf_ng_per_mL] = 0.5;
  organ.weight = 3.0;
  const double start = 7200.0, end = 10800.0, licensed = 1.0 + 0.4 * 0.5 / 1.5, potent = 1.0 + 1.0 * 0.5 / 1.5;
  const double number[] = {1.0, 2.0, 6.7}, potency[] = {potent, potent, 0.81 * potent};
  double plasma = 0.0, lung = 0.0, effective = 0.0;
  const sim::Random random(3, 0, sim::ProcessStream(99));
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    const auto u = random.uniforms(i, 0), w = random.uniforms(i, 1);
    Cell cell{.entry_s = 9000.0 * u[0], .secretion = static_cast<float>(0.1 + u[2])};
    cell.death_s = cell.entry_s + (w[3] < 0.2 ? 0.0 : 9000.0 * u[1]);
    cell.clear_s = cell.death_s + 1.0;
    cell.dose = static_cast<std::uint8_t>(3.0 * w[0]);
    cell.whereabouts = w[1] < 0.3 ? Whereabouts::circulating : Whereabouts::arrested;
    organ.add(cell);
    double shed = 0.0;
    const double from = cell.entry_s > start ? cell.entry_s : start, to = cell.death_s < end ? cell.death_s : end;
    if (to > from) shed += 2000.0 / 24.0 * 2.0 * number[cell.dose] * licensed * static_cast<double>(cell.secretion) * (to - from) / 3600.0;
    if (cell.death_s >= start && cell.death_s < end && cell.death_s > cell.entry_s) shed += 500.0;
    const double escapes = cell.whereabouts == Whereabouts::circulating ? 1.0 : 0.6;
    plasma += 3.0 * shed * escapes;
    lung += 3.0 * shed * (1.0 - escapes);
    effective += 3.0 * shed * potency[cell.dose];
  }
  organ.visit(7200, 3600);
  CHECK_THAT(organ.slow(organ.pools.ev.plasma), WithinRel(plasma, 1e-11));
  CHECK_THAT(organ.now(organ.pools.ev.lung), WithinRel(lung, 1e-11));
  CHECK_THAT(organ.slow(organ.pools.effective.plasma) + organ.now(organ.pools.effective.lung), WithinRel(effective, 1e-11));
}

TEST_CASE("ev_secretion: vesicles reach the plasma over the next visit, those the organ keeps at once", "[property]") {
  Organ organ;
  organ.add({});
  organ.visit(0, 3600);
  const double shed = 2000.0 / 24.0 * 2.0;
  organ.world.exchange();
  sim::Compartments& blood = organ.world.compartments;
  CHECK_THAT(blood.received(organ.pools.ev.plasma), WithinRel(0.6 * shed, 1e-12));
  CHECK_THAT(blood.amount(organ.pools.ev.lung), WithinRel(0.4 * shed, 1e-12));
  CHECK_THAT(blood.amount(organ.pools.ev.plasma) + blood.amount(organ.pools.ev.lung), WithinRel(shed, 1e-12));
}
