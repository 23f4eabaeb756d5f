#include "models/body/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/body/therapy.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::body {

namespace {

std::int64_t end_of_run_s(const sim::Scenario& scenario) { return scenario.root.table("time").seconds("duration"); }

/// A length of time for people: whole seconds as they are, others with their fraction.
std::string length_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  return seconds == static_cast<double>(whole) ? sim::format_duration(whole) : sim::format_number(seconds) + " s";
}

}  // namespace

std::vector<sim::Happening> doses(const sim::Scenario& scenario, const DoseTimes& times) {
  const std::int64_t end_s = end_of_run_s(scenario);
  std::vector<sim::Happening> all;
  all.reserve(static_cast<std::size_t>(times.count));
  for (std::int64_t k = 0; k < times.count; ++k) {
    sim::Happening dose{.section = times.section,
                        .entry = times.entry,
                        .which = k + 1,
                        .times = times.count,
                        .asked_s = times.first_s + k * times.every_s,
                        .unit = times.unit};
    dose.start_s = sim::next_visit_end(scenario, dose.asked_s);
    const auto left_s = static_cast<double>(end_s - dose.start_s);
    if (left_s <= 0.0)
      dose.share = 0.0;
    else if (times.length_s > left_s)
      dose.share = left_s / times.length_s;
    if (times.length_s > 0.0) dose.stop_s = static_cast<double>(dose.start_s) + std::min(times.length_s, std::max(0.0, left_s));
    dose.amount = dose.share * times.amount;
    all.push_back(std::move(dose));
  }
  return all;
}

double dose_length_s(const sim::Scenario& scenario, const sim::Table& therapy) {
  return therapy.has("duration") ? therapy.quantity("duration") : scenario.parameter("infusion.duration");
}

std::vector<sim::Happening> doses_of(const sim::Scenario& scenario, std::size_t number) {
  const sim::Table& therapy = scenario.root.tables("therapy")[number];
  return doses(scenario, {.section = "therapy",
                          .entry = number,
                          .first_s = therapy.seconds("at"),
                          .count = therapy.has("every") ? therapy.integer("repeats") : 1,
                          .every_s = therapy.has("every") ? therapy.seconds("every") : 0,
                          .length_s = dose_length_s(scenario, therapy),
                          .amount = has_amount(therapy) ? amount_of_a_dose(scenario, therapy) : 0.0});
}

bool is_exact(const sim::Table& intervention) {
  const std::string& kind = intervention.text("kind");
  return kind == "vasodilator" || kind == "lung_bypass";
}

sim::Happening intervention_of(const sim::Scenario& scenario, std::size_t number, bool moved) {
  const sim::Table& intervention = scenario.root.tables("intervention")[number];
  const auto done_s = [&](const char* key) { return moved ? sim::next_visit_end(scenario, intervention.seconds(key)) : intervention.seconds(key); };
  const std::int64_t end_s = end_of_run_s(scenario), start_s = done_s("start");
  return {.section = "intervention",
          .entry = number,
          .asked_s = intervention.seconds("start"),
          .start_s = start_s,
          .stop_s = static_cast<double>(std::min(end_s, done_s("stop"))),
          .share = start_s < end_s ? 1.0 : 0.0};
}

std::vector<sim::Happening> schedule(const sim::Scenario& scenario) {
  std::vector<sim::Happening> all;
  if (scenario.process("infusion"))
    for (std::size_t i = 0; i < scenario.root.tables("therapy").size(); ++i)
      for (sim::Happening& dose : doses_of(scenario, i))
        if (dose.share > 0.0) all.push_back(std::move(dose));
  for (std::size_t i = 0; i < scenario.root.tables("intervention").size(); ++i) {
    sim::Happening one = intervention_of(scenario, i, !is_exact(scenario.root.tables("intervention")[i]));
    if (one.share > 0.0) all.push_back(std::move(one));
  }
  return all;
}

namespace {

std::string path(const sim::Happening& what, const char* key) { return fmt::format("{}.{}.{}", what.section, what.entry, key); }

/// Where a key was written, or the entry itself.
sim::Place place_of(const sim::Table& entry, const char* key) { return entry.has(key) ? entry.place(key) : entry.place(); }

void check_moved(const sim::Table& entry, const std::vector<sim::Happening>& doses, const DoseKeys& keys, sim::Findings& findings) {
  std::int64_t count = 0, furthest_s = 0;
  const sim::Happening* first = nullptr;
  for (const sim::Happening& dose : doses) {
    if (dose.start_s == dose.asked_s || dose.share == 0.0) continue;
    if (first == nullptr) first = &dose;
    ++count;
    furthest_s = std::max(furthest_s, dose.start_s - dose.asked_s);
  }
  if (first == nullptr) return;
  const std::string from = sim::format_duration(first->asked_s), to = sim::format_duration(first->start_s);
  if (doses.size() == 1)
    findings.warn(entry.place(keys.first), fmt::format("{}: the dose at {} is moved to {}, the end of a visit", path(*first, keys.first), from, to),
                  {"Set numerics.visit shorter to keep the time."});
  else
    findings.warn(place_of(entry, keys.every),
                  fmt::format("{}: {} of {} doses are moved to the ends of visits, by up to {}: the first is dose {}, from {} to {}",
                              path(*first, keys.every), count, doses.size(), sim::format_duration(furthest_s), first->which, from, to),
                  {"Set numerics.visit shorter to keep the times."});
}

void check_lost(const sim::Table& entry, const std::vector<sim::Happening>& doses, const DoseKeys& keys, std::int64_t end_s,
                sim::Findings& findings) {
  const auto first = std::find_if(doses.begin(), doses.end(), [](const sim::Happening& dose) { return dose.share == 0.0; });
  if (first == doses.end()) return;
  std::string message = fmt::format("{}: {} of {} doses come after the end of the run at {}", path(*first, keys.repeats), doses.end() - first,
                                    doses.size(), sim::format_duration(end_s));
  std::vector<std::string> hints;
  if (first->asked_s < end_s) {
    message += fmt::format(": the first is dose {}, at {}, which is moved to {}, the end of a visit", first->which,
                           sim::format_duration(first->asked_s), sim::format_duration(first->start_s));
    hints.emplace_back("Set numerics.visit shorter to keep the times.");
  }
  findings.warn(place_of(entry, keys.repeats), message, hints);
}

void check_cut(const sim::Table& entry, const std::vector<sim::Happening>& doses, const DoseKeys& keys, std::int64_t end_s, sim::Findings& findings) {
  std::int64_t count = 0;
  const sim::Happening* first = nullptr;
  for (const sim::Happening& dose : doses) {
    if (!(dose.share > 0.0 && dose.share < 1.0)) continue;
    if (first == nullptr) first = &dose;
    ++count;
  }
  if (first == nullptr) return;
  const bool written = entry.has(keys.length);
  std::string which = doses.size() == 1 ? "the dose" : fmt::format("dose {} of {}", first->which, doses.size());
  if (count > 1) which += fmt::format(" (and {} more)", count - 1);
  const double length_s = (first->stop_s - static_cast<double>(first->start_s)) / first->share;
  std::vector<std::string> hints;
  if (!written)
    hints.push_back(fmt::format("A dose takes {}, parameter infusion.duration, where {} is not written.", length_text(length_s), keys.length));
  findings.warn(
      place_of(entry, written ? keys.length : keys.first),
      fmt::format("{}: the run ends at {}, before {} that starts at {} is given: {}% of it is", path(*first, keys.length),
                  sim::format_duration(end_s), which, sim::format_duration(first->start_s), sim::format_rounded(100.0 * first->share) + " "),
      hints);
}

}  // namespace

void check_doses(const sim::Scenario& scenario, const sim::Table& entry, const std::vector<sim::Happening>& doses, const DoseKeys& keys,
                 sim::Findings& findings) {
  const std::int64_t end_s = end_of_run_s(scenario);
  const sim::Happening& first = doses.front();
  const std::string at = sim::format_duration(first.asked_s);
  if (first.asked_s >= end_s) {
    findings.error(entry.place(keys.first),
                   fmt::format("{}: the dose at {} comes after the end of the run at {}", path(first, keys.first), at, sim::format_duration(end_s)),
                   {"Make time.duration longer, or give the dose earlier."});
    return;
  }
  if (first.share == 0.0) {
    findings.error(entry.place(keys.first),
                   fmt::format("{}: the dose at {} would be moved to {}, the end of a visit, and so be lost", path(first, keys.first), at,
                               sim::format_duration(first.start_s)),
                   {"Set numerics.visit shorter, or give the dose earlier."});
    return;
  }
  check_moved(entry, doses, keys, findings);
  check_lost(entry, doses, keys, end_s, findings);
  if (keys.length != nullptr) check_cut(entry, doses, keys, end_s, findings);
}

void check_intervention_times(const sim::Scenario& scenario, std::size_t number, sim::Findings& findings) {
  const sim::Table& intervention = scenario.root.tables("intervention")[number];
  const std::int64_t start_s = intervention.seconds("start"), stop_s = intervention.seconds("stop"), end_s = end_of_run_s(scenario);
  const auto named = [&](const char* key) { return fmt::format("intervention.{}.{}", number, key); };
  if (stop_s <= start_s) {
    findings.error(intervention.place("stop"), fmt::format("{}: it ends at {}, before it starts at {}", named("stop"), sim::format_duration(stop_s),
                                                           sim::format_duration(start_s)));
    return;
  }
  if (start_s >= end_s) {
    findings.warn(intervention.place("start"), fmt::format("{}: it starts at {}, after the end of the run at {}", named("start"),
                                                           sim::format_duration(start_s), sim::format_duration(end_s)));
    return;
  }
  if (is_exact(intervention)) return;
  const std::int64_t from_s = sim::next_visit_end(scenario, start_s), to_s = sim::next_visit_end(scenario, stop_s);
  if (from_s == to_s)
    findings.error(intervention.place("stop"), fmt::format("{}: it lies within one visit and would do nothing", named("stop")),
                   {"Make it longer, or numerics.visit shorter."});
  else if (from_s >= end_s)
    findings.warn(intervention.place("start"), fmt::format("{}: it is moved from {} to {}, the end of a visit, when the run ends, and does nothing",
                                                           named("start"), sim::format_duration(start_s), sim::format_duration(from_s)));
  else if (from_s != start_s || (to_s != stop_s && to_s <= end_s))
    findings.warn(intervention.place("start"),
                  fmt::format("{}: it acts from {} to {}, ends of visits, not from {} to {}", named("start"), sim::format_duration(from_s),
                              sim::format_duration(to_s), sim::format_duration(start_s), sim::format_duration(stop_s)),
                  {"Set numerics.visit shorter to keep the times."});
}

}  // namespace paracrine::models::body
