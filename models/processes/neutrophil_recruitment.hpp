#pragma once
#include <algorithm>
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct NeutrophilRecruitmentParameters {
  double gain = 30.0;
  double half_damage = 0.05;
  double pull = 10.0;
  double half_restorative = 0.1;
};

inline constexpr auto neutrophil_recruitment_parameters = std::to_array<sim::Parameter<NeutrophilRecruitmentParameters>>({
    {.name = "gain",
     .member = &NeutrophilRecruitmentParameters::gain,
     .unit = "1",
     .physical = {0.0, 1e5},
     .published = {5.0, 100.0},
     .kind = sim::Source::assumed,
     .meaning = "largest relative rise of a lobule's recruitment of neutrophils under damage",
     .source = "they come within hours and peak at about a day; size assumed"},
    {.name = "half_damage",
     .member = &NeutrophilRecruitmentParameters::half_damage,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.01, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "mean damage signal of the lobule at which half of that is reached",
     .source = "a twentieth of a tissue that is all necrotic; no measurement known"},
    {.name = "pull",
     .member = &NeutrophilRecruitmentParameters::pull,
     .unit = "1",
     .physical = {0.0, 1e3},
     .published = {0.0, 30.0},
     .kind = sim::Source::assumed,
     .meaning = "how much more likely, above 1, a neutrophil settles where the damage signal is strong",
     .source = "they gather at necroses; no measurement known"},
    {.name = "half_restorative",
     .member = &NeutrophilRecruitmentParameters::half_restorative,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.02, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "restorative macrophages per hepatocyte site that halve recruitment",
     .source = "they end the inflammation; size assumed"},
});
static_assert(sim::complete(neutrophil_recruitment_parameters));

/// Clearance of blood neutrophils by a lobule relative to health.
inline double neutrophil_recruitment_factor(const NeutrophilRecruitmentParameters& p, double damage, double restorative_per_site) {
  return (1.0 + p.gain * damage / (damage + p.half_damage)) / (1.0 + std::max(0.0, restorative_per_site) / p.half_restorative);
}

/// Where the process finds things in a lobule patch.
struct NeutrophilRecruitmentPlaces {
  std::size_t neutrophils = 0, macrophages = 0;  // numbers of the agent kinds
  std::size_t damage = 0;                        // field [1]
  std::size_t mean_damage = 0;                   // scalar
  std::size_t uptake = 0;                        // of the compartments
  std::size_t waiting = 0, arrived = 0;          // scalars: cells of the organ that are not yet an agent; agents so far
};

/// Takes neutrophils out of the blood into a lobule.
///
///   k = k_healthy sites (1 + gain D / (D + half_damage)) / (1 + M / half_restorative)
///
///   D mean damage signal, M restorative macrophages per site. Agents and places as with monocytes, by the field of damage.
///
/// Reads: damage, macrophages, what was taken up. Writes: the clearance, new neutrophils, counts. Source: the parameters.
class NeutrophilRecruitment final : public sim::Process {
 public:
  /// `healthy_mL_per_h`: clearance of the blood by one hepatocyte site in health, of the whole organ's numbers; `weight`: cells per agent.
  NeutrophilRecruitment(const NeutrophilRecruitmentParameters& parameters, const NeutrophilRecruitmentPlaces& places, double healthy_mL_per_h,
                        double weight)
      : p_(parameters), places_(places), healthy_mL_per_h_(healthy_mL_per_h), weight_(weight) {}
  std::string_view name() const override { return "neutrophil_recruitment"; }
  /// Sets the clearance before the first visit.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  NeutrophilRecruitmentParameters p_;
  NeutrophilRecruitmentPlaces places_;
  double healthy_mL_per_h_;
  double weight_;
};

}  // namespace paracrine::models
