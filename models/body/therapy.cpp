#include "models/body/therapy.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "models/body/keys.hpp"
#include "models/body/schedule.hpp"

namespace paracrine::models::body {

namespace {
constexpr double most_agents = 2e6, most_agents_of_twin = 2e3, most_for_small_doses = 1e7, most_for_small_doses_of_twin = 1e5;
}  // namespace

double body_weight_g(const sim::Scenario& scenario) {
  const sim::Table& subject = scenario.root.table("subject");
  return subject.has("body_weight") ? subject.quantity("body_weight") : scenario.parameter("circulation.reference_body_weight");
}

Product product_of(const sim::Table& therapy) {
  const std::vector<std::string> products{
      "msc", "particle", "ev", "conditioned_medium", "colloid", "bone_marrow_macrophages"};  // in the order of Product
  return static_cast<Product>(std::find(products.begin(), products.end(), therapy.text("product")) - products.begin());
}

double amount_of_a_dose(const sim::Scenario& scenario, const sim::Table& therapy) {
  const auto amount = [&](const std::string& key, const std::string& per_kg) {
    const double value = therapy.quantity(key);
    return therapy.unit(key) == per_kg ? value * body_weight_g(scenario) / 1000.0 : value;
  };
  switch (product_of(therapy)) {
    case Product::msc:
    case Product::bone_marrow_macrophages:
      return amount("cells", "1/kg");
    case Product::ev:
      return therapy.has("protein") ? amount("protein", "ug/kg") * therapy.quantity("particles_per_ug") : amount("particles", "1/kg");
    case Product::conditioned_medium:
      return amount("cell_equivalents", "1/kg");
    case Product::particle:
    case Product::colloid:
      break;
  }
  return amount("count", "1/kg");
}

double most_of(Product product) { return has_agents(product) || product == Product::bone_marrow_macrophages ? most_bodies : most_of_a_dose; }

bool has_amount(const sim::Table& therapy) {
  switch (product_of(therapy)) {
    case Product::msc:
    case Product::bone_marrow_macrophages:
      return therapy.has("cells");
    case Product::ev:
      return therapy.has("protein") ? therapy.has("particles_per_ug") : therapy.has("particles");
    case Product::conditioned_medium:
      return therapy.has("cell_equivalents");
    case Product::particle:
    case Product::colloid:
      break;
  }
  return therapy.has("count");
}

namespace {

CellProduct read_cells(const sim::Table& table) {
  const std::vector<std::string> sources{"bone_marrow", "adipose", "umbilical_cord", "amnion"};  // in the order of CellProduct::Source
  return {.source = static_cast<CellProduct::Source>(std::find(sources.begin(), sources.end(), table.text("source")) - sources.begin()),
          .spheroid = table.text("culture") == "spheroid",
          .passage = static_cast<double>(table.integer("passage")),
          .primed = table.text("priming") == "ifn_gamma"};
}

/// What is in one dose.
void read_dose(const sim::Scenario& scenario, const sim::Table& table, const TherapyModels& models, Therapy& therapy) {
  const InfusionParameters& p = models.infusion;
  therapy.number = amount_of_a_dose(scenario, table);
  if (therapy.product == Product::particle) therapy.mean_diameter_um = table.quantity("diameter");
  if (therapy.product == Product::bone_marrow_macrophages) therapy.viability = table.has("viability") ? table.quantity("viability") : p.viability;
  if (!comes_from_msc(therapy.product)) return;
  therapy.cells = read_cells(table);
  therapy.potency = product_potency(models.ev_secretion, therapy.cells);
  if (therapy.product == Product::msc) {
    therapy.viability = table.has("viability") ? table.quantity("viability") : p.viability;
    therapy.mean_diameter_um = msc_diameter_um(p, therapy.cells.spheroid, therapy.cells.passage);
    therapy.diameter_sd_um = p.diameter_sd_um * therapy.mean_diameter_um / p.diameter_um;
  } else if (therapy.product == Product::conditioned_medium) {
    const double cells = therapy.number;
    therapy.factor_ng = conditioned_factors(models.factor_secretion, cells, therapy.cells);
    therapy.number = table.flag("with_vesicles") ? conditioned_vesicles(models.ev_secretion, cells, therapy.cells) : 0.0;
  }
}

}  // namespace

std::vector<Therapy> read_therapies(const sim::Scenario& scenario, const TherapyModels& models) {
  std::vector<Therapy> therapies;
  if (!scenario.root.has("therapy")) return therapies;
  for (const sim::Table& table : scenario.root.tables("therapy")) {
    Therapy therapy;
    therapy.product = product_of(table);
    const std::vector<std::string> routes{"peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic"};
    therapy.route = static_cast<Route>(std::find(routes.begin(), routes.end(), table.text("route")) - routes.begin());
    read_dose(scenario, table, models, therapy);
    therapy.duration_s = dose_length_s(scenario, table);
    for (const sim::Happening& dose : doses_of(scenario, therapies.size()))
      if (dose.share > 0.0) therapy.starts_s.push_back(dose.start_s);
    therapies.push_back(std::move(therapy));
  }
  return therapies;
}

std::vector<LungIntervention> read_interventions(const sim::Scenario& scenario) {
  std::vector<LungIntervention> interventions;
  if (!scenario.root.has("intervention")) return interventions;
  std::uint32_t number = 0;
  for (const sim::Table& table : scenario.root.tables("intervention")) {
    const std::uint32_t subject = number++;
    if (!is_exact(table)) continue;
    interventions.push_back({.kind = table.text("kind") == "vasodilator" ? LungIntervention::Kind::vasodilator : LungIntervention::Kind::lung_bypass,
                             .start_s = static_cast<double>(table.seconds("start")),
                             .stop_s = static_cast<double>(table.seconds("stop")),
                             .efficacy = table.quantity("efficacy"),
                             .subject = subject});
  }
  return interventions;
}

bool is_mean_field(const sim::Scenario& scenario) { return scenario.root.table("numerics").text("method") == "mean_field"; }

double agent_weight(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, Product product) {
  constexpr double rounding = 1e-9;
  const sim::Table& numerics = scenario.root.table("numerics");
  if (!numerics.word("msc_weight")) return numerics.quantity("msc_weight");
  double total = 0.0, smallest = std::numeric_limits<double>::infinity();
  for (const Therapy& therapy : therapies) {
    if (therapy.product != product) continue;
    const double all = therapy.number * static_cast<double>(therapy.starts_s.size());
    total += all;
    for (const double share : {therapy.viability, 1.0 - therapy.viability})
      if (share * all >= 1.0) smallest = std::min(smallest, share * all);
  }
  const bool twin = is_mean_field(scenario);
  const double wanted = total / (twin ? most_agents_of_twin : most_agents);
  return std::max({1.0, std::min(wanted, smallest * (1.0 - rounding)), total / (twin ? most_for_small_doses_of_twin : most_for_small_doses)});
}

}  // namespace paracrine::models::body
