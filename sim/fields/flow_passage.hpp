#pragma once
#include <algorithm>
#include <cmath>

#include "sim/fields/exponential.hpp"

namespace paracrine::sim {

/// Means along a voxel from 0 to 1, for a loss z = (all clearance) / (flow):
///   phi = (1 - exp(-z)) / z,   psi = (1 - phi) / z   and their derivatives after z
struct Weights {
  double decayed, phi, psi, phi_slope, psi_slope;
};

/// (1/2 - psi) / z = sum (-z)^n / (n + 3)! for z below 1/2, where the quotient would cancel (remainder below 1e-16).
inline double small_rest(double z) {
  double series = 1.0 / 87178291200.0;
  series = 1.0 / 6227020800.0 - z * series;
  series = 1.0 / 479001600.0 - z * series;
  series = 1.0 / 39916800.0 - z * series;
  series = 1.0 / 3628800.0 - z * series;
  series = 1.0 / 362880.0 - z * series;
  series = 1.0 / 40320.0 - z * series;
  series = 1.0 / 5040.0 - z * series;
  series = 1.0 / 720.0 - z * series;
  series = 1.0 / 120.0 - z * series;
  series = 1.0 / 24.0 - z * series;
  return 1.0 / 6.0 - z * series;
}

/// psi(z) from phi(z).
inline double psi_of(double z, double phi) { return z < 0.5 ? 0.5 - z * small_rest(z) : (1.0 - phi) / z; }

inline Weights weights(double loss) {
  const double z = std::max(smallest_exponent, loss);
  const Relaxed relaxed = relax(std::min(largest_exponent, z));
  const double phi = relaxed.lost / z;
  if (z < 0.5) {
    const double rest = small_rest(z), psi = 0.5 - z * rest;
    return {.decayed = relaxed.decayed, .phi = phi, .psi = psi, .phi_slope = psi - phi, .psi_slope = 2.0 * rest - psi};
  }
  const double psi = (1.0 - phi) / z, phi_slope = (relaxed.decayed - phi) / z;
  return {.decayed = relaxed.decayed, .phi = phi, .psi = psi, .phi_slope = phi_slope, .psi_slope = -(phi_slope + psi) / z};
}

/// What a voxel makes of what flows through it [1/h], and the derivatives after what flows in and what it is fed (source or diffusion).
struct Passage {
  double out = 0.0, uptake = 0.0, mean = 0.0;  // 1/h, 1/h, 1/mL
  double out_in = 0.0, out_fed = 0.0, mean_in = 0.0, mean_fed = 0.0;
};

/// Uptake that saturates without feeding: L + a (1 - exp(-L)) = z, a = C_in / K, z = k / F, L = log(C_in / C_out). The left side is concave, so
/// Newton from below climbs to the root.
inline Passage saturating_unfed(double in, double clearance, double flow, double half_saturation) {
  const double z = clearance / flow, concentration = in / flow, a = concentration / half_saturation;
  double L = std::max(z / (1.0 + a), z - a);
  Relaxed relaxed = relax(std::min(largest_exponent, L));
  for (int i = 0; i < 200; ++i) {
    const double lacking = z - L - a * relaxed.lost;
    if (!(lacking > 1e-15 * z)) break;
    L += lacking / (1.0 + a * relaxed.decayed);
    relaxed = relax(std::min(largest_exponent, L));
  }
  const double lost = relaxed.lost, kept = relaxed.decayed;
  Passage p;
  p.out = in * kept;
  p.uptake = in * lost;
  p.mean = concentration * (lost / z) * (1.0 + 0.5 * a * (1.0 + kept));
  p.out_in = kept * (1.0 + a) / (1.0 + a * kept);
  return p;
}

/// Plug flow with clearance c = k / (1 + mean / K) of the voxel's own mean, and diffusion out at `spread`: c (1 + mean(c) / K) = k, whose left side
/// is concave and rises with c, so Newton from below climbs to the root. K infinite: c = k.
inline Passage passage(double in, double fed, double clearance, double spread, double flow, double half_saturation) {
  const bool saturates = clearance > 0.0 && std::isfinite(half_saturation);
  const auto mean_of = [&](const Weights& w) { return (in * w.phi + fed * w.psi) / flow; };
  double c = saturates ? clearance / (1.0 + mean_of(weights(spread / flow)) / half_saturation) : clearance;
  Weights w = weights((c + spread) / flow);
  double mean = mean_of(w), mean_slope = 0.0, rise = 1.0;  // d mean / d c, d (c (1 + mean / K)) / d c
  for (int i = 0; saturates && i < 200; ++i) {
    mean_slope = (in * w.phi_slope + fed * w.psi_slope) / (flow * flow);
    rise = 1.0 + (mean + c * mean_slope) / half_saturation;
    const double lacking = clearance - c * (1.0 + mean / half_saturation);
    if (!(lacking > 1e-15 * clearance)) break;
    c += lacking / rise;
    w = weights((c + spread) / flow);
    mean = mean_of(w);
  }
  const double c_in = saturates ? -c / half_saturation * (w.phi / flow) / rise : 0.0;
  const double c_fed = saturates ? -c / half_saturation * (w.psi / flow) / rise : 0.0;
  const double out_slope = (fed * w.phi_slope - in * w.decayed) / flow;
  return {.out = in * w.decayed + fed * w.phi,
          .uptake = c * mean,
          .mean = mean,
          .out_in = w.decayed + out_slope * c_in,
          .out_fed = w.phi + out_slope * c_fed,
          .mean_in = w.phi / flow + mean_slope * c_in,
          .mean_fed = w.psi / flow + mean_slope * c_fed};
}

}  // namespace paracrine::sim
