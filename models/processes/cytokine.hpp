#pragma once
#include <optional>
#include <vector>

#include "models/compartments/blood_pools.hpp"
#include "models/tissue/cytokine_parameters.hpp"
#include "models/tissue/tissue_state.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"
#include "sim/fields/lane_multigrid.hpp"

namespace paracrine::models {

/// Fields of cytokines [ng/mL] and of damage [1], by number in the patch.
struct CytokineFields {
  std::size_t tgf_beta = 0, tnf = 0, pdgf = 0, hgf = 0, il6 = 0, damage = 0;
};
inline constexpr std::size_t cytokine_fields = 6;
/// Their numbers when the first has number `first`.
CytokineFields number_cytokine_fields(std::size_t first);
/// Puts the fields behind a patch's others, in this order and with their constants.
void add_cytokine_fields(sim::Patch& patch, const CytokineParameters& p);

/// Where the process finds things in a lobule patch.
struct CytokinePlaces {
  TissueKinds kinds;
  CytokineFields fields;
  std::size_t ccl2 = 0, il10 = 0;           // scalars [ng/mL]
  std::size_t ccl2_rise = 0;                // scalar: over `ccl2_reference`, relative to it
  std::size_t ccl2_reference = 0;           // scalar [ng/mL]: of this lobule in health
  std::size_t mean_damage = 0;              // scalar
  std::size_t tgf_beta_activity = 0;        // scalar: 1, or what a blockade of TGF-beta leaves active
  BloodPools pools;                         // where what reaches the plasma goes
  std::optional<std::size_t> mean_cells{};  // first scalar of MeanCells, where numbers and no agents are the cells
};

/// Secretion of an inflammatory macrophage under a damage signal, relative to that amid much damage.
inline double stimulation(const CytokineParameters& p, double damage) {
  return p.resting_secretion + (1.0 - p.resting_secretion) * damage / (damage + p.half_stimulus);
}

/// What one lobule's cells make. In the lanes of a site: TGF-beta, TNF, PDGF, HGF, IL-6 [pg/d], damage [relative to a necrotic hepatocyte].
struct Secretion {
  enum Lane : std::size_t { tgf_beta, tnf, pdgf, hgf, il6, damage, lanes };
  std::vector<sim::Lanes> made;  // per site
  struct Receptors {
    float all = 0.0F, active = 0.0F;  // stellate cells: all, and the activated ones and myofibroblasts
  };
  std::vector<Receptors> receptors;  // per site: cells that bind TGF-beta, and PDGF
  double ccl2 = 0.0, il10 = 0.0;     // of the lobule [pg/d]
};

/// Cytokines of a lobule.
///
///   TGF-beta, TNF, PDGF, HGF, IL-6   D lap c - (k + u) c + s = 0     quasi-steady: half-lives of 3 to 19 min, steps of the tissue of 30 min
///   damage                           dc/dt = D lap c - k c + s       one implicit step a visit: its source can vanish between two visits
///   CCL2, IL-10                      dc/dt = s - k c                 one number per lobule, exact over a visit: in their half-lives they diffuse
///                                                                    (50 um^2/s) 500 um and more, beyond the lobule
///
///   An inflammatory macrophage makes resting_secretion + (1 - resting_secretion) d / (d + half_stimulus) of its cytokines, d damage at its place.
///   s secretion of the cells at a site over its volume, u clearance of receptors at a site over its volume; no flux at the lobule's edge. Damage is
///   relative to a tissue in which all hepatocytes are necrotic. A blockade leaves `tgf_beta_activity` of the TGF-beta made.
///   Fields are solved for from the last values by at least two iterations, and until their equations hold to 3 % of the sources in the 2-norm: their
///   values are then right to 0.2 %, 0.8 % at the worst (of 100 visits during and between doses, all fields).
///
/// Reads: all cells of the lobule. Writes: the fields, CCL2, IL-10, what they are relative to health, mean damage; the plasma's factors.
/// Source: the parameters. Assumed: flow does not carry the cytokines of the tissue on.
class Cytokine final : public sim::Process {
 public:
  /// `weight`: slabs of the liver that a lobule stands for.
  Cytokine(const CytokineParameters& parameters, const CytokinePlaces& places, double weight) : p_(parameters), places_(places), weight_(weight) {}
  std::string_view name() const override { return "cytokine"; }
  /// Sets fields and numbers to the steady state of the cells that are there, and takes CCL2 as that of health.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  std::vector<std::size_t> written_fields() const override {
    const CytokineFields& f = places_.fields;
    return {f.tgf_beta, f.tnf, f.pdgf, f.hgf, f.il6, f.damage};
  }

 private:
  Secretion secretion_of(const sim::Patch& patch) const;
  void add_macrophages(const sim::Patch& patch, Secretion& made) const;
  void add_stellate_cells(const sim::Patch& patch, Secretion& made) const;
  void add_damage(const sim::Patch& patch, Secretion& made) const;
  void add_mean_cells(const sim::Patch& patch, Secretion& made) const;
  void solve(sim::Patch& patch, const Secretion& secretion, double duration_s, double tolerance) const;
  void spill(sim::Patch& patch, const Secretion& secretion, double days) const;

  CytokineParameters p_;
  CytokinePlaces places_;
  double weight_;
};

/// Tells the marrow of the lobules' CCL2, before the blood's step: the mean of its rise, and of the damage.
class LiverCall final : public sim::CompartmentProcess {
 public:
  LiverCall(std::size_t liver_group, std::size_t ccl2_rise, std::size_t ccl2_activity, std::size_t mean_damage, std::size_t ccl2_value,
            std::size_t damage_value, double damage_gain)
      : group_(liver_group),
        ccl2_rise_(ccl2_rise),
        ccl2_activity_(ccl2_activity),
        mean_damage_(mean_damage),
        ccl2_value_(ccl2_value),
        damage_value_(damage_value),
        damage_gain_(damage_gain) {}
  std::string_view name() const override { return "cytokine"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  std::size_t group_, ccl2_rise_, ccl2_activity_, mean_damage_;  // scalars
  std::size_t ccl2_value_, damage_value_;                        // values of the world
  double damage_gain_;
};

}  // namespace paracrine::models
