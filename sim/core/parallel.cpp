#include "sim/core/parallel.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

/// Processors in the affinity mask; 0 where the system does not say.
int processors_of_affinity() {
  constexpr int most = 1 << 16;
  for (int processors = CPU_SETSIZE; processors <= most; processors *= 2) {
    const auto free_set = [](cpu_set_t* set) { CPU_FREE(set); };
    const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(processors), free_set);
    if (!set) return 0;
    const std::size_t bytes = CPU_ALLOC_SIZE(processors);
    if (sched_getaffinity(0, bytes, set.get()) == 0) return CPU_COUNT_S(bytes, set.get());
    if (errno != EINVAL) return 0;  // EINVAL: the kernel's mask is longer
  }
  return 0;
}

/// The smallest quota among the control group (version 2) of this process and the groups above it; 0 without a limit.
int processors_of_control_group() {
  const std::filesystem::path root = "/sys/fs/cgroup";
  std::filesystem::path group;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::/")) group = root / line.substr(4);
  int least = 0;
  for (; group.native().starts_with(root.native()); group = group.parent_path()) {
    std::ifstream file(group / "cpu.max");
    std::string text;
    if (!std::getline(file, text)) continue;
    const int granted = processors_of_quota(text);
    if (granted > 0) least = least == 0 ? granted : std::min(least, granted);
  }
  return least;
}

/// Keeps the exception of the lowest index.
class FirstException {
 public:
  void caught(std::size_t index) {
    const std::lock_guard lock(mutex_);
    if (exception_ && index > index_) return;
    exception_ = std::current_exception();
    index_ = index;
  }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr exception_;
  std::size_t index_ = 0;
};

}  // namespace

int processors_of_quota(std::string_view cpu_max) {
  double quota = 0.0, period = 0.0;
  const char* const end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), end, quota);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ') return 0;  // among others "max 100000"
  const auto second = std::from_chars(first.ptr + 1, end, period);
  if (second.ec != std::errc{} || !(quota > 0.0) || !(period > 0.0)) return 0;
  constexpr double most = 1 << 20;
  return static_cast<int>(std::min(std::ceil(quota / period), most));
}

int available_processors() {
  int processors = std::min(omp_get_max_threads(), omp_get_thread_limit());
  for (const int limit : {processors_of_affinity(), processors_of_control_group()})
    if (limit > 0) processors = std::min(processors, limit);
  return std::max(processors, 1);
}

void require_threads(int threads) {
  std::mutex mutex;
  std::condition_variable told;
  bool over = false;
  std::vector<std::thread> trial;
  std::string reason;
  try {
    for (int i = 1; i < threads; ++i)
      trial.emplace_back([&] {
        std::unique_lock lock(mutex);
        told.wait(lock, [&] { return over; });
      });
  } catch (const std::system_error& error) {
    reason = error.code().message();
  }
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  told.notify_all();
  for (std::thread& thread : trial) thread.join();
  if (!reason.empty())
    throw RunError(fmt::format("cannot start {} threads: {}; fewer may do: --threads {}", threads, reason, std::max<std::size_t>(1, trial.size())));
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
  FirstException first;
  const auto guarded = [&](std::size_t i) {
    try {
      body(i);
    } catch (...) {
      first.caught(i);
    }
  };
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) guarded(i);
  } else {
    const int team = static_cast<int>(std::min(static_cast<std::size_t>(threads), count));
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
    for (std::size_t i = 0; i < count; ++i) guarded(i);
  }
  first.rethrow();
}

}  // namespace paracrine::sim
