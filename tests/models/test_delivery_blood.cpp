#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/delivery_session.hpp"

using namespace paracrine;
using tests::LiverByHand;
using tests::Rows;
using tests::Session;

namespace {

const std::string every_minute = R"(
[time]
duration = "40 min"
record_every = "1 min"
[liver]
lobules = 16
)";

std::string bolus(double particles) {
  return fmt::format("{}[[therapy]]\nproduct = \"ev\"\nparticles = {}\nat = \"0 h\"\nduration = \"1 s\"\n", every_minute, particles);
}

struct Bolus {
  Session run;
  Rows rows;
  double start_per_mL;
  explicit Bolus(double particles, const std::vector<std::string>& overrides = {})
      : run(bolus(particles), overrides), rows(tests::run_rows(run.simulation)), start_per_mL(particles / run.parameter("blood.plasma_volume")) {}
  double half_life_h() const { return tests::half_life_h(rows, "ev_plasma", start_per_mL); }
};

double other_clearances_mL_per_min(const Session& run) {
  double sum = 0.0;
  for (const char* organ : {"spleen", "lung", "kidney", "other"}) sum += run.parameter(fmt::format("blood.{}_clearance", organ));
  return sum;
}

/// Endogenous vesicles per mL at which release equals clearance, by hand: C = R (1 + C / K) / CL.
double endogenous_per_mL(const Session& run, double liver_mL_per_min) {
  const double release = run.parameter("blood.endogenous_release"), all = liver_mL_per_min + other_clearances_mL_per_min(run);
  return release / (all - release / run.parameter("ev_uptake.half_saturation"));
}

/// The first half-life of a bolus by hand: dA/dt = -(k + b) A + u B, dB/dt = b A - u B, solved by its two exponentials.
double two_compartments_h(const Session& run, double liver_mL_per_min) {
  const auto p = [&](const char* name) { return run.parameter(name); };
  const double others = other_clearances_mL_per_min(run);
  const double free = 1.0 / (1.0 + endogenous_per_mL(run, liver_mL_per_min) / p("ev_uptake.half_saturation"));
  const double k = 60.0 * free * (liver_mL_per_min + others) / p("blood.plasma_volume"), b = p("blood.binding"), u = p("blood.unbinding");
  const double sum = k + b + u, root = std::sqrt(sum * sum - 4.0 * k * u), fast = 0.5 * (sum + root), slow = 0.5 * (sum - root);
  const double weight = (fast - u) / (fast - slow);
  double low = 0.0, high = 10.0;
  for (int i = 0; i < 100; ++i) {
    const double t = 0.5 * (low + high);
    (weight * std::exp(-fast * t) + (1.0 - weight) * std::exp(-slow * t) > 0.5 ? low : high) = t;
  }
  return low;
}

bool within(double value, double expected, double tolerance) { return std::abs(value / expected - 1.0) < tolerance; }

}  // namespace

TEST_CASE("delivery: the first half-life of vesicles in a mouse is 2 to 9 min, as two compartments give by hand", "[analytic]") {
  const Bolus bolus(1e8);
  const double measured = bolus.half_life_h();
  CHECK(60.0 * measured > 2.0);
  CHECK(60.0 * measured < 9.0);
  const double liver = bolus.run.liver_clearance_mL_per_min();
  CHECK_THAT(measured, WithinRel(two_compartments_h(bolus.run, liver), 0.002));  // read between rows of a minute
  for (const double wrong : {0.99, 1.01}) CHECK_FALSE(within(measured, two_compartments_h(bolus.run, wrong * liver), 0.002));
  CHECK_FALSE(within(Bolus(1e8, {"parameters.blood.binding=0 h^-1"}).half_life_h(), two_compartments_h(bolus.run, liver), 0.002));
}

TEST_CASE("delivery: losing 80 % of the Kupffer cells and halving perfusion lengthen the half-life as by hand", "[analytic]") {
  const Bolus healthy(1e8);
  const double kupffer = healthy.run.parameter("lobule.kupffer_per_hepatocyte"), perfusion = healthy.run.parameter("circulation.liver_perfusion");
  const Bolus depleted(1e8, {fmt::format("parameters.lobule.kupffer_per_hepatocyte={}", 0.2 * kupffer)});
  const Bolus slow(1e8, {fmt::format("parameters.circulation.liver_perfusion={} mL/min/g", 0.5 * perfusion)});
  // Neither the paths through a lobule nor the cells along them are equal, which takes off less than 10 % of what equal paths would clear (the
  // exponential is convex); most of that cancels in the ratio of two half-lives.
  for (const Bolus* bolus : {&healthy, &depleted, &slow}) {
    const double equal_paths = LiverByHand(bolus->run).clearance(bolus->run), clearance = bolus->run.liver_clearance_mL_per_min();
    CHECK(clearance < equal_paths);
    CHECK(clearance > 0.9 * equal_paths);
    CHECK_FALSE(clearance > 0.9 * 1.2 * equal_paths);
  }
  const auto by_hand = [&](const Bolus& bolus, double factor) {
    const double liver = LiverByHand(bolus.run).clearance(bolus.run), of_healthy = LiverByHand(healthy.run).clearance(healthy.run);
    return two_compartments_h(bolus.run, factor * liver) / two_compartments_h(healthy.run, of_healthy);
  };
  const double longer_depleted = depleted.half_life_h() / healthy.half_life_h(), longer_slow = slow.half_life_h() / healthy.half_life_h();
  CHECK(longer_depleted > 1.2);
  CHECK_THAT(longer_depleted, WithinRel(by_hand(depleted, 1.0), 0.03));
  for (const double wrong : {0.8, 1.2}) CHECK_FALSE(within(longer_depleted, by_hand(depleted, wrong), 0.03));
  // What little the liver takes out of its inflow depends little on the flow: neither not at all nor in proportion to it.
  CHECK(longer_slow > 1.01);
  CHECK_THAT(longer_slow, WithinRel(by_hand(slow, 1.0), 0.015));
  for (const double wrong : {0.9, 1.1}) CHECK_FALSE(within(longer_slow, by_hand(slow, wrong), 0.015));
  CHECK_FALSE(within(longer_slow, by_hand(healthy, 1.0), 0.015));
  CHECK_FALSE(within(longer_slow, by_hand(healthy, 0.5), 0.015));
}

TEST_CASE("delivery: the more vesicles are given, the smaller the share that the liver takes, and the longer they circulate", "[property]") {
  std::vector<double> share, half_life_h;
  for (const double particles : {1e8, 1e9, 1e10, 1e11, 1e12, 1e13}) {
    const Bolus bolus(particles);
    share.push_back(bolus.rows.at("ev_uptake_liver", 5.0 / 60.0) / particles);
    half_life_h.push_back(bolus.half_life_h());
  }
  const auto falls = [](const std::vector<double>& v) { return std::adjacent_find(v.begin(), v.end(), std::less_equal<>()) == v.end(); };
  const auto rises = [](const std::vector<double>& v) { return std::adjacent_find(v.begin(), v.end(), std::greater_equal<>()) == v.end(); };
  CHECK(falls(share));
  CHECK(rises(half_life_h));
  std::vector<double> shuffled = share;
  std::swap(shuffled[1], shuffled[2]);
  CHECK_FALSE(falls(shuffled));
  CHECK_FALSE(rises(shuffled));
  // 1e10 are 8e9 per mL, below a hundredth of the half saturation
  for (const std::size_t i : {1, 2}) {
    CHECK_THAT(share[i], WithinRel(share[0], 0.01));
    CHECK_THAT(half_life_h[i], WithinRel(half_life_h[0], 0.01));
  }
  CHECK_FALSE(within(share[3], share[0], 0.01));
  CHECK(share[5] < 0.3 * share[0]);
  // At the half saturation uptake is half as effective at first. In the five minutes the concentration falls, so more than half is taken.
  const double first_minute = Bolus(1e12).rows.at("ev_uptake_liver", 1.0 / 60.0) / Bolus(1e8).rows.at("ev_uptake_liver", 1.0 / 60.0) * 1e-4;
  const Bolus thin(1e8);
  const double K = thin.run.parameter("ev_uptake.half_saturation"), V = thin.run.parameter("blood.plasma_volume");
  CHECK(first_minute > 1.0 / (1.0 + 1e12 / V / K));
  CHECK(first_minute < 1.0 / (1.0 + 0.7 * 1e12 / V / K));
}

TEST_CASE("delivery: endogenous vesicles stand where their release equals their clearance", "[analytic]") {
  const std::string text = "[time]\nduration = \"6 h\"\nrecord_every = \"1 h\"\n[liver]\nlobules = 16\n";
  for (const char* uptake : {"true", "false"}) {
    Session run(text, {fmt::format("processes.ev_uptake={}", uptake)});
    const double liver = run.liver_clearance_mL_per_min();
    const Rows rows = tests::run_rows(run.simulation);
    const std::vector<double>& there = rows["ev_endogenous_plasma"];
    CHECK_THAT(there.front(), WithinRel(endogenous_per_mL(run, liver), 1e-4));
    CHECK_THAT(there.back(), WithinRel(there.front(), 1e-4));
    for (const double wrong : {-0.001, 0.001}) CHECK_FALSE(within(there.back(), endogenous_per_mL(run, liver + wrong), 1e-4));
    CHECK(rows["ev_plasma"].back() == 0.0);
  }
  const double usual = tests::run_text(text)["ev_endogenous_plasma"].back();
  CHECK_FALSE(within(tests::run_text(text, {"parameters.blood.endogenous_release=1e9 min^-1"})["ev_endogenous_plasma"].back(), usual, 1e-4));
}

namespace {

const std::string two_hours = R"(
[time]
duration = "2 h"
record_every = "20 min"
[liver]
lobules = 4
)";

std::string therapy(const std::string& what, const std::string& route = "peripheral_vein") {
  return fmt::format("[[therapy]]\n{}\nroute = \"{}\"\nat = \"0 h\"\nduration = \"90 s\"\n", what, route);
}

const std::vector<std::string> products{"product = \"msc\"\ncells = 3000",
                                        "product = \"ev\"\nparticles = 1e9",
                                        "product = \"conditioned_medium\"\ncell_equivalents = 1e6",
                                        "product = \"conditioned_medium\"\ncell_equivalents = 1e6\nwith_vesicles = false",
                                        "product = \"particle\"\ncount = 3000\ndiameter = \"6 um\"",
                                        "product = \"colloid\"\ncount = 1e9"};

/// The rows of a run after some of a pool was slipped in behind the back of the balances.
double audit_error_of(const std::string& text, const std::string& pool, double share) {
  Session run(text);
  for (int visit = 0; visit < 6; ++visit) run.simulation.visit();
  sim::Compartments& compartments = run.simulation.world().compartments;
  compartments.receive(compartments.pool(pool), share * run.amount(pool));
  return tests::run_rows(run.simulation).largest_audit_error;
}

}  // namespace

TEST_CASE("delivery: nothing is created or lost, whatever the product and the route", "[property]") {
  constexpr double rounding = 1e-12;
  for (const char* route : {"peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic"}) {
    std::string all = two_hours;
    for (const std::string& product : products) {
      INFO(product << " by " << route);
      CHECK(tests::run_text(two_hours + therapy(product, route)).largest_audit_error < rounding);
      all += therapy(product, route);
    }
    CHECK(tests::run_text(all).largest_audit_error < rounding);
  }
  for (const char* pool : {"ev_liver", "ev_effective_spleen", "colloid_liver"}) {
    const std::string text = two_hours + therapy(products[1]) + therapy(products[5]);
    CHECK_FALSE(audit_error_of(text, pool, 1e-10) < rounding);
    CHECK(audit_error_of(text, pool, 0.0) < rounding);
  }
  CHECK_THROWS_AS(audit_error_of(two_hours + therapy(products[1]), "ev_liver", 0.01), sim::RunError);
}

TEST_CASE("delivery: nothing is created or lost with an odd weight of agents, an infusion over many visits, and another body weight", "[property]") {
  const std::string slow = two_hours + "[subject]\nbody_weight = \"31 g\"\n" +
                           "[[therapy]]\nproduct = \"msc\"\ncells = \"1e5 cells/kg\"\nat = \"10 min\"\nduration = \"47 min\"\n" +
                           "[[therapy]]\nproduct = \"particle\"\ncount = 2000\ndiameter = \"6 um\"\nat = \"0 h\"\nduration = \"13 min\"\n";
  for (const char* weight : {"0.5", "7", "31.7"})
    CHECK(tests::run_text(slow, {fmt::format("numerics.msc_weight={}", weight)}).largest_audit_error < 1e-12);
}

TEST_CASE("delivery: what is released is what was given", "[analytic]") {
  const auto released = [](const std::string& what, const std::string& more = "") {
    const Rows rows = tests::run_text(two_hours + therapy(what) + more);
    return rows["ev_released"].back();
  };
  CHECK_THAT(released("product = \"ev\"\nparticles = 1e9"), WithinRel(1e9, 1e-12));
  CHECK_THAT(released("product = \"ev\"\nparticles = 1e9", "repeats = 3\nevery = \"30 min\"\n"), WithinRel(3e9, 1e-12));
  CHECK_THAT(released("product = \"ev\"\nparticles = 1e9", "repeats = 9\nevery = \"30 min\"\n"), WithinRel(4e9, 1e-12));  // at 0, 30, 60 and 90 min
  CHECK_THAT(released("product = \"ev\"\nprotein = \"7 ug\"\nparticles_per_ug = 2e9"), WithinRel(14e9, 1e-12));
  CHECK_THAT(released("product = \"ev\"\nparticles = \"1e10 1/kg\"", "[subject]\nbody_weight = \"30 g\"\n"), WithinRel(3e8, 1e-12));
  CHECK_THAT(released("product = \"ev\"\nprotein = \"100 ug/kg\"\nparticles_per_ug = 2e9", "[subject]\nbody_weight = \"30 g\"\n"),
             WithinRel(6e9, 1e-12));
  CHECK_FALSE(within(released("product = \"ev\"\nparticles = 1e9", "repeats = 2\nevery = \"30 min\"\n"), 1e9, 1e-12));
}

TEST_CASE("delivery: a conditioned medium holds what its cells secreted in culture", "[analytic]") {
  const auto medium = [](const std::string& more) {
    return std::make_unique<Session>(two_hours + therapy("product = \"conditioned_medium\"\ncell_equivalents = 2e6\n" + more));
  };
  const auto released = [](Session& run) { return tests::run_rows(run.simulation)["ev_released"].back(); };
  const auto usual = medium("source = \"umbilical_cord\""), spheroid = medium("culture = \"spheroid\""), primed = medium("priming = \"ifn_gamma\""),
             without = medium("with_vesicles = false");
  const auto p = [&](const char* name) { return usual->parameter(name); };
  const double cells = 2e6, vesicles = cells * p("ev_secretion.rate") / 24.0 * p("ev_secretion.culture");
  CHECK_THAT(released(*usual), WithinRel(vesicles * p("ev_secretion.umbilical_cord"), 1e-12));
  CHECK_THAT(released(*spheroid), WithinRel(vesicles * p("ev_secretion.adipose") * p("ev_secretion.spheroid"), 1e-12));
  CHECK_THAT(released(*primed), WithinRel(vesicles * p("ev_secretion.adipose") * p("ev_secretion.priming_number"), 1e-12));
  CHECK(released(*without) == 0.0);
  // with or without vesicles, the factors are there: TSG-6 and PGE2 have no other source
  for (const auto& run : {&usual, &without})
    for (const std::string factor : {"tsg6", "pge2"}) {
      const double ng = 1e-3 * cells * p(("factor_secretion." + factor + "_secretion").c_str()) / 24.0 * p("factor_secretion.culture");
      const double there = (*run)->received(factor + "_plasma") + (*run)->received(factor + "_lost");  // some is lost in the lung at once
      CHECK_THAT(there, WithinRel(ng, 1e-12));
      CHECK_FALSE(within(there, 1.001 * ng, 1e-12));
    }
}

TEST_CASE("delivery: colloid leaves the blood by the clearances of liver, spleen and other phagocytes", "[analytic]") {
  Session run(two_hours + therapy("product = \"colloid\"\ncount = 1e9"));
  const Rows rows = tests::run_rows(run.simulation);
  const double liver = run.over_lobules([u = run.uptake("colloid_uptake_liver")](const sim::Patch& patch) { return patch.clearance_mL_per_h[u]; });
  const double spleen = 60.0 * run.parameter("blood.colloid_spleen_clearance"), other = 60.0 * run.parameter("blood.colloid_other_clearance");
  const double volume = run.parameter("blood.plasma_volume"), all = liver + spleen + other, left = std::exp(-all / volume / 3.0);
  CHECK_THAT(rows.at("colloid_uptake_liver", 2.0), WithinRel(1e9 * liver / all, 1e-6));
  CHECK_THAT(rows.at("colloid_uptake_spleen", 2.0), WithinRel(1e9 * spleen / all, 1e-6));
  CHECK_THAT(rows.at("colloid_uptake_other", 2.0), WithinRel(1e9 * other / all, 1e-6));
  CHECK_THAT(rows.at("colloid_plasma", 1.0 / 3.0), WithinRel(1e9 / volume * left, 1e-6));
  CHECK_FALSE(within(rows.at("colloid_plasma", 1.0 / 3.0), 1e9 / volume * left * left, 1e-6));
  CHECK(rows["ev_released"].back() == 0.0);
}

namespace {

struct Said {
  bool dose = false, few = false, many = false;  // vesicles per macrophage; its warning; that of endogenous vesicles
  std::size_t notes = 0;
};

Said said_after(Session& run) {
  tests::run_rows(run.simulation);
  Said said;
  for (const sim::Note& note : run.simulation.closing_notes()) {
    const auto says = [&](const char* words) { return note.text.find(words) != std::string::npos; };
    said.dose = said.dose || (says("vesicles per liver macrophage: ") && !note.warning);
    said.few = said.few || (says("fewer than one vesicle per liver macrophage") && note.warning);
    said.many = said.many || (says("of the endogenous ones") && note.warning);
    ++said.notes;
  }
  return said;
}

Said said_after(const std::string& text) {
  Session run(text);
  return said_after(run);
}

}  // namespace

TEST_CASE("delivery: a run says how many vesicles a macrophage got, and warns when it is less than one", "[property]") {
  const auto with = [](double particles) { return two_hours + therapy(fmt::format("product = \"ev\"\nparticles = {}", particles)); };
  Session thin(with(1e7));
  const Said of_thin = said_after(thin);
  const double per_macrophage = thin.macrophage_mean(models::macrophage::ev_taken);
  CHECK(of_thin.dose);
  CHECK(of_thin.few);
  CHECK(per_macrophage < 1.0);
  // by hand: what the liver's macrophages took up, over their number in the whole organ
  const double macrophages = thin.parameter("lobule.kupffer_per_hepatocyte") * LiverByHand(thin).hepatocytes;
  Session again(with(1e7));
  CHECK_THAT(per_macrophage, WithinRel(tests::run_rows(again.simulation)["ev_uptake_macrophage"].back() / macrophages, 1e-3));
  CHECK_FALSE(within(per_macrophage, thin.amount("ev_liver") / macrophages, 1e-3));

  CHECK(said_after(with(1e9)).dose);
  CHECK_FALSE(said_after(with(1e9)).few);
  CHECK(said_after(with(0.97 * 1e7 / per_macrophage)).few);
  CHECK_FALSE(said_after(with(1.03 * 1e7 / per_macrophage)).few);
}

TEST_CASE("delivery: a run warns when its vesicles reach 1 % of the endogenous ones, and not below", "[property]") {
  const auto with = [](double particles) { return two_hours + therapy(fmt::format("product = \"ev\"\nparticles = {}", particles)); };
  const Session any(with(1e7));
  const double hundredth = 0.01 * endogenous_per_mL(any, any.liver_clearance_mL_per_min()) * any.parameter("blood.plasma_volume");
  CHECK_FALSE(said_after(with(0.99 * hundredth)).many);
  CHECK(said_after(with(1.01 * hundredth)).many);
  CHECK_FALSE(said_after(two_hours + therapy(products[0])).many);
  CHECK(said_after(two_hours + therapy(products[0])).few);
}

TEST_CASE("delivery: a run without vesicles says nothing of them", "[property]") {
  CHECK(said_after(two_hours).notes == 0);
  CHECK(said_after(two_hours + therapy(products[5])).notes == 0);
  CHECK(said_after(two_hours + therapy(products[4])).notes == 0);
  CHECK(said_after(two_hours + therapy(products[3])).notes == 0);
  CHECK(said_after(two_hours + therapy(products[2])).notes > 0);
}
