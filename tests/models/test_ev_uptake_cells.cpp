#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "models/agents/neutrophil.hpp"
#include "models/processes/ev_uptake.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_liver.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using namespace paracrine::models;
using tests::SmallLiver;

namespace {

constexpr double um3_per_min = 1e-12;  // in mL/min

double taken_by_macrophages(const SmallLiver& liver) {
  const std::vector<double> taken = liver.ev_taken();
  return liver.weight * std::accumulate(taken.begin(), taken.end(), 0.0);
}

}  // namespace

TEST_CASE("ev_uptake: every visit conserves vesicles, and cells hold what the liver took", "[property]") {
  SmallLiver liver;
  liver.with_neutrophils = true;
  liver.flow.shunt = 0.1;
  liver.capillarisation.initial = 0.3;
  liver.build();
  double given = 0.0, given_colloid = 0.0;
  for (int visit = 0; visit < 12; ++visit) {
    if (visit % 3 == 0) liver.put_into_plasma(1e7, 2.0), given += 1e7;
    for (std::size_t i = 0; i < liver.lobules(); ++i) {
      sim::Patch& patch = liver.world.patch(i);
      if (visit % 2 == 0) {
        liver.source_at(i, 100.0, 0) = 3e5, liver.source_at(i, 100.0, 1) = 6e5, given += 3e5;
        liver.source_at(i, -60.0, 0) = 1e5, liver.source_at(i, -60.0, 1) = 2e5, given += 1e5;
      }
      if (visit % 4 == 1) {
        patch.scalars[liver.signals.liver_inlet_ev] = 2e6, patch.scalars[liver.signals.liver_inlet_effective] = 4e6, given += 2e6;
        patch.scalars[liver.signals.liver_inlet_colloid] = 5e4, given_colloid += 5e4;
      }
      patch.scalars[liver.signals.ev_per_mL] = visit < 6 ? 1e10 : 3e11;
    }
    liver.visit();
    const sim::Compartments& c = liver.world.compartments;
    const double in_liver = c.amount(liver.pools.ev.liver);
    CHECK_THAT(c.amount(liver.pools.ev.plasma) + in_liver, WithinRel(given, 1e-12));
    CHECK_FALSE(std::abs((c.amount(liver.pools.ev.plasma) + in_liver) * (1.0 + 1e-10) / given - 1.0) < 1e-12);
    CHECK_THAT(c.amount(liver.pools.effective.plasma) + c.amount(liver.pools.effective.liver), WithinRel(2.0 * given, 1e-12));
    CHECK_THAT(c.amount(liver.pools.effective.liver), WithinRel(2.0 * in_liver, 1e-12));
    CHECK_THAT(c.amount(liver.pools.colloid.plasma) + c.amount(liver.pools.colloid.liver), WithinRel(given_colloid, 1e-12));
    const TakenBy& by = liver.taken_by;
    const double in_cells = liver.scalar(by.macrophages) + liver.scalar(by.neutrophils) + liver.scalar(by.endothelium) +
                            liver.scalar(by.hepatocytes) + liver.scalar(by.stellate_cells);
    CHECK_THAT(in_cells, WithinRel(in_liver, 1e-12));
    CHECK_THAT(taken_by_macrophages(liver), WithinRel(liver.scalar(by.macrophages), 1e-12));
    double mapped = 0.0;
    for (std::size_t i = 0; i < liver.lobules(); ++i) {
      const sim::Patch& patch = liver.world.patch(i);
      mapped += liver.weight * sim::amount(patch.field(SmallLiver::map), *patch.grid);
      CHECK(patch.scalars[liver.signals.liver_inlet_ev] == 0.0);
      CHECK(sim::amount(patch.field(SmallLiver::source), *patch.grid) == 0.0);
    }
    CHECK_THAT(mapped, WithinRel(in_liver, 1e-12));
  }
  const double phagocytes = liver.scalar(liver.taken_by.macrophages) + liver.scalar(liver.taken_by.neutrophils);
  const double share = phagocytes / liver.world.compartments.amount(liver.pools.ev.liver);
  CHECK(share > 0.84);  // 0.85 in health, more where endothelium is capillarised
  CHECK(share < 0.92);
}

TEST_CASE("ev_uptake: a neutrophil takes up what a Kupffer cell beside it does, by its clearance, an apoptotic one nothing", "[analytic]") {
  SmallLiver liver, without, silent;
  liver.with_neutrophils = silent.with_neutrophils = true;
  silent.carriers.ev = false;
  for (SmallLiver* of : {&liver, &without, &silent}) {
    of->uptake.neutrophil_um3_per_min = 0.25 * of->uptake.kupffer_um3_per_min;
    of->build();
    of->put_into_plasma(1e11, 2.0);
    of->visit();
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < liver.lobules(); ++i) {
    const sim::Patch &patch = liver.world.patch(i), &quiet = silent.world.patch(i);
    const auto kupffer = patch.agents(liver.macrophages).column(macrophage::ev_taken);
    const auto taken = patch.agents(liver.neutrophils).column(neutrophil::ev_taken);
    const auto signal = patch.agents(liver.neutrophils).column(neutrophil::signal);
    const auto state = patch.agents(liver.neutrophils).column(neutrophil::state);
    for (std::size_t row = 0; row < taken.size(); ++row) {
      if (state[row] == static_cast<std::uint8_t>(neutrophil::State::apoptotic)) {
        CHECK(taken[row] == 0.0);
        CHECK(signal[row] == 0.0F);
      } else {
        CHECK_THAT(taken[row], WithinRel(0.25 * kupffer[row], 1e-12));
        CHECK(signal[row] > 0.0F);
      }
      CHECK(quiet.agents(silent.neutrophils).column(neutrophil::ev_taken)[row] == taken[row]);
      CHECK(quiet.agents(silent.neutrophils).column(neutrophil::signal)[row] == 0.0F);
      sum += liver.weight * taken[row];
    }
  }
  CHECK_THAT(sum, WithinRel(liver.scalar(liver.taken_by.neutrophils), 1e-12));
  CHECK(liver.ev_clearance_mL_per_min() > 1.02 * without.ev_clearance_mL_per_min());  // two thirds of a quarter of 0.85 more, less saturation by flow
  CHECK(without.scalar(without.taken_by.neutrophils) == 0.0);
}

TEST_CASE("ev_uptake: the first pass extracts what the sweep extracts, and shunts let pass", "[analytic]") {
  for (const double shunt : {0.0, 0.4}) {
    SmallLiver liver;
    liver.flow.shunt = shunt;
    liver.build();
    std::vector<double> extraction;
    for (std::size_t i = 0; i < liver.lobules(); ++i) {
      sim::Patch& patch = liver.world.patch(i);
      extraction.push_back(liver.process->ev_clearance_mL_per_h(patch) / liver.process->plasma_mL_per_h(patch));
      patch.scalars[liver.signals.liver_inlet_ev] = patch.scalars[liver.signals.liver_inlet_effective] = 1000.0;
    }
    liver.visit();
    const double expected = 1000.0 * std::accumulate(extraction.begin(), extraction.end(), 0.0);
    const double taken = liver.world.compartments.amount(liver.pools.ev.liver);
    CHECK_THAT(taken, WithinRel(expected, 1e-12));
    CHECK_FALSE(std::abs(1.001 * taken / expected - 1.0) < 1e-12);
  }
}

TEST_CASE("ev_uptake: a large dose into the liver's inflow saturates its own first pass", "[analytic]") {
  const double K = EvUptakeParameters{}.half_saturation_per_mL;
  SmallLiver dosed, steady;
  dosed.build();
  steady.build();
  double linear = 0.0, expected = 0.0;
  for (std::size_t i = 0; i < dosed.lobules(); ++i) {
    sim::Patch &patch = dosed.world.patch(i), &same = steady.world.patch(i);
    const double amount = K * dosed.process->plasma_mL_per_h(patch) / 6.0;  // K in what flows in for 10 min
    patch.scalars[dosed.signals.liver_inlet_ev] = amount;
    linear += amount * dosed.process->ev_clearance_mL_per_h(patch) / dosed.process->plasma_mL_per_h(patch);
    same.scalars[steady.signals.ev_per_mL] = K;
    steady.process->prepare(same);
    expected += amount * steady.process->ev_clearance_mL_per_h(same) / steady.process->plasma_mL_per_h(same);
  }
  dosed.visit();
  CHECK_THAT(dosed.world.compartments.amount(dosed.pools.ev.liver), WithinRel(expected, 1e-12));
  CHECK(expected < 0.7 * linear);
}

TEST_CASE("ev_uptake: sources add up where nothing saturates", "[property]") {
  const std::array<double, 2> places = {120.0, -80.0};
  const auto run = [&](bool first, bool second, bool plasma) {
    SmallLiver liver;
    liver.build();
    for (std::size_t i = 0; i < liver.lobules(); ++i) {
      if (first) liver.source_at(i, places[0], 0) = 1e6;
      if (second) liver.source_at(i, places[1], 0) = 4e6;
    }
    if (plasma) liver.world.compartments.receive(liver.pools.ev.plasma, 1e7);
    liver.visit();
    return liver.ev_taken();
  };
  const std::vector<double> a = run(true, false, false), b = run(false, true, false), c = run(false, false, true), all = run(true, true, true);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK_THAT(a[i] + b[i] + c[i], WithinRel(all[i], 1e-11));
  CHECK(a != b);
  const double from_source = std::accumulate(a.begin(), a.end(), 0.0);
  CHECK(from_source > 0.0);
  std::size_t unreached = 0;  // a source reaches only what lies downstream of it
  for (const double taken : a) unreached += taken == 0.0 ? 1 : 0;
  CHECK(unreached > a.size() / 4);
}

TEST_CASE("ev_uptake: cells near a portal tract see the plasma, those near the vein what is left", "[analytic]") {
  SmallLiver liver;
  liver.radii_um = {284.3};
  liver.build();
  liver.put_into_plasma(1e9);
  liver.visit();
  const sim::Patch& patch = liver.world.patch(0);
  const double at_inlet =
      liver.uptake.kupffer_um3_per_min * um3_per_min * 60.0 * liver.world.compartments.exposure_h_per_mL(liver.pools.ev.liver_uptake);
  const double at_outlet = at_inlet * (1.0 - liver.process->ev_clearance_mL_per_h(patch) / liver.process->plasma_mL_per_h(patch));
  const auto voxel = patch.agents(liver.macrophages).column(macrophage::voxel);
  const auto taken = patch.agents(liver.macrophages).column(macrophage::ev_taken);
  double first = 0.0, least = at_inlet;
  for (std::size_t row = 0; row < taken.size(); ++row) {
    CHECK(taken[row] < at_inlet);
    const float zone = lobule_state(patch).lobule().zone[voxel[row]];
    if (zone < 0.15F) first = std::max(first, taken[row]);
    least = std::min(least, taken[row]);
    // what reaches the vein is a mixture of all paths
    if (zone > 0.9F) CHECK_THAT(taken[row], WithinRel(at_outlet, 0.1));
  }
  CHECK(first > 0.98 * at_inlet);
  CHECK(least < 0.95 * at_outlet);  // the long way round
}

TEST_CASE("ev_uptake: what MSC in the lobule secrete competes with the vesicles in plasma", "[analytic]") {
  const auto taken_share = [](double ev_per_mL, double activity) {
    SmallLiver liver;
    for (double* clearance : {&liver.uptake.kupffer_um3_per_min, &liver.uptake.endothelial_um3_per_min, &liver.uptake.hepatocyte_um3_per_min,
                              &liver.uptake.stellate_um3_per_min})
      *clearance *= activity;
    liver.build();
    liver.world.patch(1).scalars[liver.signals.ev_per_mL] = ev_per_mL;
    liver.source_at(1, 100.0, 0) = 1000.0;
    liver.visit();
    CHECK_THAT(liver.world.compartments.amount(liver.pools.ev.plasma) + liver.world.compartments.amount(liver.pools.ev.liver),
               WithinRel(1000.0, 1e-12));
    return liver.world.compartments.amount(liver.pools.ev.liver) / 1000.0;
  };
  CHECK_THAT(taken_share(1e12, 1.0), WithinRel(taken_share(0.0, 0.5), 1e-12));
  CHECK(taken_share(1e12, 1.0) < 0.7 * taken_share(0.0, 1.0));
}

TEST_CASE("ev_uptake: the response is a Poisson count where uptake is thin, and the real number where it is not", "[statistical]") {
  SmallLiver liver;
  liver.radii_um.assign(40, 284.3);
  liver.build();
  const double potency = 3.0, hours = 1.0 / 6.0, z = std::log(2.0) * hours / 48.0, collected = (1.0 - std::exp(-z)) / z;
  liver.put_into_plasma(2e8, potency);
  liver.visit();
  const std::vector<double> taken = liver.ev_taken(), signal = liver.cell_signals();
  const auto n = static_cast<double>(taken.size());
  double sum = 0.0, counted = 0.0, spread = 0.0, spread_variance = 0.0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const double count = signal[i] / (potency * collected);
    REQUIRE_THAT(count, WithinAbs(std::round(count), 1e-5));
    sum += taken[i];
    counted += count;
    spread += (count - taken[i]) * (count - taken[i]) / taken[i];
    spread_variance += 2.0 + 1.0 / taken[i];
  }
  CHECK(sum / n > 1.0);
  CHECK(sum / n < 10.0);
  CHECK(tests::agrees(counted, sum, std::sqrt(sum)));
  CHECK(tests::agrees(spread, n, std::sqrt(spread_variance)));
  for (const double wrong : {0.9, 1.1}) CHECK_FALSE(tests::agrees(wrong * counted, sum, std::sqrt(sum)));
  for (const double wrong : {0.8, 1.2}) CHECK_FALSE(tests::agrees(wrong * spread, n, std::sqrt(spread_variance)));

  // enough for everyone: from the next visit on no number is drawn
  liver.put_into_plasma(3e11, potency);
  liver.visit();
  const std::vector<double> taken_then = liver.ev_taken(), signal_then = liver.cell_signals();
  liver.visit();
  const std::vector<double> taken_now = liver.ev_taken(), signal_now = liver.cell_signals();
  for (std::size_t i = 0; i < taken_now.size(); ++i) {
    const double expected = signal_then[i] * std::exp(-z) + potency * collected * (taken_now[i] - taken_then[i]);
    REQUIRE_THAT(signal_now[i], WithinRel(expected, 1e-6));
  }
}

TEST_CASE("ev_uptake: the signal rises with soluble factors and fades, a carrier that is off has no effect and moves as before", "[analytic]") {
  SmallLiver soluble, without, ev_off, ev_on;
  without.carriers.soluble = false;
  ev_off.carriers.ev = false;
  for (SmallLiver* liver : {&soluble, &without, &ev_off, &ev_on}) liver->build();
  for (SmallLiver* liver : {&soluble, &without}) {
    for (std::size_t i = 0; i < liver->lobules(); ++i) liver->world.patch(i).scalars[liver->signals.soluble_activity] = 3.0;
    for (int visit = 0; visit < 6; ++visit) liver->visit(7200);
  }
  const double fading = std::log(2.0) / 48.0, expected = 0.75 * (1.0 - std::exp(-12.0 * fading)) / fading;
  CHECK_THAT(soluble.cell_signals().front(), WithinRel(expected, 1e-6));
  CHECK_FALSE(std::abs(soluble.cell_signals().front() * 1.01 / expected - 1.0) < 1e-6);
  CHECK(without.cell_signals().front() == 0.0);
  for (std::size_t i = 0; i < soluble.lobules(); ++i) soluble.world.patch(i).scalars[soluble.signals.soluble_activity] = 0.0;
  const double then = soluble.cell_signals().front();
  for (int visit = 0; visit < 12; ++visit) soluble.visit(14400);
  CHECK_THAT(soluble.cell_signals().front(), WithinRel(0.5 * then, 1e-6));

  for (SmallLiver* liver : {&ev_off, &ev_on}) {
    liver->put_into_plasma(1e10);
    liver->visit();
  }
  CHECK(ev_off.ev_taken() == ev_on.ev_taken());
  CHECK(tests::moments(ev_off.cell_signals()).mean == 0.0);
  CHECK(tests::moments(ev_on.cell_signals()).mean > 10.0);
}

TEST_CASE("ev_uptake: what a lobule remembers of its sweeps can be made anew bit for bit", "[property]") {
  SmallLiver through, anew;
  for (SmallLiver* liver : {&through, &anew}) {
    liver->capillarisation.initial = 0.5;
    liver->build();
    liver->put_into_plasma(3e8);
  }
  for (int visit = 0; visit < 8; ++visit) {
    for (SmallLiver* liver : {&through, &anew})
      for (std::size_t i = 0; i < liver->lobules(); ++i) {
        sim::Patch& patch = liver->world.patch(i);
        patch.scalars[liver->signals.ev_per_mL] = 1e10 * (1.0 + 0.01 * visit);
        patch.scalars[liver->signals.liver_inlet_ev] = 100.0;
        Capillarisation({}, SmallLiver::endothelium, {}).advance(patch, {.start_s = 0, .duration_s = 600, .index = 0, .seed = 1});
      }
    if (visit % 3 == 1)
      for (std::size_t i = 0; i < anew.lobules(); ++i)
        anew.world.patch(i).derived[0] = make_lobule_state(make_lobule(anew.lobule, anew.radii_um[i], 1, 1), anew.flow, anew.scale_mL_per_h);
    through.visit();
    anew.visit();
  }
  CHECK(through.ev_taken() == anew.ev_taken());
  CHECK(through.cell_signals() == anew.cell_signals());
  CHECK(through.ev_clearance_mL_per_min() == anew.ev_clearance_mL_per_min());
}

TEST_CASE("ev_uptake: without flow nothing is cleared from the blood, and nothing is lost", "[property]") {
  for (const bool cells : {true, false}) {
    SmallLiver liver;
    liver.perfusion = 0.0;
    if (!cells)
      liver.uptake.kupffer_um3_per_min = liver.uptake.endothelial_um3_per_min = liver.uptake.hepatocyte_um3_per_min =
          liver.uptake.stellate_um3_per_min = 0.0;
    liver.build();
    liver.put_into_plasma(1e6);
    liver.world.patch(0).scalars[liver.signals.liver_inlet_ev] = 1e6;
    liver.world.patch(0).scalars[liver.signals.liver_inlet_colloid] = 1e6;
    liver.source_at(1, 100.0, 0) = 1e6;
    liver.visit();
    liver.visit();
    CHECK(liver.ev_clearance_mL_per_min() == 0.0);
    const double taken = cells ? 1e6 : 0.0;  // in place, of what was secreted there
    CHECK_THAT(liver.world.compartments.amount(liver.pools.ev.liver), WithinRel(taken, 1e-9));
    CHECK_THAT(liver.world.compartments.amount(liver.pools.ev.plasma), WithinRel(3e6 - taken, 1e-9));
    CHECK(liver.world.compartments.amount(liver.pools.colloid.plasma) == 1e6);
  }
}
