#include "sim/engine/plan.hpp"

#include <algorithm>

namespace paracrine::sim {

std::int64_t regular_visit_end(std::int64_t record_every_s, std::int64_t asked_s, std::int64_t time_s) {
  const std::int64_t visits = (record_every_s + asked_s - 1) / asked_s, interval = time_s / record_every_s, into_s = time_s % record_every_s;
  std::int64_t number = into_s * visits / record_every_s + 1;
  while (number * record_every_s / visits <= into_s) ++number;  // ends are rounded down to a second
  return interval * record_every_s + number * record_every_s / visits;
}

std::int64_t next_visit_end(const Scenario& scenario, std::int64_t time_s) {
  const std::int64_t every_s = scenario.root.table("time").seconds("record_every"), asked_s = scenario.root.table("numerics").seconds("visit");
  return time_s == 0 ? 0 : regular_visit_end(every_s, asked_s, time_s - 1);
}

Plan::Plan(const Scenario& scenario) {
  const Table& time = scenario.root.table("time");
  const Table& output = scenario.root.table("output");
  end_s_ = time.seconds("duration");
  record_s_ = time.seconds("record_every");
  visit_s_ = scenario.root.table("numerics").seconds("visit");
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
  std::int64_t end = std::min(end_s_, regular_visit_end(record_s_, visit_s_, time_s));
  const auto at_multiple = [&](std::int64_t every_s) {
    if (every_s > 0) end = std::min(end, (time_s / every_s + 1) * every_s);
  };
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
