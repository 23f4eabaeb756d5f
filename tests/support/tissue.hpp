#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/tissue/tissue_state.hpp"

namespace paracrine::tests {

/// One lobule with all kinds of agents of the tissue, none there but hepatocytes; fields and scalars as many as asked, all 0.
struct Tissue {
  static constexpr models::TissueKinds kinds{.hepatocytes = 0, .macrophages = 1, .neutrophils = 2, .stellate_cells = 3};
  std::unique_ptr<sim::Patch> patch = std::make_unique<sim::Patch>(0, 0);

  explicit Tissue(std::size_t fields, std::size_t scalars, double radius_um = 284.3, std::size_t refine = 1) {
    models::Lobule lobule = models::make_lobule({}, radius_um, 1, refine);
    patch->grid = lobule.grid;
    patch->zone = lobule.zone;
    patch->scalars.assign(scalars, 0.0);
    patch->populations.emplace_back(models::hepatocyte::kind, 0, 0);
    patch->populations.emplace_back(models::macrophage::kind, 0, 1);
    patch->populations.emplace_back(models::neutrophil::kind, 0, 2);
    patch->populations.emplace_back(models::stellate_cell::kind, 0, 3);
    for (std::size_t f = 0; f < fields; ++f) patch->fields.emplace_back("field_" + std::to_string(f), "1", *patch->grid);
    models::SiteMap map = models::make_site_map(lobule);
    patch->derived.push_back(models::make_lobule_state(std::move(lobule), {}, 1.0));
    patch->derived.push_back(std::make_unique<models::TissueState>(std::move(map), kinds));
    models::place_hepatocytes(patch->agents(kinds.hepatocytes), sites());
  }
  const models::SiteMap& sites() const { return models::tissue_state(*patch).sites(); }
  std::size_t count() const { return sites().size(); }
  sim::Population& agents(std::size_t kind) { return patch->agents(kind); }
  double& scalar(std::size_t number) { return patch->scalars[number]; }
  std::vector<double>& field(std::size_t number) { return patch->field(number).value; }
  void fill(std::size_t number, double value) {
    for (std::size_t v = 0; v < field(number).size(); ++v) field(number)[v] = patch->grid->inside(v) ? value : 0.0;
  }
  /// The site nearest to a place.
  std::size_t site_at(double x_um, double y_um) const {
    std::size_t best = 0;
    double least = 1e300;
    for (std::size_t site = 0; site < count(); ++site) {
      const double dx = static_cast<double>(sites().middle_um[site][0]) - x_um, dy = static_cast<double>(sites().middle_um[site][1]) - y_um;
      if (dx * dx + dy * dy < least) {
        least = dx * dx + dy * dy;
        best = site;
      }
    }
    return best;
  }
  /// Adds `number` cells of a kind in a state at a site.
  template <class State>
  void add(std::size_t kind, State state, std::size_t site, std::size_t number = 1) {
    sim::Population& cells = agents(kind);
    const std::size_t first = cells.add(number);
    for (std::size_t row = first; row < cells.size(); ++row) {
      for (std::size_t axis = 0; axis < 3; ++axis) cells.column(sim::Column<float>{axis})[row] = sites().middle_um[site][axis];
      cells.column(sim::Column<std::uint32_t>{3})[row] = sites().voxel[site];
      cells.column(sim::Column<std::uint8_t>{4})[row] = static_cast<std::uint8_t>(state);
    }
  }
  /// As many cells at every site.
  template <class State>
  void add_everywhere(std::size_t kind, State state, std::size_t number = 1) {
    for (std::size_t site = 0; site < count(); ++site) add(kind, state, site, number);
  }
  template <class State>
  double number(std::size_t kind, State state) const {
    const auto states = std::as_const(*patch).agents(kind).column(sim::Column<std::uint8_t>{4});
    return static_cast<double>(std::count(states.begin(), states.end(), static_cast<std::uint8_t>(state)));
  }
  void set_all(models::hepatocyte::State state) {
    const auto states = agents(kinds.hepatocytes).column(models::hepatocyte::state);
    std::fill(states.begin(), states.end(), static_cast<std::uint8_t>(state));
  }
  void run(const sim::Process& process, std::int64_t duration_s, std::int64_t visit_s = 1800, std::uint64_t seed = 7) {
    std::uint32_t index = 0;
    for (std::int64_t t = 0; t < duration_s; t += visit_s)
      process.advance(*patch, {.start_s = t, .duration_s = visit_s, .index = index++, .seed = seed});
  }
};

/// Whether a share of `of` cells agrees with its expectation within five standard errors.
inline bool agrees(double share, double expected, double of) {
  return std::abs(share - expected) < 5.0 * std::sqrt(std::max(expected * (1.0 - expected), 1e-12) / of);
}

}  // namespace paracrine::tests
