#include "models/processes/neutrophil_pool.hpp"

#include <algorithm>

namespace paracrine::models {

double NeutrophilPools::received(const sim::Compartments& compartments) const {
  double sum = compartments.received(marrow);
  for (const sim::PoolIndex pool : cells.pool) sum += compartments.received(pool);
  return sum;
}

double NeutrophilPools::stored(const sim::Compartments& compartments) const {
  double sum = compartments.amount(marrow);
  for (const sim::PoolIndex pool : cells.pool) sum += compartments.amount(pool);
  return sum;
}

NeutrophilPools add_neutrophil_pools(sim::World& world, const NeutrophilPoolParameters& p, double scale, double blood_mL, bool lobules_recruit) {
  sim::Compartments& compartments = world.compartments;
  NeutrophilPools pools;
  pools.healthy = healthy_rates(p, scale);
  pools.lobules_recruit = lobules_recruit;
  if (lobules_recruit) pools.healthy_to_liver_per_h = leave_liver_to_lobules(pools.healthy);
  pools.marrow = compartments.add_pool("neutrophil_marrow", "1");
  pools.gone = compartments.add_pool("neutrophil_gone", "1");
  pools.cells = add_cohort(compartments, "neutrophil", blood_mL, pools.gone);
  pools.egress = compartments.add_flow("neutrophil_egress", pools.marrow, pools.cells.of(Stock::blood), 0.0);
  if (lobules_recruit) pools.uptake = compartments.add_uptake("neutrophil_recruited", pools.cells.of(Stock::blood), pools.cells.of(Stock::liver));
  pools.production_factor = world.add_value("neutrophil_production_factor");
  world.values[pools.production_factor] = 1.0;
  compartments.receive(pools.marrow, pools.healthy.marrow);
  for (std::size_t s = 0; s < stocks; ++s) compartments.receive(pools.cells.pool[s], pools.healthy.stock[s]);
  return pools;
}

void NeutrophilPool::advance(sim::World& world, const sim::Step& step) const {
  sim::Compartments& compartments = world.compartments;
  const LeukocyteRates& healthy = pools_.healthy;
  const double rise = std::max(0.0, world.values[signal_value_]), blood = compartments.amount(pools_.cells.of(Stock::blood));
  const double egress_factor = 1.0 + (p_.max_egress_factor - 1.0) * marrow_demand(rise, p_.half_signal, blood, healthy.stock[number(Stock::blood)]);
  const Production made = follow_demand(world.values[pools_.production_factor], egress_factor, p_.production_half_time_h, step.duration_h());
  world.values[pools_.production_factor] = made.end_factor;
  compartments.receive_over_step(pools_.marrow, made.mean_factor * healthy.production_per_h * step.duration_h());
  compartments.set_flow_rate(pools_.egress, egress_factor * healthy.egress_per_h);
  set_rates(compartments, pools_.cells, healthy, 1.0 + p_.recruitment_gain * rise);
}

}  // namespace paracrine::models
