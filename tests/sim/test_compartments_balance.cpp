// What the compartments promise whatever their rates: conservation, refusals by name, a whole archive.
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "sim/compartments/compartments.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine::sim;
using Catch::Matchers::WithinRel;
using paracrine::tests::MemoryArchive;

namespace {

/// The values of one entry of an archive, to be changed.
std::span<double> values_of(paracrine::tests::MemoryArchive& archive, const std::string& name) {
  std::vector<std::byte>& bytes = archive.entries.at(name).bytes;
  return {reinterpret_cast<double*>(bytes.data()), bytes.size() / sizeof(double)};
}

struct Model {
  Compartments c;
  PoolIndex blood = c.add_pool("blood", "ng", 2.0), tissue = c.add_pool("tissue", "ng", 10.0), gone = c.add_pool("gone", "ng"),
            liver = c.add_pool("liver", "ng");
  PoolIndex cells = c.add_pool("cells", "1"), dead = c.add_pool("dead", "1");
  FlowIndex there = c.add_flow("there", blood, tissue, 1.3), back = c.add_flow("back", tissue, blood, 0.4);
  FlowIndex enzyme = c.add_saturable_flow("enzyme", tissue, gone, 20.0, 3.0), death = c.add_flow("death", cells, dead, 0.05);
  UptakeIndex uptake = c.add_uptake("uptake", blood, liver);
};

/// A step with everything that can happen, drawn from (step): inflows, takings, clearance and rate changes, transfers.
void eventful_step(Model& m, std::uint32_t step) {
  const auto u = Random(5, step, ProcessStream(2)).uniforms(agent_id(1, 1), 0);
  if (step % 3 == 0) m.c.receive_over_step(m.blood, 50.0 * u[0]);
  if (step % 7 == 0) m.c.receive(m.cells, 1e6 * u[1]);
  if (step % 5 == 0) m.c.give(m.tissue, m.c.amount(m.tissue) * 0.1 * u[2]);
  if (step % 11 == 0) m.c.transfer(m.cells, m.dead, 0.5 * m.c.amount(m.cells));
  if (step % 4 == 0) m.c.set_clearance(m.uptake, 5.0 * u[3]);
  if (step % 13 == 0) m.c.set_flow_rate(m.death, 0.1 * u[1]);
  m.c.step(step % 2 == 0 ? 1.0 / 6.0 : 1.0 / 60.0);
}

std::vector<double> everything(const Model& m) {
  std::vector<double> values;
  for (PoolIndex p = 0; p < m.c.pools(); ++p) values.insert(values.end(), {m.c.amount(p), m.c.received(p), m.c.given(p)});
  for (FlowIndex f = 0; f < 4; ++f) values.push_back(m.c.transferred(f));
  values.insert(values.end(), {m.c.taken_up(m.uptake), m.c.clearance(m.uptake), m.c.exposure_h_per_mL(m.uptake), m.c.largest_step_error()});
  return values;
}

double relative(double a, double b) { return std::abs(a - b) / std::max(std::abs(a), std::abs(b)); }

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const RunError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("compartments: what came in is what is there or has left, over 1e5 steps", "[property]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 5.0), marrow = c.add_pool("marrow", "1"), liver = c.add_pool("liver", "1"),
             gone = c.add_pool("gone", "1");
  const auto there = c.add_flow("there", blood, marrow, 7.3), back = c.add_flow("back", marrow, blood, 0.31),
             loss = c.add_flow("loss", marrow, gone, 0.011);
  const auto uptake = c.add_uptake("uptake", blood, liver);
  c.receive(blood, 1e9 / 3.0);
  double taken = 0.0;
  for (std::uint32_t step = 0; step < 100000; ++step) {
    if (step % 100 == 0) c.set_clearance(uptake, 0.1 * (1 + step % 700));
    if (step % 10 == 0) c.receive_over_step(blood, 0.1 + 1e-3 * step);
    if (step % 1000 == 0) {
      taken += 0.01 * c.amount(marrow);
      c.give(marrow, 0.01 * c.amount(marrow));
    }
    c.step(1.0 / 6.0);
  }
  CAPTURE(c.largest_step_error());
  REQUIRE(c.largest_step_error() < 1e-12);
  REQUIRE(relative(c.received(blood), c.amount(blood) + c.amount(marrow) + c.amount(liver) + c.amount(gone) + c.given(marrow)) < 1e-14);
  // Each term stands at its own place, and they agree.
  REQUIRE_THAT(c.taken_up(uptake), WithinRel(c.amount(liver), 1e-14));
  REQUIRE_THAT(c.transferred(loss), WithinRel(c.amount(gone), 1e-14));
  REQUIRE_THAT(c.given(marrow), WithinRel(taken, 1e-11));
  REQUIRE(relative(c.transferred(there), c.transferred(back) + c.transferred(loss) + c.amount(marrow) + c.given(marrow)) < 1e-13);
}

TEST_CASE("compartments: with inflows, takings, transfers and saturable flows every step closes to 1e-12", "[property]") {
  Model m;
  for (std::uint32_t step = 0; step < 3000; ++step) eventful_step(m, step);
  REQUIRE(m.c.largest_step_error() < 1e-12);
  const double there = m.c.amount(m.blood) + m.c.amount(m.tissue) + m.c.amount(m.gone) + m.c.amount(m.liver);
  REQUIRE(relative(m.c.received(m.blood), there + m.c.given(m.tissue)) < 1e-13);
  REQUIRE(relative(m.c.received(m.cells), m.c.amount(m.cells) + m.c.amount(m.dead)) < 1e-13);
}

TEST_CASE("compartments: an amount that comes from nowhere shows in the step's balance, however small its family", "[property]") {
  for (const double error : {1e-10, -1e-10, 0.0}) {
    Model m;
    m.c.receive(m.cells, 1e12);
    m.c.receive(m.blood, 1.0);
    m.c.step(0.1);
    MemoryArchive memory;
    m.c.archive(memory);
    values_of(memory, "amounts/sum")[m.blood] += error;
    memory.load();
    m.c.archive(memory);
    m.c.step(0.1);
    CAPTURE(error, m.c.largest_step_error());
    REQUIRE((m.c.largest_step_error() > 1e-12) == (error != 0.0));
  }
}

TEST_CASE("compartments: saved and loaded in the middle, a run goes on to the same bits", "[property]") {
  const auto run = [](bool interrupted, const std::string& tampered) {
    Model m;
    for (std::uint32_t step = 0; step < 50; ++step) eventful_step(m, step);
    m.c.receive_over_step(m.blood, 3.0);
    if (!interrupted) {
      for (std::uint32_t step = 50; step < 100; ++step) eventful_step(m, step);
      return everything(m);
    }
    MemoryArchive memory;
    m.c.archive(memory);
    memory.load();
    if (!tampered.empty())
      for (double& value : values_of(memory, tampered)) value = value * (1.0 + 1e-15) + 1e-15;
    Model other;
    other.c.receive(other.gone, 12.0);  // what it held before is replaced
    other.c.step(1.0);
    other.c.archive(memory);
    for (std::uint32_t step = 50; step < 100; ++step) eventful_step(other, step);
    return everything(other);
  };
  const std::vector<double> through = run(false, "");
  const std::vector<double> resumed = run(true, "");
  REQUIRE(std::memcmp(through.data(), resumed.data(), through.size() * sizeof(double)) == 0);
  for (const char* name : {"amounts/sum", "received/sum", "given/sum", "transferred/sum", "waiting", "coefficients"}) {
    CAPTURE(name);
    const std::vector<double> changed = run(true, name);
    REQUIRE(std::memcmp(through.data(), changed.data(), through.size() * sizeof(double)) != 0);
  }
}

TEST_CASE("compartments: the state of another model is refused", "[unit]") {
  MemoryArchive memory;
  Model m;
  m.c.archive(memory);
  memory.load();
  Compartments other;
  other.add_pool("blood", "ng");
  REQUIRE(refusal([&] { other.archive(memory); }) == "6 values of sum are stored, and 1 were expected");
}

TEST_CASE("compartments: what is negative, not finite or too much is refused, naming pool and value", "[unit]") {
  Model m;
  m.c.receive(m.blood, 2.5);
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto message = [&](auto action) { return refusal([&] { action(m.c); }); };
  REQUIRE(message([&](auto& c) { c.receive(m.blood, -1.0); }) == "pool \"blood\": it cannot receive -1 ng (it holds 2.5)");
  REQUIRE(message([&](auto& c) { c.receive(m.blood, nan); }) == "pool \"blood\": it cannot receive nan ng (it holds 2.5)");
  REQUIRE(message([&](auto& c) { c.receive_over_step(m.tissue, inf); }) == "pool \"tissue\": it cannot receive inf ng over a step (it holds 0)");
  REQUIRE(message([&](auto& c) { c.give(m.blood, 2.6); }) == "pool \"blood\": it cannot give 2.6 ng (it holds 2.5)");
  REQUIRE(message([&](auto& c) { c.transfer(m.blood, m.gone, 3.0); }) == "pool \"blood\": it cannot transfer 3 ng (it holds 2.5)");
  REQUIRE(message([&](auto& c) { c.set_flow_rate(m.there, -0.5); }) ==
          "flow \"there\" out of pool \"blood\": a rate of -0.5 per h; it must be a finite number, 0 or more");
  REQUIRE(message([&](auto& c) { c.set_clearance(m.uptake, nan); }) ==
          "flow \"uptake\" out of pool \"blood\": a rate of nan mL/h; it must be a finite number, 0 or more");
  REQUIRE(message([&](auto& c) { c.step(0.0); }) == "compartments: a step of 0 h");
  REQUIRE(m.c.amount(m.blood) == 2.5);  // refused as a whole

  Compartments overflow;
  const auto a = overflow.add_pool("a", "1"), b = overflow.add_pool("b", "1"), sink = overflow.add_pool("sink", "1");
  overflow.add_flow("a", a, sink, 1e3);
  overflow.add_flow("b", b, sink, 1e3);
  overflow.receive(a, 1.5e308);
  overflow.receive(b, 1.5e308);
  const std::string overflown = refusal([&] { overflow.step(1.0); });
  REQUIRE(overflown == "pool \"sink\": nan after a step of 1 h; an amount must be a finite number, 0 or more");

  Model damaged;
  damaged.c.receive(damaged.blood, 1.0);
  MemoryArchive memory;
  damaged.c.archive(memory);
  values_of(memory, "amounts/sum")[damaged.dead] = -0.5;
  memory.load();
  damaged.c.archive(memory);
  REQUIRE(refusal([&] { damaged.c.step(1.0); }) == "pool \"dead\": -0.5 after a step of 1 h; an amount must be a finite number, 0 or more");
}

TEST_CASE("compartments: what cannot be built is refused", "[unit]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "ng"), gone = c.add_pool("gone", "ng");
  REQUIRE_THROWS_AS(c.add_uptake("uptake", blood, gone), std::invalid_argument);  // no volume
  REQUIRE_THROWS_AS(c.add_saturable_flow("enzyme", blood, gone, 1.0, 1.0), std::invalid_argument);
  REQUIRE_THROWS_AS(c.add_flow("loop", blood, blood, 1.0), std::invalid_argument);
  REQUIRE_THROWS_AS(c.add_flow("nowhere", 7, gone, 1.0), std::out_of_range);
  REQUIRE_THROWS_AS(c.add_pool("bad", "ng", -1.0), std::invalid_argument);
  REQUIRE_THROWS_AS(c.pool("spleen"), std::out_of_range);
  REQUIRE(c.pool("gone") == gone);
}

TEST_CASE("compartments: what waits to enter can be given away again", "[unit]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1");
  c.receive(blood, 2.0);
  c.receive_over_step(blood, 3.0);
  c.give(blood, 4.0);
  REQUIRE(c.amount(blood) == 1.0);
  c.step(1.0);
  REQUIRE(c.amount(blood) == 1.0);
  REQUIRE(c.largest_step_error() == 0.0);
}

TEST_CASE("compartments: totals keep what plain addition loses", "[unit]") {
  Totals totals;
  totals.resize(1);
  double plain = 0.0;
  for (const double term : {1.0, 1e17}) totals.add(0, term), plain += term;
  for (int i = 0; i < 1000; ++i) totals.add(0, 1.0), plain += 1.0;
  totals.add(0, -1e17), plain += -1e17;
  REQUIRE(totals.value(0) == 1001.0);
  REQUIRE(plain != 1001.0);
}
