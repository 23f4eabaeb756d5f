#include <algorithm>
#include <cmath>

#include "sim/io/recorder_state.hpp"

namespace paracrine::sim::io {

namespace {

constexpr double seconds_per_day = 86400.0;

double in_days(std::int64_t time_s) { return static_cast<double>(time_s) / seconds_per_day; }

using Rows = std::vector<const Snapshot*>;

}  // namespace

void Recorder::State::write_series(const Rows& rows) {
  std::vector<double> values;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const std::size_t length = layout.series[s].group.empty() ? 1 : layout.series[s].length;
    for (std::size_t o = 0; o < series[s].size() && length > 0; ++o) {
      values.clear();
      for (const auto* row : rows) {
        const auto from = row->series.at(s).begin() + static_cast<std::ptrdiff_t>(o * length);
        values.insert(values.end(), from, from + static_cast<std::ptrdiff_t>(length));
      }
      series[s][o].append(counts.rows, rows.size(), values);
    }
    stage(series[s]);
  }
}

void Recorder::State::write_audit(const Rows& rows) {
  if (audit.empty()) return;
  const std::size_t species = layout.audit_species.size(), terms = layout.audit_terms.size();
  std::vector<double> values;
  for (std::size_t term = 0; term < terms; ++term) {
    values.clear();
    for (const auto* row : rows)
      for (std::size_t i = 0; i < species; ++i) values.push_back(row->audit.at(i * terms + term));
    audit[term].append(counts.audit_rows, rows.size(), values);
  }
  values.clear();
  std::vector<double> largest;
  for (const auto* row : rows)
    for (std::size_t i = 0; i < species; ++i) {
      const double error = row->audit_error.at(i);
      if (!(std::abs(error) <= largest_error[i])) largest_error[i] = std::abs(error);
      values.push_back(error);
      largest.push_back(largest_error[i]);
    }
  audit[terms].append(counts.audit_rows, rows.size(), values);
  audit[terms + 1].append(counts.audit_rows, rows.size(), largest);
  stage(audit);
}

void Recorder::State::write_events(RowCounts& next) {
  std::vector<std::int32_t> codes, subjects;
  std::vector<double> values;
  for (const auto& snapshot : waiting)
    for (const auto& event : snapshot.events) {
      codes.push_back(static_cast<std::int32_t>(event.code));
      subjects.push_back(static_cast<std::int32_t>(event.subject));
      values.push_back(event.value);
    }
  const std::size_t count = codes.size();
  if (count == 0) return;
  next.events += count;
  events[0].grow(next.events);
  events[1].append(counts.events, count, codes);
  events[2].append(counts.events, count, subjects);
  events[3].append(counts.events, count, values);
  stage(events);
}

void Recorder::State::write_fields(RowCounts& next) {
  for (const auto& snapshot : waiting) {
    if (!snapshot.fields || fields.empty()) continue;
    for (std::size_t g = 0; g < fields.size(); ++g)
      for (std::size_t i = 0; i < fields[g].size(); ++i) fields[g][i].append(next.field_frames, 1, snapshot.field_values.at(g).at(i));
    ++next.field_frames;
  }
  for (auto& group : fields) stage(group);
}

/// Appends the agents of one group: those of the snapshot from number `from`.
void Recorder::State::write_agents_of(std::size_t group, const Snapshot& snapshot, std::size_t from) {
  AgentTargets& targets = agents[group];
  const std::size_t count = snapshot.agent_counts.at(group);
  const hsize_t first = targets.written;
  targets.id.append(first, count, ElementType::u64, snapshot.agent_id.data() + from);
  targets.patch.append(first, count, ElementType::u32, snapshot.agent_patch.data() + from);
  targets.kind.append(first, count, ElementType::u8, snapshot.agent_kind.data() + from);
  for (std::size_t i = 0; i < targets.columns.size(); ++i) {
    const ElementType type = layout.agents.columns[i].type;
    const auto begin = snapshot.agent_values.at(i).begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<double> values(begin, begin + static_cast<std::ptrdiff_t>(count));
    targets.columns[i].append(first, count, type, converted(values, type).data());
  }
  targets.written += count;
  if (count > 0) targets.obs.grow(targets.written);
}

void Recorder::State::write_agents(RowCounts& next) {
  for (const auto& snapshot : waiting) {
    if (!snapshot.agents || agents.empty()) continue;
    std::size_t from = 0;
    for (std::size_t g = 0; g < agents.size(); ++g) {
      write_agents_of(g, snapshot, from);
      from += snapshot.agent_counts.at(g);
    }
    ++next.agent_frames;
    next.agent_rows += from;
  }
  for (auto& group : agents) {
    for (auto* target : {&group.obs, &group.id, &group.patch, &group.kind}) stage(*target);
    stage(group.columns);
  }
}

void Recorder::State::write_sizes() {
  for (std::size_t g = 0; g < agents.size(); ++g) {
    std::vector<std::int64_t> sizes;
    for (const auto& snapshot : waiting)
      if (snapshot.agents) sizes.push_back(static_cast<std::int64_t>(snapshot.agent_counts.at(g)));
    agents[g].row_size.append(counts.agent_frames, sizes.size(), sizes);
    stage(agents[g].row_size);
  }
}

/// What is to be appended to each of the times.
std::vector<std::vector<double>> Recorder::State::times_of(const Rows& rows) const {
  std::vector<double> of_events, of_fields, of_agents, of_rows;
  for (const auto& snapshot : waiting) {
    for (const auto& event : snapshot.events) of_events.push_back(in_days(event.time_s));
    if (snapshot.fields) of_fields.push_back(in_days(snapshot.time_s));
    if (snapshot.agents) of_agents.push_back(in_days(snapshot.time_s));
  }
  for (const auto* row : rows) of_rows.push_back(in_days(row->time_s));
  std::vector<std::vector<double>> values{of_events};
  values.insert(values.end(), fields.size(), of_fields);
  values.insert(values.end(), agents.size(), of_agents);
  values.resize(times.size(), of_rows);
  return values;
}

}  // namespace paracrine::sim::io
