#include "models/body/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "models/body/keys.hpp"
#include "models/body/schedule.hpp"
#include "models/body/therapy.hpp"
#include "sim/core/units.hpp"

namespace paracrine::models::body {

namespace {

constexpr double longest_bolus_s = 600.0;  // what is given more slowly is an infusion

std::string path(std::size_t number, const std::string& key) { return fmt::format("therapy.{}.{}", number, key); }

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

/// One dose must be within reason; a large bolus of cells is warned of.
void check_amount(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const std::string amount = product_of(therapy) == Product::ev && therapy.has("protein") ? "protein" : words(therapy).amount;
  if (!therapy.has(amount) || (amount == "protein" && !therapy.has("particles_per_ug"))) return;
  const double bodies = amount_of_a_dose(scenario, therapy), most = most_of(product_of(therapy));
  if (bodies > most) {
    findings.error(therapy.place(amount), fmt::format("{}: expected at most {} {} in one dose, got {}", path(number, amount),
                                                      sim::format_rounded(most), words(therapy).name, sim::format_rounded(bodies)));
    return;
  }
  const double limit = scenario.parameter("infusion.embolic_limit");
  if (product_of(therapy) == Product::msc && therapy.text("route") == "peripheral_vein" && bodies > limit &&
      dose_length_s(scenario, therapy) <= longest_bolus_s)
    findings.warn(therapy.place(amount),
                  fmt::format("{}: {} cells into a vein at once are more than {}, above which emboli may kill; the model has none",
                              path(number, amount), sim::format_rounded(bodies), sim::format_rounded(limit)),
                  {"The limit, parameter infusion.embolic_limit, is assumed."});
}

void check_times(const sim::Scenario& scenario, const sim::Table& therapy, std::size_t number, sim::Findings& findings) {
  const std::int64_t repeats = therapy.integer("repeats");
  if (repeats > 1 && !therapy.has("every")) {
    findings.error(therapy.place("repeats"), fmt::format("{} is missing: {} doses need the time between them", path(number, "every"), repeats),
                   {"Write, for example, every = \"7 d\"."});
    return;
  }
  check_doses(scenario, therapy, doses_of(scenario, number), {.first = "at", .every = "every", .repeats = "repeats", .length = "duration"}, findings);
}

std::string whole_seconds(double time_s) { return sim::format_duration(std::llround(time_s)); }

/// Doses that are given at the same time as another.
void check_overlaps(const sim::Scenario& scenario, sim::Findings& findings) {
  if (!scenario.root.has("therapy")) return;
  struct Given {
    double start_s, stop_s;
    std::size_t therapy;
  };
  std::vector<Given> doses;
  const std::vector<sim::Table>& therapies = scenario.root.tables("therapy");
  for (std::size_t t = 0; t < therapies.size(); ++t)
    for (const sim::Happening& dose : doses_of(scenario, t))
      if (dose.share > 0.0)
        doses.push_back({static_cast<double>(dose.start_s), static_cast<double>(dose.start_s) + dose_length_s(scenario, therapies[t]), t});
  std::stable_sort(doses.begin(), doses.end(), [](const Given& a, const Given& b) { return a.start_s < b.start_s; });
  for (std::size_t i = 1; i < doses.size(); ++i) {
    const Given &before = doses[i - 1], &after = doses[i];
    if (after.start_s >= before.stop_s) continue;
    const std::string key = after.therapy == before.therapy && therapies[after.therapy].has("every") ? "every" : "at";
    findings.warn(therapies[after.therapy].place(key),
                  fmt::format("{}: the dose at {} begins while that of therapy.{} is given, from {} to {}", path(after.therapy, key),
                              whole_seconds(after.start_s), before.therapy, whole_seconds(before.start_s), whole_seconds(before.stop_s)),
                  {"Both are given. Make their durations shorter if they should follow each other."});
    return;
  }
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
  check_overlaps(scenario, findings);
  if (!scenario.root.has("intervention")) return;
  for (std::size_t i = 0; i < scenario.root.tables("intervention").size(); ++i) check_intervention_times(scenario, i, findings);
}

}  // namespace paracrine::models::body
