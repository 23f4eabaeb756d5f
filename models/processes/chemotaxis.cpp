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

/// Per voxel: direction of the gradient times the directed share of a step, found when a walker first asks for it.
class Pull {
 public:
  struct Here {
    float x = 0.0F, y = 0.0F, z = 0.0F;
    float free = -1.0F;  // share of a step that is not directed; below 0: not found yet
  };
  Pull(const ChemotaxisParameters& p, const sim::Grid& grid, const std::vector<double>& damage)
      : p_(&p), grid_(&grid), damage_(damage.data()), by_voxel_(grid.size()) {}
  const Here& at(std::size_t v) {
    Here& here = by_voxel_[v];
    if (here.free < 0.0F) here = find(v);
    return here;
  }

 private:
  Here find(std::size_t v) const {
    const std::size_t nx = grid_->nx(), ny = grid_->ny();
    const std::array<std::size_t, 3> size{nx, ny, grid_->nz()}, stride{1, nx, nx * ny}, at{v % nx, v / nx % ny, v / (nx * ny)};
    std::array<double, 3> slope{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool before = at[axis] > 0 && grid_->inside(v - stride[axis]), after = at[axis] + 1 < size[axis] && grid_->inside(v + stride[axis]);
      const double low = damage_[before ? v - stride[axis] : v], high = damage_[after ? v + stride[axis] : v];
      if (before || after) slope[axis] = (high - low) / (grid_->spacing_um() * (before && after ? 2.0 : 1.0));
    }
    const double steep = std::sqrt(slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]);
    if (!(steep > 0.0)) return {.free = 1.0F};
    const double share = directed_share(*p_, damage_[v], steep * cell_um);
    const auto along = [&](std::size_t axis) { return static_cast<float>(share * slope[axis] / steep); };
    return {.x = along(0), .y = along(1), .z = along(2), .free = static_cast<float>(1.0 - share)};
  }
  const ChemotaxisParameters* p_;
  const sim::Grid* grid_;
  const double* damage_;
  std::vector<Here> by_voxel_;
};

/// A walker's place and how it draws.
struct Walk {
  const Lobule* lobule;
  Pull* pull;
  std::span<const std::array<double, 2>> headings;
  double step_um = 0.0;
  std::size_t steps = 0;
  bool planar = true;
  double thick_um = 0.0;
  double surely_inside_um = 0.0;  // of the middle
};

void walk(const Walk& how, const sim::Random& random, sim::AgentId id, float& x_um, float& y_um, float& z_um, std::uint32_t& voxel) {
  std::array<double, 4> u{};
  const double all_headings = static_cast<double>(how.headings.size()), sure = how.surely_inside_um * how.surely_inside_um;
  for (std::size_t step = 0; step < how.steps; ++step) {
    if (step % 2 == 0) u = random.uniforms(id, static_cast<std::uint16_t>(step / 2));
    const Pull::Here& pull = how.pull->at(voxel);
    const double free = static_cast<double>(pull.free);
    const std::array<double, 2>& random_heading = how.headings[static_cast<std::size_t>(u[step % 2 * 2] * all_headings)];
    const double rise = how.planar ? 0.0 : 2.0 * u[step % 2 * 2 + 1] - 1.0;
    const double level = how.planar ? free : free * std::sqrt(1.0 - rise * rise);
    const double hx = static_cast<double>(pull.x) + level * random_heading[0], hy = static_cast<double>(pull.y) + level * random_heading[1];
    const double hz = how.planar ? 0.0 : static_cast<double>(pull.z) + free * rise;
    const double length = std::sqrt(hx * hx + hy * hy + hz * hz);
    if (!(length > 0.0)) continue;
    const double scale = how.step_um / length;
    const double x = static_cast<double>(x_um) + scale * hx, y = static_cast<double>(y_um) + scale * hy;
    const auto nx = static_cast<float>(x), ny = static_cast<float>(y), nz = static_cast<float>(static_cast<double>(z_um) + scale * hz);
    if ((x * x + y * y > sure && !in_lobule(how.lobule->radius_um, nx, ny)) || nz < 0.0F || static_cast<double>(nz) > how.thick_um) continue;
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
  Pull pull(p_, lobule.grid, patch.field(places_.damage).value);
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
                .thick_um = static_cast<double>(lobule.grid.nz()) * lobule.grid.spacing_um(),
                .surely_inside_um = 0.86 * lobule.radius_um};  // the inner circle's is 0.866
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
