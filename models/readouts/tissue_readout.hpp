#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/tissue/collagen.hpp"
#include "models/tissue/tissue_state.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// Where the tissue readout finds things in a lobule patch.
struct TissuePlaces {
  std::uint32_t group = 0;  // of the lobules
  TissueKinds kinds;
  std::size_t tgf_beta = 0, tnf = 0, pdgf = 0, hgf = 0, il6 = 0, damage = 0;  // fields
  CollagenFields collagen;
  std::size_t ccl2 = 0, il10 = 0, timp = 0, mmp_activity = 0, collagen_made_per_h = 0, collagen_lost_per_h = 0;  // scalars
  std::size_t myofibroblast_lost = 0, myofibroblast_reverted = 0;                                                // scalars: agents so far
  std::size_t switched = 0, switched_by_signal = 0, turned = 0, turned_for_msc = 0;                              // scalars: macrophages so far
  std::size_t educated_arrived = 0;                                                                              // scalar: macrophages so far
  std::size_t ev_in_neutrophils = 0;                                                                             // scalar: vesicles taken up so far
  std::optional<std::size_t> mean_cells{};  // first scalar of MeanCells, where numbers and no agents are the cells
};

/// Cells, cytokines and matrix of the liver, or of one lobule of it.
class TissueReadout final : public sim::Readout {
 public:
  explicit TissueReadout(const TissuePlaces& places) : places_(places) {}
  std::span<const sim::Observable> observables() const override;
  std::size_t sums() const override;
  void measure(const sim::Patch& patch, std::span<double> sums) const override;
  void finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const override;

 private:
  void count_cells(const sim::Patch& patch, std::span<double> sums) const;

  TissuePlaces places_;
};

}  // namespace paracrine::models
