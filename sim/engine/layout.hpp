#pragma once
#include <span>

#include "sim/engine/snapshot.hpp"
#include "sim/engine/world.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// What a run of this world writes.
Layout make_layout(const World& world, const Scenario& scenario);
/// The balance of every conserved quantity: its terms, and the relative difference between what came in and the rest.
void fill_audit(const World& world, const Layout& layout, std::span<const double> sums, Snapshot& snapshot);
/// One frame of every recorded field.
void fill_fields(const World& world, const Layout& layout, Snapshot& snapshot);
/// One frame of every recorded agent kind, in the order of patches.
void fill_agents(const World& world, const Layout& layout, Snapshot& snapshot);

}  // namespace paracrine::sim
