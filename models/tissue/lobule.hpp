#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/agents/population.hpp"
#include "sim/core/parameters.hpp"
#include "sim/core/random.hpp"
#include "sim/fields/grid.hpp"
#include "sim/fields/sparse.hpp"

namespace paracrine::models {

/// Geometry and cells of liver lobules.
struct LobuleParameters {
  double radius_um = 284.3;
  double radius_sd_um = 57.0;
  double smallest_radius_um = 180.0;
  double largest_radius_um = 400.0;
  double site_um = 19.2;
  double hepatocytes_per_g = 135e6;
  double portal_radius_um = 25.0;
  double vein_radius_um = 25.0;
  double kupffer_per_hepatocyte = 0.20;
  double kupffer_periportal = 0.43;
  double kupffer_midzonal = 0.28;
  double endothelial_per_hepatocyte = 0.42;
  double stellate_per_hepatocyte = 0.12;
};

inline constexpr auto lobule_parameters = std::to_array<sim::Parameter<LobuleParameters>>({
    {.name = "radius",
     .member = &LobuleParameters::radius_um,
     .unit = "um",
     .physical = {20.0, 2000.0},
     .published = {230.0, 340.0},
     .kind = sim::Source::measured,
     .meaning = "circumradius of the hexagon of mean cross-section",
     .source = "284.3 um, mouse; Hoehme 2010 PNAS 107:10371, 10.1073/pnas.0909374107, as in the Morpheus model M9147",
     .variants = {{{.name = "human",
                    .value = 500.0,
                    .published = {400.0, 650.0},
                    .kind = sim::Source::assumed,
                    .source = "usual textbook value, half of about 1 mm"}}}},
    {.name = "radius_sd",
     .member = &LobuleParameters::radius_sd_um,
     .unit = "um",
     .physical = {0.0, 1000.0},
     .published = {30.0, 80.0},
     .kind = sim::Source::assumed,
     .meaning = "standard deviation of the radius between lobules",
     .source = "20 % of the radius",
     .variants = {{{.name = "human", .value = 100.0, .published = {50.0, 150.0}, .kind = sim::Source::assumed, .source = "20 % of the radius"}}}},
    {.name = "smallest_radius",
     .member = &LobuleParameters::smallest_radius_um,
     .unit = "um",
     .physical = {20.0, 2000.0},
     .published = {150.0, 230.0},
     .kind = sim::Source::assumed,
     .meaning = "no lobule is smaller",
     .source = "about two standard deviations below the mean",
     .variants = {{{.name = "human",
                    .value = 300.0,
                    .published = {250.0, 400.0},
                    .kind = sim::Source::assumed,
                    .source = "two standard deviations below the mean"}}}},
    {.name = "largest_radius",
     .member = &LobuleParameters::largest_radius_um,
     .unit = "um",
     .physical = {20.0, 2000.0},
     .published = {340.0, 450.0},
     .kind = sim::Source::assumed,
     .meaning = "no lobule is larger",
     .source = "two standard deviations above the mean",
     .variants = {{{.name = "human",
                    .value = 700.0,
                    .published = {650.0, 1000.0},
                    .kind = sim::Source::assumed,
                    .source = "two standard deviations above the mean"}}}},
    {.name = "site",
     .member = &LobuleParameters::site_um,
     .unit = "um",
     .physical = {5.0, 60.0},
     .published = {18.5, 20.0},
     .kind = sim::Source::derived,
     .meaning = "edge of the cube of tissue that belongs to one hepatocyte, sinusoids included",
     .source = "cube root of 1 / (135e6 hepatocytes/g x 1.05 g/mL) = 19.2 um",
     .variants = {{{.name = "human",
                    .value = 19.0,
                    .published = {17.8, 20.3},
                    .kind = sim::Source::derived,
                    .source = "cube root of 1 / (139e6 hepatocytes/g x 1.05 g/mL) = 19.0 um"}}}},
    {.name = "hepatocytes_per_mass",
     .member = &LobuleParameters::hepatocytes_per_g,
     .unit = "1/g",
     .physical = {1e6, 1e9},
     .published = {1.2e8, 1.5e8},
     .distribution = {sim::Spread::normal, 1e7},
     .kind = sim::Source::measured,
     .meaning = "hepatocytes per mass of liver",
     .source = "(135 +/- 10)e6 per g; Sohlenius-Sternbeck 2006 Toxicol In Vitro 20:1582, PMID 16930941",
     .variants = {{{.name = "human",
                    .value = 1.39e8,
                    .published = {1.14e8, 1.64e8},
                    .kind = sim::Source::measured,
                    .source = "(139 +/- 25)e6 per g; same"}}}},
    {.name = "portal_radius",
     .member = &LobuleParameters::portal_radius_um,
     .unit = "um",
     .physical = {1.0, 500.0},
     .published = {15.0, 50.0},
     .kind = sim::Source::assumed,
     .meaning = "radius of a portal tract, from which blood enters the sinusoids",
     .source = "a small portal venule with its bile duct and artery; no measurement taken",
     .variants = {{{.name = "human",
                    .value = 40.0,
                    .published = {20.0, 80.0},
                    .kind = sim::Source::assumed,
                    .source = "the mouse's, scaled with the lobule"}}}},
    {.name = "vein_radius",
     .member = &LobuleParameters::vein_radius_um,
     .unit = "um",
     .physical = {1.0, 500.0},
     .published = {20.0, 50.0},
     .kind = sim::Source::assumed,
     .meaning = "radius of the central vein, into which the sinusoids drain",
     .source = "25 um, below the 45 um of Hoehme 2010 as usually quoted; changes the flow's pattern little",
     .variants = {{{.name = "human",
                    .value = 40.0,
                    .published = {20.0, 80.0},
                    .kind = sim::Source::assumed,
                    .source = "the mouse's, scaled with the lobule"}}}},
    {.name = "kupffer_per_hepatocyte",
     .member = &LobuleParameters::kupffer_per_hepatocyte,
     .unit = "1",
     .physical = {0.0, 5.0},
     .published = {0.1, 0.35},
     .kind = sim::Source::derived,
     .meaning = "Kupffer cells per hepatocyte; it scales every result for macrophages",
     .source = "0.35 of nuclei counted in mouse (Baratta 2009 Histochem Cell Biol 131:713, PMID 19255771) and 0.12 to 0.17 from 14-20e6/g in rat "
               "(Bouwens 1986 Hepatology 6:718, PMID 3733004); 0.25 in a published model",
     .variants =
         {{{.name = "human", .value = 0.2, .published = {0.1, 0.3}, .kind = sim::Source::assumed, .source = "no count in man found; the rodents'"}}}},
    {.name = "kupffer_periportal",
     .member = &LobuleParameters::kupffer_periportal,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.35, 0.5},
     .kind = sim::Source::measured,
     .meaning = "share of the Kupffer cells in the periportal third of a lobule's volume",
     .source = "43, 28 and 29 % periportal, midzonal and central, rat; Bouwens 1986 Hepatology 6:718, PMID 3733004"},
    {.name = "kupffer_midzonal",
     .member = &LobuleParameters::kupffer_midzonal,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.25, 0.35},
     .kind = sim::Source::measured,
     .meaning = "share in the middle third; the rest is in the central one",
     .source = "same"},
    {.name = "endothelial_per_hepatocyte",
     .member = &LobuleParameters::endothelial_per_hepatocyte,
     .unit = "1",
     .physical = {0.0, 5.0},
     .published = {0.3, 0.6},
     .kind = sim::Source::derived,
     .meaning = "sinusoidal endothelial cells per hepatocyte",
     .source = "22 % against 52 % of nuclei counted, mouse; Baratta 2009 Histochem Cell Biol 131:713, PMID 19255771",
     .variants = {{{.name = "human", .value = 0.42, .published = {0.3, 0.6}, .kind = sim::Source::assumed, .source = "the mouse's"}}}},
    {.name = "stellate_per_hepatocyte",
     .member = &LobuleParameters::stellate_per_hepatocyte,
     .unit = "1",
     .physical = {0.0, 5.0},
     .published = {0.08, 0.15},
     .kind = sim::Source::derived,
     .meaning = "stellate cells per hepatocyte",
     .source = "8 % against 52 % of nuclei counted, mouse (Baratta 2009), about 0.11 in rat",
     .variants = {{{.name = "human",
                    .value = 0.1,
                    .published = {0.05, 0.15},
                    .kind = sim::Source::assumed,
                    .source = "no count in man found; the rodents', rounded down"}}}},
});
static_assert(sim::complete(lobule_parameters));

/// One lobule of the liver, as a slab of whole hepatocyte sites: what is fixed for the run.
struct Lobule {
  double radius_um = 0.0;
  sim::Grid grid;                   // voxels of site / refine
  std::size_t refine = 1;           // voxels per edge of a site
  std::vector<std::uint32_t> site;  // per voxel: number of its hepatocyte site; no_site outside
  std::size_t sites = 0;            // hepatocyte sites
  // per voxel, of the middle of its site: 0 at a portal tract, 1 at the central vein, by distance; 0 outside. Of a patch's lobule: moved to the patch
  std::vector<float> zone;
  sim::Sparse inlet, outlet;  // per voxel: share of its area in a portal tract, in the central vein
  static constexpr std::uint32_t no_site = 0xFFFFFFFF;
};

/// Radii of `count` lobules: N(radius, radius_sd) within [smallest, largest], stratified (one draw in each of `count` equal parts of the
/// distribution, dealt in random order), a function of the seed. Throws std::invalid_argument when no radius lies within the limits.
std::vector<double> draw_lobule_radii(const LobuleParameters& p, std::size_t count, std::uint64_t seed);

/// Cuts a lobule of the given radius out of the tissue. The hepatocyte sites are the voxels of the grid of whole sites with at least half of their
/// volume inside, whatever `refine`; a voxel belongs to the site in which it lies or, at the edge, to the nearest one.
/// Throws std::invalid_argument for a lobule with fewer than `fewest_sites` sites in its cross-section, a thickness or refinement of 0.
Lobule make_lobule(const LobuleParameters& p, double radius_um, std::size_t thickness_sites, std::size_t refine);
inline constexpr std::size_t fewest_sites = 19;
/// Hepatocyte sites in the cross-section of a lobule of this radius.
std::size_t lobule_sites(const LobuleParameters& p, double radius_um);

/// 0 at a portal tract, 1 at the central vein: d_portal / (d_portal + d_vein), distances to the nearest corner and to the middle.
double zone_at(double radius_um, double x_um, double y_um);
/// Where the thirds of a lobule's volume meet, ranked by zone; the same in every regular hexagon.
inline constexpr std::array<double, 2> zone_thirds = {0.336661, 0.5};

/// Whether a place lies in the hexagon of a lobule (corners on the y axis, two edges parallel to it).
bool in_lobule(double radius_um, double x_um, double y_um);

/// The voxel of a place in the lobule (x, y from its middle, z from its lower face).
std::uint32_t voxel_at(const sim::Grid& grid, double x_um, double y_um, double z_um);

/// Adds a lobule's Kupffer cells to a population of `macrophage::kind`. Their number is kupffer_per_hepatocyte x sites plus `remainder`, which the
/// next lobule takes over, so that the liver's total is exact to one cell. Each is in the periportal, middle or central third of the volume with the
/// probabilities of the parameters, and anywhere in it alike. Places depend on seed and id, not on `refine`.
void place_kupffer_cells(sim::Population& macrophages, const Lobule& lobule, const LobuleParameters& p, std::uint64_t seed, double& remainder);

}  // namespace paracrine::models
