#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/compartments/blood_pools.hpp"
#include "models/compartments/signals.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// What the blood readout looks at besides the vesicles' pools.
struct BloodCells {
  sim::PoolIndex monocytes = 0, educated_monocytes = 0, neutrophils = 0;  // in the blood
  sim::PoolIndex educated_in_liver = 0;
  std::vector<sim::PoolIndex> educated;              // educated monocytes, wherever they are
  std::vector<sim::FlowIndex> to_liver;              // by which monocytes leave the blood for the liver,
  std::vector<sim::UptakeIndex> drawn_by_lobules{};  // or by which lobules draw them
  /// Where lobules take them out of the blood: there they are macrophages of this kind in the patches of this group.
  struct Lobules {
    std::uint32_t group = 0;
    std::size_t macrophages = 0;
    double weight = 1.0;                      // cells per agent
    std::optional<std::size_t> mean_cells{};  // first scalar of MeanCells, where numbers and no agents are the macrophages
  };
  std::optional<Lobules> lobules;
  double blood_mL = 0.0;
};

/// The blood and what it brought to the organs: vesicles, colloid, factors, monocytes.
class BloodReadout final : public sim::Readout {
 public:
  struct Sums {
    static constexpr std::size_t ev_secreted = 0, effective_secreted = 1, educated_in_lobules = 2, count = 3;
  };
  /// `ev_given`, `effective_given`: numbers of the world's values that count vesicles given as a product, and the same with potency.
  BloodReadout(const BloodPools& pools, const Signals& signals, BloodCells cells, std::size_t ev_given, std::size_t effective_given)
      : pools_(pools), signals_(signals), cells_(std::move(cells)), ev_given_(ev_given), effective_given_(effective_given) {}
  std::span<const sim::Observable> observables() const override;
  std::size_t sums() const override { return Sums::count; }
  void measure(const sim::Patch& patch, std::span<double> sums) const override;
  void finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const override;

 private:
  BloodPools pools_;
  Signals signals_;
  BloodCells cells_;
  std::size_t ev_given_, effective_given_;
};

}  // namespace paracrine::models
