#pragma once
#include <span>

#include "models/tissue/lobule.hpp"

namespace paracrine::models {

/// Bridges of matrix in a lobule: places whose stained share is at least `bridging_stain` and that touch (faces, edges and corners of voxels) join.
struct Bridges {
  int portal_central = 0;   // portal tracts, of six, that are joined to the central vein
  int central_central = 0;  // edges of the lobule, of six, that are joined to the central vein: it goes on to the neighbouring lobule's vein
  int portal_portal = 0;    // pairs of neighbouring portal tracts, of six, that are joined
};
inline constexpr double bridging_stain = 0.15;

/// `collagen_mg_per_mL`: fibrillar and cross-linked collagen per voxel. Portal tracts and the vein themselves count as matrix.
Bridges find_bridges(const Lobule& lobule, std::span<const double> collagen_mg_per_mL);

/// Share of the twelve possible bridges from a lobule's vein, six to portal tracts and six to edges, that are there.
inline double bridging(const Bridges& bridges) { return static_cast<double>(bridges.portal_central + bridges.central_central) / 12.0; }

}  // namespace paracrine::models
