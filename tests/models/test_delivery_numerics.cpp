#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/delivery_session.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using tests::agrees;
using tests::LiverByHand;
using tests::Rows;
using tests::run_text;
using tests::Session;

namespace {

std::string run_of(const std::string& hours, const std::string& every = "1 h") {
  return fmt::format("[time]\nduration = \"{} h\"\nrecord_every = \"{}\"\n", hours, every);
}
std::string few_lobules(int lobules) { return fmt::format("[liver]\nlobules = {}\n", lobules); }
std::string cells(double number, const std::string& route) {
  return fmt::format("[[therapy]]\nproduct = \"msc\"\ncells = {}\nviability = 0.9\nroute = \"{}\"\nat = \"0 h\"\nduration = \"1 s\"\n", number,
                     route);
}
std::string vesicles(double number, const std::string& route) {
  return fmt::format("[[therapy]]\nproduct = \"ev\"\nparticles = {}\nroute = \"{}\"\nat = \"0 h\"\nduration = \"1 s\"\n", number, route);
}
bool within(double value, double expected, double tolerance) { return std::abs(value / expected - 1.0) < tolerance; }

struct Estimate {
  double mean = 0.0, sd = 0.0;
};

/// Vesicles that one viable cell sheds in its first hours, by hand: X = r s h + burst d; s lognormal of mean 1, h hours lived, d whether it died.
Estimate shed_by_one(const Session& run, double hours) {
  const auto p = [&](const char* name) { return run.parameter(name); };
  const double tnf = p("factor_secretion.tnf_baseline");
  const double licensed = 1.0 + (p("ev_secretion.licensing_number") - 1.0) * tnf / (tnf + p("ev_secretion.licensing_tnf"));
  const double r = p("ev_secretion.rate") / 24.0 * p("ev_secretion.in_vivo") * p("ev_secretion.adipose") * licensed;
  const double burst = p("ev_secretion.burst"), a = std::log(2.0) / p("msc_fate.viable_half_life"), z = a * hours, left = std::exp(-z);
  const double h = (1.0 - left) / a, h_squared = 2.0 * (1.0 - left * (1.0 + z)) / (a * a), h_of_dead = (1.0 - left * (1.0 + z)) / a;
  const double s_squared = std::exp(std::pow(std::log(p("ev_secretion.cell_gsd")), 2.0));
  const double mean = r * h + burst * (1.0 - left);
  const double square = r * r * s_squared * h_squared + 2.0 * r * burst * h_of_dead + burst * burst * (1.0 - left);
  return {.mean = mean, .sd = std::sqrt(square - mean * mean)};
}

/// Mean over seeds of each of some results, with its standard error.
using Results = std::map<std::string, double>;
template <class F>
std::map<std::string, tests::Moments> over_seeds(int seeds, F result_of_seed) {
  std::map<std::string, std::vector<double>> values;
  for (int seed = 1; seed <= seeds; ++seed)
    for (const auto& [name, value] : result_of_seed(fmt::format("seed={}", seed))) values[name].push_back(value);
  std::map<std::string, tests::Moments> moments;
  for (const auto& [name, of_name] : values) moments[name] = tests::moments(of_name);
  return moments;
}
bool same(const tests::Moments& a, const tests::Moments& b, double factor = 1.0) {
  return agrees(factor * a.mean, b.mean, std::hypot(factor * a.standard_error, b.standard_error));
}

Results last_of(const Rows& rows, const std::vector<std::string>& names) {
  Results results;
  for (const std::string& name : names) results[name] = rows[name].back();
  return results;
}
const std::vector<std::string> of_vesicles{"ev_uptake_liver",      "ev_uptake_lung",          "ev_uptake_macrophage", "ev_uptake_endothelium",
                                           "ev_uptake_hepatocyte", "ev_uptake_stellate_cell", "ev_per_macrophage",    "ev_extraction"};

}  // namespace

TEST_CASE("delivery: results do not depend on how many cells an agent stands for: against the expectation by hand", "[statistical]") {
  const double number = 1e5, hours = 8.0, viable = 0.9 * number;
  const std::string text = run_of("8") + few_lobules(2) + cells(number, "peripheral_vein");
  double share_of_single = 0.0;
  for (const auto& [weight, wrong] : std::map<int, double>{{1, 0.03}, {10, 0.09}, {100, 0.3}}) {
    INFO("weight " << weight);
    Session run(text, {fmt::format("numerics.msc_weight={}", weight)});
    const Rows rows = tests::run_rows(run.simulation);
    const Estimate one = shed_by_one(run, hours);
    const double agents = viable / weight, error = weight * std::sqrt(agents) * one.sd;
    CHECK(agrees(rows["ev_released"].back(), viable * one.mean, error));
    for (const double factor : {1.0 - wrong, 1.0 + wrong}) CHECK_FALSE(agrees(factor * rows["ev_released"].back(), viable * one.mean, error));
    // viable cells anywhere, by the half-life; those that stopped in the lung, against agents of single cells
    const double alive = std::exp2(-hours / run.parameter("msc_fate.viable_half_life"));
    double found = 0.0;
    for (const char* organ : {"lung", "liver", "spleen", "other"}) found += rows[fmt::format("msc_viable_{}", organ)].back();
    CHECK(agrees(found / viable, alive, std::sqrt(alive * (1.0 - alive) / agents)));
    CHECK_FALSE(agrees((1.0 + wrong) * found / viable, alive, std::sqrt(alive * (1.0 - alive) / agents)));
    const double share = rows["msc_viable_lung"].back() / viable;
    if (weight == 1) share_of_single = share;
    CHECK(agrees(share, share_of_single, std::sqrt(share_of_single * (1.0 - share_of_single) * (1.0 / agents + 1.0 / viable))));
  }
}

TEST_CASE("delivery: results do not depend on how many cells an agent stands for: over seeds", "[statistical]") {
  const std::string text = run_of("4") + few_lobules(1) + cells(2e4, "portal_vein");
  std::vector<std::string> names = of_vesicles;
  names.insert(names.end(), {"educated_monocytes", "tsg6_plasma", "msc_label_liver", "msc_viable_liver"});
  const auto with_weight = [&](int weight, int seeds) {
    return over_seeds(seeds, [&](const std::string& seed) {
      return last_of(run_text(text, {seed, fmt::format("numerics={{ msc_weight = {}, visit = \"30 min\" }}", weight)}), names);
    });
  };
  const auto single = with_weight(1, 8), ten = with_weight(10, 12), hundred = with_weight(100, 24);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(single.at(name).mean > 0.0);
    CHECK(same(ten.at(name), single.at(name)));
    CHECK(same(hundred.at(name), single.at(name)));
    if (name == "ev_extraction") continue;  // that of the lobules alone
    for (const double wrong : {0.85, 1.15}) CHECK_FALSE(same(ten.at(name), single.at(name), wrong));
    for (const double wrong : {0.75, 1.35}) CHECK_FALSE(same(hundred.at(name), single.at(name), wrong));
  }
}

TEST_CASE("delivery: results do not depend on the number of lobules but for their sampling", "[statistical]") {
  const std::string text = run_of("1", "10 min") + vesicles(1e8, "peripheral_vein") + vesicles(1e8, "portal_vein") + vesicles(1e8, "intrahepatic");
  const auto with_lobules = [&](int lobules, int seeds) {
    return over_seeds(seeds, [&](const std::string& seed) {
      return last_of(run_text(text, {seed, fmt::format("liver={{ lobules = {} }}", lobules)}), of_vesicles);
    });
  };
  const auto some = with_lobules(16, 16), many = with_lobules(64, 10);
  for (const std::string& name : of_vesicles) {
    INFO(name);
    CHECK(same(some.at(name), many.at(name)));
    for (const double wrong : {0.97, 1.03}) CHECK_FALSE(same(some.at(name), many.at(name), wrong));
  }
}

TEST_CASE("delivery: results do not depend on the thickness of the slabs but for their sampling", "[statistical]") {
  const std::string text = run_of("1", "10 min") + vesicles(1e8, "peripheral_vein") + vesicles(1e8, "portal_vein") + vesicles(1e8, "intrahepatic");
  const auto with_thickness = [&](int sites) {  // the seed draws the same lobules for both, so their sizes cancel in the ratio
    return [&, sites](const std::string& seed) {
      return last_of(run_text(text, {seed, fmt::format("liver={{ lobules = 8, thickness = {} }}", sites)}), of_vesicles);
    };
  };
  const auto ratio = over_seeds(12, [&](const std::string& seed) {
    Results thin = with_thickness(1)(seed), thick = with_thickness(2)(seed);
    for (auto& [name, value] : thick) value /= thin[name];
    return thick;
  });
  for (const std::string& name : of_vesicles) {
    INFO(name);
    CHECK(agrees(ratio.at(name).mean, 1.0, ratio.at(name).standard_error));
    for (const double wrong : {0.97, 1.03}) CHECK_FALSE(agrees(wrong * ratio.at(name).mean, 1.0, wrong * ratio.at(name).standard_error));
  }
}

TEST_CASE("delivery: results do not depend on the refinement of the lobules", "[convergence]") {
  const std::string text = run_of("3") + few_lobules(6) + cells(5e3, "portal_vein");
  const std::string product = run_of("3") + few_lobules(6) + vesicles(1e8, "peripheral_vein") + vesicles(1e8, "portal_vein");
  for (const std::string& scenario : {text, product}) {
    const Rows coarse = run_text(scenario), fine = run_text(scenario, {"numerics.refine=2"});
    for (const std::string& name : of_vesicles) {
      INFO(name);
      CHECK_THAT(coarse[name].back(), WithinRel(fine[name].back(), 0.02));
      for (const double wrong : {0.95, 1.05}) CHECK_FALSE(within(wrong * coarse[name].back(), fine[name].back(), 0.02));
    }
    CHECK(coarse["ev_uptake_macrophage"].back() != fine["ev_uptake_macrophage"].back());
  }
}

TEST_CASE("delivery: a bolus of vesicles is taken up alike whatever the length of a visit", "[convergence]") {
  // The blood is exact in a visit; what changes is when the lobules see how much the vesicles in plasma, 1 % of the half saturation, slow uptake.
  const std::string text = run_of("2", "30 min") + few_lobules(4) + vesicles(1e8, "peripheral_vein");
  const Rows usual = run_text(text);
  for (const char* visit : {"5 min", "30 min"}) {
    const Rows rows = run_text(text, {fmt::format("numerics.visit={}", visit)});
    for (const char* name : {"ev_plasma", "ev_uptake_liver", "ev_uptake_lung", "ev_uptake_macrophage", "ev_endogenous_plasma"}) {
      INFO(name);
      CHECK_THAT(rows.at(name, 0.5), WithinRel(usual.at(name, 0.5), 1e-3));
      CHECK_FALSE(within(1.003 * rows.at(name, 0.5), usual.at(name, 0.5), 1e-3));
    }
  }
}

TEST_CASE("delivery: the length of a visit moves what organs take up by less than MSC shed in it", "[convergence]") {
  // What is shed enters the blood over the next visit, and what a cell sheds in its first visit counts as shed in the blood: both go with the visit.
  const double hours = 12.0, viable = 0.9 * 2e4;
  const std::string text = run_of("12") + few_lobules(4) + cells(2e4, "peripheral_vein");
  const auto with_visit = [&](int minutes) { return run_text(text, {fmt::format("numerics.visit={} min", minutes)}); };
  const Rows shortest = with_visit(5);
  const Session any(text);
  for (const int minutes : {10, 20}) {
    const Rows rows = with_visit(minutes);
    for (const char* same : {"ev_released", "msc_viable_lung", "msc_viable_liver"})  // cells' times are to the second
      CHECK_THAT(rows.at(same, hours), WithinRel(shortest.at(same, hours), 1e-12));
    const double allowed = viable * shed_by_one(any, (minutes - 5) / 60.0).mean;
    for (const char* organ : {"ev_uptake_liver", "ev_uptake_lung", "ev_uptake_other"}) {
      const double moved = rows.at(organ, hours) - shortest.at(organ, hours);
      INFO(organ << ", visits of " << minutes << " min");
      CHECK(std::abs(moved) < allowed);
      CHECK(moved != 0.0);
      for (const double wrong : {-2.0, 2.0}) CHECK_FALSE(std::abs(moved + wrong * allowed) < allowed);
    }
    CHECK(allowed < 0.05 * rows.at("ev_released", hours));
  }
}

TEST_CASE("delivery: macrophages, flow and uptake x weight are those of the whole liver, not of a ratio of lobules", "[analytic]") {
  // thin uptake, so that every cell meets the concentration of the plasma and clearances add up
  const std::vector<std::string> thin{"parameters.ev_uptake.kupffer_clearance=2 um^3/min", "parameters.ev_uptake.endothelial_clearance=0.2 um^3/min",
                                      "parameters.ev_uptake.hepatocyte_clearance=0.01 um^3/min",
                                      "parameters.ev_uptake.stellate_clearance=0.01 um^3/min"};
  std::vector<std::vector<std::string>> variants{{}, {"liver={ lobules = 1 }"}, {"liver={ lobules = 7, thickness = 3 }"}, {"species=human"}};
  variants.push_back({"parameters.lobule.radius_sd=10 um", "seed=5", "liver={ lobules = 16 }"});
  for (std::vector<std::string>& variant : variants) {
    const bool human = !variant.empty() && variant.front() == "species=human";
    if (human) variant.push_back("liver={ lobules = 16 }");
    variant.insert(variant.end(), thin.begin(), thin.end());
    const Session run(run_of("1"), variant);
    const LiverByHand liver(run);
    INFO((variant.empty() ? "" : variant.front()));
    const auto whole_liver = [&](double weight) {
      const double flow = run.over_lobules([](const sim::Patch& patch) { return models::lobule_state(patch).plasma_mL_per_h(); }) / 60.0;
      return std::abs(weight * run.sites() / liver.hepatocytes - 1.0) < 1e-9 && std::abs(weight * flow / liver.plasma_flow - 1.0) < 1e-9 &&
             std::abs(weight * run.macrophages() - run.parameter("lobule.kupffer_per_hepatocyte") * liver.hepatocytes) < weight;
    };
    CHECK(whole_liver(run.weight()));
    CHECK_THAT(run.liver_clearance_mL_per_min(), WithinRel(liver.intrinsic(), 2e-3));
    // planted: lobules of 1 mm length in the liver over those simulated
    const double lobule_um3 = 1.5 * std::sqrt(3.0) * std::pow(run.parameter("lobule.radius"), 2.0) * 1000.0;
    const double lobules = liver.hepatocytes * std::pow(run.parameter("lobule.site"), 3.0) / lobule_um3;
    const auto simulated = static_cast<double>(run.group("liver").count);
    CHECK_FALSE(whole_liver(lobules / simulated));
    for (const double wrong : {0.999, 1.001}) CHECK_FALSE(whole_liver(wrong * run.weight()));
    CHECK_FALSE(within(1.01 * run.liver_clearance_mL_per_min(), liver.intrinsic(), 2e-3));
  }
}

TEST_CASE("delivery: what the cells of the lobules took up is what the blood lost to the liver", "[property]") {
  const Session any(run_of("1"));
  Session run(run_of("3") + few_lobules(5) + vesicles(1e9, "peripheral_vein") + vesicles(1e9, "intrahepatic") + cells(2e3, "portal_vein"));
  const Rows rows = tests::run_rows(run.simulation);
  double by_cells = 0.0;
  for (const char* cell : {"macrophage", "endothelium", "hepatocyte", "stellate_cell"}) by_cells += rows[fmt::format("ev_uptake_{}", cell)].back();
  CHECK_THAT(by_cells, WithinRel(rows["ev_uptake_liver"].back(), 1e-10));
  CHECK_THAT(run.weight() * run.macrophages() * run.macrophage_mean(models::macrophage::ev_taken),
             WithinRel(rows["ev_uptake_macrophage"].back(), 1e-10));
  CHECK_FALSE(
      within(any.weight() * run.macrophages() * run.macrophage_mean(models::macrophage::ev_taken), rows["ev_uptake_macrophage"].back(), 1e-10));
}

TEST_CASE("delivery: what is written of the lobules adds up to the liver", "[property]") {
  const Session run(run_of("1") + "[output]\nlobules = true\n", {"liver={ lobules = 24, thickness = 2 }"});
  const sim::Layout::Series& lobules = run.simulation.layout().series.at(1);
  CHECK(lobules.group == "lobules");
  std::map<std::string, std::vector<double>> constant;
  for (const auto& written : lobules.constants) constant[written.what.name] = written.values;
  double hepatocytes = 0.0, shares = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < 24; ++i) {
    hepatocytes += constant["weight"][i] * constant["hepatocyte_sites"][i];
    shares += constant["flow_share"][i];
    squares += constant["radius"][i] * constant["radius"][i] / 24.0;
    CHECK(constant["radius"][i] > 0.5 * run.parameter("lobule.smallest_radius"));
    CHECK(constant["flow_share"][i] == run.constant("flow_share", i));
  }
  const double first_share_of_sites = constant["weight"][0] * constant["hepatocyte_sites"][0] / hepatocytes;
  CHECK_THAT(hepatocytes, WithinRel(LiverByHand(run).hepatocytes, 1e-12));
  CHECK_THAT(shares, WithinRel(1.0, 1e-12));
  CHECK_THAT(std::sqrt(squares), WithinRel(run.parameter("lobule.radius"), 1e-12));
  CHECK_FALSE(within(shares - constant["flow_share"][0] + first_share_of_sites, 1.0, 1e-12));  // flow does not go with volume
  CHECK_FALSE(within(24.0 * constant["weight"][0] * constant["hepatocyte_sites"][0], hepatocytes, 1e-12));
}
