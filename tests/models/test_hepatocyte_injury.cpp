#include "models/processes/hepatocyte_injury.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using hepatocyte::State;
using tests::agrees;

namespace {

/// A world with one lobule patch for the schedule.
struct Body {
  sim::World world;
  InjurySignals signals = add_injury_signals(world);
  std::size_t liver = world.add_group("liver", 2);
  HepatocyteInjuryParameters p;
  std::uint32_t index = 0;
  void step(const std::vector<InjuryCause>& causes, std::int64_t start_s, std::int64_t duration_s) {
    InjurySchedule(p, causes, signals, liver, 3).advance(world, {.start_s = start_s, .duration_s = duration_s, .index = index++, .seed = 1});
  }
  double value(std::size_t number) const { return world.values[number]; }
  double exposure() const { return world.patch(0).scalars[signals.toxin]; }
};

InjuryCause ccl4(std::int64_t stop_d, double dose = 1.0) {
  InjuryCause cause{.kind = InjuryCause::Kind::ccl4, .start_s = 0, .stop_s = stop_d * 86400, .doses_s = {}, .dose = dose};
  for (std::int64_t t = 0; t < cause.stop_s; t += 302400) cause.doses_s.push_back(t);
  return cause;
}

constexpr HepatocyteInjuryPlaces places{
    .hepatocytes = 0, .neutrophils = 2, .tnf = 0, .signals = {.toxin = 0, .central = 1, .portal = 2, .severity = 3}};

struct Lobule1 : tests::Tissue {
  explicit Lobule1(double radius_um = 1500.0) : Tissue(1, 4, radius_um) { scalar(places.signals.severity) = 1.0; }
  double injured() const { return number(kinds.hepatocytes, State::injured) / static_cast<double>(count()); }
  /// Mean of a function of the zone over the sites.
  template <class F>
  double mean(F&& f) const {
    double sum = 0.0;
    for (std::size_t site = 0; site < count(); ++site) sum += f(static_cast<double>(patch->zone[sites().voxel[site]])) / static_cast<double>(count());
    return sum;
  }
};

}  // namespace

TEST_CASE("hepatocyte_injury: carbon tetrachloride follows absorption and elimination, whatever the visit", "[analytic][convergence]") {
  for (const std::int64_t visit_s : {600, 1800}) {
    Body body;
    for (std::int64_t t = 0; t < 6 * 3600; t += visit_s) {
      body.step({ccl4(1)}, t, visit_s);
      const InjurySignals& s = body.signals;
      REQUIRE_THAT(body.value(s.depot) + body.value(s.body) + body.value(s.toxin_spent), WithinRel(body.value(s.toxin_given), 1e-12));
    }
    const double in = std::log(2.0) / body.p.absorption_half_time_h, out = std::log(2.0) / body.p.elimination_half_life_h, h = 6.0;
    const double depot = std::exp(-in * h);
    const double blood = std::abs(out - in) < 1e-6 ? in * h * std::exp(-in * h) : in / (out - in) * (std::exp(-in * h) - std::exp(-out * h));
    CHECK_THAT(body.value(body.signals.depot), WithinRel(depot, 1e-12));
    CHECK_THAT(body.value(body.signals.body), WithinRel(blood, 1e-12));
    CHECK_THAT(body.value(body.signals.toxin_spent), WithinRel(1.0 - depot - blood, 1e-12));
  }
}

TEST_CASE("hepatocyte_injury: all of a dose acts in the end, and eight weeks hold 16 doses", "[property]") {
  Body body;
  double exposure = 0.0;
  std::size_t events = 0;
  for (std::int64_t t = 0; t < 63 * 86400; t += 1800) {
    body.step({ccl4(56)}, t, 1800);
    exposure += body.exposure();
    events += body.world.events.size();
    body.world.events.clear();
  }
  CHECK(events == 16);
  CHECK(body.value(body.signals.toxin_given) == 16.0);
  CHECK_THAT(exposure, WithinRel(16.0, 1e-12));
  CHECK(body.value(body.signals.depot) + body.value(body.signals.body) == 0.0);
}

TEST_CASE("hepatocyte_injury: half-lives that differ, by hand", "[analytic]") {
  Body body;
  body.p.absorption_half_time_h = 1.0;
  body.p.elimination_half_life_h = 2.0;
  for (std::int64_t t = 0; t < 2 * 3600; t += 1800) body.step({ccl4(1)}, t, 1800);
  CHECK_THAT(body.value(body.signals.depot), WithinRel(0.25, 1e-12));  // two half-times
  CHECK_THAT(body.value(body.signals.body), WithinRel(0.5, 1e-12));    // k_a / (k_a - k_e) (1/2 - 1/4) = 2 x 1/4
  CHECK_THAT(body.value(body.signals.toxin_spent), WithinRel(0.25, 1e-12));
}

TEST_CASE("hepatocyte_injury: doses come in the visits that hold their times, none at the end of a schedule", "[property]") {
  Body body;
  InjuryCause cause = ccl4(56, 2.0);
  std::size_t doses = 0;
  for (std::int64_t t = 0; t < 60 * 86400; t += 1800) {
    body.step({cause}, t, 1800);
    if (t % 302400 == 0 && t < 56 * 86400) {
      REQUIRE(body.world.events.size() == 1);
      REQUIRE(body.world.events[0].time_s == t);
      REQUIRE(body.world.events[0].value == 2.0 * body.p.reference_dose_mL_per_kg);
      ++doses;
    } else {
      REQUIRE(body.world.events.empty());
    }
    body.world.events.clear();
  }
  CHECK(doses == 16);
  Body late;
  cause.doses_s = {1000, 303400};
  late.step({cause}, 0, 1000);
  CHECK(late.value(late.signals.toxin_given) == 0.0);
  late.step({cause}, 1000, 1800);
  CHECK(late.value(late.signals.toxin_given) == 2.0);
  late.step({cause}, 301600, 1800);
  CHECK(late.value(late.signals.toxin_given) == 2.0);
  late.step({cause}, 303400, 1800);
  CHECK(late.value(late.signals.toxin_given) == 4.0);
}

TEST_CASE("hepatocyte_injury: another schedule ahead changes nothing now", "[property]") {
  Body one, other;
  for (std::int64_t t = 0; t < 302400; t += 1800) {
    one.step({ccl4(1)}, t, 1800);
    other.step({ccl4(56)}, t, 1800);
    REQUIRE(one.exposure() == other.exposure());
  }
  one.step({ccl4(1)}, 302400, 1800);
  other.step({ccl4(56)}, 302400, 1800);
  CHECK(one.exposure() < other.exposure());
}

TEST_CASE("hepatocyte_injury: chronic causes act for their part of a visit", "[analytic]") {
  Body body;
  const InjuryCause half{.kind = InjuryCause::Kind::alcohol, .start_s = 900, .stop_s = 86400, .doses_s = {}, .severity = 2.0};
  const InjuryCause viral{.kind = InjuryCause::Kind::viral, .start_s = 0, .stop_s = 86400, .doses_s = {}, .severity = 0.5};
  body.step({half, viral}, 0, 1800);
  CHECK(body.world.patch(1).scalars[body.signals.central] == 1.0);
  CHECK(body.world.patch(1).scalars[body.signals.portal] == 0.5);
  CHECK(body.world.events.front().time_s == 900);
}

TEST_CASE("hepatocyte_injury: a dose injures by CYP2E1 and zone", "[statistical]") {
  const HepatocyteInjuryParameters p;
  Lobule1 lobule;
  lobule.scalar(places.signals.toxin) = 0.2;
  lobule.run(HepatocyteInjury(p, places), 1800);
  const auto expected = [&](double hazard) {
    return lobule.mean([&](double zone) { return -std::expm1(-hazard * std::pow(zone, p.ccl4_zonation)); });
  };
  const auto of = static_cast<double>(lobule.count());
  CHECK(agrees(lobule.injured(), expected(0.2 * p.ccl4), of));
  CHECK_FALSE(agrees(lobule.injured(), expected(1.2 * 0.2 * p.ccl4), of));
  CHECK_FALSE(agrees(lobule.injured(), expected(0.8 * 0.2 * p.ccl4), of));
  // more near the vein than at the portal tracts
  const auto state = lobule.agents(0).column(hepatocyte::state);
  double central = 0.0, portal = 0.0;
  for (std::size_t site = 0; site < lobule.count(); ++site)
    if (state[site] == static_cast<std::uint8_t>(State::injured))
      (static_cast<double>(lobule.patch->zone[lobule.sites().voxel[site]]) > 0.5 ? central : portal) += 1.0;
  CHECK(central > 2.0 * portal);
}

TEST_CASE("hepatocyte_injury: the probability by hand", "[statistical]") {
  HepatocyteInjuryParameters p;
  p.ccl4 = 5.0;
  p.ccl4_zonation = 3.0;
  Lobule1 lobule;
  std::fill(lobule.patch->zone.begin(), lobule.patch->zone.end(), 0.5F);
  const auto cyp2e1 = lobule.agents(0).column(hepatocyte::cyp2e1);
  std::fill(cyp2e1.begin(), cyp2e1.end(), 0.8F);
  lobule.scalar(places.signals.severity) = 1.6;
  lobule.scalar(places.signals.toxin) = 2.0;
  lobule.run(HepatocyteInjury(p, places), 1800);
  const auto of = static_cast<double>(lobule.count());  // hazard 1.6 x 5 x 2 x 0.8 / 8 = 1.6
  CHECK(agrees(lobule.injured(), 1.0 - std::exp(-1.6), of));
  CHECK_FALSE(agrees(lobule.injured(), 1.0 - std::exp(-1.1 * 1.6), of));
  CHECK_FALSE(agrees(lobule.injured(), 1.0 - std::exp(-0.9 * 1.6), of));
}

TEST_CASE("hepatocyte_injury: injures only what lives and is not injured, severity does not scale inflammation", "[property][statistical]") {
  HepatocyteInjuryParameters p;
  for (const State state : {State::viable, State::regenerating, State::senescent, State::injured, State::necrotic, State::empty}) {
    Lobule1 lobule(200.0);
    lobule.set_all(state);
    std::fill(lobule.patch->zone.begin(), lobule.patch->zone.end(), 1.0F);
    lobule.scalar(places.signals.toxin) = 1e3;
    lobule.run(HepatocyteInjury(p, places), 1800);
    const bool lives = state == State::viable || state == State::regenerating || state == State::senescent;
    CHECK(lobule.number(0, lives ? State::injured : state) == static_cast<double>(lobule.count()));
  }
  p.tnf_per_d = 1.0;
  Lobule1 tnf;
  tnf.scalar(places.signals.severity) = 3.0;
  tnf.fill(0, p.half_tnf_ng_per_mL);
  tnf.run(HepatocyteInjury(p, places), 86400);
  CHECK(agrees(tnf.injured(), -std::expm1(-0.5), static_cast<double>(tnf.count())));
}

TEST_CASE("hepatocyte_injury: CYP2E1 is lost under a dose and comes back with its half-time", "[analytic]") {
  HepatocyteInjuryParameters p;
  p.ccl4 = 0.0;
  p.tnf_per_d = 0.0;
  Lobule1 lobule(200.0);
  lobule.scalar(places.signals.toxin) = 1.0;
  lobule.run(HepatocyteInjury(p, places), 1800);
  const std::size_t site = lobule.site_at(0.0, 0.0);
  const double zone = static_cast<double>(lobule.patch->zone[lobule.sites().voxel[site]]);
  const double lost = 1.0 - std::exp(-p.cyp2e1_loss * std::pow(zone, p.ccl4_zonation));
  const auto cyp = [&] { return static_cast<double>(lobule.agents(0).column(hepatocyte::cyp2e1)[site]); };
  CHECK_THAT(1.0 - cyp(), WithinRel(lost * std::exp2(-0.5 / 24.0 / p.cyp2e1_half_time_d), 1e-5));
  lobule.scalar(places.signals.toxin) = 0.0;
  lobule.run(HepatocyteInjury(p, places), 2 * 86400);
  CHECK_THAT(1.0 - cyp(), WithinRel(lost * std::exp2(-(0.5 / 24.0 + 2.0) / p.cyp2e1_half_time_d), 1e-5));
}

TEST_CASE("hepatocyte_injury: the mean of a chronic cause is its rate, in its zone, whatever the visit", "[statistical][convergence]") {
  HepatocyteInjuryParameters p;
  p.tnf_per_d = 0.0;
  p.chronic_per_d = 0.3;
  for (const std::int64_t visit_s : {900, 1800})
    for (const bool central : {true, false}) {
      Lobule1 lobule;
      lobule.scalar(central ? places.signals.central : places.signals.portal) = 1.0;
      lobule.run(HepatocyteInjury(p, places), 3 * 86400, visit_s);
      const auto weight = [&](double zone) { return std::pow(central ? zone : 1.0 - zone, p.chronic_zonation); };
      const double mean = lobule.mean(weight), of = static_cast<double>(lobule.count());
      const auto expected = [&](double error) {
        return lobule.mean([&](double zone) { return -std::expm1(-error * 3.0 * p.chronic_per_d * weight(zone) / mean); });
      };
      CHECK(agrees(lobule.injured(), expected(1.0), of));
      CHECK_FALSE(agrees(lobule.injured(), expected(1.1), of));
      CHECK_FALSE(agrees(lobule.injured(), expected(0.9), of));
    }
  p.chronic_per_d = 0.02;  // while few are injured, their mean over the lobule is the rate
  Lobule1 few;
  few.scalar(places.signals.central) = 1.0;
  few.run(HepatocyteInjury(p, places), 43200);
  CHECK(agrees(few.injured(), 0.01, static_cast<double>(few.count())));
}

TEST_CASE("hepatocyte_injury: TNF and neutrophils injure where they are", "[statistical]") {
  HepatocyteInjuryParameters p;
  p.tnf_per_d = 2.0;
  Lobule1 tnf;
  tnf.fill(0, p.half_tnf_ng_per_mL);
  tnf.run(HepatocyteInjury(p, places), 86400);
  CHECK(agrees(tnf.injured(), -std::expm1(-1.0), static_cast<double>(tnf.count())));
  CHECK_FALSE(agrees(tnf.injured(), -std::expm1(-1.1), static_cast<double>(tnf.count())));
  CHECK_FALSE(agrees(tnf.injured(), -std::expm1(-0.9), static_cast<double>(tnf.count())));
  p.tnf_per_d = 0.0;
  p.neutrophil_per_d = 1.0;
  Lobule1 attacked(200.0);
  attacked.add(2, neutrophil::State::active, 5, 30);
  attacked.add(2, neutrophil::State::apoptotic, 9, 30);
  attacked.add(2, neutrophil::State::reparative, 12, 30);
  attacked.run(HepatocyteInjury(p, places), 86400);
  CHECK(attacked.agents(0).column(hepatocyte::state)[5] == static_cast<std::uint8_t>(State::injured));
  CHECK(attacked.number(0, State::injured) == 1.0);
}

TEST_CASE("hepatocyte_injury: severity differs between lobules around a mean of 1", "[statistical]") {
  const HepatocyteInjuryParameters p;
  double sum = 0.0, squares = 0.0;
  constexpr std::size_t count = 20000;
  for (std::size_t i = 0; i < count; ++i) {
    const double severity = lobule_severity(p, 3, i);
    sum += severity;
    squares += severity * severity;
  }
  const double mean = sum / count, sd = std::sqrt(squares / count - mean * mean);
  CHECK(std::abs(mean - 1.0) < 5.0 * p.severity_cv / std::sqrt(static_cast<double>(count)));
  CHECK_THAT(sd / mean, WithinRel(p.severity_cv, 0.03));  // an error of a tenth is seen
  CHECK(lobule_severity(p, 3, 5) == lobule_severity(p, 3, 5));
  CHECK(lobule_severity(p, 3, 5) != lobule_severity(p, 4, 5));
}
