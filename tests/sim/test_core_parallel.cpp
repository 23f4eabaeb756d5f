#include <sched.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/core/parallel.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

TEST_CASE("parallel: every index is called once, for any number of threads", "[unit][property]") {
  for (const int threads : {-1, 0, 1, 2, 7, 100})
    for (const std::size_t count : {0, 1, 2, 5, 64, 1000}) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(count, threads, [&](std::size_t i) { ++calls.at(i); });
      for (const auto& n : calls) REQUIRE(n == 1);
    }
}

TEST_CASE("parallel: one thread calls in order", "[unit]") {
  std::vector<std::size_t> order;
  parallel_for(50, 1, [&](std::size_t i) { order.push_back(i); });
  REQUIRE(order.size() == 50);
  for (std::size_t i = 0; i < order.size(); ++i) REQUIRE(order[i] == i);
}

TEST_CASE("parallel: two threads work at the same time", "[unit]") {
  // Each of the two calls ends only when the other has begun, which one thread could never do; the count of tries keeps a failure from hanging.
  std::atomic<int> begun = 0;
  std::atomic<bool> met = true;
  parallel_for(2, 2, [&](std::size_t) {
    ++begun;
    long tries = 0;
    while (begun < 2 && ++tries < 10'000'000) sched_yield();
    if (begun < 2) met = false;
  });
  REQUIRE(met);
}

TEST_CASE("parallel: the exception of the lowest index is thrown after all calls", "[unit]") {
  for (const int threads : {1, 2, 7}) {
    std::atomic<int> calls = 0;
    std::string message;
    try {
      parallel_for(100, threads, [&](std::size_t i) {
        ++calls;
        if (i == 3) sched_yield();
        if (i == 90 || i == 41 || i == 3) throw std::runtime_error(std::to_string(i));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    REQUIRE(message == "3");
    REQUIRE(calls == 100);
  }
}

TEST_CASE("parallel: a later throw of a lower index takes the place of an earlier one", "[unit]") {
  std::atomic<bool> thrown = false;
  try {
    parallel_for(2, 2, [&](std::size_t i) {
      if (i == 1) {
        thrown = true;
        throw std::runtime_error("1");
      }
      for (long tries = 0; !thrown && tries < 10'000'000; ++tries) sched_yield();
      throw std::runtime_error("0");
    });
    FAIL("nothing was thrown");
  } catch (const std::runtime_error& error) {
    REQUIRE(std::string(error.what()) == "0");
  }
}

TEST_CASE("parallel: a control group's quota counts whole processors, rounded up", "[unit]") {
  REQUIRE(processors_of_quota("max 100000") == 0);
  REQUIRE(processors_of_quota("100000 100000") == 1);
  REQUIRE(processors_of_quota("150000 100000") == 2);
  REQUIRE(processors_of_quota("10000 100000") == 1);
  REQUIRE(processors_of_quota("800000 50000") == 16);
  for (const char* const text : {"", "100000", "100000 ", "x y", "-5 100000", "100000 0"}) REQUIRE(processors_of_quota(text) == 0);
}

TEST_CASE("parallel: the processors available follow the affinity mask", "[unit]") {
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  REQUIRE(available_processors() >= 1);
  REQUIRE(available_processors() <= CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  const int bound = available_processors();
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
  REQUIRE(bound == 1);
}
