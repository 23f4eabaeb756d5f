#include "models/processes/monocyte_pool.hpp"

#include <algorithm>

namespace paracrine::models {

double MonocytePools::count(const sim::Compartments& compartments, Stock stock) const {
  return compartments.amount(naive.of(stock)) + compartments.amount(educated.of(stock));
}

double MonocytePools::educated_count(const sim::Compartments& compartments) const {
  double sum = 0.0;
  for (const sim::PoolIndex pool : educated.pool) sum += compartments.amount(pool);
  return sum;
}

double MonocytePools::blood_per_mL(const sim::Compartments& compartments) const {
  return compartments.concentration_per_mL(naive.of(Stock::blood)) + compartments.concentration_per_mL(educated.of(Stock::blood));
}

double MonocytePools::received(const sim::Compartments& compartments) const {
  double sum = compartments.received(marrow);
  for (const sim::PoolIndex pool : naive.pool) sum += compartments.received(pool);
  return sum;
}

double MonocytePools::stored(const sim::Compartments& compartments) const {
  double sum = compartments.amount(marrow);
  for (const sim::PoolIndex pool : naive.pool) sum += compartments.amount(pool);
  return sum + educated_count(compartments);
}

MonocytePools add_monocyte_pools(sim::World& world, const MonocytePoolParameters& p, double scale, double blood_mL, bool lobules_recruit) {
  sim::Compartments& compartments = world.compartments;
  MonocytePools pools;
  pools.healthy = healthy_rates(p, scale);
  pools.lobules_recruit = lobules_recruit;
  if (lobules_recruit) pools.healthy_to_liver_per_h = leave_liver_to_lobules(pools.healthy);
  pools.marrow = compartments.add_pool("monocyte_marrow", "1");
  pools.gone = compartments.add_pool("monocyte_gone", "1");
  pools.naive = add_cohort(compartments, "monocyte_naive", blood_mL, pools.gone);
  pools.educated = add_cohort(compartments, "monocyte_educated", blood_mL, pools.gone);
  pools.egress = compartments.add_flow("monocyte_egress", pools.marrow, pools.naive.of(Stock::blood), 0.0);
  for (std::size_t s = 0; s < stocks; ++s)
    pools.forgetting[s] =
        compartments.add_flow(compartments.pool_name(pools.educated.pool[s]) + "_forgetting", pools.educated.pool[s], pools.naive.pool[s], 0.0);
  if (lobules_recruit) {
    pools.naive_uptake = compartments.add_uptake("monocyte_naive_recruited", pools.naive.of(Stock::blood), pools.naive.of(Stock::liver));
    pools.educated_uptake = compartments.add_uptake("monocyte_educated_recruited", pools.educated.of(Stock::blood), pools.educated.of(Stock::liver));
  }
  pools.production_factor = world.add_value("monocyte_production_factor");
  world.values[pools.production_factor] = 1.0;
  compartments.receive(pools.marrow, pools.healthy.marrow);
  for (std::size_t s = 0; s < stocks; ++s) compartments.receive(pools.naive.pool[s], pools.healthy.stock[s]);
  return pools;
}

void MonocytePool::advance(sim::World& world, const sim::Step& step) const {
  sim::Compartments& compartments = world.compartments;
  const LeukocyteRates& healthy = pools_.healthy;
  const double rise = std::max(0.0, world.values[ccl2_value_]), blood = pools_.count(compartments, Stock::blood);
  const double egress_factor = 1.0 + (p_.max_egress_factor - 1.0) * marrow_demand(rise, p_.half_signal, blood, healthy.stock[number(Stock::blood)]);
  const Production made = follow_demand(world.values[pools_.production_factor], egress_factor, p_.production_half_time_h, step.duration_h());
  world.values[pools_.production_factor] = made.end_factor;
  compartments.receive_over_step(pools_.marrow, made.mean_factor * healthy.production_per_h * step.duration_h());
  compartments.set_flow_rate(pools_.egress, egress_factor * healthy.egress_per_h);
  for (const LeukocyteCohort* cohort : {&pools_.naive, &pools_.educated}) set_rates(compartments, *cohort, healthy, 1.0 + p_.recruitment_gain * rise);
  for (std::size_t s = 0; s < stocks; ++s)
    if (s != number(Stock::liver) || !pools_.lobules_recruit)
      compartments.set_flow_rate(pools_.forgetting[s], std::numbers::ln2 / p_.education_half_life_h);
}

}  // namespace paracrine::models
