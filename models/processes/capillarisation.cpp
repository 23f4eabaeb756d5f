#include "models/processes/capillarisation.hpp"

#include <cmath>
#include <numbers>

namespace paracrine::models {

sim::Field capillarisation_field(const sim::Grid& grid) {
  sim::Field field("capillarisation", "1", grid);
  field.meaning = "state of the endothelium: 0 fenestrated, 1 capillarised";
  return field;
}

double capillarisation_drive(const CapillarisationParameters& p, double tgf_beta_ng_per_mL, double damage) {
  const double t = tgf_beta_ng_per_mL / p.half_tgf_beta_ng_per_mL, d = damage / p.half_damage;
  return 1.0 - 1.0 / ((1.0 + t * t) * (1.0 + d * d));
}

void Capillarisation::prepare(sim::Patch& patch) const {
  std::vector<double>& state = patch.field(field_).value;
  for (std::size_t v = 0; v < state.size(); ++v) state[v] = patch.grid->inside(v) ? p_.initial : 0.0;
}

void Capillarisation::advance(sim::Patch& patch, const sim::Step& step) const {
  std::vector<double>& state = patch.field(field_).value;
  const double days = step.duration_h() / 24.0, recovery_per_d = std::numbers::ln2 / p_.recovery_half_life_d;
  if (!drive_) {
    const double kept = std::exp(-recovery_per_d * days);
    for (double& k : state) k *= kept;
    return;
  }
  const std::vector<double>&tgf_beta = patch.field(drive_->tgf_beta).value, &damage = patch.field(drive_->damage).value;
  for (std::size_t v = 0; v < state.size(); ++v) {
    if (!patch.grid->inside(v)) continue;
    const double induction_per_d = p_.induction_per_d * capillarisation_drive(p_, tgf_beta[v], damage[v]),
                 rate_per_d = induction_per_d + recovery_per_d;
    const double steady = induction_per_d / rate_per_d;
    state[v] = steady + (state[v] - steady) * std::exp(-rate_per_d * days);
  }
}

}  // namespace paracrine::models
