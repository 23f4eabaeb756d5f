#include "models/readouts/serum_readout.hpp"

#include <vector>

namespace paracrine::models {

std::span<const sim::Observable> SerumReadout::observables() const {
  static const std::vector<sim::Observable> observables{
      {"alt", "1/L", "alanine aminotransferase in plasma", "U/L"},
      {"albumin", "g/L", "albumin in plasma", ""},
      {"bilirubin", "umol/L", "bilirubin in plasma", ""},
      {"inr", "1", "international normalised ratio of the prothrombin time", ""},
  };
  return observables;
}

void SerumReadout::finish(const sim::World& world, std::span<const double>, std::span<double> values) const {
  values[0] = world.values[values_.alt_per_L];
  values[1] = world.values[values_.albumin_g_per_L];
  values[2] = world.values[values_.bilirubin_umol_per_L];
  values[3] = inr(p_, world.values[values_.clotting]);
}

}  // namespace paracrine::models
