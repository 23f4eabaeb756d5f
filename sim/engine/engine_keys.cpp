#include <fmt/format.h>

#include <algorithm>

#include "sim/core/units.hpp"
#include "sim/engine/catalogue.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::sim {

namespace {

constexpr double century_s = 100.0 * 365.25 * 86400.0;

Key duration(std::string name, std::optional<std::string> value, std::string meaning, bool more_than_zero) {
  return {.name = std::move(name),
          .type = KeyType::quantity,
          .units = {"s"},
          .default_value = std::move(value),
          .physical = {0.0, century_s},
          .exclusive_low = more_than_zero,
          .whole_seconds = true,
          .meaning = std::move(meaning)};
}

Key required(Key key) {
  key.required = true;
  return key;
}

}  // namespace

std::vector<Key> engine_keys() {
  Key visit = duration("visit", "\"10 min\"", "longest time for which a patch is visited and the compartments step alone", true);
  visit.physical.high = 86400.0;
  const Key window{
      .name = "record",
      .type = KeyType::table_list,
      .keys = {required(duration("from", {}, "first row of the window", false)),
               required(duration("to", {}, "last possible row of the window", false)), required(duration("every", {}, "time between rows", true))},
      .meaning = "windows with more rows: [{ from = \"28 d\", to = \"28.25 d\", every = \"1 min\" }]"};
  return {
      {.name = "title", .type = KeyType::text, .default_value = "\"\"", .meaning = "what the run is about, in one line"},
      {.name = "model", .type = KeyType::text, .required = true, .meaning = "which model the file is for"},
      {.name = "seed", .type = KeyType::integer, .default_value = "1", .physical = {.low = 0.0}, .meaning = "seed of all random numbers"},
      {.name = "time",
       .type = KeyType::table,
       .required = true,
       .keys = {required(duration("duration", {}, "simulated time of the whole run", true)),
                duration("record_every", "\"6 h\"", "time between rows of the time series; rows are instantaneous", true), window},
       .meaning = "the clock and the rows"},
      {.name = "output",
       .type = KeyType::table,
       .keys = {{.name = "patches", .type = KeyType::boolean, .meaning = "write the series that differ between patches; default: true"},
                {.name = "lobules", .type = KeyType::boolean, .meaning = "another name of patches"},
                {.name = "fields", .type = KeyType::text_list, .default_value = "[]", .meaning = "fields to write frames of"},
                duration("fields_every", "\"7 d\"", "time between field frames", true),
                {.name = "agents", .type = KeyType::text_list, .default_value = "[]", .meaning = "agent kinds to write frames of"},
                duration("agents_every", "\"7 d\"", "time between agent frames", true)},
       .meaning = "what is written"},
      {.name = "numerics",
       .type = KeyType::table,
       .keys = {visit},
       .meaning = "numerical choices; results do not depend on them beyond the documented error"},
  };
}

void check_engine_keys(const Scenario& scenario, Findings& findings) {
  const Table& output = scenario.root.table("output");
  if (output.has("patches") && output.has("lobules"))
    findings.error(output.place("lobules"), "output.lobules: is another name of output.patches, and both are set", {"Remove one of them."});
  const Table& time = scenario.root.table("time");
  const std::int64_t end = time.seconds("duration"), every = time.seconds("record_every");
  if (every > end && time.written("record_every"))
    findings.warn(time.place("record_every"),
                  fmt::format("time.record_every: {} is longer than the run, {}: only the first and the last state are written",
                              format_duration(every), format_duration(end)));
  if (!time.has("record")) return;
  for (const Table& window : time.tables("record")) {
    const std::int64_t from = window.seconds("from"), to = window.seconds("to");
    if (to <= from)
      findings.error(window.place("to"),
                     fmt::format("time.record.to: the window ends at {}, before it starts at {}", format_duration(to), format_duration(from)));
    if (from >= end)
      findings.error(window.place("from"), fmt::format("time.record.from: the window starts at {}, after the end of the run at {}",
                                                       format_duration(from), format_duration(end)));
  }
}

}  // namespace paracrine::sim
