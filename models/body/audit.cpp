#include "models/body/audit.hpp"

#include <array>
#include <string>
#include <utility>

#include "models/readouts/delivery_readout.hpp"

namespace paracrine::models::body {

namespace {

using Sums = DeliveryReadout::Sums;
using Terms = std::span<const double>;
using Value = std::function<double(const sim::World&, Terms)>;

Value amount_of(std::vector<sim::PoolIndex> pools) {
  return [pools = std::move(pools)](const sim::World& world, Terms) {
    double sum = 0.0;
    for (const sim::PoolIndex pool : pools) sum += world.compartments.amount(pool);
    return sum;
  };
}

Value received_by(std::vector<sim::PoolIndex> pools) {
  return [pools = std::move(pools)](const sim::World& world, Terms) {
    double sum = 0.0;
    for (const sim::PoolIndex pool : pools) sum += world.compartments.received(pool);
    return sum;
  };
}

Value sum_of(std::vector<std::size_t> sums) {
  return [sums = std::move(sums)](const sim::World&, Terms values) {
    double sum = 0.0;
    for (const std::size_t at : sums) sum += values[at];
    return sum;
  };
}

void add_vesicle_terms(const VesiclePools& pools, sim::AuditSpecies& species) {
  species.terms.push_back({"circulating", false, amount_of({pools.plasma, pools.bound})});
  species.terms.push_back({"uptake_lung", false, amount_of({pools.lung})});
  species.terms.push_back({"uptake_liver", false, amount_of({pools.liver})});
  species.terms.push_back({"uptake_spleen", false, amount_of({pools.spleen})});
  species.terms.push_back({"uptake_other", false, amount_of({pools.other})});
  species.terms.push_back({"uptake_kidney", false, amount_of({pools.kidney})});
}

}  // namespace

sim::AuditSpecies body_balance(const std::string& name, const std::vector<TherapyPlace>& places, std::size_t kind,
                               const std::vector<std::size_t>& held_sums, const std::vector<std::size_t>& circulating_sums, bool cleared) {
  std::vector<sim::PoolIndex> pools;
  for (const TherapyPlace& place : places)
    if (place.kind == kind) pools.insert(pools.end(), place.waiting_pool.begin(), place.waiting_pool.end());
  sim::AuditSpecies species{.name = name, .unit = "1", .terms = {}};
  species.terms.push_back({"released", true, received_by(pools)});
  species.terms.push_back({"waiting", false, amount_of(pools)});
  species.terms.push_back({"circulating", false, sum_of(circulating_sums)});
  const std::array<std::string, organs> names{"uptake_lung", "uptake_liver", "uptake_spleen", "uptake_other"};
  for (std::size_t o = 0; o < organs; ++o) {
    std::vector<std::size_t> of_organ;
    for (const std::size_t first : held_sums) of_organ.push_back(first + o);
    species.terms.push_back({names[o], false, sum_of(of_organ)});
  }
  if (cleared) species.terms.push_back({"decayed", false, sum_of({Sums::cleared})});
  return species;
}

sim::AuditSpecies label_balance(const std::vector<TherapyPlace>& places, std::size_t kind, const LabelPools& pools) {
  sim::AuditSpecies species = body_balance("msc_label", places, kind, {Sums::label}, {Sums::circulating_label}, false);
  for (std::size_t o = 0; o < organs; ++o) {
    sim::AuditTerm& term = species.terms[3 + o];
    term.value = [cells = term.value, pool = pools.organ[o]](const sim::World& world, Terms sums) {
      return cells(world, sums) + world.compartments.amount(pool);
    };
  }
  return species;
}

sim::AuditSpecies vesicle_balance(const std::string& name, const VesiclePools& pools, std::size_t secreted_sum, std::size_t given_value) {
  sim::AuditSpecies species{.name = name, .unit = "1", .terms = {}};
  species.terms.push_back({"released", true, [secreted_sum, given_value](const sim::World& world, Terms sums) {
                             return sums[secreted_sum] + world.values[given_value];
                           }});
  add_vesicle_terms(pools, species);
  return species;
}

sim::AuditSpecies endogenous_balance(const VesiclePools& pools) {
  sim::AuditSpecies species{.name = "ev_endogenous", .unit = "1", .terms = {}};
  species.terms.push_back({"released", true, received_by({pools.plasma, pools.bound})});
  add_vesicle_terms(pools, species);
  return species;
}

sim::AuditSpecies colloid_balance(const ColloidPools& pools, std::size_t given_value) {
  sim::AuditSpecies species{.name = "colloid", .unit = "1", .terms = {}};
  species.terms.push_back({"released", true, [given_value](const sim::World& world, Terms) { return world.values[given_value]; }});
  species.terms.push_back({"circulating", false, amount_of({pools.plasma})});
  species.terms.push_back({"uptake_liver", false, amount_of({pools.liver})});
  species.terms.push_back({"uptake_spleen", false, amount_of({pools.spleen})});
  species.terms.push_back({"uptake_other", false, amount_of({pools.other})});
  return species;
}

sim::AuditSpecies factor_balance(const std::string& name, const FactorPools& pools) {
  sim::AuditSpecies species{.name = name, .unit = "ng", .terms = {}};
  species.terms.push_back({"released", true, received_by({pools.plasma, pools.lost})});
  species.terms.push_back({"circulating", false, amount_of({pools.plasma})});
  species.terms.push_back({"decayed", false, amount_of({pools.lost})});
  return species;
}

sim::AuditSpecies leukocyte_balance(const std::string& name, sim::PoolIndex marrow, std::vector<LeukocyteCohort> cohorts, sim::PoolIndex gone) {
  std::vector<sim::PoolIndex> all{marrow};
  const auto in_stock = [&](Stock stock) {
    std::vector<sim::PoolIndex> pools;
    for (const LeukocyteCohort& cohort : cohorts) pools.push_back(cohort.of(stock));
    all.insert(all.end(), pools.begin(), pools.end());
    return amount_of(pools);
  };
  sim::AuditSpecies species{.name = name, .unit = "1", .terms = {}};
  const sim::AuditTerm circulating{"circulating", false, in_stock(Stock::blood)}, lung{"lung_margin", false, in_stock(Stock::lung_margin)},
      spleen{"spleen", false, in_stock(Stock::spleen)}, liver{"liver", false, in_stock(Stock::liver)};
  all.push_back(gone);  // dead ones among the given
  species.terms = {{"released", true, received_by(all)}, {"marrow", false, amount_of({marrow})}, circulating, lung, spleen, liver,
                   {"decayed", false, amount_of({gone})}};
  return species;
}

}  // namespace paracrine::models::body
