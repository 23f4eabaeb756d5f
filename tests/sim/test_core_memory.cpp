#include "sim/core/memory.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

TEST_CASE("memory: what the system's files say is read, and nothing where they do not", "[unit]") {
  CHECK(memory_of_meminfo("MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:   23000000 kB\nBuffers: 2 kB\n") == 23000000ULL * 1024);
  CHECK(memory_of_meminfo("") == unlimited_bytes);
  CHECK(memory_of_meminfo("MemAvailable:\n") == unlimited_bytes);
  CHECK(memory_of_group("1000\n", "400\n") == 600);
  CHECK(memory_of_group("1000\n", "1400\n") == 0);
  CHECK(memory_of_group("max\n", "400\n") == unlimited_bytes);
  CHECK(memory_of_group("", "") == unlimited_bytes);
  CHECK(available_memory() > 0);
}

TEST_CASE("memory: bytes for people", "[unit]") {
  CHECK(format_bytes(64e6) == "64 MB");
  CHECK(format_bytes(1.04e9) == "1 GB");
  CHECK(format_bytes(9.46e9) == "9.5 GB");
}
