#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/tissue/lobule.hpp"
#include "sim/agents/population.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

/// How a cell's internal signal of MSC products changes in a visit, exactly for what comes at a constant rate:
///
///   dS/dt = -(ln 2 / half_life) S + what is taken up per h + most (n + (1 - n) A / (1 + A))
///
///   n share of its site near secreting MSC, A activity of soluble factors in plasma, most [1/h].
class SignalStep {
 public:
  SignalStep(double half_life_h, double most_per_h, double activity, double hours);
  double kept() const { return kept_; }            // of what was there
  double collected() const { return collected_; }  // of what is taken up in the visit
  double soluble(double near) const { return most_ * (near + (1.0 - near) * of_plasma_); }

 private:
  double kept_, collected_, most_, of_plasma_;
};

/// Cells that take up vesicles and answer to them, as columns.
struct SignalledCells {
  std::span<const sim::AgentId> ids;
  std::span<const std::uint32_t> voxel;
  std::span<const std::uint8_t> state;
  std::span<double> ev_taken;
  std::span<float> signal;
  std::array<double, 3> clearance_mL_per_h{};  // of one cell, by state
};

/// What cells of each site meet in a visit.
struct Exposure {
  const std::vector<double>& near;       // per site: share near secreting MSC; empty: none
  const std::vector<double>& ev;         // per site [h/mL]: vesicles per clearance; of use where anything was taken up
  const std::vector<double>& effective;  // the same with potency
  bool any = false;                      // whether anything was taken up
};

/// Lets cells take up what they meet. Where one has taken up fewer than `thin` vesicles, those of the visit are a Poisson count for the signal, and
/// the real number in `ev_taken`. `answers`: whether vesicles make a signal.
void take_up(const SignalledCells& cells, const Lobule& lobule, const Exposure& exposure, const SignalStep& by, double thin, bool answers,
             const sim::Random& random);

}  // namespace paracrine::models
