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

TEST_CASE("plan: the visit divides the recording interval", "[unit]") {
  CHECK(sim::visit_length_s(21600, 600) == 600);
  CHECK(sim::visit_length_s(3600, 3600) == 3600);
  CHECK(sim::visit_length_s(3600, 5000) == 3600);
  CHECK(sim::visit_length_s(3600, 700) == 600);
  CHECK(sim::visit_length_s(61, 60) == 1);  // a prime number of seconds
  CHECK(sim::visit_length_s(100, 30) == 25);
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
