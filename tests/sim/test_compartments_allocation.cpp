// A step whose rates and length did not change takes no memory. Counted at malloc, because Eigen does not ask operator new. The sanitizers have a
// malloc of their own.
#include <cstddef>
#include <cstdlib>

#include "sim/compartments/compartments.hpp"
#include "tests/support/catch.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PARACRINE_OTHER_MALLOC
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(PARACRINE_OTHER_MALLOC)

using namespace paracrine::sim;

namespace {
std::size_t allocations = 0;
}

extern "C" {
void* __libc_malloc(std::size_t size);
void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
}

TEST_CASE("compartments: a step whose rates and length did not change allocates nothing", "[property]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 5.0), marrow = c.add_pool("marrow", "1"), gone = c.add_pool("gone", "1");
  c.add_flow("there", blood, marrow, 1.0);
  c.add_flow("back", marrow, blood, 0.5);
  const auto uptake = c.add_uptake("uptake", blood, gone);
  c.set_clearance(uptake, 1.0);
  c.receive(blood, 1.0);
  c.step(0.1);
  const auto count = [&](double step_h, double clearance) {
    const std::size_t before = allocations;
    c.set_clearance(uptake, clearance);
    c.receive_over_step(blood, 1.0);
    c.step(step_h);
    return allocations - before;
  };
  REQUIRE(count(0.1, 1.0) == 0);
  REQUIRE(count(0.1, 1.1) == 0);   // the series follows another clearance
  REQUIRE(count(100.0, 1.1) > 0);  // too long for it
  REQUIRE(count(100.0, 1.1) == 0);
  REQUIRE(count(200.0, 1.1) > 0);
}

TEST_CASE("compartments: a step in which clearance competes allocates nothing, thin or not", "[property]") {
  Compartments c;
  const auto blood = c.add_pool("blood", "1", 5.0), marrow = c.add_pool("marrow", "1"), gone = c.add_pool("gone", "1");
  const auto competition = c.add_competition(1.0);
  c.count_in(competition, blood);
  c.add_flow("there", blood, marrow, 1.0);
  c.add_flow("back", marrow, blood, 0.5);
  c.add_competing_flow("cells", blood, gone, 1.0, competition);
  const auto count = [&](double amount) {
    const std::size_t before = allocations;
    c.receive(blood, amount);
    c.step(0.1);
    return allocations - before;
  };
  REQUIRE(count(1e-9) > 0);
  REQUIRE(count(1e-9) == 0);
  REQUIRE(count(1.0) > 0);  // room for the first sub-steps
  REQUIRE(count(1.0) == 0);
  REQUIRE(count(100.0) == 0);
}

#endif
