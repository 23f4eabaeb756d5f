#include "models/body/consistency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/body/parts.hpp"
#include "models/tissue/lobule.hpp"

namespace paracrine::models::body {

namespace {

constexpr double many_voxels = 3e4, most_voxels = 1e6;  // of one lobule

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

/// Flow through a thick, finely divided lobule is a large system of equations.
void check_voxels(const sim::Scenario& scenario, std::size_t layer_sites, sim::Findings& findings) {
  const sim::Table &liver = scenario.root.table("liver"), &numerics = scenario.root.table("numerics");
  const auto refine = static_cast<double>(numerics.integer("refine")), thickness = static_cast<double>(liver.integer("thickness"));
  const double voxels = static_cast<double>(layer_sites) * thickness * refine * refine * refine;
  const bool of_refine = numerics.written("refine");
  const sim::Place place = of_refine ? numerics.place("refine") : liver.place("thickness");
  if (voxels > most_voxels)
    findings.error(place, fmt::format("a lobule would have {:.3g} voxels, expected {:g} or fewer", voxels, most_voxels),
                   {"Lower numerics.refine or liver.thickness."});
  else if (voxels > many_voxels)
    findings.warn(place, fmt::format("a lobule has {:.3g} voxels; finding its flow takes seconds to minutes, for each lobule", voxels),
                  {"Lower numerics.refine, liver.thickness or liver.lobules."});
}

/// A lobule must hold enough hepatocyte sites to have zones: the smallest that may be drawn, and each that is simulated.
void check_lobules(const sim::Scenario& scenario, std::size_t most_sites, sim::Findings& findings) {
  const LobuleParameters p = read_parameters(scenario).lobule;
  const sim::Place place =
      place_of(scenario, {"lobule.smallest_radius", "lobule.largest_radius", "lobule.radius", "lobule.radius_sd", "lobule.site"});
  if (!(p.smallest_radius_um <= p.radius_um && p.radius_um <= p.largest_radius_um)) {
    findings.error(
        place,
        fmt::format("lobule.radius: expected a mean between lobule.smallest_radius, {:g} um, and lobule.largest_radius, {:g} um, got {:g} um",
                    p.smallest_radius_um, p.largest_radius_um, p.radius_um),
        {"Change the limits with the mean."});
    return;
  }
  const auto too_small = [&](double radius_um) {
    const std::size_t sites = lobule_sites(p, radius_um);
    if (sites >= fewest_sites) return false;
    findings.error(place,
                   fmt::format("a lobule of radius {:.4g} um has room for {} hepatocyte sites of {:g} um, expected {} or more", radius_um, sites,
                               p.site_um, fewest_sites),
                   {"Make lobule.smallest_radius and lobule.radius larger, or lobule.site smaller."});
    return true;
  };
  if (too_small(p.smallest_radius_um)) return;
  const auto lobules = static_cast<std::size_t>(scenario.root.table("liver").integer("lobules"));
  const std::vector<double> radii_um = lobule_radii_um(p, lobules, static_cast<std::uint64_t>(scenario.root.integer("seed")));
  if (too_small(*std::min_element(radii_um.begin(), radii_um.end()))) return;
  const sim::Table& liver = scenario.root.table("liver");
  const std::size_t layer_sites = lobule_sites(p, *std::max_element(radii_um.begin(), radii_um.end()));
  if (const std::size_t sites = layer_sites * static_cast<std::size_t>(liver.integer("thickness")); sites > most_sites)
    findings.error(liver.place("thickness"), fmt::format("a lobule would have {} hepatocyte sites, expected {} or fewer", sites, most_sites),
                   {"Lower liver.thickness."});
  check_voxels(scenario, layer_sites, findings);
}

}  // namespace

void check_consistency(const sim::Scenario& scenario, sim::Findings& findings, std::size_t most_sites) {
  check_shares(scenario, "msc_fate.debris_liver_share", "msc_fate.debris_spleen_share", findings);
  check_shares(scenario, "lung_arrest.particle_liver_share", "lung_arrest.particle_spleen_share", findings);
  check_shares(scenario, "circulation.spleen_share", "circulation.gut_share", findings);
  check_shares(scenario, "lobule.kupffer_periportal", "lobule.kupffer_midzonal", findings);
  check_lobules(scenario, most_sites, findings);
  const double smallest = scenario.parameter("infusion.smallest_diameter"), largest = scenario.parameter("infusion.largest_diameter");
  if (smallest > largest)
    findings.error(place_of(scenario, {"infusion.smallest_diameter", "infusion.largest_diameter"}),
                   fmt::format("infusion.smallest_diameter, {:g} um, is above infusion.largest_diameter, {:g} um", smallest, largest));
  if (!scenario.process("sinusoid_flow") && scenario.parameter("sinusoid_flow.vesicle_diffusion") == 0.0)
    findings.error(
        place_of(scenario, {"sinusoid_flow.vesicle_diffusion"}),
        "sinusoid_flow.vesicle_diffusion is 0 and processes.sinusoid_flow is off, so vesicles set free in a lobule could not leave their place",
        {"Let one of them carry vesicles."});
  const double liver = scenario.parameter("circulation.liver_perfusion") * scenario.parameter("circulation.liver_mass");
  if (const double output = scenario.parameter("circulation.cardiac_output"); liver > output)
    findings.error(place_of(scenario, {"circulation.liver_perfusion", "circulation.liver_mass", "circulation.cardiac_output"}),
                   fmt::format("the liver's blood flow, {:g} mL/min, is above the cardiac output, {:g} mL/min", liver, output));
}

}  // namespace paracrine::models::body
