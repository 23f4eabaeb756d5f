#include "models/body/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "models/body/keys.hpp"
#include "models/body/therapy.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::body {

namespace {

constexpr double most_agents_ever = 1e8;
constexpr double longest_bolus_s = 600.0;  // what is given more slowly is an infusion

std::string path(std::size_t number, const std::string& key) { return fmt::format("therapy.{}.{}", number, key); }

/// A number for people: four digits at most, such as 2e6.
std::string shown(double value) { return sim::format_number(std::stod(fmt::format("{:.4g}", value))); }

/// What each product is called, the key of its amount, and an example of it; by Product.
struct ProductWords {
  const char* name;
  const char* amount;
  const char* example;
};
constexpr std::array<ProductWords, 6> product_words{{{"MSC", "cells", "1e6"},
                                                     {"particles", "count", "1e6"},
                                                     {"vesicles", "particles", "1e9"},
                                                     {"conditioned medium", "cell_equivalents", "1e6"},
                                                     {"colloid", "count", "1e9"},
                                                     {"bone-marrow macrophages", "cells", "1e6"}}};
const ProductWords& words(const sim::Table& therapy) { return product_words.at(static_cast<std::size_t>(product_of(therapy))); }

/// A key that only some products have.
struct OwnedKey {
  const char* key;
  const char* owner;  // whom it is for, in words
  std::vector<Product> products;
};
const std::vector<OwnedKey>& owned_keys() {
  static const std::vector<OwnedKey> keys{
      {"cells", "MSC", {Product::msc, Product::bone_marrow_macrophages}},
      {"viability", "MSC", {Product::msc, Product::bone_marrow_macrophages}},
      {"phenotype", "bone-marrow macrophages", {Product::bone_marrow_macrophages}},
      {"particles", "vesicles", {Product::ev}},
      {"protein", "vesicles", {Product::ev}},
      {"particles_per_ug", "vesicles", {Product::ev}},
      {"cell_equivalents", "conditioned medium", {Product::conditioned_medium}},
      {"with_vesicles", "conditioned medium", {Product::conditioned_medium}},
      {"count", "particles", {Product::particle, Product::colloid}},
      {"diameter", "particles", {Product::particle}},
      {"source", "MSC", {Product::msc, Product::ev, Product::conditioned_medium}},
      {"culture", "MSC", {Product::msc, Product::ev, Product::conditioned_medium}},
      {"passage", "MSC", {Product::msc, Product::ev, Product::conditioned_medium}},
      {"priming", "MSC", {Product::msc, Product::ev, Product::conditioned_medium}},
  };
  return keys;
}

bool is_amount(const std::string& key) {
  return key == "cells" || key == "particles" || key == "protein" || key == "cell_equivalents" || key == "count";
}

/// Refuses keys that another product has. Returns whether an amount is among them.
bool check_owners(const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const Product product = product_of(therapy);
  const std::string amount = words(therapy).amount;
  bool wrong_amount = false;
  for (const OwnedKey& owned : owned_keys()) {
    const bool its_own = std::find(owned.products.begin(), owned.products.end(), product) != owned.products.end();
    if (its_own || !therapy.has(owned.key) || !therapy.written(owned.key)) continue;
    const std::string message = fmt::format("{} is for {}; this therapy gives {}", path(number, owned.key), owned.owner, words(therapy).name);
    std::vector<std::string> hints{"Leave it out."};
    if (product == Product::msc && std::string(owned.key) == "diameter")
      hints = {"The diameter of MSC is the parameter infusion.diameter."};
    else if (is_amount(owned.key) && !therapy.has(amount) && !(product == Product::ev && therapy.has("protein")))
      hints = {fmt::format("Write {} instead, for example {} = {}.", amount, amount, words(therapy).example)};
    findings.error(therapy.place(owned.key), message, hints);
    wrong_amount = wrong_amount || is_amount(owned.key);
  }
  return wrong_amount;
}

/// Each product has its own keys, and one amount.
void check_product(const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const Product product = product_of(therapy);
  const bool wrong_amount = check_owners(therapy, number, findings);
  const auto need = [&](const std::string& key, const std::string& example) {
    if (therapy.has(key)) return;
    std::vector<std::string> hints{fmt::format("Write, for example, {} = {}.", key, example)};
    if (is_amount(key)) hints.push_back(fmt::format("For a control without a dose: {} = 0, or therapy = [].", key));
    findings.error(therapy.place(), fmt::format("{} is missing", path(number, key)), hints);
  };
  if (product == Product::particle) need("diameter", "\"10 um\"");
  const bool protein = product == Product::ev && therapy.has("protein"), per_ug = product == Product::ev && therapy.has("particles_per_ug");
  if (per_ug && !protein) {
    findings.error(therapy.place("particles_per_ug"),
                   fmt::format("{} is for a dose in protein; this one gives none", path(number, "particles_per_ug")),
                   {therapy.has("particles") ? "Leave it out." : "Write, for example, protein = \"10 ug\"."});
    return;
  }
  if (!protein) {
    if (!wrong_amount) need(words(therapy).amount, words(therapy).example);
    return;
  }
  if (therapy.has("particles"))
    findings.error(therapy.place("protein"), fmt::format("{}: the dose is given twice, as particles and as protein", path(number, "protein")),
                   {"Write one of them."});
  if (!per_ug)
    findings.error(therapy.place("protein"), fmt::format("{} is missing: a dose in ug needs it", path(number, "particles_per_ug")),
                   {"Write, for example, particles_per_ug = 5e9; preparations differ from 1e9 to 3e10."});
}

double duration_s(const sim::Scenario& scenario, const sim::Table& therapy) {
  return therapy.has("duration") ? therapy.quantity("duration") : scenario.parameter("infusion.duration");
}

/// One dose must be within reason; a large bolus of cells is warned of.
void check_amount(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const std::string amount = product_of(therapy) == Product::ev && therapy.has("protein") ? "protein" : words(therapy).amount;
  if (!therapy.has(amount) || (amount == "protein" && !therapy.has("particles_per_ug"))) return;
  const double bodies = amount_of_a_dose(scenario, therapy),
               most = has_agents(product_of(therapy)) || product_of(therapy) == Product::bone_marrow_macrophages ? most_bodies : most_of_a_dose;
  if (bodies > most) {
    findings.error(therapy.place(amount), fmt::format("{}: expected at most {} {} in one dose, got {}", path(number, amount), shown(most),
                                                      words(therapy).name, shown(bodies)));
    return;
  }
  const double limit = scenario.parameter("infusion.embolic_limit");
  if (product_of(therapy) == Product::msc && therapy.text("route") == "peripheral_vein" && bodies > limit &&
      duration_s(scenario, therapy) <= longest_bolus_s)
    findings.warn(therapy.place(amount),
                  fmt::format("{}: {} cells into a vein at once are more than {}, above which emboli may kill; the model has none",
                              path(number, amount), shown(bodies), shown(limit)),
                  {"The limit, parameter infusion.embolic_limit, is assumed."});
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

/// Doses that are given at the same time as another.
void check_overlaps(const sim::Scenario& scenario, sim::Findings& findings) {
  if (!scenario.root.has("therapy")) return;
  struct Given {
    std::int64_t start_s, stop_s;
    std::size_t therapy;
  };
  std::vector<Given> doses;
  const std::int64_t end = scenario.root.table("time").seconds("duration");
  const std::vector<sim::Table>& therapies = scenario.root.tables("therapy");
  for (std::size_t t = 0; t < therapies.size(); ++t) {
    const std::int64_t length =
        therapies[t].has("duration") ? therapies[t].seconds("duration") : static_cast<std::int64_t>(scenario.parameter("infusion.duration"));
    const std::int64_t repeats = therapies[t].has("every") ? therapies[t].integer("repeats") : 1;
    for (std::int64_t k = 0; k < repeats; ++k) {
      const std::int64_t asked = therapies[t].seconds("at") + (k > 0 ? k * therapies[t].seconds("every") : 0);
      if (asked >= end) break;
      const std::int64_t start = sim::next_visit_end(scenario, asked);
      doses.push_back({start, start + length, t});
    }
  }
  std::stable_sort(doses.begin(), doses.end(), [](const Given& a, const Given& b) { return a.start_s < b.start_s; });
  for (std::size_t i = 1; i < doses.size(); ++i) {
    const Given &before = doses[i - 1], &after = doses[i];
    if (after.start_s >= before.stop_s) continue;
    const std::string key = after.therapy == before.therapy && therapies[after.therapy].has("every") ? "every" : "at";
    findings.warn(
        therapies[after.therapy].place(key),
        fmt::format("{}: the dose at {} begins while that of therapy.{} is given, from {} to {}", path(after.therapy, key),
                    sim::format_duration(after.start_s), before.therapy, sim::format_duration(before.start_s), sim::format_duration(before.stop_s)),
        {"Both are given. Make their durations shorter if they should follow each other."});
    return;
  }
}

/// Agents must be so few that they find room, and an agent must not stand for more than a dose has.
void check_weights(const sim::Scenario& scenario, sim::Findings& findings) {
  const sim::Table& numerics = scenario.root.table("numerics");
  if (numerics.word("msc_weight")) return;
  const double weight = numerics.quantity("msc_weight");
  double agents = 0.0;
  const std::vector<sim::Table>& therapies = scenario.root.tables("therapy");
  for (std::size_t number = 0; number < therapies.size(); ++number) {
    const sim::Table& therapy = therapies[number];
    const std::string amount = words(therapy).amount;
    if (!has_agents(product_of(therapy)) || !therapy.has(amount)) continue;
    const double bodies = amount_of_a_dose(scenario, therapy);
    agents += bodies / weight * static_cast<double>(therapy.integer("repeats"));
    if (bodies < weight)
      findings.warn(therapy.place(amount),
                    fmt::format("{}: {} in a dose are less than one agent of weight {}, so nothing may be given", path(number, amount), shown(bodies),
                                shown(weight)),
                    {"Make numerics.msc_weight smaller, or leave it to \"auto\"."});
  }
  if (agents > most_agents_ever)
    findings.error(numerics.place("msc_weight"),
                   fmt::format("numerics.msc_weight: {} agents would be made, more than {}", shown(agents), shown(most_agents_ever)),
                   {"Make it larger, or leave it to \"auto\"."});
}

}  // namespace
void check_therapies(const sim::Scenario& scenario, sim::Findings& findings) {
  std::size_t number = 0;
  if (scenario.root.has("therapy")) {
    if (scenario.root.tables("therapy").size() > 255) findings.error(scenario.root.place("therapy"), "therapy: more than 255 therapies");
    for (const sim::Table& therapy : scenario.root.tables("therapy")) {
      check_product(therapy, number, findings);
      check_amount(scenario, therapy, number, findings);
      check_times(scenario, therapy, number, findings);
      ++number;
    }
  }
  check_weights(scenario, findings);
  check_overlaps(scenario, findings);
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

}  // namespace paracrine::models::body
