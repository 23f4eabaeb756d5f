#pragma once
#include <array>
#include <cstdint>

#include "models/agents/infused.hpp"
#include "models/compartments/signals.hpp"
#include "models/processes/msc_fate.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

/// Where infused cells and particles are: viable cells, DNA, label and particles in lung, liver, spleen and elsewhere (the blood included).
class DeliveryReadout final : public sim::Readout {
 public:
  /// Positions of the sums that patches add to, also used by the balances: four organs each, then what circulates, then what was cleared and
  /// secreted.
  struct Sums {
    static constexpr std::size_t viable = 0, apoptotic = 4, label = 8, particle = 12;  // arrested, by organ
    static constexpr std::size_t circulating_viable = 16, circulating_apoptotic = 17, circulating_label = 18, circulating_particle = 19;
    static constexpr std::size_t cleared = 20, ev_secreted = 21, effective_secreted = 22;
    static constexpr std::size_t count = 23;
  };
  DeliveryReadout(std::size_t msc_kind, std::size_t particle_kind, double msc_weight, double particle_weight, const LabelPools& pools,
                  const Signals& signals, std::size_t cleared_scalar);
  std::span<const sim::Observable> observables() const override;
  std::size_t sums() const override { return Sums::count; }
  void measure(const sim::Patch& patch, std::span<double> sums) const override;
  void finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const override;

 private:
  std::size_t msc_kind_, particle_kind_;
  double msc_weight_, particle_weight_;
  LabelPools pools_;
  Signals signals_;
  std::size_t cleared_scalar_;
};

}  // namespace paracrine::models
