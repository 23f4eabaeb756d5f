#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace paracrine::sim {

/// Numbers by place (a voxel, a position in an order) most of which are 0.
class Sparse {
 public:
  Sparse() = default;
  explicit Sparse(const std::vector<double>& dense);
  double operator[](std::size_t place) const;
  void add_to(std::vector<double>& dense) const {
    for (const auto& [place, value] : entries_) dense[place] += value;
  }
  /// The numbers of `count` places from `first`, of at most `most`; 0 behind them.
  template <std::size_t most>
  std::array<double, most> from(std::size_t first, std::size_t count) const {
    std::array<double, most> all{};
    for (auto it = at(first); it != entries_.end() && it->first < first + count; ++it) all[it->first - first] = it->second;
    return all;
  }

 private:
  using Entries = std::vector<std::pair<std::uint32_t, double>>;
  Entries::const_iterator at(std::size_t place) const {
    return std::lower_bound(entries_.begin(), entries_.end(), place, [](const auto& entry, std::size_t p) { return entry.first < p; });
  }
  Entries entries_;  // by place
};

}  // namespace paracrine::sim
