#include <cmath>
#include <numeric>

#include "models/processes/ev_uptake.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_liver.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::SmallLiver;

namespace {

constexpr double um3_per_min = 1e-12;  // in mL/min

/// Clearance of a liver whose blood passes cells of the intrinsic clearance k on equal paths.
double equal_paths(double flow, double k) { return flow * (1.0 - std::exp(-k / flow)); }

/// Intrinsic clearances of a whole liver [mL/min]: macrophages, and all other cells.
double of_macrophages(const SmallLiver& liver) {
  return liver.hepatocytes * liver.lobule.kupffer_per_hepatocyte * liver.uptake.kupffer_um3_per_min * um3_per_min;
}
double of_others(const SmallLiver& liver) {
  const double per_hepatocyte = liver.lobule.endothelial_per_hepatocyte * liver.uptake.endothelial_um3_per_min + liver.uptake.hepatocyte_um3_per_min +
                                liver.lobule.stellate_per_hepatocyte * liver.uptake.stellate_um3_per_min;
  return liver.hepatocytes * per_hepatocyte * um3_per_min;
}

}  // namespace

TEST_CASE("ev_uptake: the default lobules clear what the mouse's liver clears", "[analytic]") {
  SmallLiver liver;
  liver.radii_um = draw_lobule_radii(liver.lobule, 64, 1);
  liver.build();
  const double vesicles = liver.ev_clearance_mL_per_min();
  CHECK_THAT(vesicles, WithinRel(0.0936, 0.01));
  for (const double wrong : {0.98, 1.02}) CHECK_FALSE(std::abs(wrong * vesicles / 0.0936 - 1.0) < 0.01);
  CHECK(liver.clearance_mL_per_min(liver.pools.effective.liver_uptake) == vesicles);
  CHECK(liver.clearance_mL_per_min(liver.pools.endogenous.liver_uptake) == vesicles);

  // macrophages, flow and uptake x weight are those of the organ
  double cells = 0.0, flow = 0.0;
  for (std::size_t i = 0; i < 64; ++i) {
    cells += static_cast<double>(liver.world.patch(i).agents(liver.macrophages).size());
    flow += liver.process->plasma_mL_per_h(liver.world.patch(i)) / 60.0;
  }
  CHECK(std::abs(cells - 0.2 * liver.sites) < 1.0);
  CHECK_THAT(cells * liver.weight, WithinRel(0.2 * liver.hepatocytes, 2e-4));
  CHECK_THAT(flow, WithinRel(0.672, 1e-12));

  // unequal paths clear less than equal ones (the exponential is convex), by some 5 % here
  const double ideal = equal_paths(flow, of_macrophages(liver) + of_others(liver));
  CHECK(vesicles < ideal);
  CHECK(vesicles > 0.93 * ideal);
  CHECK_FALSE(vesicles > 0.93 * equal_paths(flow, 1.1 * (of_macrophages(liver) + of_others(liver))));
}

TEST_CASE("ev_uptake: the default human lobules clear vesicles and colloid as measured", "[analytic]") {
  SmallLiver liver;
  const auto human = [](auto& parameters, const auto& table) {
    for (const auto& row : table)
      for (const sim::Variant& variant : row.variants)
        if (variant.name == "human") parameters.*row.member = variant.value;
  };
  human(liver.lobule, lobule_parameters);
  human(liver.uptake, ev_uptake_parameters);
  human(liver.flow, sinusoid_flow_parameters);
  liver.hepatocytes = 139e6 * 1800.0;
  liver.plasma_mL_per_h = 891.0 * 60.0;
  liver.radii_um = draw_lobule_radii(liver.lobule, 32, 1);
  liver.build();
  const double vesicles = liver.ev_clearance_mL_per_min(), colloid = liver.clearance_mL_per_min(liver.pools.colloid.liver_uptake);
  CHECK_THAT(vesicles, WithinRel(72.3, 0.01));
  CHECK_THAT(colloid, WithinRel(480.0, 0.01));
  CHECK_FALSE(std::abs(1.02 * colloid / 480.0 - 1.0) < 0.01);
}

TEST_CASE("ev_uptake: losing Kupffer cells and flow changes the clearance as calculated", "[analytic]") {
  // By hand on equal paths, as ratios: what unequal paths take off (5 % in health) nearly cancels; it lessens with less uptake per flow, and grows
  // with more, so 4 % are allowed.
  SmallLiver healthy, depleted, slow, narrow;
  depleted.perfusion = 1.0;
  slow.perfusion = 0.5;
  narrow.flow.narrowing = 0.566;
  for (SmallLiver* liver : {&healthy, &depleted, &slow, &narrow}) liver->build();
  depleted.deplete(5);
  const double flow = 0.672, macrophages = of_macrophages(healthy), others = of_others(healthy), before = equal_paths(flow, macrophages + others);
  const auto agrees = [&](const SmallLiver& liver, double by_hand) {
    return std::abs(liver.ev_clearance_mL_per_min() / healthy.ev_clearance_mL_per_min() / (by_hand / before) - 1.0) < 0.04;
  };
  CHECK(agrees(depleted, equal_paths(flow, 0.2 * macrophages + others)));
  CHECK_FALSE(agrees(depleted, equal_paths(flow, 0.2 * (macrophages + others))));
  CHECK_FALSE(agrees(depleted, equal_paths(flow, 0.15 * macrophages + others)));
  CHECK_FALSE(agrees(depleted, equal_paths(flow, 0.25 * macrophages + others)));
  CHECK(agrees(slow, equal_paths(0.5 * flow, macrophages + others)));
  CHECK_FALSE(agrees(slow, equal_paths(flow, macrophages + others)));
  CHECK_FALSE(agrees(slow, equal_paths(0.25 * flow, macrophages + others)));
  CHECK(agrees(narrow, equal_paths(0.713 * flow, macrophages + others)));
  CHECK_FALSE(agrees(narrow, equal_paths(std::pow(0.566, 4.0) * flow, macrophages + others)));
  CHECK(depleted.ev_clearance_mL_per_min() < 0.45 * healthy.ev_clearance_mL_per_min());
}

TEST_CASE("ev_uptake: what is lost in disease lessens the clearance", "[analytic]") {
  SmallLiver healthy, lazy, capillarised, shunted;
  lazy.uptake.phagocytic_activity = 0.36;
  capillarised.capillarisation.initial = 1.0;
  shunted.flow.shunt = 0.4;
  for (SmallLiver* liver : {&healthy, &lazy, &capillarised, &shunted}) liver->build();
  const double flow = 0.672, macrophages = of_macrophages(healthy), others = of_others(healthy), before = equal_paths(flow, macrophages + others);
  const auto ratio = [&](const SmallLiver& liver) { return liver.ev_clearance_mL_per_min() / healthy.ev_clearance_mL_per_min(); };
  CHECK_THAT(ratio(lazy), WithinRel(equal_paths(flow, 0.36 * macrophages + others) / before, 0.04));
  const double lining = 0.5 * 0.42 * 283.0 / (0.42 * 283.0 + 16.5 + 0.12 * 15.2),
               behind = 0.15 * (16.5 + 0.12 * 15.2) / (0.42 * 283.0 + 16.5 + 0.12 * 15.2);
  CHECK_THAT(ratio(capillarised), WithinRel(equal_paths(flow, macrophages + others * (lining + behind)) / before, 0.005));
  CHECK(std::abs(ratio(capillarised) / (equal_paths(flow, macrophages + 0.5 * others) / before) - 1.0) > 0.005);
  CHECK_THAT(ratio(shunted), WithinRel(equal_paths(0.6 * flow, macrophages + others) / before, 0.04));
  CHECK(ratio(shunted) < 0.95);
}

TEST_CASE("ev_uptake: results do not depend on the refinement", "[convergence]") {
  std::vector<double> clearance, per_macrophage;
  for (const std::size_t refine : {1, 2}) {
    SmallLiver liver;
    liver.refine = refine;
    liver.build();
    liver.put_into_plasma(1e9);
    liver.visit();
    clearance.push_back(liver.ev_clearance_mL_per_min());
    const std::vector<double> taken = liver.ev_taken();
    per_macrophage.push_back(tests::moments(taken).mean);
  }
  CHECK_THAT(clearance[1], WithinRel(clearance[0], 0.02));
  CHECK_THAT(per_macrophage[1], WithinRel(per_macrophage[0], 0.02));
  for (const double wrong : {0.97, 1.03}) CHECK_FALSE(std::abs(wrong * clearance[1] / clearance[0] - 1.0) < 0.02);
}

TEST_CASE("ev_uptake: results do not depend on how many lobules stand for the liver", "[property]") {
  SmallLiver few, many;  // twice the slabs of half the weight; only the places of the cells are others, which shows in less than 1 %
  for (const double radius : few.radii_um) many.radii_um.push_back(radius);
  few.build();
  many.build();
  CHECK_THAT(many.weight, WithinRel(0.5 * few.weight, 1e-12));
  CHECK_THAT(many.ev_clearance_mL_per_min(), WithinRel(few.ev_clearance_mL_per_min(), 0.01));
  for (SmallLiver* liver : {&few, &many}) {
    liver->put_into_plasma(1e9);
    liver->visit();
  }
  const double per_cell = tests::moments(few.ev_taken()).mean;
  CHECK_THAT(tests::moments(many.ev_taken()).mean, WithinRel(per_cell, 0.01));
  CHECK_FALSE(std::abs(1.02 * tests::moments(many.ev_taken()).mean / per_cell - 1.0) < 0.01);
}

TEST_CASE("ev_uptake: saturation slows uptake as the sweep does, and hands over what the blood divides again", "[analytic]") {
  SmallLiver liver;
  liver.build();
  const double linear = liver.ev_clearance_mL_per_min(), intrinsic = of_macrophages(liver) + of_others(liver),
               K = liver.uptake.half_saturation_per_mL;
  const auto at = [&](double ev_per_mL) {
    for (std::size_t i = 0; i < liver.lobules(); ++i) {
      liver.world.patch(i).scalars[liver.signals.ev_per_mL] = ev_per_mL;
      liver.process->prepare(liver.world.patch(i));
    }
    return liver.ev_clearance_mL_per_min();
  };
  CHECK(at(1e-4 * K) == linear);
  CHECK_THAT(at(1.01e-3 * K), WithinRel(linear, 1e-3));
  CHECK_THAT(at(1000.0 * K), WithinRel(intrinsic, 2e-3));  // every cell works at its most
  CHECK_FALSE(std::abs(linear / intrinsic - 1.0) < 0.05);
  double before = linear;
  for (const double relative : {0.1, 1.0, 10.0}) {
    CHECK(at(relative * K) > before);
    before = at(relative * K);
  }
  // at C = K, seen exactly: half of the clearance on equal short paths, so the extraction nearly halves
  double actual = 0.0;
  at(K);
  for (std::size_t i = 0; i < liver.lobules(); ++i) actual += liver.process->ev_clearance_mL_per_h(liver.world.patch(i)) / 60.0;
  CHECK_THAT(2.0 * actual, WithinRel(liver.ev_clearance_mL_per_min(), 1e-12));
  // concentrations are seen in steps of 2.2 %, which changes what is handed over by less than 1e-3
  for (double c = 0.1 * K; c < 0.11 * K; c += 0.001 * K) CHECK_THAT(at(c), WithinRel(at(0.105 * K), 2e-3));
}

TEST_CASE("ev_uptake: recruited macrophages and depleted ones count, at the latest after six hours", "[property]") {
  SmallLiver liver;
  liver.uptake.recruited_um3_per_min = 0.5 * liver.uptake.kupffer_um3_per_min;
  liver.build();
  const double before = liver.ev_clearance_mL_per_min();
  for (std::size_t i = 0; i < liver.lobules(); ++i)
    for (std::uint8_t& state : liver.world.patch(i).agents(liver.macrophages).column(macrophage::state))
      state = static_cast<std::uint8_t>(macrophage::State::inflammatory);
  liver.visit();
  CHECK(liver.ev_clearance_mL_per_min() == before);  // nothing of MSC is near
  liver.time_s = 6 * 3600 - 600;
  liver.visit();
  const double k = of_macrophages(liver), others = of_others(liver);
  CHECK_THAT(liver.ev_clearance_mL_per_min() / before, WithinRel(equal_paths(0.672, 0.5 * k + others) / equal_paths(0.672, k + others), 0.03));
  for (std::size_t i = 0; i < liver.lobules(); ++i) liver.world.patch(i).agents(liver.macrophages).clear();
  liver.world.patch(0).scalars[liver.signals.near_secretors] = 1.0;  // there it matters now
  const double others_before = liver.world.patch(1).clearance_mL_per_h[liver.pools.colloid.liver_uptake];
  liver.visit();
  CHECK(liver.world.patch(0).clearance_mL_per_h[liver.pools.colloid.liver_uptake] == 0.0);
  CHECK(liver.world.patch(1).clearance_mL_per_h[liver.pools.colloid.liver_uptake] == others_before);
  liver.time_s = 12 * 3600 - 600;
  liver.visit();
  CHECK(liver.clearance_mL_per_min(liver.pools.colloid.liver_uptake) == 0.0);
  CHECK_THAT(liver.ev_clearance_mL_per_min(), WithinRel(equal_paths(0.672, others), 0.03));
}

TEST_CASE("ev_uptake: a change of the endothelium counts when the clearance is found", "[property]") {
  SmallLiver changed, from_start;
  from_start.capillarisation.initial = 0.6;
  changed.build();
  from_start.build();
  const double before = changed.ev_clearance_mL_per_min();
  for (std::size_t i = 0; i < changed.lobules(); ++i) {
    CapillarisationParameters p;
    p.initial = 0.6;
    Capillarisation(p, SmallLiver::endothelium, {}).prepare(changed.world.patch(i));
  }
  changed.time_s = 6 * 3600 - 600;
  changed.visit();
  CHECK(changed.ev_clearance_mL_per_min() == from_start.ev_clearance_mL_per_min());
  CHECK(changed.ev_clearance_mL_per_min() < 0.97 * before);
}
