#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/tissue/cell_placing.hpp"
#include "models/tissue/tissue_state.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {
const LobuleParameters parameters;
}

TEST_CASE("tissue: the sites of a lobule lie in it and know their neighbours, whatever the refinement", "[property]") {
  const SiteMap coarse = make_site_map(make_lobule(parameters, 200.0, 2, 1)), fine = make_site_map(make_lobule(parameters, 200.0, 2, 2));
  REQUIRE(coarse.size() == fine.size());
  std::size_t pairs = 0, alike = 0;
  for (std::size_t site = 0; site < coarse.size(); ++site) {
    alike += coarse.neighbours[site] == fine.neighbours[site] ? 1 : 0;
    for (std::size_t n = 0; n < coarse.neighbours[site]; ++n) {
      const std::uint32_t other = coarse.neighbour[site][n];
      const auto& back = coarse.neighbour[other];
      REQUIRE(std::count(back.begin(), back.end(), site) == 1);
      ++pairs;
    }
  }
  REQUIRE(static_cast<double>(alike) / static_cast<double>(coarse.size()) > 0.9);  // the rest lie at the slanted edge
  // in the middle of a slab of two layers a site has four neighbours beside it and one above or below
  REQUIRE(*std::max_element(coarse.neighbours.begin(), coarse.neighbours.end()) == 5);
  REQUIRE(static_cast<double>(pairs) / static_cast<double>(coarse.size()) > 4.3);
}

TEST_CASE("tissue: stellate cells are as many as the parameter says and lie in the lobule", "[property]") {
  sim::Population cells(stellate_cell::kind, 0, 5);
  double remainder = 0.0, sites = 0.0;
  for (int lobule_number = 0; lobule_number < 20; ++lobule_number) {
    const Lobule lobule = make_lobule(parameters, 230.0 + 5.0 * lobule_number, 1, 1);
    sites += static_cast<double>(lobule.sites);
    const std::size_t before = cells.size();
    place_stellate_cells(cells, lobule, parameters, 7, remainder);
    const auto x = cells.column(stellate_cell::x_um), y = cells.column(stellate_cell::y_um);
    for (std::size_t row = before; row < cells.size(); ++row) REQUIRE(in_lobule(lobule.radius_um, x[row], y[row]));
  }
  REQUIRE(std::abs(static_cast<double>(cells.size()) - 0.12 * sites) < 1.0);
}

TEST_CASE("tissue: the census counts every agent once, by state and site", "[property]") {
  const Lobule lobule = make_lobule(parameters, 230.0, 1, 1);
  sim::Patch patch(0, 0);
  patch.populations.emplace_back(hepatocyte::kind, 0, 0);
  patch.populations.emplace_back(macrophage::kind, 0, 1);
  patch.populations.emplace_back(neutrophil::kind, 0, 2);
  patch.populations.emplace_back(stellate_cell::kind, 0, 3);
  const TissueKinds kinds{.hepatocytes = 0, .macrophages = 1, .neutrophils = 2, .stellate_cells = 3};
  const SiteMap sites = make_site_map(lobule);
  place_hepatocytes(patch.agents(0), sites);
  double remainder = 0.0;
  place_kupffer_cells(patch.agents(1), lobule, parameters, 1, remainder);
  place_stellate_cells(patch.agents(3), lobule, parameters, 1, remainder);
  REQUIRE(patch.agents(0).size() == lobule.sites);
  patch.agents(1).column(macrophage::state)[3] = static_cast<std::uint8_t>(macrophage::State::restorative);
  patch.agents(3).column(stellate_cell::state)[2] = static_cast<std::uint8_t>(stellate_cell::State::myofibroblast);
  Census census;
  take_census(patch, lobule, kinds, census);
  const auto sum = [](const std::vector<std::uint16_t>& counts) {
    std::size_t total = 0;
    for (const std::uint16_t count : counts) total += count;
    return total;
  };
  REQUIRE(sum(census.kupffer) + 1 == patch.agents(1).size());
  REQUIRE(sum(census.restorative) == 1);
  REQUIRE(sum(census.hsc_quiescent) + 1 == patch.agents(3).size());
  const std::uint32_t voxel = patch.agents(3).column(stellate_cell::voxel)[2];
  REQUIRE(census.myofibroblast[lobule.site[voxel]] == 1);
  REQUIRE(sum(census.neutrophil) == 0);
}

TEST_CASE("tissue: spreading gathers what each site gives to its neighbours, and the sum stays", "[property]") {
  for (const std::size_t thick : {1, 3}) {
    const SiteMap sites = make_site_map(make_lobule({}, 284.0, thick, 2));
    std::vector<double> values(sites.size());
    for (std::size_t site = 0; site < sites.size(); ++site) values[site] = site % 5 == 0 ? 1.0 + std::sin(static_cast<double>(site)) : 0.0;
    std::vector<double> expected = values, expected_near = values, padded = values;
    for (int pass = 0; pass < 4; ++pass) {  // from each site to the others
      std::vector<double> next(sites.size(), 0.0);
      for (std::size_t site = 0; site < sites.size(); ++site) {
        next[site] += 0.5 * expected[site];
        for (std::size_t n = 0; n < sites.neighbours[site]; ++n)
          next[sites.neighbour[site][n]] += 0.5 * expected[site] / static_cast<double>(sites.neighbours[site]);
      }
      expected = next;
    }
    for (std::size_t site = 0; site < sites.size(); ++site)
      for (std::size_t n = 0; n < sites.neighbours[site]; ++n) {
        const std::size_t other = sites.neighbour[site][n];
        expected_near[other] += values[site];
        const auto begin = sites.neighbour[other].begin();
        CHECK(std::find(begin, begin + sites.neighbours[other], site) != begin + sites.neighbours[other]);
      }
    padded.push_back(0.0);
    std::vector<SitePair> pairs(sites.size());
    for (std::size_t site = 0; site < sites.size(); ++site) pairs[site] = SitePair{2.0 * values[site], values[site]};
    spread_to_neighbours(sites, 4, pairs);
    const double before = std::accumulate(values.begin(), values.end(), 0.0);
    spread_to_neighbours(sites, 4, values);
    for (std::size_t site = 0; site < sites.size(); ++site) {
      CHECK_THAT(values[site], WithinAbs(expected[site], 1e-12));
      CHECK_THAT(with_neighbours(sites, padded, site), WithinAbs(expected_near[site], 1e-12));
      CHECK(pairs[site][0] == 2.0 * values[site]);
      CHECK(pairs[site][1] == values[site]);
    }
    CHECK_THAT(std::accumulate(values.begin(), values.end(), 0.0), WithinRel(before, 1e-12));
  }
}
