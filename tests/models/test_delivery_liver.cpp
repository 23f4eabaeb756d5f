#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/delivery_session.hpp"

using namespace paracrine;
using tests::Rows;
using tests::run_text;
using tests::Session;

namespace {

std::string run_of(const std::string& hours, int lobules = 4) {
  return fmt::format("[time]\nduration = \"{} h\"\nrecord_every = \"1 h\"\n[liver]\nlobules = {}\n", hours, lobules);
}
std::string cells(double number, const std::string& more = "") {
  return fmt::format("[[therapy]]\nproduct = \"msc\"\ncells = {}\nat = \"0 h\"\nduration = \"30 s\"\n{}\n", number, more);
}
std::string vesicles(double number, const std::string& more = "") {
  return fmt::format("[[therapy]]\nproduct = \"ev\"\nparticles = {}\nat = \"0 h\"\nduration = \"1 s\"\n{}\n", number, more);
}
std::string route(const std::string& name) { return "route = \"" + name + "\""; }
const std::vector<std::string> uptakes{"ev_uptake_liver", "ev_uptake_spleen", "ev_uptake_lung", "ev_uptake_kidney", "ev_uptake_other"};

double liver_share(const Rows& rows) {
  double all = 0.0;
  for (const std::string& organ : uptakes) all += rows[organ].back();
  return rows["ev_uptake_liver"].back() / all;
}
bool within(double value, double expected, double tolerance) { return std::abs(value / expected - 1.0) < tolerance; }

}  // namespace

TEST_CASE("delivery: MSC given into the liver's inflow stop in the liver, and the liver meets their vesicles first", "[property]") {
  const Rows tail = run_text(run_of("12") + cells(2e4));
  CHECK(tail.at("msc_viable_lung", 1.0) > 5.0 * tail.at("msc_viable_liver", 1.0));
  for (const char* name : {"portal_vein", "hepatic_artery", "intrahepatic"}) {
    INFO(name);
    const Rows rows = run_text(run_of("12") + cells(2e4, route(name)));
    CHECK(rows.at("msc_viable_liver", 1.0) > 5.0 * tail.at("msc_viable_liver", 1.0));
    CHECK(rows.at("msc_viable_liver", 1.0) > rows.at("msc_viable_lung", 1.0));
    CHECK(liver_share(rows) > 1.05 * liver_share(tail));
  }
  const Rows spleen = run_text(run_of("12") + cells(2e4, route("intrasplenic")));
  CHECK(spleen.at("msc_viable_spleen", 1.0) > 100.0 * tail.at("msc_viable_spleen", 1.0));
  CHECK(spleen.at("msc_viable_liver", 1.0) > 2.0 * tail.at("msc_viable_liver", 1.0));
  CHECK_FALSE(liver_share(tail) > 1.05 * liver_share(tail));
}

TEST_CASE("delivery: of vesicles given into the liver's inflow the liver takes its extraction first, and of the rest what it takes of any",
          "[analytic]") {
  const std::string text = run_of("48");  // until the slow pool is empty, too
  const double share = liver_share(run_text(text + vesicles(1e8)));
  for (const char* name : {"portal_vein", "hepatic_artery", "intrasplenic"}) {
    INFO(name);
    const Rows rows = run_text(text + vesicles(1e8, route(name)));
    const double extraction = rows["ev_extraction"].front();
    CHECK(extraction > 0.05);
    CHECK_THAT(liver_share(rows), WithinRel(extraction + (1.0 - extraction) * share, 0.002));
    CHECK_FALSE(within(liver_share(rows), share, 0.002));                                                // no first pass
    CHECK_FALSE(within(liver_share(rows), 2.0 * extraction + (1.0 - 2.0 * extraction) * share, 0.002));  // a double one
  }
  // in the tissue all along the sinusoids, vesicles have part of the way before them: less than a whole passage takes
  const double within_tissue = liver_share(run_text(text + vesicles(1e8, route("intrahepatic"))));
  CHECK(within_tissue > 1.01 * share);
  CHECK(within_tissue < liver_share(run_text(text + vesicles(1e8, route("portal_vein")))));
}

TEST_CASE("delivery: priming makes vesicles more potent, not more", "[analytic]") {
  const std::string text = run_of("12") + "[mechanism]\nsoluble = false\n";
  const auto run = [&](const std::string& more) {
    auto session = std::make_unique<Session>(text + cells(2e4, more), std::vector<std::string>{"parameters.ev_secretion.burst=0"});
    const double released = tests::run_rows(session->simulation)["ev_released"].back();
    return std::pair{std::move(session), released};
  };
  const auto [usual, usual_number] = run("");
  const auto [primed, primed_number] = run("priming = \"ifn_gamma\"");
  const auto [cord, cord_number] = run("source = \"umbilical_cord\"");
  const auto [spheroid, spheroid_number] = run("culture = \"spheroid\"");
  const auto [old, old_number] = run("passage = 8");
  const auto p = [&](const char* name) { return usual->parameter(name); };
  const auto effective = [](const Session& session) { return session.amount("ev_effective_liver"); };
  const auto signal = [](const Session& session) { return session.macrophage_mean(models::macrophage::signal); };

  // the same cells live and die as before, so numbers differ by the factors alone
  CHECK_THAT(primed_number, WithinRel(usual_number * p("ev_secretion.priming_number"), 1e-12));
  CHECK_THAT(cord_number, WithinRel(usual_number * p("ev_secretion.umbilical_cord") / p("ev_secretion.adipose"), 1e-12));
  CHECK_THAT(spheroid_number, WithinRel(usual_number * p("ev_secretion.spheroid"), 1e-12));
  CHECK_THAT(old_number, WithinRel(usual_number, 1e-12));
  CHECK_FALSE(within(cord_number, usual_number, 0.05));

  // TNF of the host licenses unprimed cells a little; what is primed keeps the larger of the two
  const double tnf = p("factor_secretion.tnf_baseline");
  const double licensed = 1.0 + (p("ev_secretion.licensing_potency") - 1.0) * tnf / (tnf + p("ev_secretion.licensing_tnf"));
  const double stronger = p("ev_secretion.priming_potency") / licensed;
  CHECK_THAT(effective(*primed) / effective(*usual), WithinRel(stronger * p("ev_secretion.priming_number"), 1e-6));
  CHECK_FALSE(within(effective(*primed) / effective(*usual), 1.02 * stronger * p("ev_secretion.priming_number"), 1e-6));
  CHECK_THAT(effective(*old) / effective(*usual), WithinRel(std::pow(p("ev_secretion.potency_per_passage"), 4.0), 1e-6));
  CHECK_THAT(signal(*primed) / signal(*usual), WithinRel(stronger, 0.001));
  CHECK(signal(*usual) > 0.0);
}

TEST_CASE("delivery: soluble factors raise the signal of macrophages, unless their carrier is off", "[property]") {
  const std::string text = run_of("6") + cells(2e5, "priming = \"ifn_gamma\"") + "[numerics]\nmsc_weight = 100\n[mechanism]\nev = false\n";
  Session with(text), without(text, {"mechanism.soluble=false"});
  tests::run_rows(with.simulation);
  tests::run_rows(without.simulation);
  CHECK(with.macrophage_mean(models::macrophage::signal) > 0.0);
  CHECK(without.macrophage_mean(models::macrophage::signal) == 0.0);
  CHECK(without.macrophage_mean(models::macrophage::ev_taken) > 0.0);
}

namespace {

constexpr double day_of_cells = 5e4;
const std::string one_day = run_of("24") + cells(day_of_cells) + "[numerics]\nmsc_weight = 5\n";

struct Education {
  double in_liver = 0.0;  // educated monocytes
  double anywhere = 0.0;
  Rows rows;
};
Education educated(const std::vector<std::string>& overrides) {
  Session run(one_day, overrides);
  Education education;
  education.rows = tests::run_rows(run.simulation);
  education.in_liver = run.amount("monocyte_educated_liver");
  education.anywhere = education.rows["educated_monocytes"].back();
  return education;
}

}  // namespace

TEST_CASE("delivery: each carrier brings educated monocytes to the liver, and none of them changes where vesicles go", "[property]") {
  const std::string ev = "mechanism.ev=false", soluble = "mechanism.soluble=false", meals = "mechanism.efferocytosis=false";
  const Education all = educated({}), none = educated({ev, soluble, meals});
  const std::vector<Education> one_off{educated({ev}), educated({soluble}), educated({meals})};
  const std::vector<Education> alone{educated({soluble, meals}), educated({ev, meals}), educated({ev, soluble})};
  CHECK(all.in_liver > 0.0);
  CHECK(none.in_liver == 0.0);
  CHECK(none.anywhere == 0.0);
  double sum = 0.0, sum_anywhere = 0.0;
  for (std::size_t carrier = 0; carrier < 3; ++carrier) {
    INFO("carrier " << carrier);
    CHECK(one_off[carrier].in_liver < 0.999 * all.in_liver);
    CHECK(alone[carrier].in_liver > 0.0);
    CHECK_THAT(one_off[carrier].in_liver + alone[carrier].in_liver, WithinRel(all.in_liver, 0.05));
    sum += alone[carrier].in_liver;
    sum_anywhere += alone[carrier].anywhere;
    for (const std::string& organ : uptakes) {
      CHECK(one_off[carrier].rows[organ] == all.rows[organ]);
      CHECK(none.rows[organ] == all.rows[organ]);
    }
    CHECK(one_off[carrier].rows["ev_released"] == all.rows["ev_released"]);
    CHECK(one_off[carrier].rows["tsg6_plasma"] == all.rows["tsg6_plasma"]);
  }
  // a monocyte can be educated once, so together they do a little less than each alone
  CHECK(sum >= all.in_liver);
  CHECK_THAT(sum, WithinRel(all.in_liver, 0.05));
  CHECK_THAT(sum_anywhere, WithinRel(all.anywhere, 0.05));
  CHECK_FALSE(educated({"parameters.ev_secretion.rate=1000 d^-1"}).rows["ev_uptake_liver"] == all.rows["ev_uptake_liver"]);
}

namespace {

Rows off(const std::string& process, const std::string& therapy, const std::string& more = "") {
  return run_text(run_of("6") + therapy + fmt::format("[processes]\n{} = false\n", process) + more);
}
Rows on(const std::string& therapy) { return run_text(run_of("6") + therapy); }
bool stands_still(const std::vector<double>& values) {
  for (const double value : values)
    if (value != values.front()) return false;
  return true;
}

}  // namespace

TEST_CASE("delivery: with infusion, arrest or fate off nothing is given, stopped or dies", "[property]") {
  const Rows usual = on(cells(5000)), nothing = off("infusion", cells(5000) + vesicles(1e8)), adrift = off("lung_arrest", cells(5000)),
             immortal = off("msc_fate", cells(5000));
  CHECK(usual["msc_viable_lung"].back() > 0.0);
  CHECK(nothing["msc_dna_lung"].back() + nothing["msc_dna_other"].back() + nothing["ev_released"].back() == 0.0);
  CHECK(adrift["msc_dna_lung"].back() + adrift["msc_dna_liver"].back() == 0.0);
  CHECK(adrift["msc_dna_other"].back() > 4500.0);
  CHECK(usual["msc_dna_lung"].back() < 4999.0);
  double viable = 0.0;
  for (const char* organ : {"lung", "liver", "spleen", "other"}) viable += immortal[fmt::format("msc_viable_{}", organ)].back();
  CHECK_THAT(viable, WithinRel(5000.0 * Session(run_of("1")).parameter("infusion.viability"), 1e-3));
  for (const Rows* rows : {&nothing, &adrift, &immortal}) CHECK(rows->largest_audit_error < 1e-12);
}

TEST_CASE("delivery: with a secretion off, MSC release none of it", "[property]") {
  const Rows usual = on(cells(5000)), no_vesicles = off("ev_secretion", cells(5000)), no_factors = off("factor_secretion", cells(5000));
  for (const char* vesicle : {"ev_released", "ev_plasma", "ev_uptake_liver"}) {
    CHECK(usual[vesicle].back() > 0.0);
    CHECK(no_vesicles[vesicle].back() == 0.0);
    CHECK(no_factors[vesicle] == usual[vesicle]);
  }
  for (const char* factor : {"tsg6_plasma", "pge2_plasma"}) {
    CHECK(usual[factor].back() > 0.0);
    CHECK(no_vesicles[factor].back() > 0.0);
    CHECK(no_factors[factor].back() == 0.0);
  }
  CHECK(usual["hgf_plasma"].back() > usual["hgf_plasma"].front());
  CHECK_THAT(no_factors["hgf_plasma"].back(), WithinRel(no_factors["hgf_plasma"].front(), 1e-9));
  // a medium still brings both
  const Rows medium = off("ev_secretion", "[[therapy]]\nproduct = \"conditioned_medium\"\ncell_equivalents = 1e6\nat = \"0 h\"\n");
  CHECK(medium["ev_released"].back() > 0.0);
}

TEST_CASE("delivery: with the pools of leukocytes off, their stocks stand still", "[property]") {
  const Rows no_monocytes = off("monocyte_pool", cells(5000)), no_neutrophils = off("neutrophil_pool", cells(5000));
  CHECK(stands_still(no_monocytes["monocyte_blood"]));
  CHECK(stands_still(no_neutrophils["neutrophil_blood"]));
  Session with(run_of("6") + cells(5000)), without(run_of("6") + cells(5000) + "[processes]\nmonocyte_pool = false\nneutrophil_pool = false\n");
  for (Session* run : {&with, &without}) tests::run_rows(run->simulation);
  for (const std::string cell : {"monocyte", "neutrophil"}) {
    const auto produced = [&](const Session& run) { return run.received(cell + "_marrow") / run.parameter(cell + "_pool.marrow_cells") - 1.0; };
    CHECK(produced(with) > 0.01);
    CHECK(produced(without) == 0.0);
    CHECK(with.amount(cell + "_gone") > 0.0);
    CHECK(without.amount(cell + "_gone") == 0.0);
  }
  CHECK(without.amount("monocyte_educated_lung_margin") > 0.0);  // educated where they are, and there they stay
  CHECK(without.amount("monocyte_educated_blood") == 0.0);
  CHECK(with.amount("monocyte_educated_blood") > 0.0);
  CHECK(no_monocytes.largest_audit_error < 1e-12);
  CHECK(no_neutrophils.largest_audit_error < 1e-12);
}

TEST_CASE("delivery: with efferocytosis or education off, no monocyte is educated by a meal, or at all", "[property]") {
  const std::string meals_alone = cells(5000) + "[mechanism]\nev = false\nsoluble = false\n";
  CHECK(on(meals_alone)["educated_monocytes"].back() > 0.0);
  CHECK(off("efferocytosis", meals_alone)["educated_monocytes"].back() == 0.0);
  CHECK(off("efferocytosis", cells(5000))["educated_monocytes"].back() > 0.0);
  CHECK(off("monocyte_education", cells(5000))["educated_monocytes"].back() == 0.0);
  CHECK(off("monocyte_education", cells(5000))["ev_uptake_liver"] == on(cells(5000))["ev_uptake_liver"]);
}

TEST_CASE("delivery: without flow nothing in the blood reaches the liver's cells, and without uptake they take none", "[property]") {
  const std::string all = vesicles(1e9) + "[[therapy]]\nproduct = \"colloid\"\ncount = 1e8\nat = \"0 h\"\n" + vesicles(1e9, route("portal_vein"));
  const Rows usual = on(all), no_flow = off("sinusoid_flow", all), no_uptake = off("ev_uptake", all);
  CHECK(usual["perfusion"].back() > 0.0);
  CHECK(no_flow["perfusion"].back() == 0.0);
  CHECK(no_uptake["perfusion"] == usual["perfusion"]);
  CHECK(std::isnan(no_flow["ev_extraction"].back()));
  CHECK(no_uptake["ev_extraction"].back() == 0.0);
  for (const Rows* rows : {&no_flow, &no_uptake}) {
    for (const char* taken : {"ev_uptake_liver", "colloid_uptake_liver", "ev_per_macrophage", "ev_uptake_endothelium"}) {
      INFO(taken);
      CHECK(usual[taken].back() > 0.0);
      CHECK((*rows)[taken].back() == 0.0);
    }
    CHECK((*rows)["ev_uptake_spleen"].back() > usual["ev_uptake_spleen"].back());
    CHECK((*rows)["ev_released"].back() == 2e9);
    CHECK(rows->largest_audit_error < 1e-12);
  }
  // MSC in the liver itself: what they shed is taken up where it stays, or leaves all of it
  const Rows inside = off("sinusoid_flow", cells(5000, route("portal_vein"))), outside = off("ev_uptake", cells(5000, route("portal_vein")));
  CHECK(inside["ev_uptake_liver"].back() > 0.0);
  CHECK(outside["ev_uptake_liver"].back() == 0.0);
  CHECK(outside["ev_released"].back() > 0.0);
}

TEST_CASE("delivery: capillarised endothelium recovers, unless that process is off, and takes up less", "[analytic]") {
  const auto state = [](const Session& run) {
    const sim::Patch& lobule = run.world().patch(run.group("liver").first);
    for (const sim::Field& field : lobule.fields)
      if (field.name == "capillarisation") return field.value[lobule.grid->index(lobule.grid->nx() / 2, lobule.grid->ny() / 2, 0)];
    throw std::out_of_range("no such field");
  };
  const std::string text = run_of("24") + vesicles(1e8) + "[parameters]\n\"capillarisation.initial\" = 0.8\n";
  Session recovers(text), stays(text + "[processes]\ncapillarisation = false\n"), healthy(run_of("24") + vesicles(1e8));
  CHECK(state(recovers) == 0.8);
  const double before = stays.liver_clearance_mL_per_min();
  CHECK(before < 0.97 * healthy.liver_clearance_mL_per_min());
  for (Session* run : {&recovers, &stays, &healthy}) tests::run_rows(run->simulation);
  CHECK(state(stays) == 0.8);
  CHECK_THAT(state(recovers), WithinRel(0.8 * std::exp2(-1.0 / recovers.parameter("capillarisation.recovery_half_life")), 1e-9));
  CHECK_FALSE(within(state(recovers), 0.8, 1e-9));
  CHECK(state(healthy) == 0.0);
  // endogenous vesicles, not yet seen at the start, change what is handed to the blood by less than 5e-4
  CHECK_THAT(stays.liver_clearance_mL_per_min(), WithinRel(before, 5e-4));
  CHECK_FALSE(within(recovers.liver_clearance_mL_per_min(), before, 5e-4));
  CHECK(recovers.liver_clearance_mL_per_min() > before);
}
