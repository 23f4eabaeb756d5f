#include "models/compartments/leukocytes.hpp"

#include <algorithm>
#include <cmath>

namespace paracrine::models {

namespace {
constexpr double rounding = 1e-10;  // of a stock in four weeks
}

double leave_liver_to_lobules(LeukocyteRates& rates) {
  const double to_liver_per_h = rates.to_liver_per_h;
  rates.to_liver_per_h = rates.loss_per_h[number(Stock::liver)] = rates.stock[number(Stock::liver)] = 0.0;
  return to_liver_per_h;
}

LeukocyteCohort add_cohort(sim::Compartments& compartments, const std::string& name, double blood_mL, sim::PoolIndex gone) {
  LeukocyteCohort cohort;
  const std::array<std::string, stocks> places{"blood", "lung_margin", "spleen", "liver"};
  for (std::size_t s = 0; s < stocks; ++s)
    cohort.pool[s] = compartments.add_pool(name + "_" + places[s], "1", s == number(Stock::blood) ? blood_mL : 0.0);
  const auto flow = [&](Stock from, Stock to) {
    return compartments.add_flow(name + "_" + places[number(from)] + "_to_" + places[number(to)], cohort.of(from), cohort.of(to), 0.0);
  };
  cohort.to_margin = flow(Stock::blood, Stock::lung_margin);
  cohort.from_margin = flow(Stock::lung_margin, Stock::blood);
  cohort.to_spleen = flow(Stock::blood, Stock::spleen);
  cohort.from_spleen = flow(Stock::spleen, Stock::blood);
  cohort.to_liver = flow(Stock::blood, Stock::liver);
  for (std::size_t s = 0; s < stocks; ++s) cohort.loss[s] = compartments.add_flow(name + "_" + places[s] + "_loss", cohort.pool[s], gone, 0.0);
  return cohort;
}

void set_rates(sim::Compartments& compartments, const LeukocyteCohort& cohort, const LeukocyteRates& rates, double recruitment) {
  compartments.set_flow_rate(cohort.to_margin, rates.to_margin_per_h);
  compartments.set_flow_rate(cohort.from_margin, rates.from_margin_per_h);
  compartments.set_flow_rate(cohort.to_spleen, rates.to_spleen_per_h);
  compartments.set_flow_rate(cohort.from_spleen, rates.from_spleen_per_h);
  compartments.set_flow_rate(cohort.to_liver, rates.to_liver_per_h * recruitment);
  for (std::size_t s = 0; s < stocks; ++s) compartments.set_flow_rate(cohort.loss[s], rates.loss_per_h[s]);
}

double marrow_demand(double rise, double half_signal, double blood, double healthy_blood) {
  const double signalled = rise / (rise + half_signal), missing = 1.0 - blood / healthy_blood, deficit = missing > rounding ? missing : 0.0;
  return 1.0 - (1.0 - signalled) * (1.0 - deficit);
}

Production follow_demand(double factor, double egress_factor, double half_time_h, double step_h) {
  const double steps = std::numbers::ln2 * step_h / half_time_h, distance = factor - egress_factor;
  return {.mean_factor = egress_factor + distance * -std::expm1(-steps) / steps, .end_factor = egress_factor + distance * std::exp(-steps)};
}

}  // namespace paracrine::models
