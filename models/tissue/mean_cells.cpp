#include "models/tissue/mean_cells.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace paracrine::models {

namespace {

constexpr std::size_t numbers = sizeof(MeanCells) / sizeof(double);

/// In the order of the members.
std::vector<std::string> names() {
  const std::array<const char*, hepatocyte::states> hepatocytes{"viable", "injured", "necrotic", "regenerating", "senescent", "empty"};
  const std::array<const char*, MeanCells::sorts> macrophages{"kupffer", "inflammatory", "restorative", "infused_inflammatory",
                                                              "infused_restorative"};
  const std::array<const char*, stellate_cell::states> stellate{"quiescent", "activated", "myofibroblast", "inactivated", "senescent"};
  std::vector<std::string> all;
  for (std::size_t zone = 0; zone < MeanCells::zones; ++zone) {
    for (const char* state : hepatocytes) all.push_back(fmt::format("mean_hepatocyte_{}_zone_{}", state, zone));
    all.push_back(fmt::format("mean_cyp2e1_zone_{}", zone));
  }
  for (const char* sort : macrophages)
    for (const char* what : {"number", "ev_taken", "signal", "meals", "relay", "lineage", "educated"})
      all.push_back(fmt::format("mean_{}_{}", sort, what));
  for (const char* what : {"mean_kupffer_new", "mean_neutrophil", "mean_neutrophil_apoptotic", "mean_neutrophil_reparative",
                           "mean_neutrophil_ev_taken", "mean_neutrophil_signal"})
    all.emplace_back(what);
  for (const char* state : stellate) all.push_back(fmt::format("mean_stellate_{}", state));
  all.emplace_back("mean_stellate_pairs");
  return all;
}

}  // namespace

std::size_t add_mean_cells(sim::World& world) {
  const std::vector<std::string> all = names();
  if (all.size() != numbers) throw std::logic_error("a member of MeanCells has no name");
  const std::size_t first = world.add_scalar(all.front());
  for (std::size_t i = 1; i < all.size(); ++i) world.add_scalar(all[i]);
  return first;
}

MeanCells load_mean_cells(const sim::Patch& patch, std::size_t first) {
  MeanCells cells;
  std::memcpy(static_cast<void*>(&cells), patch.scalars.data() + first, sizeof(cells));
  return cells;
}

void store_mean_cells(sim::Patch& patch, std::size_t first, const MeanCells& cells) {
  std::memcpy(patch.scalars.data() + first, static_cast<const void*>(&cells), sizeof(cells));
}

Lobule make_mean_lobule(const LobuleParameters& p, double radius_um) {
  return {.radius_um = radius_um,
          .grid = sim::Grid(1, 1, 1, p.site_um),
          .refine = 1,
          .site = {0},
          .sites = 1,
          .zone = {0.5F},
          .inlet = sim::Sparse({1.0}),
          .outlet = sim::Sparse({1.0})};
}

double mean_saturation(double mean, double half) {
  constexpr double many = 200.0, negligible = 1e-12;
  if (!(mean > 0.0)) return 0.0;
  if (mean > many) return mean / (mean + half);
  double probability = std::exp(-mean), sum = 0.0;
  for (double n = 1.0; n <= mean + 1.0 || probability > negligible * sum; n += 1.0) {
    probability *= mean / n;
    sum += probability * n / (n + half);
  }
  return sum;
}

}  // namespace paracrine::models
