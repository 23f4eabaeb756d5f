#include "sim/engine/plan.hpp"

#include <algorithm>

namespace paracrine::sim {

std::int64_t visit_length_s(std::int64_t record_every_s, std::int64_t asked_s) {
  const std::int64_t parts = (record_every_s + asked_s - 1) / asked_s;
  for (std::int64_t n = std::max<std::int64_t>(parts, 1); n <= record_every_s; ++n)
    if (record_every_s % n == 0) return record_every_s / n;
  return record_every_s;
}

namespace {

std::int64_t visit_of(const Scenario& scenario) {
  return visit_length_s(scenario.root.table("time").seconds("record_every"), scenario.root.table("numerics").seconds("visit"));
}

}  // namespace

std::int64_t next_visit_end(const Scenario& scenario, std::int64_t time_s) {
  const std::int64_t visit_s = visit_of(scenario);
  return (time_s + visit_s - 1) / visit_s * visit_s;
}

Plan::Plan(const Scenario& scenario) {
  const Table& time = scenario.root.table("time");
  const Table& output = scenario.root.table("output");
  end_s_ = time.seconds("duration");
  record_s_ = time.seconds("record_every");
  visit_s_ = visit_of(scenario);
  if (!output.texts("fields").empty()) fields_s_ = output.seconds("fields_every");
  if (!output.texts("agents").empty()) agents_s_ = output.seconds("agents_every");
  if (time.has("record"))
    for (const Table& window : time.tables("record")) windows_.push_back({window.seconds("from"), window.seconds("to"), window.seconds("every")});
}

bool Plan::row(std::int64_t time_s) const {
  if (multiple(time_s, record_s_)) return true;
  return std::any_of(windows_.begin(), windows_.end(),
                     [&](const Window& w) { return time_s >= w.from_s && time_s <= w.to_s && ((time_s - w.from_s) % w.every_s == 0); });
}

bool Plan::fields(std::int64_t time_s) const { return multiple(time_s, fields_s_); }
bool Plan::agents(std::int64_t time_s) const { return multiple(time_s, agents_s_); }

std::int64_t Plan::visit_end(std::int64_t time_s) const {
  std::int64_t end = std::min(end_s_, (time_s / visit_s_ + 1) * visit_s_);
  const auto at_multiple = [&](std::int64_t every_s) {
    if (every_s > 0) end = std::min(end, (time_s / every_s + 1) * every_s);
  };
  at_multiple(record_s_);
  at_multiple(fields_s_);
  at_multiple(agents_s_);
  for (const Window& w : windows_) {
    if (time_s < w.from_s) end = std::min(end, w.from_s);
    if (time_s >= w.from_s && time_s < w.to_s) {
      const std::int64_t next = w.from_s + ((time_s - w.from_s) / w.every_s + 1) * w.every_s;
      if (next <= w.to_s) end = std::min(end, next);
    }
  }
  return end;
}

}  // namespace paracrine::sim
