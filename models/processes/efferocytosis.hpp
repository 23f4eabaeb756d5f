#pragma once
#include <array>

#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct EfferocytosisParameters {
  double eaten_share = 0.7;
  double phagocytes = 2.5;
  double monocyte_share = 0.05;
};

inline constexpr auto efferocytosis_parameters = std::to_array<sim::Parameter<EfferocytosisParameters>>({
    {.name = "eaten_share",
     .member = &EfferocytosisParameters::eaten_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.4, 0.95},
     .kind = sim::Source::assumed,
     .meaning = "share of the MSC dying in the lung that phagocytes there eat",
     .source = "direction: eaten by local myeloid phagocytes (Galleu 2017 as cited in Pang 2021 Nat Commun 12:6495); share assumed",
     .variants = {{{.name = "human",
                    .value = 0.6,
                    .published = {0.3, 0.9},
                    .kind = sim::Source::assumed,
                    .source = "no measurement known; the mouse's, a little less"}}}},
    {.name = "phagocytes",
     .member = &EfferocytosisParameters::phagocytes,
     .unit = "1",
     .physical = {1.0, 4.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "mean number of phagocytes, 1 to 4, that share one eaten MSC",
     .source = "an MSC has several times the volume of a monocyte; the middle of 1 to 4"},
    {.name = "monocyte_share",
     .member = &EfferocytosisParameters::monocyte_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0114, 0.229},
     .kind = sim::Source::assumed,
     .meaning = "probability that a phagocyte is a monocyte that leaves the lung again, and no neutrophil or resident macrophage",
     .source = "assumed: the range gives 2e4 to 4e5 educated monocytes for 1e6 dying MSC in mouse (0.7 x 2.5 meals each), the value its middle on a "
               "logarithmic scale"},
});
static_assert(sim::complete(efferocytosis_parameters));

/// Counts what monocytes of the lung that leave it again eat of dying MSC.
///
///   an MSC that is stopped here when it dies is eaten with probability eaten_share,
///   by K = 1 + Binomial(3, (phagocytes - 1) / 3) phagocytes, each with probability monocyte_share a monocyte that leaves again
///   meals += monocytes x agent weight
///
/// A death counts in the visit in which it falls (start <= death < end), once. What was dead when given died as it entered, and counts when it is
/// stopped here by the end of that visit. What circulates when it dies is not eaten.
///
/// Reads: whereabouts, vitality, entry, death and clearance times. Writes: the scalar monocyte_meals. After LungArrest, before MscFate.
/// Source: Galleu 2017 Sci Transl Med 9:eaam7828 (doi 10.1126/scitranslmed.aam7828) for the direction. Assumed: all numbers.
class Efferocytosis final : public sim::Process {
 public:
  Efferocytosis(const EfferocytosisParameters& parameters, std::size_t msc_kind, double agent_weight, const Signals& signals)
      : p_(parameters), kind_(msc_kind), weight_(agent_weight), signals_(signals) {}
  std::string_view name() const override { return "efferocytosis"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  int monocytes_fed(const sim::Random& random, sim::AgentId id) const;

  EfferocytosisParameters p_;
  std::size_t kind_;
  double weight_;
  Signals signals_;
};

}  // namespace paracrine::models
