#include "models/processes/msc_fate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "models/streams.hpp"

namespace paracrine::models {

namespace {

constexpr double seconds_per_h = 3600.0;
constexpr std::int32_t latest_s = 2'000'000'000;

/// A time after `from_s`, exponentially distributed with the given half-life, in whole seconds, at least one later.
std::int32_t later(double from_s, double u, double half_life_h) {
  const double wait_s = sim::to_exponential(u, half_life_h * seconds_per_h / std::numbers::ln2);
  return static_cast<std::int32_t>(std::min<double>(latest_s, std::ceil(from_s + wait_s)));
}

}  // namespace

LabelPools add_label_pools(sim::Compartments& compartments, const MscFateParameters& p) {
  LabelPools pools;
  pools.organ = {compartments.add_pool("label_debris_lung", "1"), compartments.add_pool("label_liver", "1"),
                 compartments.add_pool("label_spleen", "1"), compartments.add_pool("label_other", "1")};
  const double leaving_per_h = std::numbers::ln2 / p.debris_half_life_h;
  const double liver = p.debris_liver_share, spleen = std::min(p.debris_spleen_share, 1.0 - liver);
  compartments.add_flow("label_lung_to_liver", pools.organ[0], pools.organ[1], leaving_per_h * liver);
  compartments.add_flow("label_lung_to_spleen", pools.organ[0], pools.organ[2], leaving_per_h * spleen);
  compartments.add_flow("label_lung_to_other", pools.organ[0], pools.organ[3], leaving_per_h * (1.0 - liver - spleen));
  return pools;
}

MscFate::MscFate(const MscFateParameters& parameters, std::size_t msc_kind, Bed organ, const LabelPools& pools, std::size_t cleared_scalar,
                 double weight)
    : p_(parameters), kind_(msc_kind), organ_(static_cast<std::size_t>(organ)), pools_(pools), cleared_scalar_(cleared_scalar), weight_(weight) {}

void MscFate::advance(sim::Patch& patch, const sim::Step& step) const {
  sim::Population& agents = patch.agents(kind_);
  const std::size_t n = agents.size();
  if (n == 0) return;
  const auto ids = agents.ids();
  const auto due_s = agents.column(infused::due_s);
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto label = agents.column(msc::label);
  const auto death_s = agents.column(msc::death_s);
  const auto clear_s = agents.column(msc::clear_s);
  const auto vitality = agents.column(msc::vitality);
  const sim::Random random = step.random(streams::msc_fate);
  const auto viable = static_cast<std::uint8_t>(Vitality::viable), apoptotic = static_cast<std::uint8_t>(Vitality::apoptotic),
             arrested = static_cast<std::uint8_t>(Whereabouts::arrested);
  const auto start_s = static_cast<double>(step.start_s);
  const double kept = std::exp(-p_.label_leak_per_h * step.duration_h());
  double leaked = 0.0, debris = 0.0, debris_in_blood = 0.0;
  std::vector<std::uint32_t> gone;
  for (std::size_t row = 0; row < n; ++row) {
    if (clear_s[row] == 0) {  // new: both times are drawn at once, from its entry; what enters dead died then
      const auto u = random.uniforms(ids[row], 0);
      const double entry_s = std::isfinite(due_s[row]) ? std::max(start_s, due_s[row]) : start_s;
      death_s[row] = vitality[row] == viable ? later(entry_s, u[0], p_.viable_half_life_h) : static_cast<std::int32_t>(step.start_s);
      clear_s[row] = later(std::max(entry_s, static_cast<double>(death_s[row])), u[1], p_.dead_half_life_h);
    }
    if (vitality[row] == viable) {
      const double before = label[row];
      label[row] = before * kept;
      leaked += before - label[row];
    }
    if (death_s[row] > step.end_s()) continue;
    vitality[row] = apoptotic;
    if (whereabouts[row] == arrested) {  // a dead cell that still circulates holds its label
      debris += label[row];
      label[row] = 0.0;
    }
    if (clear_s[row] <= step.end_s()) {
      debris_in_blood += label[row];
      gone.push_back(static_cast<std::uint32_t>(row));
    }
  }
  agents.remove(gone);
  patch.deposit(pools_.organ[static_cast<std::size_t>(Bed::other)], (leaked + debris_in_blood) * weight_);
  patch.deposit(pools_.organ[organ_], debris * weight_);
  patch.scalars[cleared_scalar_] += static_cast<double>(gone.size()) * weight_;
}

}  // namespace paracrine::models
