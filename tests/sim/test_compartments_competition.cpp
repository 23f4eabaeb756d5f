// Competing clearance: one pool against the exact solution of Michaelis and Menten's equation (doi 10.1006/jtbi.1997.0425), several against many
// small steps of the classical fourth order.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/compartments/block.hpp"
#include "sim/compartments/compartments.hpp"
#include "sim/core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine::sim;
using Catch::Matchers::WithinRel;
using paracrine::tests::MemoryArchive;

namespace {

/// y + ln y = s, so y = W(exp(s)): Newton's method in ln y.
double lambert_w_of_exp(double s) {
  double log_y = s < 0.0 ? s : std::log(std::max(s, 1e-3));
  for (int i = 0; i < 100; ++i) log_y -= (std::exp(log_y) + log_y - s) / (std::exp(log_y) + 1.0);
  return std::exp(log_y);
}

/// dx/dt = -rate x / (1 + x / half), all as amounts.
double alone(double x0, double rate, double half, double t) { return half * lambert_w_of_exp(std::log(x0 / half) + x0 / half - rate * t); }

/// Two species that count (native, foreign) and one that does not (potency: each foreign one weighted), each in plasma and a slow pool. A competing
/// flow, an uptake that competes and a flow that does not, by species.
struct Model {
  struct Species {
    PoolIndex plasma = 0, slow = 0, spleen = 0, liver = 0, urine = 0;
    UptakeIndex uptake = 0;
  };
  static constexpr double half_per_mL = 40.0, plasma_mL = 1.5;
  static constexpr std::array<double, 3> spleen_per_h{1.0, 3.0, 3.0}, clearance_mL_per_h{2.0, 5.0, 5.0};
  static constexpr double there_per_h = 0.8, back_per_h = 0.3, urine_per_h = 0.05, fed_native = 60.0, native0 = 90.0, foreign0 = 600.0,
                          potency = 0.37;

  explicit Model(double rate_factor = 1.0, bool shared = true) {
    const CompetitionIndex phagocytosis = c.add_competition(half_per_mL), own = c.add_competition(half_per_mL);
    for (std::size_t s = 0; s < 3; ++s) {
      const std::string name = std::to_string(s);
      Species& k = species[s];
      k.plasma = c.add_pool("plasma " + name, "1", plasma_mL);
      k.slow = c.add_pool("slow " + name, "1");
      k.spleen = c.add_pool("spleen " + name, "1"), k.liver = c.add_pool("liver " + name, "1"), k.urine = c.add_pool("urine " + name, "1");
      const CompetitionIndex competition = shared || s == 0 ? phagocytosis : own;
      if (s < 2) c.count_in(competition, k.plasma);
      spleen[s] = c.add_competing_flow("spleen " + name, k.plasma, k.spleen, spleen_per_h[s] * rate_factor, competition);
      c.add_flow("there " + name, k.plasma, k.slow, there_per_h);
      c.add_flow("back " + name, k.slow, k.plasma, back_per_h);
      c.add_flow("urine " + name, k.plasma, k.urine, urine_per_h);
      k.uptake = c.add_uptake("liver " + name, k.plasma, k.liver, competition);
      c.set_clearance(k.uptake, clearance_mL_per_h[s]);
    }
    c.receive(species[0].plasma, native0);
    c.receive(species[1].plasma, foreign0);
    c.receive(species[2].plasma, foreign0 * potency);
  }
  void advance(double hours, int steps) {
    for (int i = 0; i < steps; ++i) {
      c.receive_over_step(species[0].plasma, fed_native * hours / steps);
      c.step(hours / steps);
    }
  }
  Compartments c;
  std::array<Species, 3> species;
  std::array<FlowIndex, 3> spleen{};
};

/// [plasma, slow, taken up by the liver] of native and foreign after 2 h, by 20000 steps of the classical fourth order.
std::array<double, 6> reference() {
  using State = std::array<double, 6>;
  const auto derivative = [](const State& x) {
    const double f = 1.0 / (1.0 + (x[0] + x[3]) / (Model::half_per_mL * Model::plasma_mL));
    State d{};
    for (std::size_t s = 0; s < 2; ++s) {
      const double plasma = x[3 * s], slow = x[3 * s + 1], liver = Model::clearance_mL_per_h[s] / Model::plasma_mL * f * plasma;
      d[3 * s] = -Model::spleen_per_h[s] * f * plasma - liver - (Model::there_per_h + Model::urine_per_h) * plasma + Model::back_per_h * slow;
      d[3 * s + 1] = Model::there_per_h * plasma - Model::back_per_h * slow;
      d[3 * s + 2] = liver;
    }
    d[0] += Model::fed_native;
    return d;
  };
  State x{Model::native0, 0.0, 0.0, Model::foreign0, 0.0, 0.0};
  const int n = 20000;
  const double h = 2.0 / n;
  for (int i = 0; i < n; ++i) {
    const auto moved = [&](const State& d, double by) {
      State y = x;
      for (std::size_t j = 0; j < y.size(); ++j) y[j] += by * d[j];
      return y;
    };
    const State a = derivative(x), b = derivative(moved(a, 0.5 * h)), c = derivative(moved(b, 0.5 * h)), d = derivative(moved(c, h));
    for (std::size_t j = 0; j < x.size(); ++j) x[j] += h / 6.0 * (a[j] + 2.0 * b[j] + 2.0 * c[j] + d[j]);
  }
  return x;
}

std::array<double, 6> values(const Model& m) {
  std::array<double, 6> x{};
  for (std::size_t s = 0; s < 2; ++s) {
    x[3 * s] = m.c.amount(m.species[s].plasma);
    x[3 * s + 1] = m.c.amount(m.species[s].slow);
    x[3 * s + 2] = m.c.taken_up(m.species[s].uptake);
  }
  return x;
}

double largest_difference(const std::array<double, 6>& a, const std::array<double, 6>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] / b[i] - 1.0));
  return largest;
}

template <class Error>
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was refused";
}

}  // namespace

TEST_CASE("competition: a pool alone follows the Lambert function to one part in a million, by flow and by uptake", "[analytic]") {
  struct Case {
    double x0, rate, half_per_mL, volume_mL, hours;
  };
  const std::vector<Case> cases = {
      {100.0, 5.0, 5.0, 2.0, 2.5},       // from saturation through the bend
      {1e13, 8.3, 1e10, 1.1, 24.0},      // much
      {0.1, 0.4, 10.0, 1.0, 5.0},        // nearly linear
      {1e-6, 1.7, 10.0, 2.0, 5.0},       // linear
      {1000.0, 20.0, 0.5, 1.0, 20.0},    // saturated all along
      {50.0, 200.0, 1.0, 3.0, 0.25},     // until little is left
      {1e-3, 4000.0, 100.0, 3.0, 0.01},  // too fast for the series of a sub-step
  };
  const auto simulate = [](const Case& k, int steps, bool by_uptake, double error) {
    Compartments c;
    const auto blood = c.add_pool("blood", "1", k.volume_mL), gone = c.add_pool("gone", "1");
    const auto competition = c.add_competition(k.half_per_mL);
    c.count_in(competition, blood);
    const double rate = k.rate * (1.0 + error);
    if (by_uptake)
      c.set_clearance(c.add_uptake("cells", blood, gone, competition), rate * k.volume_mL);
    else
      c.add_competing_flow("cells", blood, gone, rate, competition);
    c.receive(blood, k.x0);
    for (int i = 0; i < steps; ++i) c.step(k.hours / steps);
    REQUIRE_THAT(c.amount(gone) + c.amount(blood), WithinRel(k.x0, 1e-14));
    return c.amount(blood);
  };
  for (const Case& k : cases)
    for (const bool by_uptake : {false, true})
      for (const int steps : {1, 7, 100}) {
        const double exact = alone(k.x0, k.rate, k.half_per_mL * k.volume_mL, k.hours);
        CAPTURE(k.x0, steps, by_uptake, exact);
        const double tolerance = 1e-6 * std::max(exact, 1e-3 * k.x0);
        REQUIRE(std::abs(simulate(k, steps, by_uptake, 0.0) - exact) < tolerance);
        if (exact < 1e-3 * k.x0) continue;
        REQUIRE(std::abs(simulate(k, steps, by_uptake, 1e-4) - exact) > tolerance);  // a planted error
        REQUIRE(std::abs(simulate(k, steps, by_uptake, -1e-4) - exact) > tolerance);
      }
}

TEST_CASE("competition: two species that share it agree with many small steps of the classical fourth order", "[analytic]") {
  const auto expected = reference();
  const auto difference = [&](double factor, bool shared, int steps) {
    Model m(factor, shared);
    m.advance(2.0, steps);
    return largest_difference(values(m), expected);
  };
  for (const int steps : {1, 12}) REQUIRE(difference(1.0, true, steps) < 1e-6);
  REQUIRE(difference(1.0 + 1e-4, true, 12) > 1e-6);
  REQUIRE(difference(1.0 - 1e-4, true, 12) > 1e-6);
  REQUIRE(difference(1.0, false, 12) > 1e-2);  // each for itself
}

TEST_CASE("competition: the step does not matter", "[property]") {
  Model one, hundred, other(1.0 + 1e-5);
  one.advance(2.0, 1);
  hundred.advance(2.0, 100);
  other.advance(2.0, 100);
  REQUIRE(largest_difference(values(one), values(hundred)) < 1e-6);
  REQUIRE(largest_difference(values(one), values(other)) > 1e-6);
}

TEST_CASE("competition: what does not count is slowed as what does, so a fixed share of it stays one", "[property]") {
  const auto largest_deviation = [](double planted) {
    Model m(1.0);
    const auto &foreign = m.species[1], &weighted = m.species[2];
    double largest = 0.0;
    for (int i = 0; i < 40; ++i) {
      m.c.receive_over_step(foreign.plasma, 30.0 * i);
      m.c.receive_over_step(weighted.plasma, 30.0 * i * Model::potency * (1.0 + planted));
      m.advance(0.25, 1);
      const auto compare = [&](double a, double b) { largest = std::max(largest, std::abs(a / (b * Model::potency) - 1.0)); };
      compare(m.c.amount(weighted.plasma), m.c.amount(foreign.plasma));
      compare(m.c.amount(weighted.slow), m.c.amount(foreign.slow));
      compare(m.c.amount(weighted.spleen), m.c.amount(foreign.spleen));
      compare(m.c.exposure_h_per_mL(weighted.uptake), m.c.exposure_h_per_mL(foreign.uptake));
    }
    return largest;
  };
  REQUIRE(largest_deviation(0.0) < 1e-12);
  REQUIRE(largest_deviation(1e-10) > 1e-12);
  REQUIRE(largest_deviation(-1e-10) > 1e-12);
}

TEST_CASE("competition: nothing is created or lost, and clearance x exposure is what was taken up", "[property]") {
  Model m;
  std::array<double, 3> of_patches{};
  for (int i = 0; i < 50; ++i) {
    for (std::size_t s = 0; s < 3; ++s) m.c.set_clearance(m.species[s].uptake, Model::clearance_mL_per_h[s] * (1.0 + 0.3 * std::sin(i)));
    m.advance(i % 3 == 0 ? 1.0 : 1.0 / 6.0, 1);
    for (std::size_t s = 0; s < 3; ++s) of_patches[s] += m.c.clearance(m.species[s].uptake) * m.c.exposure_h_per_mL(m.species[s].uptake);
  }
  REQUIRE(m.c.largest_step_error() < 1e-12);
  for (std::size_t s = 0; s < 3; ++s) {
    const auto& k = m.species[s];
    const double held = m.c.amount(k.plasma) + m.c.amount(k.slow) + m.c.amount(k.spleen) + m.c.amount(k.liver) + m.c.amount(k.urine);
    REQUIRE_THAT(held, WithinRel(m.c.received(k.plasma), 1e-14));
    REQUIRE_THAT(m.c.transferred(m.spleen[s]), WithinRel(m.c.amount(k.spleen), 1e-14));
    REQUIRE_THAT(of_patches[s], WithinRel(m.c.taken_up(k.uptake), 1e-13));
    REQUIRE_THAT(of_patches[s] * (1.0 + 1e-12), !WithinRel(m.c.taken_up(k.uptake), 1e-13));
  }
}

TEST_CASE("competition: without clearance the exposure is still that of the slowed concentration", "[unit]") {
  const auto exposure = [](double clearance, bool competes) {
    Compartments c;
    const auto blood = c.add_pool("blood", "1", 2.0), gone = c.add_pool("gone", "1");
    const auto competition = c.add_competition(3.0);
    c.count_in(competition, blood);
    const auto uptake = competes ? c.add_uptake("cells", blood, gone, competition) : c.add_uptake("cells", blood, gone);
    c.set_clearance(uptake, clearance);
    c.receive(blood, 18.0);
    c.step(0.5);
    return c.exposure_h_per_mL(uptake);
  };
  REQUIRE_THAT(exposure(0.0, true), WithinRel(0.5 * 9.0 / (1.0 + 9.0 / 3.0), 1e-14));
  REQUIRE_THAT(exposure(1e-9, true), WithinRel(exposure(0.0, true), 1e-9));
  REQUIRE_THAT(exposure(0.0, false), WithinRel(0.5 * 9.0, 1e-14));
}

TEST_CASE("competition: a sub-step is of second order", "[convergence]") {
  const double rate = 7.5, half = 4.0, x0 = 20.0, hours = 0.4;
  const double exact = alone(x0, rate, half, hours);
  const auto error_of = [&](int substeps) {
    Block block;
    block.add_pool(0);
    block.count(5, 0, half);
    block.add_edge(0, {.from = 0, .to = 1, .competition = 5});
    block.finish();
    std::vector<double> amount{x0}, waiting{0.0}, coefficient{rate};
    for (int i = 0; i < substeps; ++i) {
      block.set_rate_tolerance(0.9 * amount[0] / half);  // just not thin, and never refined: one sub-step in every call
      block.advance(hours / substeps, amount, waiting, coefficient);
      REQUIRE(block.substeps() == 1);
      block.for_each_transfer([&](std::size_t, double moved, double) { amount[0] -= moved; });
    }
    return std::abs(amount[0] - exact);
  };
  for (const int substeps : {8, 16, 32, 64, 128}) {
    const double order = std::log2(error_of(substeps) / error_of(2 * substeps));
    CAPTURE(substeps, order, error_of(substeps));
    REQUIRE(order > 1.9);
    REQUIRE(order < 2.2);
  }
}

TEST_CASE("competition: thin, amounts are bit for bit those of linear flows", "[property]") {
  const auto run = [](bool competing, double amount) {
    Compartments c;
    const auto a = c.add_pool("a", "1", 1.0), b = c.add_pool("b", "1", 1.0), gone = c.add_pool("gone", "1");
    const auto competition = c.add_competition(1e12);
    c.count_in(competition, a);
    c.add_flow("there", a, b, 0.5);
    c.add_flow("back", b, a, 0.25);
    UptakeIndex uptake{};
    if (competing) {
      c.add_competing_flow("cells", a, gone, 2.0, competition);
      uptake = c.add_uptake("liver", b, gone, competition);
    } else {
      c.add_flow("cells", a, gone, 2.0);
      uptake = c.add_uptake("liver", b, gone);
    }
    c.set_clearance(uptake, 0.7);
    for (int i = 0; i < 20; ++i) {
      c.receive_over_step(a, amount);
      c.step(0.2);
    }
    return std::array{c.amount(a), c.amount(b), c.amount(gone), c.taken_up(uptake), c.exposure_h_per_mL(uptake)};
  };
  REQUIRE(run(true, 100.0) == run(false, 100.0));
  REQUIRE(run(true, 1e9) != run(false, 1e9));
}

TEST_CASE("competition: a stored run goes on bit for bit, whatever was followed before", "[property]") {
  const auto eventful = [](Model& m, int i) {
    if (i % 7 == 0) m.c.set_clearance(m.species[1].uptake, 1.0 + i);
    if (i % 5 == 0) m.c.set_flow_rate(m.spleen[0], 0.5 + 0.1 * i);
    if (i % 9 == 4)
      for (const auto& k : m.species)
        for (const PoolIndex pool : {k.plasma, k.slow}) m.c.give(pool, m.c.amount(pool) * (1.0 - 1e-10));  // thin from here
    if (i % 9 == 8) m.c.receive(m.species[1].plasma, 500.0);
    m.c.step(i % 2 == 0 ? 1.0 / 6.0 : 1.0);
  };
  const auto everything = [](const Model& m) {
    std::vector<double> all;
    for (PoolIndex pool = 0; pool < m.c.pools(); ++pool) all.push_back(m.c.amount(pool));
    for (const auto& k : m.species) all.push_back(m.c.exposure_h_per_mL(k.uptake));
    return all;
  };
  Model through;
  for (int i = 0; i < 40; ++i) {
    MemoryArchive archive;
    through.c.archive(archive);
    Model resumed;
    archive.load();
    resumed.c.archive(archive);
    eventful(through, i);
    eventful(resumed, i);
    CAPTURE(i);
    REQUIRE(everything(through) == everything(resumed));
  }
}

TEST_CASE("competition: what waits to enter can be asked for", "[unit]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 1.0);
  c.receive(blood, 2.0);
  c.receive_over_step(blood, 3.0);
  REQUIRE(c.waiting(blood) == 3.0);
  REQUIRE(c.amount(blood) == 5.0);
  c.step(0.1);
  REQUIRE(c.waiting(blood) == 0.0);
  REQUIRE(c.amount(blood) == 5.0);
}

TEST_CASE("competition: a pool that only counts is followed with those it slows, and two competitions do not mix", "[analytic]") {
  // a counts and loses nothing: b is lost at rate / (1 + a), exactly; c by its own competition, in which nothing counts
  Compartments c;
  const auto a = c.add_pool("a", "1", 1.0), b = c.add_pool("b", "1"), other = c.add_pool("c", "1"), gone = c.add_pool("gone", "1");
  const auto slowed = c.add_competition(2.0), free = c.add_competition(2.0);
  c.count_in(slowed, a);
  c.add_competing_flow("b", b, gone, 3.0, slowed);
  c.add_competing_flow("c", other, gone, 3.0, free);
  c.receive(a, 8.0), c.receive(b, 10.0), c.receive(other, 10.0);
  c.step(0.7);
  REQUIRE_THAT(c.amount(b), WithinRel(10.0 * std::exp(-3.0 * 0.7 / 5.0), 1e-13));
  REQUIRE_THAT(c.amount(other), WithinRel(10.0 * std::exp(-3.0 * 0.7), 1e-13));
  REQUIRE(c.amount(a) == 8.0);
}

TEST_CASE("competition: refusals name what is wrong", "[unit]") {
  using Invalid = std::invalid_argument;
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 2.0), mass = c.add_pool("mass", "ng", 2.0), bound = c.add_pool("bound", "1"),
             gone = c.add_pool("gone", "1");
  const auto competition = c.add_competition(5.0);
  c.count_in(competition, blood);
  REQUIRE(refusal<Invalid>([&] { c.add_competition(0.0); }) == "competition 1: a half saturation of 0 per mL");
  REQUIRE(refusal<Invalid>([&] { c.add_competition(-2.5); }) == "competition 1: a half saturation of -2.5 per mL");
  REQUIRE(refusal<Invalid>([&] { c.add_competition(std::numeric_limits<double>::infinity()); }) == "competition 1: a half saturation of inf per mL");
  REQUIRE(refusal<Invalid>([&] { c.count_in(competition, bound); }) == "competition 0: pool \"bound\" has no volume, so it has no concentration");
  REQUIRE(refusal<Invalid>([&] { c.count_in(competition, blood); }) == "competition 0: pool \"blood\" is counted already");
  REQUIRE(refusal<Invalid>([&] { c.count_in(competition, mass); }) == "competition 0: pool \"mass\" has the unit ng, pool \"blood\" the unit 1");
  REQUIRE(refusal<std::out_of_range>([&] { c.count_in(3, blood); }) == "there is no competition 3");
  REQUIRE(refusal<std::out_of_range>([&] { c.add_competing_flow("cells", blood, gone, 1.0, 7); }) == "there is no competition 7");
  REQUIRE(refusal<std::out_of_range>([&] { c.add_uptake("cells", blood, gone, 7); }) == "there is no competition 7");
  REQUIRE(refusal<Invalid>([&] { c.add_competing_flow("cells", blood, blood, 1.0, competition); }) == "flow \"cells\": it must lead to another pool");
  REQUIRE(refusal<Invalid>([&] { c.add_uptake("cells", bound, gone, competition); }) ==
          "flow \"cells\": pool \"bound\" has no volume, so it has no concentration");
  REQUIRE(refusal<RunError>([&] { c.add_competing_flow("cells", blood, gone, -1.0, competition); }) ==
          "flow \"cells\" out of pool \"blood\": a rate of -1 per h; it must be a finite number, 0 or more");
}

TEST_CASE("competition: a rate that no sub-step resolves is an error that names flow and pool", "[unit]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 1.0), gone = c.add_pool("gone", "1");
  const auto competition = c.add_competition(1.0);
  c.count_in(competition, blood);
  c.add_competing_flow("cells", blood, gone, 1e14, competition);
  c.receive(blood, 1000.0);
  REQUIRE(refusal<RunError>([&] { c.step(0.25); }) ==
          "flow \"cells\" out of pool \"blood\": no sub-step is small enough in a step of 0.25 h; the pool holds 1000");
}
