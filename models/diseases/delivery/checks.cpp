#include "models/diseases/delivery/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "models/diseases/delivery/keys.hpp"
#include "models/diseases/delivery/therapy.hpp"
#include "sim/core/units.hpp"
#include "sim/engine/plan.hpp"

namespace paracrine::models::delivery {

namespace {

constexpr double most_agents_ever = 1e8;

std::string path(std::size_t number, const std::string& key) { return fmt::format("therapy.{}.{}", number, key); }

/// What each product is called, the key of its amount, and an example of it; by Product.
struct ProductWords {
  const char* name;
  const char* amount;
  const char* example;
};
constexpr std::array<ProductWords, 5> product_words{{{"MSC", "cells", "1e6"},
                                                     {"particles", "count", "1e6"},
                                                     {"vesicles", "particles", "1e9"},
                                                     {"conditioned medium", "cell_equivalents", "1e6"},
                                                     {"colloid", "count", "1e9"}}};
const ProductWords& words(const sim::Table& therapy) { return product_words.at(static_cast<std::size_t>(product_of(therapy))); }

/// A key that only some products have.
struct OwnedKey {
  const char* key;
  const char* owner;  // whom it is for, in words
  std::vector<Product> products;
};
const std::vector<OwnedKey>& owned_keys() {
  static const std::vector<OwnedKey> keys{
      {"cells", "MSC", {Product::msc}},
      {"viability", "MSC", {Product::msc}},
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

/// Each product has its own keys, and one amount.
void check_product(const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const Product product = product_of(therapy);
  for (const OwnedKey& owned : owned_keys()) {
    const bool its_own = std::find(owned.products.begin(), owned.products.end(), product) != owned.products.end();
    if (its_own || !therapy.has(owned.key) || !therapy.written(owned.key)) continue;
    if (product == Product::msc && std::string(owned.key) == "diameter") {
      findings.error(therapy.place("diameter"),
                     fmt::format("{} is for particles; the diameter of MSC is the parameter infusion.diameter", path(number, "diameter")));
      continue;
    }
    findings.error(therapy.place(owned.key),
                   fmt::format("{} is for {}; this therapy gives {}{}", path(number, owned.key), owned.owner, words(therapy).name,
                               is_amount(owned.key) ? fmt::format(", write {}", words(therapy).amount) : ""));
  }
  const auto need = [&](const std::string& key, const std::string& example) {
    if (!therapy.has(key))
      findings.error(therapy.place(), fmt::format("{} is missing", path(number, key)), {fmt::format("Write, for example, {} = {}.", key, example)});
  };
  if (product == Product::particle) need("diameter", "\"10 um\"");
  if (product != Product::ev || !therapy.has("protein")) return need(words(therapy).amount, words(therapy).example);
  if (therapy.has("particles"))
    findings.error(therapy.place("protein"), fmt::format("{}: the dose is given twice, as particles and as protein", path(number, "protein")),
                   {"Write one of them."});
  if (!therapy.has("particles_per_ug"))
    findings.error(therapy.place("protein"), fmt::format("{} is missing: a dose in ug needs it", path(number, "particles_per_ug")),
                   {"Write, for example, particles_per_ug = 5e9; preparations differ from 1e9 to 3e10."});
}

/// One dose must be within reason; a large bolus of cells is warned of.
void check_amount(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const std::string amount = product_of(therapy) == Product::ev && therapy.has("protein") ? "protein" : words(therapy).amount;
  if (!therapy.has(amount) || (amount == "protein" && !therapy.has("particles_per_ug"))) return;
  const double bodies = amount_of_a_dose(scenario, therapy), most = has_agents(product_of(therapy)) ? most_bodies : most_of_a_dose;
  if (bodies > most) {
    findings.error(therapy.place(amount), fmt::format("{}: {:g} in one dose, more than {:g}", path(number, amount), bodies, most));
    return;
  }
  const double limit = scenario.parameter("infusion.embolic_limit");
  if (product_of(therapy) == Product::msc && therapy.text("route") == "peripheral_vein" && bodies > limit)
    findings.warn(therapy.place(amount),
                  fmt::format("{}: {:g} cells into a vein are more than {:g}, above which emboli may kill; the model has none", path(number, amount),
                              bodies, limit),
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
  const std::vector<sim::Table>& therapies = scenario.root.tables("therapy");
  for (std::size_t t = 0; t < therapies.size(); ++t) {
    const std::int64_t length =
        therapies[t].has("duration") ? therapies[t].seconds("duration") : static_cast<std::int64_t>(scenario.parameter("infusion.duration"));
    for (std::int64_t k = 0; k < therapies[t].integer("repeats"); ++k) {
      const std::int64_t start = therapies[t].seconds("at") + (k > 0 && therapies[t].has("every") ? k * therapies[t].seconds("every") : 0);
      doses.push_back({start, start + length, t});
    }
  }
  std::stable_sort(doses.begin(), doses.end(), [](const Given& a, const Given& b) { return a.start_s < b.start_s; });
  for (std::size_t i = 1; i < doses.size(); ++i) {
    const Given &before = doses[i - 1], &after = doses[i];
    if (after.start_s >= before.stop_s) continue;
    findings.warn(
        therapies[after.therapy].place("at"),
        fmt::format("therapy.{}: its dose at {} begins before the dose of therapy.{} that began at {} has ended at {}", after.therapy,
                    sim::format_duration(after.start_s), before.therapy, sim::format_duration(before.start_s), sim::format_duration(before.stop_s)));
    return;
  }
}

/// Agents must be so few that they find room, and an agent must not stand for more than a dose has.
void check_weights(const sim::Scenario& scenario, sim::Findings& findings) {
  const sim::Table& numerics = scenario.root.table("numerics");
  if (numerics.word("msc_weight")) return;
  const double weight = numerics.quantity("msc_weight");
  double agents = 0.0;
  std::size_t number = 0;
  for (const sim::Table& therapy : scenario.root.tables("therapy")) {
    if (!has_agents(product_of(therapy))) continue;
    const std::string amount = therapy.text("product") == "msc" ? "cells" : "count";
    const double bodies = amount_of_a_dose(scenario, therapy);
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

}  // namespace paracrine::models::delivery
