#include <array>
#include <cmath>

#include "models/processes/chemotaxis.hpp"
#include "models/tissue/lobule_state.hpp"
#include "sim/fields/steady_bundle.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tissue.hpp"

using namespace paracrine;
using namespace paracrine::models;
using macrophage::State;

namespace {

constexpr ChemotaxisPlaces places{.macrophages = 1, .neutrophils = 2, .damage = 0};
constexpr std::size_t cells = 5000;

/// Displacements of cells that start in the middle of a wide lobule.
struct Moved : tests::Tissue {
  Moved(double slope_per_um, State state, std::int64_t duration_s) : Tissue(1, 0, 1000.0) {
    const sim::Grid& grid = *patch->grid;
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x) field(0)[grid.index(x, y, 0)] = 1.0 + slope_per_um * grid.x_um(x);
    const std::size_t middle = site_at(0.0, 0.0);
    from_x = static_cast<double>(sites().middle_um[middle][0]);
    from_y = static_cast<double>(sites().middle_um[middle][1]);
    add(1, state, middle, cells);
    run(Chemotaxis({}, places), duration_s);
    for (std::size_t row = 0; row < cells; ++row) {
      const double dx = static_cast<double>(agents(1).column(macrophage::x_um)[row]) - from_x;
      const double dy = static_cast<double>(agents(1).column(macrophage::y_um)[row]) - from_y;
      mean_x += dx / static_cast<double>(cells);
      square += (dx * dx + dy * dy) / static_cast<double>(cells);
    }
  }
  double from_x = 0.0, from_y = 0.0, mean_x = 0.0, square = 0.0;
};

}  // namespace

TEST_CASE("chemotaxis: without a gradient cells walk at random, as far as their speed and persistence say", "[statistical][analytic]") {
  const ChemotaxisParameters p;
  const Moved moved(0.0, State::inflammatory, 3 * 3600);
  const double steps = 180.0 / p.macrophage_persistence_min, step_um = p.macrophage_um_per_min * p.macrophage_persistence_min;
  const double expected = steps * step_um * step_um;
  CHECK(std::abs(moved.mean_x) < 5.0 * std::sqrt(0.5 * expected / cells));
  CHECK(std::abs(moved.square / expected - 1.0) < 5.0 / std::sqrt(static_cast<double>(cells)));
  CHECK(std::abs(moved.square / (1.1 * expected) - 1.0) > 5.0 / std::sqrt(static_cast<double>(cells)));  // an error of a tenth is seen
}

TEST_CASE("chemotaxis: cells climb the damage signal, and flattening it ends that", "[statistical]") {
  const Moved climbing(5e-4, State::restorative, 3600), flat(0.0, State::restorative, 3600);
  CHECK(climbing.mean_x > 4.0);
  CHECK(std::abs(flat.mean_x) < 2.0);
  const ChemotaxisParameters p;
  CHECK_THAT(directed_share(p, 1.0 - p.least_damage, p.half_gradient), WithinRel(0.5, 1e-12));
}

TEST_CASE("chemotaxis: Kupffer cells and apoptotic neutrophils stay, nobody leaves the lobule, and places agree with voxels", "[property]") {
  const Moved still(5e-4, State::kupffer, 3600);
  CHECK(still.square == 0.0);
  tests::Tissue tissue(1, 0, 120.0);
  tissue.add_everywhere(1, State::inflammatory, 5);
  tissue.add_everywhere(2, neutrophil::State::active, 5);
  tissue.add(2, neutrophil::State::apoptotic, 3);
  const float x = tissue.agents(2).column(neutrophil::x_um)[tissue.agents(2).size() - 1];
  tissue.run(Chemotaxis({}, places), 86400);
  CHECK(tissue.agents(2).column(neutrophil::x_um)[tissue.agents(2).size() - 1] == x);
  for (const std::size_t kind : {1, 2}) {
    sim::Population& all = tissue.agents(kind);
    for (std::size_t row = 0; row < all.size(); ++row) {
      const auto px = static_cast<double>(all.column(sim::Column<float>{0})[row]), py = static_cast<double>(all.column(sim::Column<float>{1})[row]);
      const auto pz = static_cast<double>(all.column(sim::Column<float>{2})[row]);
      REQUIRE(in_lobule(120.0, px, py));
      REQUIRE(all.column(sim::Column<std::uint32_t>{3})[row] == voxel_at(*tissue.patch->grid, px, py, pz));
    }
  }
}

TEST_CASE("chemotaxis: cells gather at a dead one alike whatever the voxels, though coarse ones cannot resolve it", "[statistical][convergence]") {
  // share of the cells that end within two sites of the dead one; `raised`: its signal is so much higher that the walk takes about the grid's value
  // for the mean over the site
  const auto gathered = [](std::size_t refine, bool raised) {
    constexpr double per_s = 7.7e-4, um2_per_s = 30.0;
    tests::Tissue tissue(1, 0, 150.0, refine);
    const Lobule& lobule = lobule_state(*tissue.patch).lobule();
    const std::size_t dead = tissue.site_at(25.0, 12.0);
    sim::Field& damage = tissue.patch->field(0);
    damage.diffusion_um2_per_s = um2_per_s;
    sim::SteadyBundle bundle(lobule.grid);
    for (std::size_t v = 0; v < lobule.grid.size(); ++v) {
      const auto open = static_cast<float>(lobule.grid.volume_fraction()[v]);
      bundle.source()[v] = bundle.loss()[v] = sim::Lanes{};
      bundle.source()[v][0] = lobule.site[v] == dead ? static_cast<float>(per_s) * open : 0.0F;
      bundle.loss()[v][0] = static_cast<float>(per_s) * open;
    }
    const std::array<sim::Field*, 1> fields{&damage};
    bundle.solve(fields, 1e-5);
    const double h = lobule.grid.spacing_um();
    for (std::size_t v = 0; v < lobule.grid.size(); ++v)
      if (raised && lobule.site[v] == dead) damage.value[v] += 0.25 * per_s * h * h / um2_per_s;
    tissue.add_everywhere(1, State::inflammatory, 60);
    tissue.run(Chemotaxis({}, places), 6 * 3600);
    const auto x = tissue.agents(1).column(macrophage::x_um), y = tissue.agents(1).column(macrophage::y_um);
    double near = 0.0;
    for (std::size_t row = 0; row < x.size(); ++row)
      if (std::hypot(x[row] - tissue.sites().middle_um[dead][0], y[row] - tissue.sites().middle_um[dead][1]) < 38.4F) near += 1.0;
    return near / static_cast<double>(x.size());
  };
  const double coarse = gathered(1, false), fine = gathered(4, false);
  CHECK_THAT(gathered(2, false), WithinRel(fine, 0.03));
  CHECK_THAT(coarse, WithinRel(fine, 0.03));
  CHECK_THAT(gathered(1, true), !WithinRel(fine, 0.1));
}
