#include "models/processes/serum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "models/agents/hepatocyte.hpp"
#include "models/tissue/mean_cells.hpp"

namespace paracrine::models {

double hepatocyte_function(const SerumParameters& p, const std::array<double, 6>& shares) {
  using hepatocyte::State;
  const auto of = [&](State state) { return shares[static_cast<std::size_t>(state)]; };
  return of(State::viable) + p.injured_function * of(State::injured) + p.regenerating_function * of(State::regenerating) +
         p.senescent_function * of(State::senescent);
}

double inr(const SerumParameters& p, double clotting) { return 1.0 + p.inr_slope * (1.0 / std::max(clotting, p.least_function) - 1.0); }

SerumValues add_serum_values(sim::World& world, const SerumParameters& p) {
  SerumValues values{.alt_per_L = world.add_value("alt_per_L"),
                     .albumin_g_per_L = world.add_value("albumin_g_per_L"),
                     .bilirubin_umol_per_L = world.add_value("bilirubin_umol_per_L"),
                     .clotting = world.add_value("clotting_factors"),
                     .necrosed = world.add_value("necrosed_share")};
  world.values[values.alt_per_L] = p.alt_baseline_per_L;
  world.values[values.albumin_g_per_L] = p.albumin_healthy_g_per_L;
  world.values[values.bilirubin_umol_per_L] = p.bilirubin_healthy_umol_per_L;
  world.values[values.clotting] = 1.0;
  return values;
}

void Serum::advance(sim::World& world, const sim::Step& step) const {
  const sim::PatchGroup& liver = world.groups[group_];
  std::array<double, hepatocyte::states> shares{};
  double sites = 0.0, necrosed = 0.0;
  for (std::size_t i = 0; i < liver.count; ++i) {
    const sim::Patch& patch = std::as_const(world).patch(liver.first + i);
    necrosed += patch.scalars[necrosed_];
    if (mean_cells_) {
      const MeanCells cells = load_mean_cells(patch, *mean_cells_);
      for (std::size_t state = 0; state < shares.size(); ++state) shares[state] += cells.hepatocytes(static_cast<hepatocyte::State>(state));
      sites += 1.0;
      continue;
    }
    const auto states = patch.agents(hepatocytes_).column(hepatocyte::state);
    for (std::size_t state = 0; state < shares.size(); ++state)
      shares[state] += static_cast<double>(std::count(states.begin(), states.end(), static_cast<std::uint8_t>(state)));
    sites += static_cast<double>(patch.agents(hepatocytes_).size());
  }
  for (double& share : shares) share /= sites;
  const double function = hepatocyte_function(p_, shares), h = step.duration_h();
  const auto follow = [h](double& value, double steady, double rate_per_h) { value = steady + (value - steady) * std::exp(-rate_per_h * h); };

  const double released_per_h = p_.alt_release_per_L * (necrosed / sites - world.values[values_.necrosed]) / h;
  world.values[values_.necrosed] = necrosed / sites;
  const double alt_per_h = std::numbers::ln2 / p_.alt_half_life_h;
  follow(world.values[values_.alt_per_L], p_.alt_baseline_per_L + released_per_h / alt_per_h, alt_per_h);
  follow(world.values[values_.albumin_g_per_L], p_.albumin_healthy_g_per_L * function, std::numbers::ln2 / (24.0 * p_.albumin_half_life_d));
  follow(world.values[values_.clotting], function, std::numbers::ln2 / p_.clotting_half_life_h);
  const double left = std::max(function, p_.least_function);
  follow(world.values[values_.bilirubin_umol_per_L], p_.bilirubin_healthy_umol_per_L / left, left * std::numbers::ln2 / p_.bilirubin_half_life_h);
}

}  // namespace paracrine::models
