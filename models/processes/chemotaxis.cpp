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
constexpr float least_half = 1e-20F;  // in place of a half gradient of 0, so that nothing is divided by 0

// A voxel with a source has a value above the mean of the signal over it, by this times source x spacing^2 / diffusion (and no other voxel has): the
// lattice's Green function at 0 less the mean of the continuum's over pairs of places in one voxel, both less what they are far away.
constexpr float excess_in_plane = 0.1292F;  // (Euler's gamma + 1.5 ln 2 - 0.8052) / 2 pi
constexpr float excess_in_space = 0.1029F;  // 0.2527 (Watson) - 1.8823 / 4 pi

/// Per voxel: direction of the gradient times the directed share of a step, and the share that is not directed.
struct Pull {
  std::vector<float> x, y, z, free;
  Pull(const ChemotaxisParameters& p, const LobuleState& state, const std::vector<double>& damage);
};

/// A cell is about as wide as a site and feels nothing finer: the signal is the mean of a site, the slope that between the sites on either side,
/// whatever the voxels.
Pull::Pull(const ChemotaxisParameters& p, const LobuleState& state, const std::vector<double>& damage)
    : x(damage.size()), y(damage.size()), z(damage.size()), free(damage.size()) {
  const Lobule& lobule = state.lobule();
  const sim::Grid& grid = lobule.grid;
  // in a box with a margin, so that every voxel has a site on all sides
  const std::size_t away = lobule.refine, nx = grid.nx(), ny = grid.ny(), nz = grid.nz();
  const std::size_t line = nx + 2 * away, plane = line * (ny + 2 * away);
  std::vector<float> signal(plane * (nz + 2 * away), 0.0F), inside(signal.size(), 0.0F);
  const auto padded = [&](std::size_t row) { return (row / ny + away) * plane + (row % ny + away) * line + away; };
  for (std::size_t row = 0; row < ny * nz; ++row)
    for (std::size_t i = 0; i < nx; ++i) {
      signal[padded(row) + i] = static_cast<float>(damage[row * nx + i]);
      inside[padded(row) + i] = grid.inside(row * nx + i) ? 1.0F : 0.0F;
    }
  const float excess = nz <= away ? excess_in_plane : excess_in_space;
  std::vector<float> mean(lobule.sites, 0.0F);
  for (std::size_t row = 0; row < ny * nz; ++row) {
    const float *d = &signal[padded(row)], *in = &inside[padded(row)];
    const auto curve = [=](std::ptrdiff_t i, std::ptrdiff_t stride) {
      return (d[i + stride] - d[i]) * in[i + stride] + (d[i - stride] - d[i]) * in[i - stride];
    };
    for (std::size_t i = 0; i < nx; ++i) {
      const std::size_t v = row * nx + i;
      if (lobule.site[v] != Lobule::no_site)
        mean[lobule.site[v]] += static_cast<float>(state.share_of_site()[v]) * (d[i] + excess * (curve(i, 1) + curve(i, line) + curve(i, plane)));
    }
  }
  for (std::size_t row = 0; row < ny * nz; ++row)
    for (std::size_t i = 0; i < nx; ++i)
      if (const std::uint32_t site = lobule.site[row * nx + i]; site != Lobule::no_site) signal[padded(row) + i] = mean[site];
  const auto per_um = static_cast<float>(1.0 / (static_cast<double>(away) * grid.spacing_um())), cell = static_cast<float>(cell_um);
  const auto least = static_cast<float>(p.least_damage), half = std::max(static_cast<float>(p.half_gradient), least_half);
  for (std::size_t row = 0; row < ny * nz; ++row) {
    const float *d = &signal[padded(row)], *in = &inside[padded(row)];
    const auto slope = [=](std::ptrdiff_t i, std::ptrdiff_t stride) {  // in[..] is 0 or 1
      const float here = d[i], before = in[i - stride], after = in[i + stride];
      return ((d[i + stride] - here) * after - (d[i - stride] - here) * before) * (per_um * (1.0F - 0.5F * before * after));
    };
    float *to_x = &x[row * nx], *to_y = &y[row * nx], *to_z = &z[row * nx], *to_free = &free[row * nx];
    for (std::size_t i = 0; i < nx; ++i) {
      const float gx = slope(i, away), gy = slope(i, away * line), gz = slope(i, away * plane), steep = std::sqrt(gx * gx + gy * gy + gz * gz);
      const float per_slope = cell / (d[i] + least), along = per_slope / (steep * per_slope + half);
      to_x[i] = along * gx;
      to_y[i] = along * gy;
      to_z[i] = along * gz;
      to_free[i] = half / (steep * per_slope + half);
    }
  }
}

/// Moves walkers of one kind, a block at a time so that the arithmetic is done for several at once.
class Walk {
 public:
  static constexpr std::size_t block = 64;
  struct Walkers {
    std::array<sim::AgentId, block> ids;
    std::array<float, block> x, y, z;
    std::array<std::uint32_t, block> voxel;
    std::size_t count = 0;
  };
  Walk(const Lobule& lobule, const Pull& pull, std::span<const std::array<float, 2>> headings, double step_um, std::size_t steps)
      : lobule_(&lobule), pull_(&pull), headings_(headings), step_um_(static_cast<float>(step_um)), steps_(steps) {}

  void move(Walkers& walkers, const sim::Random& random) const {
    std::array<std::array<float, block>, 4> u;
    const std::span<const sim::AgentId> ids(walkers.ids.data(), walkers.count);
    for (std::size_t step = 0; step < steps_; ++step) {
      if (step % 2 == 0)
        random.uniforms(ids, static_cast<std::uint16_t>(step / 2),
                        {std::span(u[0].data(), walkers.count), std::span(u[1].data(), walkers.count), std::span(u[2].data(), walkers.count),
                         std::span(u[3].data(), walkers.count)});
      take_step(walkers, u[step % 2 * 2], u[step % 2 * 2 + 1]);
      find_voxels(walkers);
    }
  }

 private:
  void take_step(Walkers& walkers, const std::array<float, block>& turn, const std::array<float, block>& lift) const {
    const bool planar = lobule_->grid.nz() <= lobule_->refine;
    const auto all_headings = static_cast<float>(headings_.size());
    std::array<float, block> hx, hy, hz{};
    for (std::size_t i = 0; i < walkers.count; ++i) {
      const std::uint32_t v = walkers.voxel[i];
      const std::array<float, 2>& heading = headings_[static_cast<std::size_t>(turn[i] * all_headings)];
      float level = pull_->free[v];
      if (!planar) {
        const float rise = 2.0F * lift[i] - 1.0F;
        hz[i] = pull_->z[v] + level * rise;
        level *= std::sqrt(1.0F - rise * rise);
      }
      hx[i] = pull_->x[v] + level * heading[0];
      hy[i] = pull_->y[v] + level * heading[1];
    }
    // the lobule's edge, less what single precision leaves in doubt
    const auto half_wide = static_cast<float>(0.5 * std::numbers::sqrt3 * lobule_->radius_um * (1.0 - 1e-6)), slant = std::numbers::sqrt3_v<float>;
    const auto thick = static_cast<float>(static_cast<double>(lobule_->grid.nz()) * lobule_->grid.spacing_um());
    for (std::size_t i = 0; i < walkers.count; ++i) {
      const float length = std::sqrt(hx[i] * hx[i] + hy[i] * hy[i] + hz[i] * hz[i]), scale = length > 0.0F ? step_um_ / length : 0.0F;
      const float x = walkers.x[i] + scale * hx[i], y = walkers.y[i] + scale * hy[i], z = walkers.z[i] + scale * hz[i];
      const float out = std::max(std::abs(x), 0.5F * (std::abs(x) + slant * std::abs(y)));
      const bool taken = out < half_wide && z >= 0.0F && z <= thick;
      walkers.x[i] = taken ? x : walkers.x[i];
      walkers.y[i] = taken ? y : walkers.y[i];
      walkers.z[i] = taken ? z : walkers.z[i];
    }
  }

  void find_voxels(Walkers& walkers) const {
    const sim::Grid& grid = lobule_->grid;
    const double spacing_um = grid.spacing_um();
    const double half_x = 0.5 * static_cast<double>(grid.nx()) * spacing_um, half_y = 0.5 * static_cast<double>(grid.ny()) * spacing_um;
    const auto along = [&](double from_edge_um, std::size_t n) {
      return std::min(static_cast<std::int32_t>(from_edge_um / spacing_um), static_cast<std::int32_t>(n) - 1);
    };
    for (std::size_t i = 0; i < walkers.count; ++i) {
      const std::int32_t x = along(static_cast<double>(walkers.x[i]) + half_x, grid.nx());
      const std::int32_t y = along(static_cast<double>(walkers.y[i]) + half_y, grid.ny());
      const std::int32_t z = along(static_cast<double>(walkers.z[i]), grid.nz());
      walkers.voxel[i] = static_cast<std::uint32_t>((z * static_cast<std::int32_t>(grid.ny()) + y) * static_cast<std::int32_t>(grid.nx()) + x);
    }
    for (std::size_t i = 0; i < walkers.count; ++i)
      if (!grid.inside(walkers.voxel[i])) walkers.voxel[i] = voxel_at(grid, walkers.x[i], walkers.y[i], walkers.z[i]);
  }

  const Lobule* lobule_;
  const Pull* pull_;
  std::span<const std::array<float, 2>> headings_;
  float step_um_;
  std::size_t steps_;
};

}  // namespace

Chemotaxis::Chemotaxis(const ChemotaxisParameters& parameters, const ChemotaxisPlaces& places) : p_(parameters), places_(places), heading_{} {
  for (std::size_t i = 0; i < headings; ++i) {
    const double angle = 2.0 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(headings);
    heading_[i] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  }
}

void Chemotaxis::advance(sim::Patch& patch, const sim::Step& step) const {
  const Lobule& lobule = lobule_state(patch).lobule();
  const Pull pull(p_, lobule_state(patch), patch.field(places_.damage).value);
  const double minutes = static_cast<double>(step.duration_s) / 60.0;
  const sim::Random random = step.random(streams::of("chemotaxis"));
  const auto how = [&](double speed_um_per_min, double persistence_min) {
    const double steps = std::max(1.0, std::round(minutes / persistence_min));
    return Walk(lobule, pull, heading_, speed_um_per_min * minutes / steps, static_cast<std::size_t>(steps));
  };
  const auto move = [&](sim::Population& cells, auto columns, std::uint8_t still, const Walk& walk) {
    const auto x = cells.column(columns.x), y = cells.column(columns.y), z = cells.column(columns.z);
    const auto voxel = cells.column(columns.voxel);
    const auto state = cells.column(columns.state);
    Walk::Walkers walkers;
    std::array<std::size_t, Walk::block> rows;
    const auto go = [&] {
      walk.move(walkers, random);
      for (std::size_t i = 0; i < walkers.count; ++i) {
        x[rows[i]] = walkers.x[i];
        y[rows[i]] = walkers.y[i];
        z[rows[i]] = walkers.z[i];
        voxel[rows[i]] = walkers.voxel[i];
      }
      walkers.count = 0;
    };
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (state[row] == still) continue;
      const std::size_t i = walkers.count++;
      rows[i] = row;
      walkers.ids[i] = cells.ids()[row];
      walkers.x[i] = x[row];
      walkers.y[i] = y[row];
      walkers.z[i] = z[row];
      walkers.voxel[i] = voxel[row];
      if (walkers.count == Walk::block) go();
    }
    if (walkers.count > 0) go();
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
