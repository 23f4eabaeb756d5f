#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "models/catalogue.hpp"
#include "sim/engine/simulation.hpp"

// How much the steps change the scar: stained area after eight weeks of CCl4 with other steps than the shipped ones, and with a planted step that is
// too coarse for scenario files. Runs with other steps draw other random numbers, so samples are compared, as pairs: a lobule of one seed has the
// same size and severity in all runs.
//
//   convergence [SEEDS [LOBULES [FIRST_SEED [WORD]]]]     16 seeds of 64 lobules, from seed 1; only what has WORD in its name
//
// A comparison ends when its standard error is 0.6 % or less, the planted one after 8 seeds: a change that large needs no more.
// Ends with 1 when a change of 3 % or more is found, or the planted one is not seen; an error above 0.6 % is said.

namespace {

using namespace paracrine;

constexpr double small_change = 0.03, small_error = 0.006, sure = 2.0;
constexpr int least_seeds = 8;

struct Variant {
  const char* name;
  std::vector<std::string> overrides;
  bool planted = false;
  std::vector<double> difference{};  // to the shipped steps, per lobule
  double change = 0.0, error = 1.0;  // of the mean of the shipped steps
  bool enough = false;
};

/// The models, with steps of any length allowed.
sim::Catalogue any_step() {
  const sim::Catalogue shipped = models::catalogue();
  sim::Catalogue catalogue;
  for (const sim::Part& part : shipped.parts()) catalogue.add(part);
  for (sim::Disease disease : shipped.diseases()) {
    for (sim::Key& table : disease.keys)
      for (sim::Key& key : table.keys)
        if (table.name == "numerics" && (key.name == "visit" || key.name == "slow_step")) key.physical.high = 1e6;
    catalogue.add(std::move(disease));
  }
  return catalogue;
}

std::vector<double> areas(const sim::Catalogue& catalogue, std::vector<std::string> overrides, int lobules, int seed) {
  for (const std::string& more : {"liver.lobules=" + std::to_string(lobules), "seed=" + std::to_string(seed), std::string("output.fields=[]"),
                                  std::string("output.agents=[]"), std::string("time.record_every=\"7 d\"")})
    overrides.push_back(more);
  const sim::Scenario scenario =
      sim::load_scenario(std::string(PARACRINE_SOURCE_DIR) + "/scenarios/cirrhosis/mouse_ccl4_untreated.toml", overrides, catalogue.model_info());
  sim::Simulation simulation(catalogue, scenario, 2);
  while (!simulation.finished()) simulation.visit();
  const sim::Snapshot end = simulation.snapshot();
  for (std::size_t s = 1; s < simulation.layout().series.size(); ++s) {
    const auto& series = simulation.layout().series[s];
    for (std::size_t o = 0; o < series.observables.size(); ++o)
      if (series.observables[o].name == "collagen_area") {
        const auto first = end.series[s].begin() + static_cast<std::ptrdiff_t>(o * series.length);
        return {first, first + static_cast<std::ptrdiff_t>(series.length)};
      }
  }
  return {};
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double standard_error(const std::vector<double>& values) {
  const double middle = mean(values), count = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / (count - 1.0) / count);
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 16, lobules = argc > 2 ? std::atoi(argv[2]) : 64, first = argc > 3 ? std::atoi(argv[3]) : 1;
  const sim::Catalogue catalogue = any_step();
  std::vector<Variant> variants{
      {.name = "half the steps", .overrides = {"numerics.visit=\"15 min\"", "numerics.slow_step=\"1 h\""}},
      {.name = "refine 2", .overrides = {"numerics.refine=2"}},
      {.name = "planted: visits of 21 h", .overrides = {"numerics.visit=\"21 h\"", "numerics.slow_step=\"21 h\""}, .planted = true}};
  if (argc > 4) std::erase_if(variants, [&](const Variant& variant) { return std::string(variant.name).find(argv[4]) == std::string::npos; });
  std::vector<double> shipped;
  for (int seed = first; seed < first + seeds; ++seed) {
    if (std::ranges::all_of(variants, &Variant::enough)) break;
    const std::vector<double> here = areas(catalogue, {}, lobules, seed);
    shipped.insert(shipped.end(), here.begin(), here.end());
    const double size = mean(shipped);
    std::printf("seed %d: shipped steps %.3f %% (standard error over %zu lobules %.2f %% of it)\n", seed, 100.0 * size, shipped.size(),
                100.0 * standard_error(shipped) / size);
    for (Variant& variant : variants) {
      if (variant.enough) continue;
      const std::vector<double> other = areas(catalogue, variant.overrides, lobules, seed);
      for (std::size_t i = 0; i < here.size(); ++i) variant.difference.push_back(other[i] - here[i]);
      variant.change = mean(variant.difference) / size;
      variant.error = standard_error(variant.difference) / size;
      variant.enough = seed - first + 1 >= least_seeds && (variant.planted || variant.error <= small_error);
      std::printf("  %-24s %+.2f %% (standard error %.2f %%)\n", variant.name, 100.0 * variant.change, 100.0 * variant.error);
    }
    std::fflush(stdout);
  }
  int status = 0;
  for (const Variant& variant : variants) {
    const bool shown = std::abs(variant.change) - sure * variant.error > small_change;
    const bool wrong = variant.planted ? !shown : std::abs(variant.change) >= small_change;
    std::printf("%s: %+.2f %% (standard error %.2f %%, %zu pairs)%s%s\n", variant.name, 100.0 * variant.change, 100.0 * variant.error,
                variant.difference.size(), !variant.planted && variant.error > small_error ? ", error above 0.6 %" : "",
                !wrong            ? ""
                : variant.planted ? ", NOT SEEN"
                                  : ", TOO MUCH");
    if (wrong) status = 1;
  }
  return status;
}
