#pragma once
#include <array>
#include <cstddef>

#include "sim/compartments/compartments.hpp"

namespace paracrine::models {

/// Soluble factors in the plasma. MSC secrete all but TNF; TNF, IL-6, IL-10 and HGF are also the body's own.
enum class Factor : std::size_t { tsg6, pge2, hgf, il10, il6, tnf };
inline constexpr std::size_t factors = 6;

/// Vesicles of one sort: in plasma, bound in the blood's slow pool, and what organs have taken up so far.
struct VesiclePools {
  sim::PoolIndex plasma = 0, bound = 0, liver = 0, spleen = 0, lung = 0, kidney = 0, other = 0;
  sim::UptakeIndex liver_uptake = 0;  // by the lobules
};
struct ColloidPools {
  sim::PoolIndex plasma = 0, liver = 0, spleen = 0, other = 0;
  sim::UptakeIndex liver_uptake = 0;
};
/// A factor in plasma [ng] and what was lost, by elimination or in the lung.
struct FactorPools {
  sim::PoolIndex plasma = 0, lost = 0;
};

/// Where in the compartments the blood's substances are.
struct BloodPools {
  VesiclePools ev;          // of MSC and products
  VesiclePools effective;   // the same, each vesicle counted with its potency
  VesiclePools endogenous;  // of the body's own cells
  ColloidPools colloid;
  std::array<FactorPools, factors> factor{};
  double plasma_mL = 0.0;
  const FactorPools& of(Factor f) const { return factor[static_cast<std::size_t>(f)]; }
};

}  // namespace paracrine::models
