#pragma once
#include <cstddef>
#include <functional>
#include <string_view>

namespace paracrine::sim {

/// Number of processors this process may use, at least 1: the smallest of its affinity mask, the quotas of its control group and of the groups
/// above it, and what OpenMP was told (OMP_NUM_THREADS, OMP_THREAD_LIMIT).
int available_processors();

/// Whole processors that the text of a control group's file cpu.max grants ("150000 100000": 2, rounded up); 0 where it sets no limit.
int processors_of_quota(std::string_view cpu_max);

/// Throws RunError with the system's reason when this process cannot have so many threads: OpenMP itself would end the process.
void require_threads(int threads);

/// Calls body(i) for i in [0, count), each on one thread, dealt out dynamically. The first exception in order of i is thrown again after all ended.
/// The result must not depend on the order of calls. With one thread the calls are serial and in order. Threads that wait for work sleep only if
/// the process was started with OMP_WAIT_POLICY=passive: OpenMP reads it before main. The only OpenMP of the project is in parallel.cpp.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

}  // namespace paracrine::sim
