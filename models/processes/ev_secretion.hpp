#pragma once
#include <array>
#include <span>
#include <vector>

#include "models/agents/cell_product.hpp"
#include "models/agents/infused.hpp"
#include "models/compartments/blood_pools.hpp"
#include "models/compartments/signals.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct EvSecretionParameters {
  double rate_per_d = 2000.0;
  double cell_gsd = 2.0;
  double in_vivo = 2.0;
  double bone_marrow = 1.0;
  double adipose = 1.0;
  double umbilical_cord = 2.0;
  double amnion = 1.0;
  double spheroid = 6.7;
  double licensing_number = 1.4;
  double licensing_potency = 2.0;
  double licensing_tnf_ng_per_mL = 1.0;
  double priming_number = 1.0;
  double priming_potency = 2.0;
  double reference_passage = 4.0;
  double potency_per_passage = 0.9;
  double burst = 500.0;
  double escape_share = 0.6;
  double culture_h = 48.0;
};

inline constexpr auto ev_secretion_parameters = std::to_array<sim::Parameter<EvSecretionParameters>>({
    {.name = "rate",
     .member = &EvSecretionParameters::rate_per_d,
     .unit = "d^-1",
     .physical = {0.0, 1e7},
     .published = {230.0, 17000.0},
     .distribution = {sim::Spread::lognormal, 3.0},
     .kind = sim::Source::derived,
     .meaning = "small vesicles per viable MSC and day in two-dimensional culture, mean over cells",
     .source = "between 1500 /d by capture from single cells (60-65 per hour, MCF7 and MDA-MB-231, a lower bound; Chiu 2016 Small, as cited in "
               "reviews) and 3.5e3-3.1e4 /d of umbilical-cord MSC in a cell factory (1.36e9-5.96e9 per mL and 48 h, 10.1186/s13578-022-00786-7, "
               "Table 3; volume and cell density assumed); in vitro only"},
    {.name = "cell_gsd",
     .member = &EvSecretionParameters::cell_gsd,
     .unit = "1",
     .physical = {1.0, 10.0},
     .published = {1.3, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "geometric standard deviation of secretion between cells of one dose (lognormal, mean 1)",
     .source = "secretion of single cells is highly heterogeneous (droplet array, 300 cells); spread assumed"},
    {.name = "in_vivo",
     .member = &EvSecretionParameters::in_vivo,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {0.5, 7.0},
     .distribution = {sim::Spread::lognormal, 2.0},
     .kind = sim::Source::assumed,
     .meaning = "secretion in a capillary relative to culture, in a healthy host (hypoxia, aggregation, compression)",
     .source = "no count known; release of vesicles by compressed cells was seen (Masterson 2021 Sci Rep 11:5265)"},
    {.name = "bone_marrow",
     .member = &EvSecretionParameters::bone_marrow,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {0.5, 2.0},
     .kind = sim::Source::derived,
     .meaning = "secretion of bone-marrow MSC relative to the rate",
     .source = "the reference: 2.8e11 in 48 h in the same vessel as the others (de Almeida Fuzeta 2020 Front Cell Dev Biol 8:553444)"},
    {.name = "adipose",
     .member = &EvSecretionParameters::adipose,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {0.5, 2.0},
     .kind = sim::Source::derived,
     .meaning = "secretion of adipose MSC relative to the rate",
     .source = "3.1e11 against 2.8e11 of bone marrow in 48 h (de Almeida Fuzeta 2020 Front Cell Dev Biol 8:553444)"},
    {.name = "umbilical_cord",
     .member = &EvSecretionParameters::umbilical_cord,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::derived,
     .meaning = "secretion of umbilical-cord MSC relative to the rate",
     .source = "between 1.5 (4.1e11 against 2.8e11 in 48 h, de Almeida Fuzeta 2020 Front Cell Dev Biol 8:553444) and 4 (Haraszti 2018 Mol Ther "
               "26:2838, to be verified)"},
    {.name = "amnion",
     .member = &EvSecretionParameters::amnion,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {0.5, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "secretion of amnion MSC relative to the rate",
     .source = "no measurement known; as bone marrow"},
    {.name = "spheroid",
     .member = &EvSecretionParameters::spheroid,
     .unit = "1",
     .physical = {0.0, 1000.0},
     .published = {2.0, 27.0},
     .kind = sim::Source::measured,
     .meaning = "secretion of cells from spheroids relative to two-dimensional culture",
     .source =
         "6.7, umbilical cord, defined medium (Nano Convergence 2022, 10.1186/s40580-022-00349-z); 2 (Yuan 2022 J Extracell Vesicles 11:e12235) "
         "to 27 (microcarriers, 10.1186/s13578-022-00786-7)"},
    {.name = "licensing_number",
     .member = &EvSecretionParameters::licensing_number,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {1.0, 2.5},
     .kind = sim::Source::measured,
     .meaning = "largest factor by which TNF in the host's plasma raises the number of vesicles",
     .source = "TNF-alpha and IFN-gamma on spheroids: 9.4 against 6.7 times (Nano Convergence 2022, 10.1186/s40580-022-00349-z)"},
    {.name = "licensing_potency",
     .member = &EvSecretionParameters::licensing_potency,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {1.0, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "largest factor by which TNF in the host's plasma raises the potency of a vesicle",
     .source = "as priming; no measurement known"},
    {.name = "licensing_tnf",
     .member = &EvSecretionParameters::licensing_tnf_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e6},
     .published = {0.1, 10.0},
     .kind = sim::Source::assumed,
     .meaning = "TNF in plasma that licenses by half",
     .source = "cells respond to TNF of 0.1-1 ng/mL; MSC are usually licensed with 10-20 ng/mL"},
    {.name = "priming_number",
     .member = &EvSecretionParameters::priming_number,
     .unit = "1",
     .physical = {0.0, 100.0},
     .published = {0.7, 1.5},
     .kind = sim::Source::assumed,
     .meaning = "factor by which priming with interferon gamma changes the number of vesicles",
     .source = "cargo changes (Takeuchi 2021 npj Regen Med 6:19); that the number hardly does is assumed"},
    {.name = "priming_potency",
     .member = &EvSecretionParameters::priming_potency,
     .unit = "1",
     .physical = {1.0, 100.0},
     .published = {1.2, 4.0},
     .kind = sim::Source::assumed,
     .meaning = "factor by which priming with interferon gamma raises the potency of a vesicle",
     .source = "direction: annexin-A1, lactotransferrin and aminopeptidase N as cargo (Takeuchi 2021 npj Regen Med 6:19); size assumed"},
    {.name = "reference_passage",
     .member = &EvSecretionParameters::reference_passage,
     .unit = "1",
     .physical = {0.0, 50.0},
     .published = {3.0, 5.0},
     .kind = sim::Source::measured,
     .meaning = "passage up to which potency is whole",
     .source = "potency falls after passage 4 (Patel 2017 Bioeng Transl Med 2:170)"},
    {.name = "potency_per_passage",
     .member = &EvSecretionParameters::potency_per_passage,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.5, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "factor on the potency of a vesicle with each passage beyond the reference",
     .source = "direction: Patel 2017 Bioeng Transl Med 2:170; size assumed"},
    {.name = "burst",
     .member = &EvSecretionParameters::burst,
     .unit = "1",
     .physical = {0.0, 1e7},
     .published = {50.0, 5000.0},
     .distribution = {sim::Spread::lognormal, 3.0},
     .kind = sim::Source::assumed,
     .meaning = "vesicles that an MSC sheds when it dies",
     .source = "apoptotic cells shed many vesicles; no number per MSC known"},
    {.name = "escape_share",
     .member = &EvSecretionParameters::escape_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.2, 0.9},
     .distribution = {sim::Spread::uniform},
     .kind = sim::Source::assumed,
     .meaning = "share of what an arrested MSC sheds that the blood carries away; the organ in which it sits takes up the rest",
     .source = "no measurement known; every effect at a distance is proportional to it"},
    {.name = "culture",
     .member = &EvSecretionParameters::culture_h,
     .unit = "h",
     .physical = {0.0, 1000.0},
     .published = {24.0, 72.0},
     .kind = sim::Source::assumed,
     .meaning = "time for which cells condition a conditioned medium",
     .source = "24 to 72 h are usual"},
});
static_assert(sim::complete(ev_secretion_parameters));

/// Vesicles of the medium that `cell_equivalents` cells conditioned.
double conditioned_vesicles(const EvSecretionParameters& p, double cell_equivalents, const CellProduct& product);
/// Potency of one vesicle of a product; 1 for unprimed cells up to the reference passage.
double product_potency(const EvSecretionParameters& p, const CellProduct& product);

/// Viable MSC shed vesicles all the time, dying ones in a burst; some are more potent than others.
///
///   shed      = rate/24 h x s x in_vivo x source x culture x priming x licensing x (hours lived in this visit) + burst (if it dies in it)
///   s         = secretion of the cell relative to the mean, lognormal with mean 1, drawn once
///   licensing = 1 + (licensing_number - 1) C/(C + licensing_tnf), C = TNF in plasma [ng/mL]; potency likewise
///   effective = shed x potency,  potency = potency_per_passage^(passages beyond the reference) x max(priming, licensing)
///
/// Of an arrested cell in lung, spleen and elsewhere the blood carries escape_share away, evenly over the next visit; the organ takes up the rest
/// now. What a circulating cell sheds is the blood's. In the liver all goes to the lobule's voxels between the ends of the cell's segment of
/// sinusoid, by volume (where there is none: to the voxel whose zone is nearest to its middle): their cells and the flow share it out.
///
/// Reads: entry, death, dose, whereabouts, segment; TNF in plasma. Writes: secretion of new cells; vesicle pools, the counts of what was secreted; or
/// the lobule's source fields (value: number in this visit in the whole liver). Throws std::logic_error for a liver patch without grid, zones or
/// source fields. Assumed: the burst is of the cell's usual potency, and the same for all; cells that are dead when given shed none; potency of a
/// primed cell does not rise further until licensing exceeds priming; the in_vivo factor is the same everywhere.
class EvSecretion final : public sim::Process {
 public:
  /// `by_dose`: product of every therapy, by its number. Of a liver: `local_source_field` takes the number by voxel, the next field the number times
  /// potency; `segments` along a sinusoid.
  EvSecretion(const EvSecretionParameters& parameters, const std::vector<CellProduct>& by_dose, std::size_t msc_kind, double agent_weight, Bed organ,
              const BloodPools& pools, const Signals& signals, std::size_t local_source_field = 0, std::size_t segments = 1);
  std::string_view name() const override { return "ev_secretion"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override;

 private:
  struct Dose {
    double rate_per_h = 0.0;  // of the mean cell, without licensing
    double passage_potency = 1.0;
    double priming_potency = 1.0;
  };
  struct Vesicles {
    double number = 0.0, effective = 0.0;
  };
  void draw_secretion(sim::Population& cells, const sim::Random& random) const;
  /// By place: [0] of circulating cells, [1 + segment] of arrested ones (outside the liver one segment).
  std::vector<Vesicles> shed(const sim::Population& cells, const sim::Step& step, double tnf_ng_per_mL) const;
  void spread_over_lobule(sim::Patch& patch, std::span<const Vesicles> by_segment) const;

  EvSecretionParameters p_;
  std::vector<Dose> by_dose_;
  std::size_t kind_;
  double weight_;
  bool liver_;
  std::array<sim::PoolIndex, 2> plasma_, organ_;  // number, effective
  std::array<std::size_t, 2> secreted_;           // scalars: number, effective, over the whole run
  std::size_t tnf_;
  std::size_t local_source_field_;
  std::size_t segments_;
};

}  // namespace paracrine::models
