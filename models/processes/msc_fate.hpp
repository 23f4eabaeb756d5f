#pragma once
#include <array>
#include <cstdint>

#include "models/agents/infused.hpp"
#include "sim/compartments/compartments.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct MscFateParameters {
  double viable_half_life_h = 8.0;
  double dead_half_life_h = 18.0;
  double label_leak_per_h = 0.01;
  double debris_half_life_h = 6.0;
  double debris_liver_share = 0.5;
  double debris_spleen_share = 0.08;
};

inline constexpr auto msc_fate_parameters = std::to_array<sim::Parameter<MscFateParameters>>({
    {.name = "viable_half_life",
     .member = &MscFateParameters::viable_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {4.0, 15.0},
     .distribution = {sim::Spread::lognormal, 1.5},
     .kind = sim::Source::derived,
     .meaning = "half-life of a viable MSC, wherever it was caught",
     .source = "few alive at 24 h and none at 72 h by re-culture (Eggenhofer 2012 Front Immunol 3:297, PMC3458305): 8 h leaves 12.5 % and 0.2 %; "
               "outside the lung assumed the same",
     .variants = {{{.name = "human",
                    .value = 10.0,
                    .published = {4.0, 30.0},
                    .kind = sim::Source::assumed,
                    .source = "no measurement known; the mouse's, a little longer"}}}},
    {.name = "dead_half_life",
     .member = &MscFateParameters::dead_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {12.0, 36.0},
     .distribution = {sim::Spread::lognormal, 1.3},
     .kind = sim::Source::fitted,
     .meaning = "half-life of the DNA of a dead MSC",
     .source = "calibration 3; fitted to lung_dna_half_life: human DNA in mouse lung falls with about 24 h, dying cells included (Lee 2009 Cell Stem "
               "Cell 5:54, "
               "PMC4154377)",
     .variants = {{{.name = "human",
                    .value = 30.0,
                    .published = {18.0, 72.0},
                    .kind = sim::Source::assumed,
                    .source = "no measurement known; 36 h (18-72) for all DNA"}}}},
    {.name = "label_leak",
     .member = &MscFateParameters::label_leak_per_h,
     .unit = "h^-1",
     .physical = {0.0, 10.0},
     .published = {0.005, 0.02},
     .kind = sim::Source::fitted,
     .meaning = "rate at which a living cell loses label to the blood, from where it is excreted",
     .source = "calibration 3; 51Cr leaks about 1 % per hour, usual figure, to be verified"},
    {.name = "debris_half_life",
     .member = &MscFateParameters::debris_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e5},
     .published = {2.0, 20.0},
     .kind = sim::Source::fitted,
     .meaning = "half-life with which the label of dead cells leaves the lung",
     .source = "fitted to label_lung_1h and label_liver_leads (51Cr, Eggenhofer 2012): half of all label leaves the lung in about 0.6 d"},
    {.name = "debris_liver_share",
     .member = &MscFateParameters::debris_liver_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.7},
     .kind = sim::Source::fitted,
     .meaning = "share of the label leaving with debris that the liver takes",
     .source = "calibration 3; fitted to label_liver_leads (Eggenhofer 2012: the liver leads at 24 h)"},
    {.name = "debris_spleen_share",
     .member = &MscFateParameters::debris_spleen_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.05, 0.4},
     .kind = sim::Source::assumed,
     .meaning = "share that the spleen takes; the rest goes to other organs and urine",
     .source = "direction: Eggenhofer 2012; share assumed"},
});
static_assert(sim::complete(msc_fate_parameters));

/// Pools of label that no living cell holds any more, by organ.
struct LabelPools {
  std::array<sim::PoolIndex, organs> organ{};  // lung: debris that still is there; liver, spleen, other: where it stays
};

/// Adds the pools and the flows of debris from the lung to liver, spleen and other organs.
LabelPools add_label_pools(sim::Compartments& compartments, const MscFateParameters& parameters);

/// Draws the times of death and clearance of the cells that entered in this visit, so that what comes after knows how long they live.
class MscLifetimes final : public sim::Process {
 public:
  MscLifetimes(const MscFateParameters& parameters, std::size_t msc_kind) : p_(parameters), kind_(msc_kind) {}
  std::string_view name() const override { return "msc_fate"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  MscFateParameters p_;
  std::size_t kind_;
};

/// Dies, is cleared, and loses its label: three observables that must not be mixed up (living cells, DNA, label).
///
///   viable -> apoptotic   at a time drawn from an exponential of half-life viable_half_life
///   apoptotic -> cleared  at a time drawn from an exponential of half-life dead_half_life (its DNA is gone, the agent too)
///   label:                leaks from living cells at label_leak; at death the rest becomes debris of the organ; debris leaves the lung with
///   debris_half_life
///                         for liver, spleen and the rest, and stays there
///
/// Reads: whereabouts, vitality. Writes: vitality, death and clearance times, label, removed agents, label pools.
/// Source: Eggenhofer 2012, Lee 2009. Assumed: what dies outside the lung leaves its label there.
class MscFate final : public sim::Process {
 public:
  MscFate(const MscFateParameters& parameters, std::size_t msc_kind, Bed organ, const LabelPools& pools, std::size_t cleared_scalar, double weight);
  std::string_view name() const override { return "msc_fate"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  /// Label that cells of one patch lose in one visit.
  struct Label {
    double leaked = 0.0;  // into the blood, and what was cleared there
    double debris = 0.0;  // in this organ at the end of the visit
    double moved = 0.0;   // left the lung with debris before that
  };
  /// A cell died so many seconds before the end of the visit: what stays of its label, and what has left the lung since.
  void become_debris(double label, double for_s, Label& shed) const;
  void hand_over(sim::Patch& patch, const Label& shed) const;

  MscFateParameters p_;
  std::size_t kind_;
  std::size_t organ_;
  LabelPools pools_;
  std::size_t cleared_scalar_;
  double weight_;
};

}  // namespace paracrine::models
