#pragma once
#include <cstdint>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// When a run stops to be looked at. All times are whole seconds; visits end at every multiple of the visit length and at every row and frame, so a
/// row is always the state at its own time.
class Plan {
 public:
  explicit Plan(const Scenario& scenario);

  std::int64_t end_s() const { return end_s_; }
  bool row(std::int64_t time_s) const;  // a row of the time series: 0, every multiple, in the finer windows, and the end
  bool fields(std::int64_t time_s) const;
  bool agents(std::int64_t time_s) const;
  /// The end of the visit that begins at `time_s`.
  std::int64_t visit_end(std::int64_t time_s) const;

 private:
  struct Window {
    std::int64_t from_s, to_s, every_s;
  };
  bool multiple(std::int64_t time_s, std::int64_t every_s) const { return every_s > 0 && (time_s % every_s == 0 || time_s == end_s_); }
  std::int64_t end_s_ = 0, record_s_ = 0, visit_s_ = 0, fields_s_ = 0, agents_s_ = 0;
  std::vector<Window> windows_;
};

/// The end of the regular visit that begins at or contains `time_s`: every interval between rows is divided into as few visits as are no longer than
/// asked, equal to the second.
std::int64_t regular_visit_end(std::int64_t record_every_s, std::int64_t asked_s, std::int64_t time_s);

/// The first end of a regular visit at or after `time_s`, to which events are moved.
std::int64_t next_visit_end(const Scenario& scenario, std::int64_t time_s);

}  // namespace paracrine::sim
