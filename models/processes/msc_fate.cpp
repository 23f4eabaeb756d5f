#include "models/processes/msc_fate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "models/streams.hpp"

namespace paracrine::models {

namespace {

constexpr double seconds_per_h = 3600.0;

/// Waiting time of the given half-life, in seconds, from one uniform number.
double wait_s(double u, double half_life_h) { return sim::to_exponential(u, half_life_h * seconds_per_h / std::numbers::ln2); }

/// Draws both times of a new cell, from its entry; what was dead when given died then.
void draw_times(sim::Population& cells, std::size_t row, const sim::Random& random, const MscFateParameters& p) {
  const auto u = random.uniforms(cells.ids()[row], 0);
  const bool viable = cells.column(msc::vitality)[row] == static_cast<std::uint8_t>(Vitality::viable);
  const double entry_s = cells.column(msc::entry_s)[row], death_s = viable ? entry_s + wait_s(u[0], p.viable_half_life_h) : entry_s;
  cells.column(msc::death_s)[row] = death_s;
  cells.column(msc::clear_s)[row] = death_s + wait_s(u[1], p.dead_half_life_h);
}

}  // namespace

void MscLifetimes::advance(sim::Patch& patch, const sim::Step& step) const {
  sim::Population& cells = patch.agents(kind_);
  const auto clear_s = cells.column(msc::clear_s);
  const sim::Random random = step.random(streams::of("msc_fate"));
  for (std::size_t row = cells.size(); row > 0 && clear_s[row - 1] == 0.0; --row)
    draw_times(cells, row - 1, random, p_);  // the new ones are the last
}

LabelPools add_label_pools(sim::Compartments& compartments, const MscFateParameters& p) {
  LabelPools pools;
  pools.organ = {compartments.add_pool("label_debris_lung", "1"), compartments.add_pool("label_liver", "1"),
                 compartments.add_pool("label_spleen", "1"), compartments.add_pool("label_other", "1")};
  const double leaving_per_h = std::numbers::ln2 / p.debris_half_life_h, liver = p.debris_liver_share, spleen = p.debris_spleen_share;
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
  const auto whereabouts = agents.column(infused::whereabouts);
  const auto label = agents.column(msc::label), entry_s = agents.column(msc::entry_s), death_s = agents.column(msc::death_s),
             clear_s = agents.column(msc::clear_s);
  const auto vitality = agents.column(msc::vitality);
  const auto viable = static_cast<std::uint8_t>(Vitality::viable), apoptotic = static_cast<std::uint8_t>(Vitality::apoptotic),
             arrested = static_cast<std::uint8_t>(Whereabouts::arrested);
  const auto start_s = static_cast<double>(step.start_s), end_s = static_cast<double>(step.end_s());
  const double kept_over_visit = std::exp(-p_.label_leak_per_h * step.duration_h());
  Label shed;
  std::vector<std::uint32_t> gone;
  for (std::size_t row = 0; row < n; ++row) {
    if (vitality[row] == viable) {  // leaks while it lives in this visit
      const double from_s = std::max(start_s, entry_s[row]), to_s = std::min(end_s, death_s[row]), before = label[row];
      const bool whole = from_s == start_s && to_s == end_s;
      label[row] = before * (whole ? kept_over_visit : std::exp(-p_.label_leak_per_h * std::max(0.0, to_s - from_s) / seconds_per_h));
      shed.leaked += before - label[row];
    }
    if (death_s[row] > end_s) continue;
    vitality[row] = apoptotic;
    if (whereabouts[row] == arrested && label[row] > 0.0) {  // a dead cell that still circulates holds its label
      become_debris(label[row], end_s - std::max(start_s, death_s[row]), shed);
      label[row] = 0.0;
    }
    if (clear_s[row] <= end_s) {
      shed.leaked += label[row];
      gone.push_back(static_cast<std::uint32_t>(row));
    }
  }
  agents.remove(gone);
  hand_over(patch, shed);
  patch.scalars[cleared_scalar_] += static_cast<double>(gone.size()) * weight_;
}

void MscFate::become_debris(double label, double for_s, Label& shed) const {
  const double stays = organ_ == static_cast<std::size_t>(Bed::lung) ? label * std::exp2(-for_s / (seconds_per_h * p_.debris_half_life_h)) : label;
  shed.debris += stays;
  shed.moved += label - stays;
}

void MscFate::hand_over(sim::Patch& patch, const Label& shed) const {
  const auto to = [&](Bed organ, double amount) { patch.deposit(pools_.organ[static_cast<std::size_t>(organ)], amount * weight_); };
  patch.deposit(pools_.organ[organ_], shed.debris * weight_);
  to(Bed::liver, shed.moved * p_.debris_liver_share);
  to(Bed::spleen, shed.moved * p_.debris_spleen_share);
  to(Bed::other, shed.moved * (1.0 - p_.debris_liver_share - p_.debris_spleen_share) + shed.leaked);
}

}  // namespace paracrine::models
