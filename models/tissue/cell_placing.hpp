#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "models/tissue/lobule_state.hpp"
#include "models/tissue/tissue_state.hpp"
#include "sim/core/random.hpp"

/// Where cells that come into a lobule with the blood settle, and steps of cells that walk: what the kinds of leukocytes share.
namespace paracrine::models {

struct Place {
  float x_um = 0.0F, y_um = 0.0F, z_um = 0.0F;
  std::uint32_t voxel = 0;
};

/// A place in the tissue drawn evenly, but `1 + pull x signal / (signal + half)` times as likely where the field says `signal`. A function of the
/// random numbers of `id` alone (draws from 0 on).
Place settle(const Lobule& lobule, std::span<const double> signal, double half, double pull, const sim::Random& random, sim::AgentId id);

/// A number for every site, all 0, and a 0 behind the last for the places without a neighbour.
inline std::vector<double> numbers_of_sites(const SiteMap& sites) { return std::vector<double>(sites.size() + 1, 0.0); }

/// What numbers_of_sites hold of a site and its neighbours together.
inline double with_neighbours(const SiteMap& sites, const std::vector<double>& own, std::size_t site) {
  const auto& n = sites.neighbour[site];
  return own[site] + ((own[n[0]] + own[n[1]]) + (own[n[2]] + own[n[3]]) + (own[n[4]] + own[n[5]]));
}

/// Two numbers of a site. GNU C: one operation on both.
typedef double SitePair __attribute__((vector_size(2 * sizeof(double))));

/// Spreads what is at sites to those around, `passes` times: half of it stays, half goes to the neighbours in equal parts. The sum stays.
void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<double>& values);
void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<SitePair>& values);

}  // namespace paracrine::models
