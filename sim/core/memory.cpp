#include "sim/core/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "sim/core/units.hpp"

namespace paracrine::sim {

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return in ? std::string(std::istreambuf_iterator<char>(in), {}) : std::string();
}

/// The first whole number of a text; unlimited_bytes where there is none.
std::uint64_t number_in(std::string_view text) {
  const std::size_t digit = text.find_first_of("0123456789");
  std::uint64_t value = 0;
  if (digit == std::string_view::npos) return unlimited_bytes;
  return std::from_chars(text.data() + digit, text.data() + text.size(), value).ec == std::errc{} ? value : unlimited_bytes;
}

/// The least that the control group (version 2) of this process and the groups above it leave.
std::uint64_t memory_of_control_groups() {
  const std::string own = text_of("/proc/self/cgroup");
  const std::size_t at = own.find("0::");
  if (at == std::string::npos) return unlimited_bytes;
  std::string group = own.substr(at + 3, own.find('\n', at) - at - 3);
  std::uint64_t least = unlimited_bytes;
  while (true) {
    const std::string folder = "/sys/fs/cgroup" + group;
    least = std::min(least, memory_of_group(text_of(folder + "/memory.max"), text_of(folder + "/memory.current")));
    const std::size_t above = group.find_last_of('/');
    if (group.empty() || above == std::string::npos) return least;
    group.resize(above);
  }
}

/// What a limit of the process leaves, of which it has used `used`.
std::uint64_t left_of_limit(int resource, std::uint64_t used) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited_bytes;
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

}  // namespace

std::uint64_t memory_of_meminfo(std::string_view meminfo) {
  constexpr std::uint64_t bytes_per_kB = 1024;
  const std::size_t at = meminfo.find("MemAvailable:");
  if (at == std::string_view::npos) return unlimited_bytes;
  const std::uint64_t kB = number_in(meminfo.substr(at, meminfo.find('\n', at) - at));
  return kB > unlimited_bytes / bytes_per_kB ? unlimited_bytes : kB * bytes_per_kB;
}

std::uint64_t memory_of_group(std::string_view most, std::string_view now) {
  const std::uint64_t limit = number_in(most), used = number_in(now);
  if (limit == unlimited_bytes || used == unlimited_bytes) return unlimited_bytes;
  return limit > used ? limit - used : 0;
}

std::uint64_t available_memory() {
  std::uint64_t least = std::min(memory_of_meminfo(text_of("/proc/meminfo")), memory_of_control_groups());
  const std::string pages = text_of("/proc/self/statm");  // pages of the address space, first of all
  const std::uint64_t mapped = number_in(pages), page = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
  const std::uint64_t used = mapped == unlimited_bytes ? 0 : mapped * page;
  for (const int resource : {static_cast<int>(RLIMIT_AS), static_cast<int>(RLIMIT_DATA)}) least = std::min(least, left_of_limit(resource, used));
  return least;
}

std::string format_bytes(double bytes) {
  constexpr double MB = 1e6, GB = 1e9;
  return bytes < GB ? fmt::format("{} MB", format_number(std::round(bytes / MB)))
                    : fmt::format("{} GB", format_number(std::round(10.0 * bytes / GB) / 10.0));
}

}  // namespace paracrine::sim
