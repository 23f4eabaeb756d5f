#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace paracrine::sim {

inline constexpr std::uint64_t unlimited_bytes = std::numeric_limits<std::uint64_t>::max();

/// Bytes that this process may still take without harm to the machine: the smallest of what /proc/meminfo calls available, what its control group
/// and the groups above it leave, and what is left of its limits of address space and data (ulimit -v, -d). unlimited_bytes where nothing says.
std::uint64_t available_memory();

/// What the text of /proc/meminfo calls available; unlimited_bytes where it does not say.
std::uint64_t memory_of_meminfo(std::string_view meminfo);
/// What a control group leaves, by the texts of its files memory.max and memory.current ("max": unlimited_bytes).
std::uint64_t memory_of_group(std::string_view most, std::string_view now);
/// Bytes for people: "64 MB", "1.5 GB".
std::string format_bytes(double bytes);

}  // namespace paracrine::sim
