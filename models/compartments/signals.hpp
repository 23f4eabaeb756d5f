#pragma once
#include <cstddef>

#include "sim/engine/world.hpp"

namespace paracrine::models {

/// Numbers of the scalars by which patches and compartments know of each other, in every patch.
struct Signals {
  // written by the blood before each visit, read by patches
  std::size_t ev_per_mL = 0;         // all vesicles in plasma, endogenous ones included
  std::size_t colloid_per_mL = 0;    // in plasma
  std::size_t tnf_ng_per_mL = 0;     // in plasma
  std::size_t soluble_activity = 0;  // of MSC factors in plasma: sum of concentration / half-effect concentration [1]
  std::size_t liver_inlet_ev = 0;    // given into the liver's inflow in this visit: vesicles per lobule patch (whole-organ numbers)
  std::size_t liver_inlet_effective = 0;
  std::size_t liver_inlet_colloid = 0;
  std::size_t liver_inlet_h = 0;  // time over which they were given in this visit, the longest of several doses [h]
  // counted by patches over the whole run
  std::size_t ev_secreted = 0;         // vesicles that the patch's MSC set free
  std::size_t effective_secreted = 0;  // the same, each with its potency
  // written by patches in a visit, read by compartment processes before the next
  std::size_t monocyte_meals = 0;  // dying MSC eaten by monocytes that leave again, in meals; set to 0 when read
  std::size_t near_secretors = 0;  // viable MSC stopped here, each by its relative secretion, at the end of the visit
};

inline Signals add_signals(sim::World& world) {
  Signals signals;
  signals.ev_per_mL = world.add_scalar("ev_per_mL");
  signals.colloid_per_mL = world.add_scalar("colloid_per_mL");
  signals.tnf_ng_per_mL = world.add_scalar("tnf_ng_per_mL");
  signals.soluble_activity = world.add_scalar("soluble_activity");
  signals.liver_inlet_ev = world.add_scalar("liver_inlet_ev");
  signals.liver_inlet_effective = world.add_scalar("liver_inlet_effective");
  signals.liver_inlet_colloid = world.add_scalar("liver_inlet_colloid");
  signals.liver_inlet_h = world.add_scalar("liver_inlet_h");
  signals.ev_secreted = world.add_scalar("ev_secreted");
  signals.effective_secreted = world.add_scalar("effective_secreted");
  signals.monocyte_meals = world.add_scalar("monocyte_meals");
  signals.near_secretors = world.add_scalar("near_secretors");
  return signals;
}

}  // namespace paracrine::models
