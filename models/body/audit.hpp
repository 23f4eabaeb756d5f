#pragma once
#include <cstddef>
#include <vector>

#include "models/compartments/blood_pools.hpp"
#include "models/compartments/leukocytes.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/msc_fate.hpp"
#include "sim/engine/world.hpp"

/// The balances that every row of a run closes: what came in against what is stored or has left, each counted at its own place.
namespace paracrine::models::body {

/// Cells or particles: released = waiting for their infusion's next agent + circulating + held by an organ + cleared.
sim::AuditSpecies body_balance(const std::string& name, const std::vector<TherapyPlace>& places, std::size_t kind,
                               const std::vector<std::size_t>& held_sums, const std::vector<std::size_t>& circulating_sums, bool cleared);
/// Label given = label that waits + label in the blood + label in cells and debris of each organ.
sim::AuditSpecies label_balance(const std::vector<TherapyPlace>& places, std::size_t kind, const LabelPools& pools);
/// Vesicles: secreted and given = in plasma and bound + taken up by each organ. `secreted`: a sum of the audit's readout; `given`: a value of the
/// world.
sim::AuditSpecies vesicle_balance(const std::string& name, const VesiclePools& pools, std::size_t secreted_sum, std::size_t given_value);
/// Endogenous vesicles: released into the plasma = in plasma and bound + taken up by each organ.
sim::AuditSpecies endogenous_balance(const VesiclePools& pools);
sim::AuditSpecies colloid_balance(const ColloidPools& pools, std::size_t given_value);
/// A factor: received = in plasma + lost.
sim::AuditSpecies factor_balance(const std::string& name, const FactorPools& pools);
/// Leukocytes: those of the start and all produced = in marrow, blood, lung margin, spleen and liver + gone.
sim::AuditSpecies leukocyte_balance(const std::string& name, sim::PoolIndex marrow, std::vector<LeukocyteCohort> cohorts, sim::PoolIndex gone);

}  // namespace paracrine::models::body
