#include "models/processes/chemotaxis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/streams.hpp"
#include "models/tissue/lobule_state.hpp"

namespace paracrine::models {

namespace {

constexpr double cell_um = 20.0;

/// Per voxel: direction of the gradient times the directed share of a step.
struct Pull {
  std::vector<std::array<float, 3>> by_voxel;
};

Pull find_pull(const ChemotaxisParameters& p, const sim::Grid& grid, const std::vector<double>& damage) {
  Pull pull;
  pull.by_voxel.assign(grid.size(), {});
  const std::array<std::size_t, 3> size{grid.nx(), grid.ny(), grid.nz()}, stride{1, grid.nx(), grid.nx() * grid.ny()};
  for (std::size_t z = 0; z < size[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y)
      for (std::size_t x = 0; x < size[0]; ++x) {
        const std::size_t v = grid.index(x, y, z);
        if (!grid.inside(v)) continue;
        const std::array<std::size_t, 3> at{x, y, z};
        std::array<double, 3> slope{};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const bool before = at[axis] > 0 && grid.inside(v - stride[axis]), after = at[axis] + 1 < size[axis] && grid.inside(v + stride[axis]);
          const double low = damage[before ? v - stride[axis] : v], high = damage[after ? v + stride[axis] : v];
          if (before || after) slope[axis] = (high - low) / (grid.spacing_um() * (before && after ? 2.0 : 1.0));
        }
        const double steep = std::sqrt(slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]);
        if (!(steep > 0.0)) continue;
        const double share = directed_share(p, damage[v], steep * cell_um);
        for (std::size_t axis = 0; axis < 3; ++axis) pull.by_voxel[v][axis] = static_cast<float>(share * slope[axis] / steep);
      }
  return pull;
}

/// A walker's place and how it draws.
struct Walk {
  const Lobule* lobule;
  const Pull* pull;
  std::span<const std::array<double, 2>> headings;
  double step_um = 0.0;
  std::size_t steps = 0;
  bool planar = true;
  double thick_um = 0.0;
};

void walk(const Walk& how, const sim::Random& random, sim::AgentId id, float& x_um, float& y_um, float& z_um, std::uint32_t& voxel) {
  std::array<double, 4> u{};
  for (std::size_t step = 0; step < how.steps; ++step) {
    if (step % 2 == 0) u = random.uniforms(id, static_cast<std::uint16_t>(step / 2));
    const std::array<float, 3>& pull = how.pull->by_voxel[voxel];
    const double directed = std::sqrt(static_cast<double>(pull[0] * pull[0] + pull[1] * pull[1] + pull[2] * pull[2])), free = 1.0 - directed;
    const std::array<double, 2>& random_heading = how.headings[static_cast<std::size_t>(u[step % 2 * 2] * static_cast<double>(how.headings.size()))];
    const double rise = how.planar ? 0.0 : 2.0 * u[step % 2 * 2 + 1] - 1.0;
    const double flat = std::sqrt(1.0 - rise * rise);
    const double hx = static_cast<double>(pull[0]) + free * flat * random_heading[0],
                 hy = static_cast<double>(pull[1]) + free * flat * random_heading[1];
    const double hz = how.planar ? 0.0 : static_cast<double>(pull[2]) + free * rise;
    const double length = std::sqrt(hx * hx + hy * hy + hz * hz);
    if (!(length > 0.0)) continue;
    const double scale = how.step_um / length;
    const auto nx = static_cast<float>(static_cast<double>(x_um) + scale * hx), ny = static_cast<float>(static_cast<double>(y_um) + scale * hy);
    const auto nz = static_cast<float>(static_cast<double>(z_um) + scale * hz);
    if (!in_lobule(how.lobule->radius_um, nx, ny) || nz < 0.0F || static_cast<double>(nz) > how.thick_um) continue;
    x_um = nx;
    y_um = ny;
    z_um = nz;
    voxel = voxel_at(how.lobule->grid, x_um, y_um, z_um);
  }
}

}  // namespace

Chemotaxis::Chemotaxis(const ChemotaxisParameters& parameters, const ChemotaxisPlaces& places) : p_(parameters), places_(places), heading_{} {
  for (std::size_t i = 0; i < headings; ++i) {
    const double angle = 2.0 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(headings);
    heading_[i] = {std::cos(angle), std::sin(angle)};
  }
}

void Chemotaxis::advance(sim::Patch& patch, const sim::Step& step) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const Pull pull = find_pull(p_, lobule.grid, patch.field(places_.damage).value);
  const double minutes = static_cast<double>(step.duration_s) / 60.0;
  const sim::Random random = step.random(streams::chemotaxis);
  const auto how = [&](double speed_um_per_min, double persistence_min) {
    const double steps = std::max(1.0, std::round(minutes / persistence_min));
    return Walk{.lobule = &lobule,
                .pull = &pull,
                .headings = heading_,
                .step_um = speed_um_per_min * minutes / steps,
                .steps = static_cast<std::size_t>(steps),
                .planar = lobule.grid.nz() <= lobule.refine,
                .thick_um = static_cast<double>(lobule.grid.nz()) * lobule.grid.spacing_um()};
  };
  const auto move = [&](sim::Population& cells, auto columns, std::uint8_t still, const Walk& walking) {
    const auto x = cells.column(columns.x), y = cells.column(columns.y), z = cells.column(columns.z);
    const auto voxel = cells.column(columns.voxel);
    const auto state = cells.column(columns.state);
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (state[row] != still) walk(walking, random, cells.ids()[row], x[row], y[row], z[row], voxel[row]);
  };
  struct Columns {
    sim::Column<float> x, y, z;
    sim::Column<std::uint32_t> voxel;
    sim::Column<std::uint8_t> state;
  };
  move(patch.agents(places_.macrophages), Columns{macrophage::x_um, macrophage::y_um, macrophage::z_um, macrophage::voxel, macrophage::state},
       static_cast<std::uint8_t>(macrophage::State::kupffer), how(p_.macrophage_um_per_min, p_.macrophage_persistence_min));
  move(patch.agents(places_.neutrophils), Columns{neutrophil::x_um, neutrophil::y_um, neutrophil::z_um, neutrophil::voxel, neutrophil::state},
       static_cast<std::uint8_t>(neutrophil::State::apoptotic), how(p_.neutrophil_um_per_min, p_.neutrophil_persistence_min));
}

}  // namespace paracrine::models
