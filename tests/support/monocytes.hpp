#pragma once
#include <functional>
#include <memory>

#include "models/agents/infused.hpp"
#include "models/compartments/signals.hpp"
#include "models/processes/monocyte_education.hpp"
#include "models/processes/monocyte_pool.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::tests {

/// Monocytes of one mouse, a lung of two patches and a spleen of one, stepped by hand: what the delivery disease builds, without it.
struct MonocyteWorld {
  explicit MonocyteWorld(const models::MonocytePoolParameters& p = {}, double scale = 1.0) : parameters(p) {
    msc_kind = world.add_kind(models::msc::kind);
    signals = models::add_signals(world);
    pools = models::add_monocyte_pools(world, parameters, scale, 2.1 * scale);
    ccl2 = world.add_value("ccl2_rise");
    values = models::add_education_values(world);
    effective_lung = world.compartments.add_pool("effective_lung", "1");
    effective_spleen = world.compartments.add_pool("effective_spleen", "1");
    lung = world.add_group("lung", 2);
    spleen = world.add_group("spleen", 1);
  }

  models::MonocyteEducation education(const models::MonocyteEducationParameters& p = {}, const models::Carriers& carriers = {}) const {
    using models::Stock;
    return {
        p,
        {.group = lung, .naive = pools.naive.of(Stock::lung_margin), .educated = pools.educated.of(Stock::lung_margin), .effective = effective_lung},
        {.group = spleen, .naive = pools.naive.of(Stock::spleen), .educated = pools.educated.of(Stock::spleen), .effective = effective_spleen},
        signals,
        carriers,
        values,
        1.0};
  }

  /// One visit as the engine runs it: the processes of the compartments, their step, the patches, the exchange.
  void visit(const std::vector<const sim::CompartmentProcess*>& between, const std::vector<const sim::Process*>& in_lung = {}) {
    for (const auto* process : between) process->advance(world, step);
    world.compartments.step(step.duration_h());
    for (std::size_t i = 0; i < world.groups[lung].count; ++i)
      for (const auto* process : in_lung) process->advance(world.patch(world.groups[lung].first + i), step);
    world.exchange();
    step.start_s += step.duration_s;
    ++step.index;
  }
  double amount(sim::PoolIndex pool) const { return world.compartments.amount(pool); }

  models::MonocytePoolParameters parameters;
  sim::World world;
  models::Signals signals;
  models::MonocytePools pools;
  models::EducationValues values;
  std::size_t msc_kind = 0, ccl2 = 0, lung = 0, spleen = 0;
  sim::PoolIndex effective_lung = 0, effective_spleen = 0;
  sim::Step step{.start_s = 0, .duration_s = 600, .index = 0, .seed = 1};
};

/// Adds an MSC that is stopped in the patch, with its times drawn.
inline std::size_t add_stopped_msc(sim::Patch& patch, std::size_t kind, double death_s, double clear_s) {
  sim::Population& cells = patch.agents(kind);
  const std::size_t row = cells.add(1);
  cells.column(models::infused::whereabouts)[row] = static_cast<std::uint8_t>(models::Whereabouts::arrested);
  cells.column(models::msc::label)[row] = 1.0;
  cells.column(models::msc::death_s)[row] = death_s;
  cells.column(models::msc::clear_s)[row] = clear_s;
  return row;
}

}  // namespace paracrine::tests
