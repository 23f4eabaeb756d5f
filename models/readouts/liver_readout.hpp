#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "models/processes/ev_uptake.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// What the liver readout needs to know of the lobules besides their state.
struct LiverPlaces {
  std::uint32_t group = 0;  // of the lobules
  std::size_t macrophage_kind = 0;
  TakenBy taken_by;
  double weight = 1.0;             // slabs of the liver per simulated one
  double hepatocytes_per_g = 0.0;  // of liver
  double haematocrit = 0.0;
  double sinusoid_um = 0.0;                 // diameter where no field says otherwise, or that of health where one does
  std::optional<std::size_t> diameter;      // field: diameter of the sinusoids relative to health
  std::optional<std::size_t> mean_cells{};  // first scalar of MeanCells, where numbers and no agents are the macrophages
};

/// The liver, or one lobule of it: flow, macrophages, and what its cells took up of MSC and product vesicles.
class LiverReadout final : public sim::Readout {
 public:
  LiverReadout(std::shared_ptr<const EvUptake> uptake, const LiverPlaces& places) : uptake_(std::move(uptake)), places_(places) {}
  std::span<const sim::Observable> observables() const override;
  std::size_t sums() const override { return Sums::count; }
  void measure(const sim::Patch& patch, std::span<double> sums) const override;
  void finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const override;

 private:
  struct Sums {
    static constexpr std::size_t sites = 0, kupffer = 1, macrophages = 2, ev_taken = 3, plasma_flow = 4, ev_clearance = 5, by_macrophages = 6,
                                 by_endothelium = 7, by_hepatocytes = 8, by_stellate_cells = 9, signal = 10, diameter = 11, volume = 12, count = 13;
  };
  std::shared_ptr<const EvUptake> uptake_;
  LiverPlaces places_;
};

/// Vesicles per macrophage over all lobules: mean, standard deviation and quantiles between cells.
struct VesiclesPerMacrophage {
  std::size_t cells = 0;
  double mean = 0.0, sd = 0.0, low = 0.0, high = 0.0;  // low, high: 5th and 95th percentile
};
VesiclesPerMacrophage vesicles_per_macrophage(const sim::World& world, std::size_t liver_group, std::size_t macrophage_kind);
/// The mean alone, of numbers that begin at a scalar.
VesiclesPerMacrophage mean_vesicles_per_macrophage(const sim::World& world, std::size_t liver_group, std::size_t mean_cells);

}  // namespace paracrine::models
