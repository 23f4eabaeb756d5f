#include "sim/engine/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/error.hpp"
#include "sim/core/finite.hpp"
#include "sim/core/parallel.hpp"

namespace paracrine::sim {

void Readout::finish(const World&, std::span<const double> sums, std::span<double> values) const {
  std::copy_n(sums.begin(), values.size(), values.begin());
}

std::size_t World::add_kind(const AgentKind& kind) {
  if (!patches_.empty()) throw std::logic_error("agent kinds come before patches");
  kinds.push_back(&kind);
  agent_weight.push_back(1.0);
  return kinds.size() - 1;
}

std::size_t World::add_scalar(std::string name) {
  if (!patches_.empty()) throw std::logic_error("scalars come before patches");
  scalar_names.push_back(std::move(name));
  return scalar_names.size() - 1;
}

std::size_t World::add_value(std::string name) {
  value_names.push_back(std::move(name));
  values.push_back(0.0);
  return values.size() - 1;
}

std::size_t World::add_group(std::string name, std::size_t count) {
  const auto number = static_cast<std::uint32_t>(groups.size());
  groups.push_back({.name = std::move(name), .first = patches_.size(), .count = count, .processes = {}});
  deal_cursor_.push_back(0.0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint32_t>(patches_.size());
    auto patch = std::make_unique<Patch>(index, number);
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      patch->populations.emplace_back(*kinds[k], index, static_cast<std::uint32_t>(k));
      patch->departures.push_back({Population(*kinds[k], index, static_cast<std::uint32_t>(k)), {}});
    }
    patch->scalars.assign(scalar_names.size(), 0.0);
    patch->deposits.assign(compartments.pools(), 0.0);
    patch->slow_deposits.assign(compartments.pools(), 0.0);
    patch->clearance_mL_per_h.assign(compartments.uptakes(), 0.0);
    patch->uptaken.assign(compartments.uptakes(), 0.0);
    patches_.push_back(std::move(patch));
  }
  return number;
}

std::size_t World::index_bound(const std::string& index_of) const {
  for (const auto& [name, bound] : index_bounds)
    if (name == index_of) return bound;
  throw std::logic_error("a column numbers what the model does not count: " + index_of);
}

void World::send(std::size_t group, Arrival arrival) {
  const PatchGroup& target = groups[group];
  if (target.count == 0) throw std::logic_error("agents are sent to a group without patches: " + target.name);
  const auto patches = static_cast<std::int64_t>(target.count);
  const auto cursor = static_cast<std::int64_t>(deal_cursor_[group]);
  // patch number (cursor + j) modulo patches receives one for every whole round, and one of the last, broken round when j is below the rest
  for (std::int64_t j = 0; j < patches; ++j) {
    Arrival share = arrival;
    share.count = arrival.count / patches + (j < arrival.count % patches ? 1 : 0);
    if (share.count > 0) patches_[target.first + static_cast<std::size_t>((cursor + j) % patches)]->arrivals.push_back(share);
  }
  deal_cursor_[group] = static_cast<double>((cursor + arrival.count) % patches);
}

void World::for_all(std::size_t count, const std::function<void(std::size_t)>& body) const { parallel_for(count, threads, body); }

void World::exchange() {
  for (auto& patch : patches_) {
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      Departures& leaving = patch->departures[k];
      for (std::size_t row = 0; row < leaving.group.size(); ++row) {
        const PatchGroup& target = groups[leaving.group[row]];
        const AgentId id = leaving.agents.ids()[row];
        patches_[target.first + (id ^ (id >> 40)) % target.count]->agents(k).take(leaving.agents, row);
      }
      leaving.agents.clear();
      leaving.group.clear();
    }
    if (any_nonzero(patch->deposits) || any_nonzero(patch->slow_deposits))
      for (PoolIndex pool = 0; pool < patch->deposits.size(); ++pool) {
        if (patch->deposits[pool] != 0.0) compartments.receive(pool, patch->deposits[pool]);
        if (patch->slow_deposits[pool] != 0.0) compartments.receive_over_step(pool, patch->slow_deposits[pool]);
        patch->deposits[pool] = patch->slow_deposits[pool] = 0.0;
      }
    patch->arrivals.clear();
  }
}

namespace {

constexpr std::size_t most_events = std::size_t{1} << 24;  // between two rows

void archive_events(Archive& archive, std::vector<Event>& events) {
  std::vector<std::int64_t> time_s;
  std::vector<std::uint32_t> code, subject;
  std::vector<double> value;
  for (const Event& event : events) {
    time_s.push_back(event.time_s);
    code.push_back(event.code);
    subject.push_back(event.subject);
    value.push_back(event.value);
  }
  in_group(archive, "events", [&] {
    archive.list("time_s", time_s, most_events);
    for (auto* numbers : {&code, &subject}) numbers->resize(time_s.size());
    value.resize(time_s.size());
    archive.vector("code", code);
    archive.vector("subject", subject);
    archive.vector("value", value);
  });
  events.clear();
  for (std::size_t i = 0; i < time_s.size(); ++i) events.push_back({.time_s = time_s[i], .code = code[i], .subject = subject[i], .value = value[i]});
}

}  // namespace

void World::archive(Archive& archive) {
  in_group(archive, "compartments", [&] { compartments.archive(archive); });
  archive_events(archive, events);
  archive.vector("deal_cursor", deal_cursor_);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const double cursor = deal_cursor_[group];
    if (!(cursor >= 0.0 && cursor < static_cast<double>(std::max<std::size_t>(1, groups[group].count)) && cursor == std::floor(cursor)))
      throw RunError(fmt::format("the next patch of group {} is number {}, of {}", groups[group].name, cursor, groups[group].count));
  }
  archive.vector("values", values);
  for (std::size_t i = 0; i < patches_.size(); ++i) in_group(archive, "patch_" + std::to_string(i), [&] { patches_[i]->archive(archive); });
}

}  // namespace paracrine::sim
