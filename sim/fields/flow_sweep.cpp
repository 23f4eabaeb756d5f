#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/fields/flow.hpp"
#include "sim/fields/flow_passage.hpp"

namespace paracrine::sim {

namespace {

bool is_amount(double value) { return value >= 0.0 && std::isfinite(value); }

/// Throws std::invalid_argument unless every value is an amount; looked at together first, for that is quick.
void require_amounts(std::span<const double> values, const char* name) {
  double sum = 0.0;
  bool all = true;
  for (const double value : values) {
    all = all && value >= 0.0;
    sum += value;
  }
  if (all && std::isfinite(sum)) return;
  for (std::size_t v = 0; v < values.size(); ++v)
    if (!is_amount(values[v]))
      throw std::invalid_argument(fmt::format("the {} of voxel {} is {}: it must be finite and not negative", name, v, values[v]));
}

}  // namespace

FlowSweep::FlowSweep(const Grid& grid, const PotentialFlow& flow, double scale_mL_per_h, double exchange_mL_per_h)
    : size_(grid.size()), inside_(grid.size(), 0) {
  if (flow.potential().size() != grid.size())
    throw std::invalid_argument(fmt::format("a flow over {} voxels does not belong to a grid of {}", flow.potential().size(), grid.size()));
  if (!is_amount(scale_mL_per_h)) throw std::invalid_argument(fmt::format("a flow of {} mL/h: it must be finite and not negative", scale_mL_per_h));
  if (!is_amount(exchange_mL_per_h))
    throw std::invalid_argument(fmt::format("an exchange of {} mL/h: it must be finite and not negative", exchange_mL_per_h));
  for (std::size_t v = 0; v < size_; ++v) inside_[v] = grid.inside(v);
  std::vector<double> inflow, outlet_share;
  std::size_t next = 0;
  for (const std::uint32_t v : scale_mL_per_h > 0.0 ? flow.order() : std::vector<std::uint32_t>()) {
    voxel_.push_back(v);
    through_.push_back(scale_mL_per_h * flow.through()[v]);
    inflow.push_back(scale_mL_per_h * flow.inflow()[v]);
    outlet_share.push_back(flow.outflow()[v] / flow.through()[v]);
    begin_.push_back(static_cast<std::uint32_t>(to_.size()));
    for (; next < flow.streams().size() && flow.streams()[next].from == v; ++next) {
      to_.push_back(flow.streams()[next].to);
      share_.push_back(flow.streams()[next].flow / flow.through()[v]);
    }
  }
  begin_.push_back(static_cast<std::uint32_t>(to_.size()));
  for (std::vector<std::uint32_t>* numbers : {&voxel_, &begin_, &to_}) numbers->shrink_to_fit();
  for (std::vector<double>* numbers : {&through_, &share_}) numbers->shrink_to_fit();
  inflow_ = Sparse(inflow);
  outlet_share_ = Sparse(outlet_share);
  find_contacts(grid, exchange_mL_per_h);
  group_still();
}

void FlowSweep::find_contacts(const Grid& grid, double exchange_mL_per_h) {
  std::vector<std::uint32_t> number(size_, none);
  std::vector<char> flowing(size_, 0);
  for (const std::uint32_t v : voxel_) flowing[v] = 1;
  for (std::size_t v = 0; v < size_; ++v)
    if (inside_[v] && !flowing[v]) {
      number[v] = static_cast<std::uint32_t>(still_.size());
      still_.push_back(static_cast<std::uint32_t>(v));
    }
  if (still_.empty()) return;
  spread_.assign(size_, 0.0);
  const std::size_t steps[3] = {1, grid.nx(), grid.nx() * grid.ny()};
  for (std::uint32_t j = 0; j < still_.size(); ++j) {
    const std::size_t v = still_[j];
    const auto add = [&](std::size_t w, double open) {
      const double exchange = exchange_mL_per_h * open;
      if (!(exchange > 0.0)) return;
      contacts_.push_back({.still = j, .neighbour = static_cast<std::uint32_t>(w), .still_neighbour = number[w], .exchange = exchange});
      if (flowing[w]) spread_[w] += exchange;
    };
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (v >= steps[axis]) add(v - steps[axis], grid.face_fraction(axis)[v - steps[axis]]);
      if (v + steps[axis] < size_) add(v + steps[axis], grid.face_fraction(axis)[v]);
    }
  }
}

/// Numbers the groups of voxels without flow that exchange with each other.
void FlowSweep::group_still() {
  std::vector<std::size_t> begin(still_.size() + 1, contacts_.size());
  for (std::size_t i = contacts_.size(); i-- > 0;) begin[contacts_[i].still] = i;
  for (std::size_t j = still_.size(); j-- > 0;) begin[j] = std::min(begin[j], begin[j + 1]);
  group_.assign(still_.size(), none);
  std::vector<std::uint32_t> members;
  for (std::uint32_t start = 0; start < still_.size(); ++start) {
    if (group_[start] != none) continue;
    const auto group = static_cast<std::uint32_t>(group_meets_flow_.size());
    group_meets_flow_.push_back(0);
    members.assign(1, start);
    group_[start] = group;
    for (std::size_t m = 0; m < members.size(); ++m)
      for (std::size_t i = begin[members[m]]; i < begin[members[m] + 1]; ++i) {
        const std::uint32_t other = contacts_[i].still_neighbour;
        if (other == none) group_meets_flow_[group] = 1;
        if (other == none || group_[other] != none) continue;
        group_[other] = group;
        members.push_back(other);
      }
  }
}

/// One sweep over the voxels with flow. `fed`: per voxel what diffusion brings from those without [1/h], nullptr for nothing. Until a voxel's turn
/// its concentration holds what has arrived there [1/h].
void FlowSweep::sweep(const Load& load, const double* fed, Slopes* slopes, Carriage& result) const {
  std::fill(result.uptake.begin(), result.uptake.end(), 0.0);
  std::fill(result.concentration.begin(), result.concentration.end(), 0.0);
  result.entered = result.left = result.taken = 0.0;
  const bool saturates = std::isfinite(load.half_saturation);
  for (std::size_t first = 0; first < voxel_.size(); first += block) {
    if (saturates)
      sweep_saturating(load, first, std::min(block, voxel_.size() - first), fed, slopes, result);
    else
      sweep_linear(load, first, std::min(block, voxel_.size() - first), fed, slopes, result);
  }
}

/// The coefficients of `count` voxels at once, then the voxels one after the other.
void FlowSweep::sweep_linear(const Load& load, std::size_t first, std::size_t count, const double* fed, Slopes* slopes, Carriage& result) const {
  std::array<double, block> loss, decayed, phi, mean_in, mean_fed;
  const double* through = through_.data() + first;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t v = voxel_[first + i];
    const double all = spread_.empty() ? load.clearance[v] : load.clearance[v] + spread_[v];
    loss[i] = std::max(smallest_exponent, all / through[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Relaxed relaxed = relax(std::min(largest_exponent, loss[i]));
    decayed[i] = relaxed.decayed;
    phi[i] = relaxed.lost / loss[i];
    mean_in[i] = phi[i] / through[i];
  }
  const bool fed_at_all = load.source != nullptr || fed != nullptr;
  if (fed_at_all)
    for (std::size_t i = 0; i < count; ++i) mean_fed[i] = psi_of(loss[i], phi[i]) / through[i];

  const std::array<double, block> inflow = inflow_.from<block>(first, count), outlet_share = outlet_share_.from<block>(first, count);
  double* concentration = result.concentration.data();
  double entered = 0.0, left = 0.0, taken = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t position = first + i;
    const std::uint32_t v = voxel_[position];
    const double from_inlet = inflow[i] * load.inlet_per_mL, in = concentration[v] + from_inlet;
    double mean = in * mean_in[i], out = in * decayed[i];
    if (fed_at_all) {
      const double source = load.source != nullptr ? load.source[v] : 0.0, added = source + (fed != nullptr ? fed[v] : 0.0);
      mean += added * mean_fed[i];
      out += added * phi[i];
      entered += source;
    }
    const double uptake = load.clearance[v] * mean;
    concentration[v] = mean;
    result.uptake[v] = uptake;
    entered += from_inlet;
    taken += uptake;
    left += out * outlet_share[i];
    for (std::uint32_t s = begin_[position]; s < begin_[position + 1]; ++s) concentration[to_[s]] += out * share_[s];
  }
  result.entered += entered;
  result.left += left;
  result.taken += taken;
  if (slopes == nullptr) return;
  std::copy_n(decayed.begin(), count, slopes->out_in.begin() + static_cast<std::ptrdiff_t>(first));
  std::copy_n(phi.begin(), count, slopes->out_fed.begin() + static_cast<std::ptrdiff_t>(first));
  std::copy_n(mean_in.begin(), count, slopes->mean_in.begin() + static_cast<std::ptrdiff_t>(first));
  std::copy_n(mean_fed.begin(), count, slopes->mean_fed.begin() + static_cast<std::ptrdiff_t>(first));
}

void FlowSweep::sweep_saturating(const Load& load, std::size_t first, std::size_t count, const double* fed, Slopes* slopes, Carriage& result) const {
  const std::array<double, block> inflow = inflow_.from<block>(first, count), outlet_share = outlet_share_.from<block>(first, count);
  for (std::size_t position = first; position < first + count; ++position) {
    const std::uint32_t v = voxel_[position];
    const double from_inlet = inflow[position - first] * load.inlet_per_mL, source = load.source != nullptr ? load.source[v] : 0.0;
    const double in = result.concentration[v] + from_inlet, added = source + (fed != nullptr ? fed[v] : 0.0);
    const double clearance = load.clearance[v], flow = through_[position], spread = spread_.empty() ? 0.0 : spread_[v];
    const bool unfed = added == 0.0 && spread == 0.0 && clearance > 0.0;
    const Passage p =
        unfed ? saturating_unfed(in, clearance, flow, load.half_saturation) : passage(in, added, clearance, spread, flow, load.half_saturation);
    result.concentration[v] = p.mean;
    result.uptake[v] = p.uptake;
    result.entered += from_inlet + source;
    result.taken += p.uptake;
    result.left += p.out * outlet_share[position - first];
    for (std::uint32_t s = begin_[position]; s < begin_[position + 1]; ++s) result.concentration[to_[s]] += p.out * share_[s];
    if (slopes == nullptr) continue;
    slopes->out_in[position] = p.out_in;
    slopes->out_fed[position] = p.out_fed;
    slopes->mean_in[position] = p.mean_in;
    slopes->mean_fed[position] = p.mean_fed;
  }
}

void FlowSweep::require_valid(std::span<const double> clearance, std::span<const double> source) const {
  if (clearance.size() != size_)
    throw std::invalid_argument(fmt::format("the clearance has {} values for a grid of {} voxels", clearance.size(), size_));
  if (!source.empty() && source.size() != size_)
    throw std::invalid_argument(fmt::format("the source has {} values for a grid of {} voxels", source.size(), size_));
  require_amounts(clearance, "clearance");
  require_amounts(source, "source");
  for (std::size_t v = 0; v < source.size(); ++v)
    if (source[v] > 0.0 && !inside_[v]) throw std::invalid_argument(fmt::format("voxel {} lies outside the domain and has a source", v));
}

void FlowSweep::carry(double inlet_per_mL, std::span<const double> clearance_mL_per_h, std::span<const double> source_per_h,
                      double half_saturation_per_mL, Carriage& result) const {
  if (!is_amount(inlet_per_mL))
    throw std::invalid_argument(fmt::format("a concentration of {} per mL at the inlet: it must be finite and not negative", inlet_per_mL));
  if (!(half_saturation_per_mL > 0.0))
    throw std::invalid_argument(fmt::format("a half saturation of {} per mL: it must be above 0", half_saturation_per_mL));
  require_valid(clearance_mL_per_h, source_per_h);
  result.uptake.resize(size_);
  result.concentration.resize(size_);
  const Load load{inlet_per_mL, clearance_mL_per_h.data(), source_per_h.empty() ? nullptr : source_per_h.data(), half_saturation_per_mL};
  if (still_.empty())
    sweep(load, nullptr, nullptr, result);
  else
    settle(load, result);
}

}  // namespace paracrine::sim
