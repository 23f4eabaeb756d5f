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

/// Adds to every site's own number those of its neighbours.
void add_neighbours(const SiteMap& sites, std::span<const double> own, std::vector<double>& sum);

/// Spreads what is at sites to those around, `passes` times: half of it stays, half goes to the neighbours in equal parts. The sum stays.
void spread_to_neighbours(const SiteMap& sites, int passes, std::vector<double>& values);

}  // namespace paracrine::models
