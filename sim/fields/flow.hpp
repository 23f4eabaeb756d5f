#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/fields/grid.hpp"
#include "sim/fields/sparse.hpp"

namespace paracrine::sim {

/// Flow of a fluid through the voxels of a domain down a potential, between an inlet held at 1 and an outlet held at 0. Per voxel v:
///
///   sum over faces  g_vw (p_v - p_w)  +  inlet_v (p_v - 1)  +  outlet_v p_v  =  0
///   g_vw = open fraction of the face x 2 k_v k_w / (k_v + k_w),   k [1] relative conductance of a voxel
///
/// No flow crosses the edge of the domain but through inlet and outlet. Flows are those of a potential drop of 1: the caller scales them. Solved
/// directly (sparse Cholesky), so the same conductances give the same flows whatever came before. Then each voxel's outgoing flows are scaled by the
/// rounding error of its balance (a few 1e-16, in the order of falling potential), so that what flows in flows out.
///
/// Without flow are: a voxel without conductance; a part that is not joined to both inlet and outlet (its potential is that of the one it is joined
/// to, 0 for none); and voxels through which less than `negligible` of the mean over the joined parts flows, as in a dead end, where the flows
/// are but rounding.
class PotentialFlow {
 public:
  static constexpr double negligible = 1e-9;

  /// All spans have the size of the grid. Throws std::invalid_argument for sizes that do not fit, a negative or not finite number, or when inlet or
  /// outlet are 0 everywhere in the domain; RunError when the factorisation fails.
  PotentialFlow(const Grid& grid, std::span<const double> conductance, std::span<const double> inlet, std::span<const double> outlet);

  struct Stream {
    std::uint32_t from = 0, to = 0;
    double flow = 0.0;  // more than 0
  };
  const std::vector<double>& potential() const { return potential_; }
  double total() const { return total_; }                             // through the inlet = through the outlet
  const std::vector<std::uint32_t>& order() const { return order_; }  // the voxels with flow, by falling potential
  const std::vector<Stream>& streams() const { return streams_; }     // between voxels, in the order of `from`
  const std::vector<double>& inflow() const { return inflow_; }       // per voxel, from the inlet
  const std::vector<double>& outflow() const { return outflow_; }     // per voxel, into the outlet
  const std::vector<double>& through() const { return through_; }     // per voxel: what comes in from inlet and neighbours = what goes out

 private:
  std::vector<double> potential_, inflow_, outflow_, through_;
  std::vector<std::uint32_t> order_;
  std::vector<Stream> streams_;
  double total_ = 0.0;
};

/// What a sweep gives. Amounts per h; concentrations per mL.
struct Carriage {
  std::vector<double> uptake;         // per voxel
  std::vector<double> concentration;  // per voxel: mean that its cells see, so that uptake = clearance x concentration where it does not saturate
  double entered = 0.0;               // through the inlet, and from the voxels' own sources
  double left = 0.0;                  // through the outlet
  double taken = 0.0;                 // sum of the uptakes: entered = left + taken
};

/// Carries a substance along a flow, in one sweep in the order of falling potential, and lets the voxels take it up. In a voxel, with F [mL/h] what
/// flows through, k [mL/h] its clearance, C_in the flow-weighted mean of what comes in and s [1/h] its own source, spread along the way:
///
///   F dC/dx = s - k C / (1 + C/K),   C(0) = C_in, C_out = C(1);   uptake = F (C_in - C_out) + s
///
/// without saturation (K infinite) C_out = C_in exp(-k/F) + (s/k) (1 - exp(-k/F)), plug flow through the voxel. With it, and without a source, the
/// integral of the same equation, solved for L = log(C_in / C_out):  L + (C_in/K) (1 - exp(-L)) = k/F  (Lambert's W), exact as well. With saturation
/// and a source (or diffusion, below), the formula without saturation at the clearance k / (1 + C/K) of the voxel's own mean C: implicit, positive,
/// second order in k/F.
///
/// Voxels without flow are fed by diffusion from all neighbours that they share an open face with, by exchange x open fraction of the face x
/// difference of the mean concentrations; a voxel with flow gives it from along its whole way, so its equation becomes
/// F dC/dx = s + sum X c_w - (sum X) C - k C / (1 + C/K). Diffusion between two voxels with flow is left out beside the flow. As diffusion may lead
/// back up the potential, the voxels without flow are then solved for by Newton's method (one step where nothing saturates), each with a few sweeps
/// (generalised minimal residuals; Saad and Schultz 1986, doi 10.1137/0907058).
///
/// Steady: what is in the blood of the domain is not stored. Conserved at every voxel and as a whole, to rounding; at voxels without flow that is
/// the rounding of what they exchange back and forth.
class FlowSweep {
 public:
  /// `scale_mL_per_h`: the flow that a PotentialFlow of 1 stands for (0: none flows). `exchange_mL_per_h`: diffusion between two neighbouring voxels
  /// with a whole open face (D x area / distance). Throws std::invalid_argument for negative or not finite numbers and for a flow of another grid.
  FlowSweep(const Grid& grid, const PotentialFlow& flow, double scale_mL_per_h, double exchange_mL_per_h);

  /// `inlet_per_mL`: concentration at the inlet. `clearance_mL_per_h`, `source_per_h` (empty: none): per voxel; clearance outside the domain does not
  /// count. `half_saturation_per_mL`: K; infinity for none. Throws std::invalid_argument for sizes that do not fit, negative or not finite numbers, a
  /// half saturation of 0, and a source outside the domain; RunError for a source that neither flow nor uptake takes away, as then there is no steady
  /// state. Allocates nothing when the result has the grid's size already and all voxels of the domain have flow.
  void carry(double inlet_per_mL, std::span<const double> clearance_mL_per_h, std::span<const double> source_per_h, double half_saturation_per_mL,
             Carriage& result) const;

 private:
  /// What is carried.
  struct Load {
    double inlet_per_mL;
    const double* clearance;
    const double* source;  // nullptr: none
    double half_saturation;
  };
  /// Derivatives of what leaves a voxel [1/h], and of its mean concentration, after what flows in and what it is fed [1/h]; per position in the
  /// order.
  struct Slopes {
    std::vector<double> out_in, out_fed, mean_in, mean_fed;
  };
  /// Diffusion between a voxel without flow (its number among those) and a neighbour.
  struct Contact {
    std::uint32_t still, neighbour;        // number; voxel
    std::uint32_t still_neighbour = none;  // the neighbour's number if it has no flow either (then the pair is here twice, once from each side)
    double exchange = 0.0;                 // mL/h
  };
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t block = 128;  // voxels of a sweep whose coefficients are computed at once
  class Settling;

  void find_contacts(const Grid& grid, double exchange_mL_per_h);
  void group_still();
  void require_valid(std::span<const double> clearance, std::span<const double> source) const;
  void sweep(const Load& load, const double* fed, Slopes* slopes, Carriage& result) const;
  void sweep_linear(const Load& load, std::size_t first, std::size_t count, const double* fed, Slopes* slopes, Carriage& result) const;
  void sweep_saturating(const Load& load, std::size_t first, std::size_t count, const double* fed, Slopes* slopes, Carriage& result) const;
  void settle(const Load& load, Carriage& result) const;

  std::size_t size_;
  std::vector<char> inside_;
  // By position in the order of falling potential: voxel, flow through, from the inlet [mL/h], share into the outlet; streams begin_[i]..begin_[i +
  // 1].
  std::vector<std::uint32_t> voxel_, begin_, to_;
  std::vector<double> through_, share_;
  Sparse inflow_, outlet_share_;
  std::vector<std::uint32_t> still_;    // voxels of the domain without flow
  std::vector<Contact> contacts_;       // in the order of `still`
  std::vector<double> spread_;          // per voxel with flow: sum of its exchanges with those without [mL/h]; empty when there are none
  std::vector<std::uint32_t> group_;    // per voxel without flow: which ones exchange with each other
  std::vector<char> group_meets_flow_;  // per group
};

}  // namespace paracrine::sim
