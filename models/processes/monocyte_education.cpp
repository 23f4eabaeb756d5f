#include "models/processes/monocyte_education.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace paracrine::models {

EducationValues add_education_values(sim::World& world) {
  EducationValues values;
  values.effective_lung = world.add_value("education_effective_lung");
  values.effective_spleen = world.add_value("education_effective_spleen");
  values.educated = world.add_value("monocytes_educated");
  return values;
}

MonocyteEducation::MonocyteEducation(const MonocyteEducationParameters& p, const EducationSite& lung, const EducationSite& spleen,
                                     const Signals& signals, const Carriers& carriers, const EducationValues& values, double scale)
    : p_(p),
      sites_{{{.in = lung, .volume_mL = scale * p.lung_volume_mL, .vesicle_share = p.lung_vesicle_share, .last_effective = values.effective_lung},
              {.in = spleen,
               .volume_mL = scale * p.spleen_volume_mL,
               .vesicle_share = p.spleen_vesicle_share,
               .last_effective = values.effective_spleen}}},
      signals_(signals),
      carriers_(carriers),
      educated_value_(values.educated) {}

void MonocyteEducation::advance(sim::World& world, const sim::Step& step) const {
  for (const Site& site : sites_) educate(world, site, step.duration_h());
}

void MonocyteEducation::educate(sim::World& world, const Site& site, double duration_h) const {
  double meals = 0.0, secretors = 0.0;
  const sim::PatchGroup& group = world.groups[site.in.group];
  for (std::size_t i = 0; i < group.count; ++i) {
    std::vector<double>& scalars = world.patch(group.first + i).scalars;
    meals += scalars[signals_.monocyte_meals];
    secretors += scalars[signals_.near_secretors];
    scalars[signals_.monocyte_meals] = 0.0;
  }
  const double effective = world.compartments.amount(site.in.effective);
  const double newly_taken = std::max(0.0, effective - world.values[site.last_effective]);  // never less but by rounding
  world.values[site.last_effective] = effective;

  const double naive = world.compartments.amount(site.in.naive), all = naive + world.compartments.amount(site.in.educated);
  if (!(naive > 0.0)) return;
  double exponent = 0.0;
  if (carriers_.efferocytosis) exponent += meals / all;
  if (carriers_.soluble) exponent += p_.near_rate_per_h * near_share(secretors, site.volume_mL) * duration_h;
  if (carriers_.ev) exponent += p_.education_per_vesicle * site.vesicle_share * newly_taken / all;
  const double newly_educated = naive * -std::expm1(-exponent);
  world.compartments.transfer(site.in.naive, site.in.educated, newly_educated);
  world.values[educated_value_] += newly_educated;
}

double MonocyteEducation::near_share(double secretors, double volume_mL) const {
  constexpr double mL_per_um3 = 1e-12;
  const double reached_mL = 4.0 / 3.0 * std::numbers::pi * p_.near_reach_um * p_.near_reach_um * p_.near_reach_um * mL_per_um3;
  return -std::expm1(-secretors * reached_mL / volume_mL);
}

}  // namespace paracrine::models
