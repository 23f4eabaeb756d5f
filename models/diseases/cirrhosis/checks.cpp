#include <fmt/format.h>

#include <string>
#include <vector>

#include "models/body/schedule.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::cirrhosis {

namespace {

std::string path(const std::string& list, std::size_t number, const std::string& key) { return fmt::format("{}.{}.{}", list, number, key); }

void check_injury_doses(const sim::Scenario& scenario, std::size_t number, sim::Findings& findings) {
  constexpr std::int64_t most = 100000;
  const sim::Table& injury = scenario.root.tables("injury")[number];
  if (const std::int64_t count = count_of_doses(injury); count > most)
    findings.error(injury.place("every"),
                   fmt::format("{}: {} doses from start to stop, expected {} or fewer", path("injury", number, "every"), count, most),
                   {"Make it longer, or give a chronic cause."});
  else
    body::check_doses(scenario, injury, injury_doses(scenario, number), {.first = "start", .every = "every", .repeats = "stop", .length = nullptr},
                      findings);
}

void check_injury(const sim::Scenario& scenario, const sim::Table& injury, std::size_t number, sim::Findings& findings) {
  const std::string& cause = injury.text("cause");
  const std::int64_t start = injury.seconds("start"), stop = injury.seconds("stop"), end = scenario.root.table("time").seconds("duration");
  if (stop <= start)
    findings.error(injury.place("stop"), fmt::format("{}: it ends at {}, before it starts at {}", path("injury", number, "stop"),
                                                     sim::format_duration(stop), sim::format_duration(start)));
  else if (start >= end)
    findings.warn(injury.place("start"), fmt::format("{}: it starts at {}, after the end of the run at {}", path("injury", number, "start"),
                                                     sim::format_duration(start), sim::format_duration(end)));
  const auto need = [&](const std::string& key, const std::string& example) {
    if (!injury.has(key))
      findings.error(injury.place(), fmt::format("{} is missing", path("injury", number, key)),
                     {fmt::format("Write, for example, {} = {}.", key, example)});
  };
  const auto not_for = [&](const std::string& key, const std::string& whom) {
    if (injury.has(key) && injury.written(key))
      findings.error(injury.place(key), fmt::format("{} is for {}; this cause is {}", path("injury", number, key), whom, cause), {"Leave it out."});
  };
  if (cause == "ccl4") {
    need("every", "\"3.5 d\"");
    need("dose", "\"0.5 mL/kg\"");
    not_for("severity", "chronic causes");
    if (injury.has("every") && injury.has("dose") && start < stop && start < end) check_injury_doses(scenario, number, findings);
  } else {
    not_for("every", "ccl4");
    not_for("dose", "ccl4");
  }
}

/// What is to be taken away must be there.
void check_presence(const sim::Scenario& scenario, const sim::Table& what, std::size_t number, sim::Findings& findings) {
  const std::string& kind = what.text("kind");
  const auto absent = [&](const std::string& cells, const std::string& why) {
    findings.error(what.place("kind"), fmt::format("{}: there are no {} to deplete, as {}", path("intervention", number, "kind"), cells, why),
                   {"Leave the intervention out, or let the cells be there."});
  };
  if (kind == "macrophage_depletion" && scenario.parameter("lobule.kupffer_per_hepatocyte") == 0.0 &&
      !(scenario.process("recruitment") && scenario.process("monocyte_pool")))
    absent("macrophages", "lobule.kupffer_per_hepatocyte is 0 and nothing recruits monocytes");
  if (kind == "neutrophil_depletion" && !(scenario.process("neutrophil_pool") && scenario.process("neutrophil_recruitment")))
    absent("neutrophils", "neutrophil_pool or neutrophil_recruitment is switched off");
  if (kind == "splenectomy" && scenario.parameter("monocyte_pool.spleen_cells") == 0.0 && scenario.parameter("neutrophil_pool.spleen_cells") == 0.0)
    absent("leukocytes of the spleen", "monocyte_pool.spleen_cells and neutrophil_pool.spleen_cells are 0");
}

void check_interventions(const sim::Scenario& scenario, sim::Findings& findings) {
  const std::vector<sim::Table>& all = scenario.root.tables("intervention");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& kind = all[i].text("kind");
    if (kind == "macrophage_depletion" && !all[i].has("method"))
      findings.error(all[i].place(), fmt::format("{} is missing", path("intervention", i, "method")),
                     {"Write method = \"clodronate\" or method = \"cd11b_dtr\": they deplete different cells."});
    if (kind != "macrophage_depletion" && all[i].has("method"))
      findings.error(all[i].place("method"),
                     fmt::format("{} is for macrophage_depletion; this intervention is {}", path("intervention", i, "method"), kind),
                     {"Leave it out."});
    if (!scenario.process("intervention") && kind != "vasodilator" && kind != "lung_bypass")
      findings.error(all[i].place("kind"), fmt::format("{}: the process intervention is switched off", path("intervention", i, "kind")),
                     {"Leave the intervention out, or switch the process on."});
    check_presence(scenario, all[i], i, findings);
    for (std::size_t j = 0; j < i; ++j)
      if (all[j].text("kind") == kind && all[j].seconds("start") < all[i].seconds("stop") && all[i].seconds("start") < all[j].seconds("stop"))
        findings.error(all[i].place("start"),
                       fmt::format("{}: it contradicts intervention.{}, which is the same and acts at the same time, from {} to {}",
                                   path("intervention", i, "start"), j, sim::format_duration(all[j].seconds("start")),
                                   sim::format_duration(all[j].seconds("stop"))),
                       {"Let one end before the other starts."});
  }
}

}  // namespace

void check(const sim::Scenario& scenario, sim::Findings& findings) {
  if (scenario.root.text("species") == "human")
    findings.warn(
        scenario.root.place("species"),
        "species: the model cirrhosis has no natural history in man yet: a healthy man's liver does not stay as it is (ALT rises within days), and "
        "injury runs at rates found in mice",
        {"Compare runs with one another, not with patients."});
  std::size_t number = 0;
  for (const sim::Table& injury : scenario.root.tables("injury")) check_injury(scenario, injury, number++, findings);
  check_interventions(scenario, findings);
}

}  // namespace paracrine::models::cirrhosis
