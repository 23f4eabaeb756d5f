#include "models/body/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "models/body/keys.hpp"
#include "models/body/parts.hpp"
#include "models/body/schedule.hpp"
#include "models/body/therapy.hpp"
#include "models/tissue/lobule.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/units.hpp"

namespace paracrine::models::body {

namespace {

// Shares of the blood's volume that what is given within a day may have. Animals bear at most 5 mL/kg into a vein at once, 7 % of their blood, and
// 25 mL/kg over a day, 35 % (Diehl 2001 J Appl Toxicol 21:15, 10.1002/jat.727); of packed cells, which thicken the blood, less.
constexpr double large_share = 0.05, largest_share = 0.2;
constexpr double day_s = 86400.0;
// Diameters where no parameter says: a macrophage in suspension (alveolar ones of rodents, 13 um: Krombach 1997 Environ Health Perspect 105 Suppl
// 5:1261), a vesicle (mode of most preparations, 0.12 um, assumed), a leukocyte in the blood (9 um, usual figure).
constexpr double macrophage_um = 13.0, vesicle_um = 0.12, leukocyte_um = 9.0;
constexpr double mL_per_um3 = 1e-12;

double sphere_mL(double diameter_um, double sd_um = 0.0) {
  return std::numbers::pi / 6.0 * (std::pow(diameter_um, 3.0) + 3.0 * diameter_um * sd_um * sd_um) * mL_per_um3;
}

double blood_mL(const sim::Scenario& scenario) {
  return scenario.parameter("circulation.blood_volume") * body_weight_g(scenario) / scenario.parameter("circulation.reference_body_weight");
}

std::string as_mL(double mL) { return sim::format_rounded(mL) + " mL"; }

/// What one dose is, as a volume; 0 of what is dissolved, or of unknown size.
double volume_mL(const Therapy& therapy) {
  switch (therapy.product) {
    case Product::msc:
    case Product::particle:
      return therapy.number * sphere_mL(therapy.mean_diameter_um, therapy.diameter_sd_um);
    case Product::bone_marrow_macrophages:
      return therapy.number * sphere_mL(macrophage_um);
    case Product::ev:
    case Product::conditioned_medium:
      return therapy.number * sphere_mL(vesicle_um);
    case Product::colloid:
      break;
  }
  return 0.0;
}

/// Where a therapy says how much it gives.
std::string amount_key(const sim::Table& therapy) {
  for (const char* key : {"cells", "protein", "particles", "cell_equivalents", "count"})
    if (therapy.has(key)) return key;
  return "product";
}

/// All that is given within a day, of all therapies together, against the blood's volume.
void check_volumes(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, sim::Findings& findings) {
  struct Dose {
    double start_s, mL;
    std::size_t therapy;
  };
  std::vector<Dose> doses;
  for (std::size_t t = 0; t < therapies.size(); ++t)
    for (const std::int64_t start_s : therapies[t].starts_s) doses.push_back({static_cast<double>(start_s), volume_mL(therapies[t]), t});
  std::stable_sort(doses.begin(), doses.end(), [](const Dose& a, const Dose& b) { return a.start_s < b.start_s; });
  double in_a_day = 0.0, most = 0.0;
  std::size_t first = 0, therapy = 0, together = 0;
  for (std::size_t i = 0; i < doses.size(); ++i) {
    in_a_day += doses[i].mL;
    while (doses[first].start_s < doses[i].start_s - day_s) in_a_day -= doses[first++].mL;
    if (in_a_day <= most) continue;
    most = in_a_day;
    therapy = doses[i].therapy;
    together = i - first + 1;
  }
  const double blood = blood_mL(scenario);
  if (!(most > large_share * blood)) return;
  const sim::Table& table = scenario.root.tables("therapy")[therapy];
  const std::string key = amount_key(table);
  const std::string message = fmt::format("therapy.{}.{}: what is given within a day{} is {}, {} % of the blood's {}", therapy, key,
                                          together > 1 ? fmt::format(", in {} doses,", together) : std::string(), as_mL(most),
                                          sim::format_rounded(100.0 * most / blood), as_mL(blood));
  if (most > largest_share * blood)
    findings.error(table.place(key), fmt::format("{}; expected {:g} % or less", message, 100.0 * largest_share),
                   {"Give less, or in doses days apart."});
  else
    findings.warn(table.place(key), fmt::format("{}: more than {:g} %, which the model's body does not feel", message, 100.0 * large_share));
}

/// Leukocytes in the blood must find room in it.
void check_leukocytes(const sim::Scenario& scenario, sim::Findings& findings) {
  const double blood = scenario.parameter("circulation.blood_volume");
  for (const char* name : {"monocyte_pool.blood_cells", "neutrophil_pool.blood_cells"}) {
    const double mL = scenario.parameter(name) * sphere_mL(leukocyte_um);
    if (mL <= largest_share * blood) continue;
    const sim::Table& written = scenario.root.table("parameters");
    const std::string other = "circulation.blood_volume";
    findings.error(
        written.has(name)    ? written.place(name)
        : written.has(other) ? written.place(other)
                             : sim::Place{},
        fmt::format("{}: {} cells are {}, {} % of the blood, {}; expected {:g} % or less", name, sim::format_rounded(scenario.parameter(name)),
                    as_mL(mL), sim::format_rounded(100.0 * mL / blood), as_mL(blood), 100.0 * largest_share));
  }
}

/// What rounding to whole agents leaves of the cells of a therapy, living and dead.
void check_batches(const sim::Scenario& scenario, const Therapy& therapy, std::size_t number, double weight, sim::Findings& findings) {
  constexpr double little = 0.01, rounding = 1e-12;
  const sim::Table& table = scenario.root.tables("therapy")[number];
  const std::string key = amount_key(table), what = therapy.product == Product::particle ? "particles" : "cells";
  const double all = therapy.number * static_cast<double>(therapy.starts_s.size());
  for (const bool living : {true, false}) {
    const double batch = all * (living ? therapy.viability : 1.0 - therapy.viability);
    const double agents = std::floor(batch / weight * (1.0 + rounding)), left = std::max(0.0, batch - agents * weight);
    if (batch < little) continue;
    const std::string of = fmt::format("{} {}", therapy.product == Product::msc ? (living ? "living" : "dead") : "rigid", what);
    const bool automatic = scenario.root.table("numerics").word("msc_weight");
    const std::vector<std::string> hints{automatic ? "Give numerics.msc_weight a number, or leave the largest dose to a run of its own."
                                                   : "Make numerics.msc_weight smaller, or leave it to \"auto\"."};
    if (agents < 1.0) {
      const std::string message = fmt::format("therapy.{}.{}: {} {} in all are less than one agent, which stands for {}, and would not be given",
                                              number, key, sim::format_rounded(batch), of, sim::format_rounded(weight));
      automatic ? findings.warn(table.place(key), message, hints) : findings.error(table.place(key), message, hints);
    } else if (left > little * batch)
      findings.warn(
          table.place(key),
          fmt::format("therapy.{}.{}: of {} {} the last {} ({:.2g} %) are less than one agent, which stands for {}, and are not given", number, key,
                      sim::format_rounded(batch), of, sim::format_rounded(left), 100.0 * left / batch, sim::format_rounded(weight)),
          hints);
  }
}

double agents_given(const std::vector<Therapy>& therapies, Product product, double weight) {
  double cells = 0.0;
  for (const Therapy& therapy : therapies)
    if (therapy.product == product) cells += therapy.number * static_cast<double>(therapy.starts_s.size());
  return cells / weight;
}

/// Agents must be so few that they find room.
void check_agents(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, sim::Findings& findings) {
  constexpr double most_agents_ever = 1e8, least_looked_at = 1e9;  // bytes; what needs less is let pass whatever the machine
  constexpr double bytes_per_msc = 96.0, bytes_per_site = 450.0, bytes_per_further_voxel = 260.0;  // with room for growth; docs/performance.md
  const sim::Table &numerics = scenario.root.table("numerics"), &liver = scenario.root.table("liver");
  double agents = 0.0;
  for (const Product product : {Product::msc, Product::particle})
    agents += agents_given(therapies, product, agent_weight(scenario, therapies, product));
  if (agents > most_agents_ever) {
    findings.error(
        numerics.place("msc_weight"),
        fmt::format("numerics.msc_weight: {} agents would be made, more than {}", sim::format_rounded(agents), sim::format_rounded(most_agents_ever)),
        {"Make it larger, or leave it to \"auto\"."});
    return;
  }
  double bytes = agents * bytes_per_msc;
  if (!is_mean_field(scenario)) {
    const LobuleParameters p = read_parameters(scenario).lobule;
    const auto refine = static_cast<double>(numerics.integer("refine"));
    const double sites = static_cast<double>(lobule_sites(p, p.radius_um)) * static_cast<double>(liver.integer("lobules")) *
                         static_cast<double>(liver.integer("thickness"));
    bytes += sites * (bytes_per_site + bytes_per_further_voxel * (refine * refine * refine - 1.0));
  }
  if (bytes < least_looked_at) return;
  const auto available = static_cast<double>(sim::available_memory());
  if (bytes > available)
    findings.error(liver.place("lobules"),
                   fmt::format("the run needs about {} of memory, and {} are free", sim::format_bytes(bytes), sim::format_bytes(available)),
                   {"Lower liver.lobules, liver.thickness or numerics.refine, or make numerics.msc_weight larger."});
}

}  // namespace

void check_bounds(const sim::Scenario& scenario, sim::Findings& findings) {
  check_leukocytes(scenario, findings);
  for (const sim::Table& therapy : scenario.root.tables("therapy"))
    if (!has_amount(therapy) || (product_of(therapy) == Product::particle && !therapy.has("diameter"))) return;  // said already
  for (const sim::Table& therapy : scenario.root.tables("therapy"))
    if (amount_of_a_dose(scenario, therapy) > most_of(product_of(therapy))) return;  // refused already
  const std::vector<Therapy> therapies = read_therapies(scenario, read_parameters(scenario).therapy);
  check_volumes(scenario, therapies, findings);
  for (std::size_t t = 0; t < therapies.size(); ++t)
    if (has_agents(therapies[t].product) && !therapies[t].starts_s.empty())
      check_batches(scenario, therapies[t], t, agent_weight(scenario, therapies, therapies[t].product), findings);
  check_agents(scenario, therapies, findings);
}

}  // namespace paracrine::models::body
