#pragma once
#include <cstdint>
#include <vector>

#include "models/tissue/lobule.hpp"
#include "sim/engine/patch.hpp"
#include "sim/fields/flow.hpp"

namespace paracrine::models {

/// A lobule with its flow, and what its cells take up of the blood that flows: everything that a patch can make anew from its state. Amounts and
/// flows are those of the slab.
class LobuleState final : public sim::Derived {
 public:
  /// `scale_mL_per_h`: plasma flow that a potential flow of 1 stands for, with what goes round the sinusoids; `shunt`: share of it that does.
  LobuleState(Lobule lobule, const sim::PotentialFlow& flow, double scale_mL_per_h, double shunt, double exchange_mL_per_h);
  LobuleState(const LobuleState&) = delete;
  LobuleState& operator=(const LobuleState&) = delete;

  const Lobule& lobule() const { return lobule_; }
  double flow_total() const { return flow_total_; }  // of a potential drop of 1
  const sim::FlowSweep& sweep() const { return sweep_; }
  /// The lobule with another flow; what its cells take up is found anew.
  void set_flow(const sim::PotentialFlow& flow);
  double shunt() const { return shunt_; }
  double plasma_mL_per_h() const { return scale_mL_per_h_ * flow_total_; }  // through sinusoids and shunts
  double sinusoidal_mL_per_h() const { return (1.0 - shunt_) * plasma_mL_per_h(); }
  double open_voxels() const { return open_voxels_; }  // volume of the domain
  double open_um3() const { return open_voxels_ * lobule_.grid.voxel_volume_um3(); }
  /// Of a voxel: its share of the open volume of the lobule; 0 outside the sites.
  double share_of_lobule(std::size_t voxel) const {
    return lobule_.site[voxel] == Lobule::no_site ? 0.0 : lobule_.grid.volume_fraction()[voxel] / open_voxels_;
  }
  /// Per voxel: its share of that of its site; 0 outside.
  const std::vector<double>& share_of_site() const { return share_of_site_; }

  /// What the cells can take up, as found last, and what follows from it. Made anew when the cells are others.
  struct Uptake {
    std::vector<double> phagocytes, colloid_macrophages;  // per site: clearance [mL/h]
    std::vector<std::uint16_t> capillarised;              // per voxel, in steps
    std::vector<double> ev_mL_per_h;                      // per voxel: clearance
    double ev_per_mL = 0.0;                               // concentration of the sweep of vesicles that saturates; 0: without saturation
    std::vector<double> ev;                               // per voxel: what the sweep of vesicles takes up
    double ev_taken = 0.0, ev_entered = 0.0;              // of 1 per mL at the inlet, or of ev_per_mL
    double colloid_taken = 0.0, colloid_entered = 0.0;    // of 1 per mL at the inlet
    bool fresh = false;                                   // false until found for the first time
  };
  Uptake uptake;
  /// Work space of a visit.
  struct Scratch {
    std::vector<double> macrophages, neutrophils, colloid_macrophages;  // per site: clearance [mL/h]
    std::vector<double> phagocytes;                                     // per site: of macrophages and neutrophils
    std::vector<double> clearance, source, taken, taken_effective;      // per voxel
    std::vector<double> colloid_mL_per_h;                               // per voxel: clearance
    std::vector<double> exposure, exposure_effective;                   // per site
    std::vector<double> near;                                           // per site: share near MSC; empty: none anywhere
    sim::Carriage carriage;
  };
  std::vector<double> flow_diameter;  // per voxel: relative diameter that the flow belongs to; empty: that of the parameters

 private:
  Lobule lobule_;
  double flow_total_, scale_mL_per_h_, shunt_, exchange_mL_per_h_;
  sim::FlowSweep sweep_;
  double open_voxels_ = 0.0;
  std::vector<double> share_of_site_;
};

/// The state of a lobule patch, in slot 0 of its derived things.
inline LobuleState& lobule_state(sim::Patch& patch) { return static_cast<LobuleState&>(*patch.derived.at(0)); }
inline const LobuleState& lobule_state(const sim::Patch& patch) { return static_cast<const LobuleState&>(*patch.derived.at(0)); }

}  // namespace paracrine::models
