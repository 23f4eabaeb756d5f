#include "models/diseases/delivery/consistency.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/tissue/lobule.hpp"

namespace paracrine::models::delivery {

namespace {

/// Where the first of these parameters was set; nowhere when all are defaults.
sim::Place place_of(const sim::Scenario& scenario, const std::vector<std::string>& names) {
  const sim::Table& written = scenario.root.table("parameters");
  for (const std::string& name : names)
    if (written.has(name)) return written.place(name);
  return {};
}

void check_shares(const sim::Scenario& scenario, const std::string& one, const std::string& other, sim::Findings& findings) {
  const double sum = scenario.parameter(one) + scenario.parameter(other);
  if (sum > 1.0)
    findings.error(place_of(scenario, {one, other}), fmt::format("{} and {} are shares of one whole and add up to {:g}", one, other, sum),
                   {"Together they may be 1 or less."});
}

/// The smallest lobule must hold enough hepatocyte sites to have zones.
void check_lobule(const sim::Scenario& scenario, sim::Findings& findings) {
  const double smallest_um = scenario.parameter("lobule.smallest_radius"), largest_um = scenario.parameter("lobule.largest_radius"),
               mean_um = scenario.parameter("lobule.radius"), site_um = scenario.parameter("lobule.site");
  const std::vector<std::string> names{"lobule.smallest_radius", "lobule.largest_radius", "lobule.radius", "lobule.site"};
  const double sites = 1.5 * std::sqrt(3.0) * smallest_um * smallest_um / (site_um * site_um);  // of a regular hexagon
  if (sites < static_cast<double>(fewest_sites))
    findings.error(place_of(scenario, names),
                   fmt::format("a lobule of radius {:g} um has room for {:.0f} hepatocyte sites of {:g} um; it needs {} or more", smallest_um, sites,
                               site_um, fewest_sites),
                   {"Make lobule.smallest_radius larger or lobule.site smaller."});
  if (!(smallest_um <= mean_um && mean_um <= largest_um))
    findings.error(place_of(scenario, names), fmt::format("lobule.radius, {:g} um, is not between lobule.smallest_radius, {:g} um, and "
                                                          "lobule.largest_radius, {:g} um",
                                                          mean_um, smallest_um, largest_um));
}

}  // namespace

void check_consistency(const sim::Scenario& scenario, sim::Findings& findings) {
  check_shares(scenario, "msc_fate.debris_liver_share", "msc_fate.debris_spleen_share", findings);
  check_shares(scenario, "lung_arrest.particle_liver_share", "lung_arrest.particle_spleen_share", findings);
  check_shares(scenario, "circulation.spleen_share", "circulation.gut_share", findings);
  check_shares(scenario, "lobule.kupffer_periportal", "lobule.kupffer_midzonal", findings);
  check_lobule(scenario, findings);
  const double smallest = scenario.parameter("infusion.smallest_diameter"), largest = scenario.parameter("infusion.largest_diameter");
  if (smallest > largest)
    findings.error(place_of(scenario, {"infusion.smallest_diameter", "infusion.largest_diameter"}),
                   fmt::format("infusion.smallest_diameter, {:g} um, is above infusion.largest_diameter, {:g} um", smallest, largest));
  const double liver = scenario.parameter("circulation.liver_perfusion") * scenario.parameter("circulation.liver_mass");
  if (const double output = scenario.parameter("circulation.cardiac_output"); liver > output)
    findings.error(place_of(scenario, {"circulation.liver_perfusion", "circulation.liver_mass", "circulation.cardiac_output"}),
                   fmt::format("the liver's blood flow, {:g} mL/min, is above the cardiac output, {:g} mL/min", liver, output));
}

}  // namespace paracrine::models::delivery
