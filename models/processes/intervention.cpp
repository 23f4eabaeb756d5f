#include "models/processes/intervention.hpp"

#include <algorithm>
#include <cmath>

#include "models/agents/macrophage.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

void Interventions::advance(sim::World& world, const sim::Step& step) const {
  using Kind = TissueIntervention::Kind;
  sim::Compartments& compartments = world.compartments;
  double ccl2 = 1.0, loxl2 = 1.0, tgf_beta = 1.0, natural_killer = 1.0;
  for (std::size_t i = 0; i < interventions_.size(); ++i) {
    const TissueIntervention& what = interventions_[i];
    if (what.start_s >= step.start_s && what.start_s < step.end_s())
      world.events.push_back({.time_s = step.start_s, .code = start_code_, .subject = what.subject, .value = what.efficacy});
    if (what.stop_s >= step.start_s && what.stop_s < step.end_s())
      world.events.push_back({.time_s = step.start_s, .code = stop_code_, .subject = what.subject, .value = what.efficacy});
    if (!what.acts(step.start_s)) continue;
    const bool first = what.start_s == step.start_s;
    const double share = first ? what.efficacy : 1.0 - std::pow(1.0 - what.efficacy, step.duration_h() / 24.0);
    const auto empty = [&](const std::vector<sim::PoolIndex>& pools, sim::PoolIndex gone, double of) {
      for (const sim::PoolIndex pool : pools) {
        const double amount = of * std::max(0.0, compartments.amount(pool) - compartments.waiting(pool));
        if (amount > 0.0) compartments.transfer(pool, gone, amount);
      }
    };
    switch (what.kind) {
      case Kind::cd11b_dtr:
        empty(pools_.monocytes_blood_marrow, pools_.monocyte_gone, share);
        [[fallthrough]];
      case Kind::clodronate:
        empty(pools_.monocytes_stored, pools_.monocyte_gone, share);
        break;
      case Kind::neutrophil_depletion:
        empty(pools_.neutrophils, pools_.neutrophil_gone, share);
        break;
      case Kind::splenectomy:
        empty(pools_.monocytes_spleen, pools_.monocyte_gone, 1.0);
        empty(pools_.neutrophils_spleen, pools_.neutrophil_gone, 1.0);
        for (const sim::FlowIndex flow : pools_.into_spleen) compartments.set_flow_rate(flow, 0.0);
        break;
      case Kind::ccl2_inhibition:
        ccl2 *= 1.0 - what.efficacy;
        break;
      case Kind::loxl2_inhibition:
        loxl2 *= 1.0 - what.efficacy;
        break;
      case Kind::tgf_beta_blockade:
        tgf_beta *= 1.0 - what.efficacy;
        break;
      case Kind::nk_depletion:
        natural_killer *= 1.0 - what.efficacy;
        break;
    }
  }
  const sim::PatchGroup& liver = world.groups[group_];
  for (std::size_t i = 0; i < liver.count; ++i) {
    std::vector<double>& scalars = world.patch(liver.first + i).scalars;
    scalars[activities_.ccl2] = ccl2;
    scalars[activities_.loxl2] = loxl2;
    scalars[activities_.tgf_beta] = tgf_beta;
    scalars[activities_.natural_killer] = natural_killer;
  }
}

void Depletion::advance(sim::Patch& patch, const sim::Step& step) const {
  using Kind = TissueIntervention::Kind;
  for (std::size_t i = 0; i < interventions_.size(); ++i) {
    const TissueIntervention& what = interventions_[i];
    if (!what.acts(step.start_s)) continue;
    const sim::Random random(step.seed, static_cast<std::uint32_t>(i), streams::of("intervention"));  // the same draws in every visit
    std::vector<std::uint32_t> gone;
    if (what.kind == Kind::neutrophil_depletion) {
      sim::Population& cells = patch.agents(kinds_.neutrophils);
      for (std::uint32_t row = 0; row < cells.size(); ++row)
        if (random.uniforms(cells.ids()[row], 0)[0] < what.efficacy) gone.push_back(row);
      patch.scalars[neutrophils_gone_] += static_cast<double>(gone.size());
      cells.remove(gone);
    } else if (what.kind == Kind::clodronate || what.kind == Kind::cd11b_dtr) {
      const double kupffer = what.efficacy * (what.kind == Kind::clodronate ? 1.0 : p_.dtr_kupffer);
      const double recruited = what.efficacy * (what.kind == Kind::clodronate ? p_.clodronate_recruited : 1.0);
      sim::Population& cells = patch.agents(kinds_.macrophages);
      const auto state = cells.column(macrophage::state);
      for (std::uint32_t row = 0; row < cells.size(); ++row) {
        const bool resident = state[row] == static_cast<std::uint8_t>(macrophage::State::kupffer);
        if (random.uniforms(cells.ids()[row], 0)[0] < (resident ? kupffer : recruited)) gone.push_back(row);
      }
      patch.scalars[macrophages_gone_] += static_cast<double>(gone.size());
      cells.remove(gone);
    }
  }
}

}  // namespace paracrine::models
