#include "models/processes/regeneration.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/agents/hepatocyte.hpp"
#include "models/streams.hpp"
#include "models/tissue/tissue_state.hpp"

namespace paracrine::models {

double regeneration_drive(const RegenerationParameters& p, double hgf_ng_per_mL, double il6_ng_per_mL, double tgf_beta_ng_per_mL) {
  const double without =
      p.half_hgf_ng_per_mL / (hgf_ng_per_mL + p.half_hgf_ng_per_mL) * p.half_il6_ng_per_mL / (il6_ng_per_mL + p.half_il6_ng_per_mL);
  return (p.without_mitogen + (1.0 - p.without_mitogen) * (1.0 - without)) / (1.0 + tgf_beta_ng_per_mL / p.half_tgf_beta_ng_per_mL);
}

void Regeneration::advance(sim::Patch& patch, const sim::Step& step) const {
  using hepatocyte::State;
  sim::Population& cells = patch.agents(places_.hepatocytes);
  const SiteMap& sites = tissue_state(patch).sites();
  const auto voxel = cells.column(hepatocyte::voxel);
  const auto state = cells.column(hepatocyte::state);
  const auto cyp2e1 = cells.column(hepatocyte::cyp2e1);
  const double days = step.duration_h() / 24.0, grows_up = -std::expm1(-std::numbers::ln2 * days / p_.maturation_half_time_d);
  const std::vector<double>&hgf = patch.field(places_.hgf).value, &il6 = patch.field(places_.il6).value,
        &tgf_beta = patch.field(places_.tgf_beta).value;
  const std::vector<double>&fibrillar = patch.field(places_.collagen.fibrillar).value, &crosslinked = patch.field(places_.collagen.crosslinked).value;
  const sim::Random random = step.random(streams::of("regeneration"));
  std::vector<std::uint32_t> born;
  for (std::uint32_t site = 0; site < cells.size(); ++site) {
    const auto now = static_cast<State>(state[site]);
    if (now == State::regenerating && random.uniforms(cells.ids()[site], 0)[0] < grows_up) state[site] = static_cast<std::uint8_t>(State::viable);
    if (now != State::empty) continue;
    double parents = 0.0;
    for (std::size_t n = 0; n < sites.neighbours[site]; ++n) {
      const auto other = static_cast<State>(state[sites.neighbour[site][n]]);
      if (other == State::viable || other == State::regenerating) parents += 1.0;
    }
    if (!(parents > 0.0)) continue;
    const std::uint32_t v = voxel[site];
    const double room = std::max(0.0, 1.0 - (fibrillar[v] + crosslinked[v]) / full_stain_mg_per_mL);
    const double rate_per_d =
        p_.rate_per_d * parents / static_cast<double>(sites.neighbours[site]) * regeneration_drive(p_, hgf[v], il6[v], tgf_beta[v]) * room;
    if (sim::happens(random.uniforms(cells.ids()[site], 0)[0], rate_per_d * days)) born.push_back(site);
  }
  for (const std::uint32_t site : born) {
    state[site] = static_cast<std::uint8_t>(State::regenerating);
    cyp2e1[site] = 0.0F;
  }
  patch.scalars[places_.born] += static_cast<double>(born.size());
}

}  // namespace paracrine::models
