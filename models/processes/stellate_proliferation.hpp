#pragma once
#include <array>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct StellateProliferationParameters {
  double activated_doubling_d = 6.0;
  double myofibroblast_doubling_d = 12.0;
  double half_pdgf_ng_per_mL = 2.0;
  double crowded = 3.0;
  double renewal_d = 60.0;
};

inline constexpr auto stellate_proliferation_parameters = std::to_array<sim::Parameter<StellateProliferationParameters>>({
    {.name = "activated_doubling",
     .member = &StellateProliferationParameters::activated_doubling_d,
     .unit = "d",
     .physical = {0.1, 1e5},
     .published = {4.0, 31.0},
     .kind = sim::Source::assumed,
     .meaning = "doubling time of activated stellate cells under much PDGF, with room",
     .source = "4.4 d for reactivated and 15.5 d for first activated cells, fitted, not measured, in Bougueon 2024 PLoS Comput Biol, "
               "10.1371/journal.pcbi.1011858; as short as to make up for the dead in twelve weeks of injury"},
    {.name = "myofibroblast_doubling",
     .member = &StellateProliferationParameters::myofibroblast_doubling_d,
     .unit = "d",
     .physical = {0.1, 1e5},
     .published = {10.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "the same of myofibroblasts",
     .source = "31 d in Bougueon 2024, fitted; twice that of activated cells assumed"},
    {.name = "half_pdgf",
     .member = &StellateProliferationParameters::half_pdgf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e3},
     .published = {2.0, 5.0},
     .kind = sim::Source::assumed,
     .meaning = "PDGF at which proliferation is half of its largest",
     .source = "usual half-effective concentration in culture, to be verified; 10 ng/mL is used as the maximal dose"},
    {.name = "crowded",
     .member = &StellateProliferationParameters::crowded,
     .unit = "1",
     .physical = {0.1, 100.0},
     .published = {1.0, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "stellate cells at one hepatocyte site above which none divides there",
     .source = "room for cells in one site; no measurement known"},
    {.name = "renewal",
     .member = &StellateProliferationParameters::renewal_d,
     .unit = "d",
     .physical = {0.1, 1e5},
     .published = {30.0, 180.0},
     .kind = sim::Source::assumed,
     .meaning = "time in which what quiescent and inactivated cells lack to their healthy number is renewed (to 1/e)",
     .source = "75 d in Bougueon 2024, which cites PMID 22566629; shorter, so that a healthy liver keeps its quiescent cells"},
});
static_assert(sim::complete(stellate_proliferation_parameters));

/// Rate [1/d] at which an activated stellate cell or a myofibroblast divides among `at_site` stellate cells at its site, itself one of them.
double stellate_division_per_d(const StellateProliferationParameters& p, bool myofibroblast, double pdgf_ng_per_mL, double at_site);
/// Rate [1/d] at which a quiescent one does, to renew what `quiescent` and `inactivated` cells lack to their `healthy` number.
double stellate_renewal_per_d(const StellateProliferationParameters& p, double healthy, double quiescent, double inactivated);

/// Where the process finds things in a lobule patch.
struct StellateProliferationPlaces {
  std::size_t stellate_cells = 0;  // number of the agent kind
  std::size_t pdgf = 0;            // field [ng/mL]
  std::size_t healthy = 0;         // scalar: stellate cells of the healthy lobule, agents
  std::size_t born = 0;            // scalar: agents born so far
};

/// Lets stellate cells divide.
///
///   activated, myofibroblast   ln 2 / doubling  c / (c + half_pdgf)  max(0, 1 - m / crowded)
///   quiescent                  max(0, N - Q - I) / (renewal Q)
///
///   rates in 1/d, c [ng/mL] PDGF at the cell's voxel, m stellate cells of all states at its hepatocyte site, N the lobule's healthy number, Q and I
///   its quiescent and inactivated cells. A cell divides at most once in a visit, with probability 1 - exp(-rate dt); the daughter has its state and
///   place.
///
/// Reads: places and states of stellate cells, PDGF, the healthy number. Writes: the population, the count. Source: the parameters. Assumed: the form
/// of crowding; a lobule without a quiescent cell renews none.
class StellateProliferation final : public sim::Process {
 public:
  StellateProliferation(const StellateProliferationParameters& parameters, const StellateProliferationPlaces& places)
      : p_(parameters), places_(places) {}
  std::string_view name() const override { return "stellate_proliferation"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  StellateProliferationParameters p_;
  StellateProliferationPlaces places_;
};

}  // namespace paracrine::models
