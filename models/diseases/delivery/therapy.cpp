#include "models/diseases/delivery/therapy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/units.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::delivery {

namespace {

constexpr double most_agents = 2e6;
constexpr double century_s = 100.0 * 365.25 * 86400.0;
constexpr double most_agents_ever = 1e8;
constexpr double most_bodies = 1e12;  // cells or particles of one dose

using sim::Key;
using sim::KeyType;

Key time_key(std::string name, std::string meaning, bool required, bool more_than_zero = false) {
  return {.name = std::move(name),
          .type = KeyType::quantity,
          .units = {"s"},
          .required = required,
          .physical = {0.0, century_s},
          .exclusive_low = more_than_zero,
          .whole_seconds = true,
          .meaning = std::move(meaning)};
}

std::vector<Key> keys_of_therapy() {
  return {
      {.name = "product", .type = KeyType::choice, .required = true, .choices = {"msc", "particle"}, .meaning = "what is given"},
      {.name = "source",
       .type = KeyType::choice,
       .default_value = "\"adipose\"",
       .choices = {"bone_marrow", "adipose", "umbilical_cord", "amnion"},
       .only_where = "product",
       .only_for = {"msc"},
       .meaning = "tissue the MSC come from; in this model it changes nothing yet (no difference of size is known)"},
      {.name = "culture",
       .type = KeyType::choice,
       .default_value = "\"2d\"",
       .choices = {"2d", "spheroid"},
       .only_where = "product",
       .only_for = {"msc"},
       .meaning = "how the MSC were grown; sets their diameter"},
      {.name = "passage",
       .type = KeyType::integer,
       .default_value = "4",
       .physical = {0.0, 50.0},
       .only_where = "product",
       .only_for = {"msc"},
       .meaning = "passage of the MSC; sets their diameter"},
      {.name = "cells",
       .type = KeyType::quantity,
       .units = {"1", "1/kg"},
       .physical = {0.0, most_bodies},
       .exclusive_low = true,
       .meaning = "MSC of one dose, in all or per body weight"},
      {.name = "count",
       .type = KeyType::quantity,
       .units = {"1", "1/kg"},
       .physical = {0.0, most_bodies},
       .exclusive_low = true,
       .meaning = "particles of one dose"},
      {.name = "diameter", .type = KeyType::quantity, .units = {"um"}, .physical = {0.1, 200.0}, .meaning = "diameter of the particles"},
      {.name = "route",
       .type = KeyType::choice,
       .default_value = "\"peripheral_vein\"",
       .choices = {"peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic"},
       .meaning = "where it is given"},
      time_key("at", "start of the first dose; moved to the end of a visit", true),
      time_key("duration", "time over which a dose is given; absent: parameter infusion.duration", false, true),
      {.name = "repeats", .type = KeyType::integer, .default_value = "1", .physical = {1.0, 10000.0}, .meaning = "number of doses"},
      time_key("every", "time between the starts of doses", false, true),
      {.name = "viability",
       .type = KeyType::quantity,
       .units = {"1"},
       .physical = {0.0, 1.0},
       .meaning = "share of the MSC that live when given; absent: parameter infusion.viability"},
  };
}

/// An amount that may be written per kg of body weight.
double per_body_weight(const sim::Scenario& scenario, const sim::Table& therapy, const std::string& key) {
  const double value = therapy.quantity(key);
  return therapy.unit(key) == "1/kg" ? value * body_weight_g(scenario) / 1000.0 : value;
}

std::string path(std::size_t number, const std::string& key) { return fmt::format("therapy.{}.{}", number, key); }

void check_product(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const bool cells = therapy.text("product") == "msc";
  const auto refuse = [&](const std::string& key, const std::string& why) {
    if (therapy.has(key) && therapy.written(key)) findings.error(therapy.place(key), fmt::format("{} is for {}", path(number, key), why));
  };
  const auto need = [&](const std::string& key, const std::string& example) {
    if (!therapy.has(key))
      findings.error(therapy.place(), fmt::format("{} is missing", path(number, key)), {fmt::format("Write, for example, {} = {}.", key, example)});
  };
  if (cells) {
    need("cells", "1e6");
    refuse("count", "particles; this therapy gives MSC, write cells");
    refuse("diameter", "particles; the diameter of MSC is the parameter infusion.diameter");
  } else {
    need("count", "1e6");
    need("diameter", "\"10 um\"");
    for (const std::string key : {"cells", "source", "culture", "passage", "viability"})
      refuse(key, "MSC; this therapy gives particles" + std::string(key == "cells" ? ", write count" : ""));
  }
  const std::string amount = cells ? "cells" : "count";
  if (!therapy.has(amount)) return;
  if (const double bodies = per_body_weight(scenario, therapy, amount); bodies > most_bodies)
    findings.error(therapy.place(amount), fmt::format("{}: {:g} in one dose, more than {:g}", path(number, amount), bodies, most_bodies));
}

void check_times(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const std::int64_t end = scenario.root.table("time").seconds("duration"), at = therapy.seconds("at"), repeats = therapy.integer("repeats");
  if (at >= end) {
    findings.error(therapy.place("at"),
                   fmt::format("{}: the dose at {} comes after the end of the run at {}", path(number, "at"), sim::format_duration(at),
                               sim::format_duration(end)),
                   {"Make time.duration longer, or give the dose earlier."});
    return;
  }
  if (repeats > 1 && !therapy.has("every")) {
    findings.error(therapy.place("repeats"), fmt::format("{} is missing: {} doses need the time between them", path(number, "every"), repeats),
                   {"Write, for example, every = \"7 d\"."});
    return;
  }
  const std::int64_t every = therapy.has("every") ? therapy.seconds("every") : 0;
  if (at + (repeats - 1) * every >= end)
    findings.warn(therapy.place("repeats"), fmt::format("{}: {} of {} doses come after the end of the run at {}", path(number, "repeats"),
                                                        repeats - 1 - (end - 1 - at) / every, repeats, sim::format_duration(end)));
  const std::int64_t moved = sim::next_visit_end(scenario, at);
  if (moved >= end) {
    findings.error(therapy.place("at"),
                   fmt::format("{}: the dose at {} would be moved to {}, the end of a visit, and so be lost", path(number, "at"),
                               sim::format_duration(at), sim::format_duration(moved)),
                   {"Set numerics.visit shorter, or give the dose earlier."});
    return;
  }
  if (moved != at)
    findings.warn(therapy.place("at"),
                  fmt::format("{}: the dose at {} is moved to {}, the end of a visit", path(number, "at"), sim::format_duration(at),
                              sim::format_duration(moved)),
                  {"Set numerics.visit shorter to keep the time."});
  for (std::int64_t k = 1; k < repeats && moved == at; ++k)
    if (sim::next_visit_end(scenario, at + k * every) != at + k * every) {
      findings.warn(therapy.place("every"), fmt::format("{}: doses are moved to the ends of visits", path(number, "every")),
                    {"Set numerics.visit shorter to keep the times."});
      break;
    }
  if (therapy.has("duration") && moved + therapy.seconds("duration") > end)
    findings.warn(therapy.place("duration"), fmt::format("{}: the run ends at {}, before the dose that starts at {} is given",
                                                         path(number, "duration"), sim::format_duration(end), sim::format_duration(moved)));
}

/// Agents must be so few that they find room, and an agent must not stand for more than a dose has.
void check_weights(const sim::Scenario& scenario, sim::Findings& findings) {
  const sim::Table& numerics = scenario.root.table("numerics");
  if (numerics.word("msc_weight")) return;
  const double weight = numerics.quantity("msc_weight");
  double agents = 0.0;
  std::size_t number = 0;
  for (const sim::Table& therapy : scenario.root.tables("therapy")) {
    const std::string amount = therapy.text("product") == "msc" ? "cells" : "count";
    const double bodies = per_body_weight(scenario, therapy, amount);
    agents += bodies / weight * static_cast<double>(therapy.integer("repeats"));
    if (bodies < weight)
      findings.warn(therapy.place(amount), fmt::format("{}: {:g} in a dose are less than one agent of weight {:g}, so nothing may be given",
                                                       path(number, amount), bodies, weight));
    ++number;
  }
  if (agents > most_agents_ever)
    findings.error(numerics.place("msc_weight"),
                   fmt::format("numerics.msc_weight: {:g} agents would be made, more than {:g}", agents, most_agents_ever),
                   {"Make it larger, or leave it to \"auto\"."});
}

}  // namespace

std::vector<sim::Key> therapy_keys() {
  return {
      {.name = "species",
       .type = KeyType::choice,
       .default_value = "\"mouse\"",
       .choices = {"mouse", "human"},
       .meaning = "whose body; chooses the defaults of all parameters"},
      {.name = "subject",
       .type = KeyType::table,
       .keys = {{.name = "body_weight",
                 .type = KeyType::quantity,
                 .units = {"g"},
                 .physical = {1.0, 500000.0},
                 .meaning = "body weight; scales organs, flows and doses per kg; absent: parameter circulation.reference_body_weight"}},
       .meaning = "one run is one animal or patient"},
      {.name = "therapy", .type = KeyType::table_list, .keys = keys_of_therapy(), .meaning = "what is given, when and how"},
      {.name = "intervention",
       .type = KeyType::table_list,
       .keys = {{.name = "kind", .type = KeyType::choice, .required = true, .choices = {"vasodilator", "lung_bypass"}, .meaning = "what is done"},
                time_key("start", "start", true),
                time_key("stop", "end", true),
                {.name = "efficacy",
                 .type = KeyType::quantity,
                 .units = {"1"},
                 .default_value = "1",
                 .physical = {0.0, 1.0},
                 .meaning = "vasodilator: share of the full dilation; lung_bypass: share of the blood that bypasses the lung's capillaries"}},
       .meaning = "what an experimenter does besides"},
      {.name = "numerics",
       .type = KeyType::table,
       .keys = {{.name = "msc_weight",
                 .type = KeyType::quantity,
                 .units = {"1"},
                 .default_value = "\"auto\"",
                 .physical = {0.0, 1e9},
                 .exclusive_low = true,
                 .choices = {"auto"},
                 .meaning = "cells (or particles) that one agent stands for; auto: 1 up to two million"}}},
  };
}

void check_therapies(const sim::Scenario& scenario, sim::Findings& findings) {
  std::size_t number = 0;
  if (scenario.root.has("therapy")) {
    if (scenario.root.tables("therapy").size() > 255) findings.error(scenario.root.place("therapy"), "therapy: more than 255 therapies");
    for (const sim::Table& therapy : scenario.root.tables("therapy")) {
      check_product(scenario, therapy, number, findings);
      check_times(scenario, therapy, number, findings);
      ++number;
    }
  }
  check_weights(scenario, findings);
  number = 0;
  if (!scenario.root.has("intervention")) return;
  for (const sim::Table& intervention : scenario.root.tables("intervention")) {
    if (intervention.seconds("stop") <= intervention.seconds("start"))
      findings.error(intervention.place("stop"),
                     fmt::format("intervention.{}.stop: it ends at {}, before it starts at {}", number,
                                 sim::format_duration(intervention.seconds("stop")), sim::format_duration(intervention.seconds("start"))));
    ++number;
  }
}

double body_weight_g(const sim::Scenario& scenario) {
  const sim::Table& subject = scenario.root.table("subject");
  return subject.has("body_weight") ? subject.quantity("body_weight") : scenario.parameter("circulation.reference_body_weight");
}

std::vector<Therapy> read_therapies(const sim::Scenario& scenario, const InfusionParameters& p) {
  std::vector<Therapy> therapies;
  if (!scenario.root.has("therapy")) return therapies;
  const std::int64_t end = scenario.root.table("time").seconds("duration");
  for (const sim::Table& table : scenario.root.tables("therapy")) {
    Therapy therapy;
    therapy.product = table.text("product") == "msc" ? Product::msc : Product::particle;
    const std::vector<std::string> routes{"peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic"};
    therapy.route = static_cast<Route>(std::find(routes.begin(), routes.end(), table.text("route")) - routes.begin());
    if (therapy.product == Product::msc) {
      therapy.number = per_body_weight(scenario, table, "cells");
      therapy.viability = table.has("viability") ? table.quantity("viability") : p.viability;
      therapy.mean_diameter_um = msc_diameter_um(p, table.text("culture") == "spheroid", static_cast<double>(table.integer("passage")));
      therapy.diameter_sd_um = p.diameter_sd_um * therapy.mean_diameter_um / p.diameter_um;
    } else {
      therapy.number = per_body_weight(scenario, table, "count");
      therapy.mean_diameter_um = table.quantity("diameter");
    }
    therapy.duration_s = table.has("duration") ? table.quantity("duration") : p.duration_s;
    for (std::int64_t k = 0; k < table.integer("repeats"); ++k) {
      const std::int64_t start = sim::next_visit_end(scenario, table.seconds("at") + (k > 0 ? k * table.seconds("every") : 0));
      if (start < end) therapy.starts_s.push_back(start);
    }
    therapies.push_back(std::move(therapy));
  }
  return therapies;
}

std::vector<LungIntervention> read_interventions(const sim::Scenario& scenario) {
  std::vector<LungIntervention> interventions;
  if (!scenario.root.has("intervention")) return interventions;
  for (const sim::Table& table : scenario.root.tables("intervention"))
    interventions.push_back({.kind = table.text("kind") == "vasodilator" ? LungIntervention::Kind::vasodilator : LungIntervention::Kind::lung_bypass,
                             .start_s = static_cast<double>(table.seconds("start")),
                             .stop_s = static_cast<double>(table.seconds("stop")),
                             .efficacy = table.quantity("efficacy")});
  return interventions;
}

double agent_weight(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, Product product) {
  const sim::Table& numerics = scenario.root.table("numerics");
  if (!numerics.word("msc_weight")) return numerics.quantity("msc_weight");
  double total = 0.0;
  for (const Therapy& therapy : therapies)
    if (therapy.product == product) total += therapy.number * static_cast<double>(therapy.starts_s.size());
  return std::max(1.0, total / most_agents);
}

}  // namespace paracrine::models::delivery
