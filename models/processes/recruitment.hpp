#pragma once
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct RecruitmentParameters {
  double gain = 0.315;
  double pull = 3.0;
  double half_damage = 0.05;
};

inline constexpr auto recruitment_parameters = std::to_array<sim::Parameter<RecruitmentParameters>>({
    {.name = "gain",
     .member = &RecruitmentParameters::gain,
     .unit = "1",
     .physical = {0.0, 1e4},
     .published = {0.1, 5.0},
     .kind = sim::Source::fitted,
     .meaning = "relative rise of a lobule's recruitment of monocytes, per blood monocyte, for a relative rise of its CCL2 of 1",
     .source = "calibration 3; proportional; no measurement known"},
    {.name = "pull",
     .member = &RecruitmentParameters::pull,
     .unit = "1",
     .physical = {0.0, 1e3},
     .published = {0.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "how much more likely, above 1, a monocyte settles where the damage signal is strong",
     .source = "inflamed endothelium holds leukocytes; no measurement known"},
    {.name = "half_damage",
     .member = &RecruitmentParameters::half_damage,
     .unit = "1",
     .physical = {1e-6, 1e3},
     .published = {0.01, 0.5},
     .kind = sim::Source::assumed,
     .meaning = "damage signal at which half of the pull is reached",
     .source = "a twentieth of a tissue that is all necrotic; no measurement known"},
});
static_assert(sim::complete(recruitment_parameters));

/// One sort of cell that lobules take out of the blood.
struct Recruits {
  std::size_t uptake = 0;   // of the compartments: cells that this lobule took up
  std::size_t waiting = 0;  // scalar: taken up but not yet an agent, of the whole organ
  std::size_t arrived = 0;  // scalar: agents so far
  macrophage::State state = macrophage::State::inflammatory;
  macrophage::Origin origin = macrophage::Origin::recruited;
  double restorative_share = 0.0;  // share that arrives restorative instead
};

/// Where the process finds things in a lobule patch.
struct RecruitmentPlaces {
  std::size_t macrophages = 0;    // number of the agent kind
  std::size_t damage = 0;         // field [1]
  std::size_t ccl2_rise = 0;      // scalar: of this lobule, relative to health
  std::size_t ccl2_activity = 0;  // scalar: 1, or what an inhibitor leaves
  std::vector<Recruits> sorts;
};

/// Clearance of blood monocytes by a lobule relative to health, at a rise of CCL2 over health (relative to it) of which an inhibitor leaves
/// `activity`.
inline double recruitment_factor(const RecruitmentParameters& p, double ccl2_rise, double activity) {
  return std::max(0.0, (1.0 + p.gain * ccl2_rise) * activity);
}

/// Takes monocytes out of the blood into a lobule, as macrophages.
///
///   clearance   k = k_healthy sites a (1 + gain r)     r [1] rise of the lobule's CCL2 over health, a what an inhibitor of CCL2 leaves
///   agents      what the blood says was taken up, over the weight of an agent; the rest waits
///   place       drawn evenly, times 1 + pull D / (D + half_damage), D damage signal
///
/// Unchanged monocytes arrive inflammatory, educated ones restorative (their lineage goes back to MSC), infused macrophages by their phenotype.
///
/// Reads: CCL2, damage, what was taken up. Writes: clearances, new macrophages, counts. Source: the parameters; Karlmark 2009 Hepatology 50:261.
/// Assumed: a monocyte is a macrophage when it arrives.
class Recruitment final : public sim::Process {
 public:
  /// `healthy_mL_per_h`: clearance of the blood by one hepatocyte site in health, of the whole organ's numbers; `weight`: cells per agent.
  Recruitment(const RecruitmentParameters& parameters, RecruitmentPlaces places, double healthy_mL_per_h, double weight)
      : p_(parameters), places_(std::move(places)), healthy_mL_per_h_(healthy_mL_per_h), weight_(weight) {}
  std::string_view name() const override { return "recruitment"; }
  /// Sets the clearances before the first visit.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  void settle_new(sim::Patch& patch, const sim::Step& step, const Recruits& sort) const;

  RecruitmentParameters p_;
  RecruitmentPlaces places_;
  double healthy_mL_per_h_;
  double weight_;
};

}  // namespace paracrine::models
