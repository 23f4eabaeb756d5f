#pragma once
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/tissue/lobule.hpp"
#include "sim/engine/patch.hpp"

namespace paracrine::models {

/// Numbers of the agent kinds of a lobule.
struct TissueKinds {
  std::size_t hepatocytes = 0, macrophages = 0, neutrophils = 0, stellate_cells = 0;
};

/// Where the hepatocyte sites of a lobule are, and which share a quarter of a face or more. To be neighbours is mutual.
struct SiteMap {
  static constexpr std::size_t most_neighbours = 6;
  static constexpr std::size_t most_sites = 0xFFFE;                   // numbers of 16 bits, one of them for the places without a neighbour
  std::vector<std::uint32_t> voxel;                                   // per site: the voxel of its middle
  std::vector<std::array<float, 3>> middle_um;                        // per site: x, y, z; empty once the hepatocytes, who keep it, are placed
  std::vector<std::array<std::uint16_t, most_neighbours>> neighbour;  // per site: others; unused places hold size(), behind the last site
  std::vector<std::uint8_t> neighbours;                               // per site: how many there are
  std::size_t size() const { return voxel.size(); }
};
SiteMap make_site_map(const Lobule& lobule);

/// Cells of one lobule, counted by hepatocyte site.
struct Census {
  std::vector<std::uint16_t> kupffer, inflammatory, restorative;  // macrophages
  std::vector<std::uint16_t> neutrophil, apoptotic_neutrophil, reparative_neutrophil;
  std::vector<std::uint16_t> hsc_quiescent, hsc_activated, myofibroblast, hsc_inactivated, hsc_senescent;
};

/// What a lobule's tissue processes can make anew from its state, in slot 1 of the patch's derived things (LobuleState is in slot 0).
class TissueState final : public sim::Derived {
 public:
  TissueState(SiteMap sites, TissueKinds kinds) : sites_(std::move(sites)), kinds_(kinds) {}
  const SiteMap& sites() const { return sites_; }
  const TissueKinds& kinds() const { return kinds_; }

 private:
  SiteMap sites_;
  TissueKinds kinds_;
};

inline TissueState& tissue_state(sim::Patch& patch) { return static_cast<TissueState&>(*patch.derived.at(1)); }
inline const TissueState& tissue_state(const sim::Patch& patch) { return static_cast<const TissueState&>(*patch.derived.at(1)); }

/// Counts the agents of a lobule by site. `lobule`: its geometry.
void take_census(const sim::Patch& patch, const Lobule& lobule, const TissueKinds& kinds, Census& census);

/// Adds one hepatocyte per site to a population of `hepatocyte::kind`, viable, with the CYP2E1 of health; row r is site r.
void place_hepatocytes(sim::Population& hepatocytes, const SiteMap& sites);

/// Adds a lobule's quiescent stellate cells to a population of `stellate_cell::kind`, anywhere in its tissue alike. Their number is
/// stellate_per_hepatocyte x sites plus `remainder`, which the next lobule takes over. Places depend on seed and id, not on `refine`.
void place_stellate_cells(sim::Population& stellate_cells, const Lobule& lobule, const LobuleParameters& p, std::uint64_t seed, double& remainder);

}  // namespace paracrine::models
