// The mean-field twin by itself; that it agrees with the agents is tests/python/test_twin.py's.
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "models/tissue/mean_cells.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine;
using Catch::Matchers::WithinRel;

namespace {

const std::string untreated = "cirrhosis/mouse_ccl4_untreated.toml", treated = "cirrhosis/mouse_ccl4_iv_msc.toml";

std::vector<std::string> twin(double run_d, std::vector<std::string> more = {}) {
  std::vector<std::string> overrides{"numerics.method=mean_field", "output.fields=[]", "output.agents=[]", "time.record_every=6 h",
                                     "time.duration=" + std::to_string(run_d) + " d"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

/// Mean over a Poisson number of n / (n + half), term by term in long double.
double by_hand(double mean, double half) {
  long double probability = std::exp(-static_cast<long double>(mean)), sum = 0.0L;
  for (int n = 1; n < 2000; ++n) {
    probability *= static_cast<long double>(mean) / n;
    sum += probability * n / (n + static_cast<long double>(half));
  }
  return static_cast<double>(sum);
}

}  // namespace

TEST_CASE("mean_field: the mean effect of a few neighbours is that of a Poisson number of them", "[analytic]") {
  for (const double mean : {1e-6, 0.01, 0.5, 3.0, 40.0, 150.0})
    for (const double half : {0.05, 1.0, 20.0}) REQUIRE_THAT(models::mean_saturation(mean, half), WithinRel(by_hand(mean, half), 1e-9));
  for (const double mean : {0.1, 2.0, 30.0}) REQUIRE_THAT(models::mean_saturation(mean, 1.0), WithinRel(1.0 + std::expm1(-mean) / mean, 1e-9));
  REQUIRE(models::mean_saturation(0.0, 1.0) == 0.0);
  REQUIRE_THAT(models::mean_saturation(1e4, 5.0), WithinRel(1e4 / (1e4 + 5.0), 1e-6));
}

TEST_CASE("mean_field: numbers lie in the scalars of a patch as they were put there", "[unit]") {
  sim::World world;
  world.add_scalar("before");
  const std::size_t first = models::add_mean_cells(world);
  world.add_scalar("after");
  world.add_group("liver", 1);
  sim::Patch& patch = world.patch(0);
  models::MeanCells cells;
  cells.zone[3].share[2] = 0.25;
  cells.macrophages[models::MeanCells::restorative].lineage = 0.5;
  cells.stellate_pairs = 0.125;
  models::store_mean_cells(patch, first, cells);
  REQUIRE(patch.scalars.front() == 0.0);
  REQUIRE(patch.scalars.back() == 0.0);
  REQUIRE(world.scalar_names[first + 3 * 7 + 2] == "mean_hepatocyte_necrotic_zone_3");
  REQUIRE(patch.scalars[first + 3 * 7 + 2] == 0.25);
  REQUIRE(world.scalar_names[patch.scalars.size() - 2] == "mean_stellate_pairs");
  REQUIRE(patch.scalars[patch.scalars.size() - 2] == 0.125);
  REQUIRE(models::load_mean_cells(patch, first).macrophages[models::MeanCells::restorative].lineage == 0.5);
}

TEST_CASE("mean_field: what comes in is stored or has left, with all that can be given and taken away", "[property]") {
  const std::vector<std::string> more{
      "therapy=[{product=\"msc\",cells=1e6,at=\"2 d\"},{product=\"bone_marrow_macrophages\",cells=1e6,at=\"3 d\"},{product=\"ev\",particles=1e10,"
      "at=\"4 d\",route=\"portal_vein\"}]",
      "intervention=[{kind=\"macrophage_depletion\",method=\"clodronate\",start=\"5 d\",stop=\"7 d\",efficacy=0.9},"
      "{kind=\"neutrophil_depletion\",start=\"6 d\",stop=\"8 d\",efficacy=0.8},{kind=\"splenectomy\",start=\"8 d\",stop=\"9 d\"},"
      "{kind=\"macrophage_depletion\",method=\"cd11b_dtr\",start=\"9 d\",stop=\"11 d\",efficacy=0.9}]"};
  const tests::Rows rows = tests::run_file(treated, twin(14, more));
  CHECK(rows.largest_audit_error < 1e-11);
  CHECK(rows.at("kupffer", 6.0 * 24.0) < 0.3 * rows.at("kupffer", 4.75 * 24.0));
  CHECK(rows["kupffer"].back() > 1.5 * rows.at("kupffer", 11.0 * 24.0));
  CHECK(rows["ev_per_macrophage"].back() > 0.0);
}

TEST_CASE("mean_field: MSC products reach neutrophils, which turn and are fewer, without carriers they only arrive", "[property]") {
  const std::vector<std::string> dose{"therapy.0.at=12 h", "therapy.0.cells=1e7"};
  const auto also = [&](std::vector<std::string> more) {
    more.insert(more.end(), dose.begin(), dose.end());
    return tests::run_file(treated, twin(3, more));
  };
  const tests::Rows with = also({}), none = also({"mechanism.ev=false", "mechanism.soluble=false", "mechanism.efferocytosis=false",
                                                  "parameters.neutrophil_fate.relay=0 d^-1"});
  const tests::Rows potent = also({"parameters.neutrophil_fate.half_signal=1"}), deadly = also({"parameters.neutrophil_fate.apoptosis_gain=5"});
  CHECK(with.at("neutrophil_reparative", 36.0) > 0.0);
  CHECK(with.at("neutrophil_signal", 36.0) > 0.0);
  CHECK(none["neutrophil_reparative"].back() == 0.0);
  CHECK(none["ev_uptake_neutrophil"].back() > 0.0);
  CHECK(potent.at("neutrophil_reparative", 36.0) > 1.1 * with.at("neutrophil_reparative", 36.0));
  CHECK(deadly.at("neutrophil", 36.0) < with.at("neutrophil", 36.0));
  CHECK(with.at("neutrophil", 36.0) < none.at("neutrophil", 36.0));
  for (const tests::Rows* rows : {&with, &none, &potent, &deadly}) CHECK(rows->largest_audit_error < 1e-11);
}

TEST_CASE("mean_field: an infused sort lives on where recruited macrophages died", "[property]") {
  const std::vector<std::string> more{"injury=[]", "processes.recruitment=false",
                                      "therapy=[{product=\"bone_marrow_macrophages\",phenotype=\"restorative\",cells=1e7,at=\"1 d\"}]"};
  std::vector<std::string> with = more;
  with[1] = "processes.kupffer_renewal=false";
  const tests::Rows none = tests::run_file(untreated, twin(12, more)), some = tests::run_file(untreated, twin(12, with));
  CHECK(some["macrophage_restorative"].back() > 3.0 * none["macrophage_restorative"].back());
  CHECK(some.largest_audit_error < 1e-11);
}

TEST_CASE("mean_field: without a therapy nothing is drawn", "[property]") {
  const tests::Rows one = tests::run_file(untreated, twin(10, {"seed=1"})), other = tests::run_file(untreated, twin(10, {"seed=2"}));
  for (const auto& [name, values] : one.values)
    for (std::size_t i = 0; i < values.size(); ++i) {
      INFO(name);
      REQUIRE((values[i] == other[name][i] || (std::isnan(values[i]) && std::isnan(other[name][i]))));
    }
}

TEST_CASE("mean_field: a process that is off does nothing", "[property]") {
  const auto without = [&](const std::string& process) { return tests::run_file(untreated, twin(10, {"processes." + process + "=false"})); };
  CHECK(without("hepatocyte_injury")["hepatocyte_necrotic"].back() < 1e-12);
  CHECK(without("hepatocyte_death")["hepatocyte_empty"].back() == 0.0);
  CHECK(without("regeneration")["hepatocyte_regenerating"].back() == 0.0);
  CHECK(without("recruitment")["macrophage_inflammatory"].back() == 0.0);
  CHECK(without("neutrophil_recruitment")["neutrophil"].back() == 0.0);
  CHECK(without("macrophage_switch")["macrophage_switched"].back() == 0.0);
  CHECK(without("macrophage_relay")["macrophage_relayed"].back() == 0.0);
  CHECK(without("stellate_activation")["myofibroblast"].back() == 0.0);
  CHECK(without("stellate_fate")["myofibroblast_lost"].back() == 0.0);
  CHECK(without("crosslinking")["collagen_crosslinked"].back() == 0.0);
  CHECK(without("collagen_synthesis")["collagen_area"].back() < 0.0053);
  CHECK(without("collagen_degradation")["hydroxyproline"].back() > tests::run_file(untreated, twin(10))["hydroxyproline"].back());
  CHECK(without("phagocytosis")["hepatocyte_necrotic"].back() > 2.0 * tests::run_file(untreated, twin(10))["hepatocyte_necrotic"].back());
  CHECK(without("sinusoid_flow")["sinusoid_diameter"].back() > 10.0);
  CHECK(without("serum")["alt"].back() == 30.0);
}

TEST_CASE("mean_field: a healthy liver stays as it is", "[property]") {
  const tests::Rows rows = tests::run_file(untreated, twin(168, {"injury=[]"}));
  for (const char* name : {"hepatocyte_viable", "kupffer", "hsc_quiescent", "collagen_area", "hydroxyproline", "albumin", "perfusion"}) {
    INFO(name);
    CHECK(std::abs(rows[name].back() / rows[name].front() - 1.0) < 0.05);
  }
}

TEST_CASE("mean_field: half the visit changes the scar by about half of what twice the visit does", "[convergence]") {
  const auto area = [&](const char* visit) {
    return tests::run_file(untreated, twin(28, {std::string("numerics.visit=") + visit}))["collagen_area"].back();
  };
  const double fine = area("3.75 min"), shipped = area("30 min") / fine - 1.0, coarse = area("60 min") / fine - 1.0,
               half = area("15 min") / fine - 1.0;
  INFO("relative differences " << coarse << " " << shipped << " " << half);
  CHECK(std::abs(shipped) < 0.03);
  CHECK(coarse / shipped > 1.6);
  CHECK(coarse / shipped < 2.6);
  CHECK(shipped / half > 1.6);
  CHECK(shipped / half < 3.0);
}

TEST_CASE("mean_field: a run that was taken up again is the run that went through", "[property]") {
  const sim::Catalogue catalogue = models::catalogue();
  const sim::Scenario scenario =
      sim::load_scenario(std::string(PARACRINE_SOURCE_DIR) + "/scenarios/" + treated, twin(40, {"therapy.0.at=10 d"}), catalogue.model_info());
  sim::Simulation through(catalogue, scenario, 1), resumed(catalogue, scenario, 1);
  tests::MemoryArchive memory;
  while (through.time_s() < std::int64_t{12} * 86400) {
    if (through.snapshot_due()) static_cast<void>(through.snapshot());
    through.visit();
  }
  if (through.snapshot_due()) static_cast<void>(through.snapshot());
  through.archive(memory);
  memory.load();
  resumed.archive(memory);
  while (!through.finished()) {
    through.visit();
    resumed.visit();
    const bool due = through.snapshot_due();
    REQUIRE(resumed.snapshot_due() == due);
    if (!due) continue;
    const sim::Snapshot one = through.snapshot(), other = resumed.snapshot();
    for (std::size_t i = 0; i < one.series.front().size(); ++i) {
      INFO(through.layout().series.front().observables[i].name << " at " << one.time_s);
      REQUIRE((one.series.front()[i] == other.series.front()[i] || std::isnan(one.series.front()[i])));
    }
  }
}
