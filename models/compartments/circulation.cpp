#include "models/compartments/circulation.hpp"

#include <algorithm>
#include <cmath>

namespace paracrine::models {

Circulation scale_circulation(const CirculationParameters& p, double body_weight_g) {
  const double scale = body_weight_g / p.reference_body_weight_g;
  const double output_mL_per_min = p.cardiac_output_mL_per_min * std::pow(scale, 0.75);
  const double liver = std::min(1.0, p.liver_perfusion_mL_per_min_g * p.liver_mass_g * scale / output_mL_per_min);
  Circulation circulation;
  circulation.circuit_s = 60.0 * p.blood_volume_mL * scale / output_mL_per_min;
  circulation.spleen = liver * p.spleen_share;
  circulation.gut = liver * p.gut_share;
  circulation.hepatic_artery = std::max(0.0, liver - circulation.spleen - circulation.gut);
  return circulation;
}

}  // namespace paracrine::models
