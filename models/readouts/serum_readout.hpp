#pragma once
#include <span>

#include "models/processes/serum.hpp"

namespace paracrine::models {

/// What a laboratory reads in serum.
class SerumReadout final : public sim::Readout {
 public:
  SerumReadout(const SerumParameters& parameters, const SerumValues& values) : p_(parameters), values_(values) {}
  std::span<const sim::Observable> observables() const override;
  std::size_t sums() const override { return 0; }
  void measure(const sim::Patch&, std::span<double>) const override {}
  void finish(const sim::World& world, std::span<const double> sums, std::span<double> values) const override;

 private:
  SerumParameters p_;
  SerumValues values_;
};

}  // namespace paracrine::models
