#pragma once
#include <algorithm>
#include <limits>
#include <span>

#include "models/agents/infused.hpp"
#include "sim/engine/patch.hpp"

namespace paracrine::models {

/// When the MSC of a patch live within one visit. A living cell whose time of death is not drawn lives on; a dead one died when it was given.
class MscActivity {
 public:
  MscActivity(const sim::Population& cells, const sim::Step& step)
      : start_s_(static_cast<double>(step.start_s)),
        end_s_(static_cast<double>(step.end_s())),
        entry_s_(cells.column(msc::entry_s)),
        death_s_(cells.column(msc::death_s)),
        clear_s_(cells.column(msc::clear_s)),
        vitality_(cells.column(msc::vitality)) {}

  /// Hours of the visit for which it was there and alive.
  double hours(std::size_t row) const { return std::max(0.0, std::min(end_s_, dies_s(row)) - std::max(start_s_, entry_s_[row])) * (1.0 / 3600.0); }
  /// Whether it died in [start, end) of the visit, having lived when given.
  bool dies(std::size_t row) const {
    const double at_s = dies_s(row);
    return (at_s >= start_s_) & (at_s < end_s_) & (at_s > entry_s_[row]);
  }
  bool lives_on(std::size_t row) const { return dies_s(row) > end_s_; }

 private:
  double dies_s(std::size_t row) const {
    if (clear_s_[row] > 0.0) return death_s_[row];
    return vitality_[row] == static_cast<std::uint8_t>(Vitality::viable) ? std::numeric_limits<double>::infinity() : entry_s_[row];
  }

  double start_s_, end_s_;
  std::span<const double> entry_s_, death_s_, clear_s_;
  std::span<const std::uint8_t> vitality_;
};

/// How many times more an MSC secretes under a licensing cytokine: 1 + (largest - 1) C/(C + half), C its concentration.
inline double licensing(double largest, double concentration, double half_saturation) {
  return 1.0 + (largest - 1.0) * concentration / (concentration + half_saturation);
}

}  // namespace paracrine::models
