#include "sim/engine/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/toy.hpp"

using namespace paracrine;

namespace {
sim::Scenario scenario(const std::string& text) {
  const sim::Catalogue catalogue = toy::catalogue();
  return sim::parse_scenario("model = \"toy\"\n" + text, "plan.toml", ".", {}, catalogue.model_info());
}
}  // namespace

TEST_CASE("plan: visits divide the recording interval evenly, to the second", "[unit]") {
  const auto ends = [](std::int64_t every_s, std::int64_t asked_s) {
    std::vector<std::int64_t> all;
    for (std::int64_t t = 0; t < 2 * every_s; t = sim::regular_visit_end(every_s, asked_s, t)) all.push_back(t);
    return all;
  };
  CHECK(ends(1800, 600) == std::vector<std::int64_t>{0, 600, 1200, 1800, 2400, 3000});
  CHECK(ends(3600, 5000) == std::vector<std::int64_t>{0, 3600});
  CHECK(ends(100, 30) == std::vector<std::int64_t>{0, 25, 50, 75, 100, 125, 150, 175});
  CHECK(ends(61, 30) == std::vector<std::int64_t>{0, 20, 40, 61, 81, 101});  // a prime number of seconds
  for (const std::int64_t every_s : {7, 61, 3599, 10007})
    for (const std::int64_t asked_s : {1, 2, 6, 50, 600}) {
      std::int64_t longest = 0, shortest = every_s, before = 0;
      for (const std::int64_t end : ends(every_s, asked_s)) {
        if (end > 0) {
          longest = std::max(longest, end - before);
          shortest = std::min(shortest, end - before);
        }
        before = end;
      }
      CHECK(longest <= asked_s);
      CHECK(longest - shortest <= 1);
    }
  CHECK(sim::regular_visit_end(3'000'000'000, 1, 2'999'999'999) == 3'000'000'000);  // no overflow in a century of seconds
}

TEST_CASE("plan: rows stand at every multiple, in the finer windows, and at the end", "[unit]") {
  const sim::Plan plan(
      scenario("[time]\nduration = \"100 min\"\nrecord_every = \"30 min\"\nrecord = [{ from = \"10 min\", to = \"12 min\", every = \"1 min\" }]\n"));
  std::vector<std::int64_t> rows;
  for (std::int64_t t = 0; t < plan.end_s(); t = plan.visit_end(t))
    if (plan.row(t)) rows.push_back(t / 60);
  CHECK(rows == std::vector<std::int64_t>{0, 10, 11, 12, 30, 60, 90});
  CHECK(plan.row(plan.end_s()));
}

TEST_CASE("plan: visits are never longer than asked and end exactly at the end", "[property]") {
  const sim::Plan plan(scenario("[time]\nduration = \"1003 s\"\nrecord_every = \"100 s\"\n[numerics]\nvisit = \"30 s\"\n"));
  std::int64_t t = 0;
  while (t < plan.end_s()) {
    const std::int64_t next = plan.visit_end(t);
    REQUIRE(next > t);
    REQUIRE(next - t <= 30);
    t = next;
  }
  CHECK(t == 1003);
}
