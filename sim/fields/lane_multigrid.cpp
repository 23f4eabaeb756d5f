#include "sim/fields/lane_multigrid.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace paracrine::sim {

namespace {

constexpr int coarsest_rounds = 2;  // of black and red, after the first red

void set_0(Lanes* vector, std::size_t count) { std::memset(static_cast<void*>(vector), 0, count * sizeof(Lanes)); }

LaneMultigrid::Level level_of(std::size_t nx, std::size_t ny, std::size_t nz) {
  const std::size_t halo = nz > 1 ? nx * ny : nx + 1, padded = nx * ny * nz + 2 * halo;
  LaneMultigrid::Level level{.nx = nx,
                             .ny = ny,
                             .nz = nz,
                             .halo = halo,
                             .padded = padded,
                             .rows = {},
                             .face_x = std::vector<float>(padded, 0.0F),
                             .face_y = std::vector<float>(padded, 0.0F),
                             .face_z = {},
                             .diagonal = nullptr,
                             .inverse = nullptr,
                             .right = nullptr,
                             .step = nullptr};
  if (nz > 1) level.face_z.assign(padded, 0.0F);
  return level;
}

}  // namespace

void LaneMultigrid::add_row(Level& level, std::size_t line, std::size_t from, std::size_t to) {
  if (from >= to) return;
  const std::size_t begin = level.halo + line * level.nx + from, y = line % level.ny, z = line / level.ny;
  level.rows.push_back({.begin = begin, .end = begin + (to - from), .first_red = begin + (from + y + z) % 2, .x = from, .parent = 0});
}

void LaneMultigrid::add_finest(const Grid& grid) {
  Level level = level_of(grid.nx(), grid.ny(), grid.nz());
  const auto copy = [&](std::size_t axis, std::vector<float>& faces) {
    const double* from = grid.face_fraction(axis).data();
    float* to = faces.data() + level.halo;
    for (std::size_t v = 0; v < grid.size(); ++v) to[v] = static_cast<float>(from[v]);
  };
  copy(0, level.face_x);
  copy(1, level.face_y);
  if (grid.nz() > 1) copy(2, level.face_z);
  level.rows.reserve(level.ny * level.nz);
  for (std::size_t line = 0; line < level.ny * level.nz; ++line) {
    std::size_t from = 0, to = level.nx;
    while (from < to && !grid.inside(line * level.nx + from)) ++from;
    while (to > from && !grid.inside(line * level.nx + to - 1)) --to;
    add_row(level, line, from, to);
  }
  levels_.push_back(std::move(level));
}

void LaneMultigrid::add_coarser() {
  Level& fine = levels_.back();
  Level coarse = level_of((fine.nx + 1) / 2, (fine.ny + 1) / 2, (fine.nz + 1) / 2);
  struct Extent {
    std::size_t from, to;
  };
  std::vector<Extent> extents(coarse.ny * coarse.nz, {coarse.nx, 0});
  for (Row& row : fine.rows) {
    const std::size_t fine_line = (row.begin - fine.halo) / fine.nx, y = fine_line % fine.ny, z = fine_line / fine.ny;
    const std::size_t line = (z / 2) * coarse.ny + y / 2, count = row.end - row.begin, odd = 1 - row.x % 2;
    row.parent = coarse.halo + line * coarse.nx;
    extents[line].from = std::min(extents[line].from, row.x / 2);
    extents[line].to = std::max(extents[line].to, (row.x + count + 1) / 2);
    const auto parent = [&](std::size_t k) { return row.parent + (row.x + k) / 2; };
    for (std::size_t k = odd; k < count; k += 2) coarse.face_x[parent(k)] += 0.5F * fine.face_x[row.begin + k];
    if (y % 2 == 1)
      for (std::size_t k = 0; k < count; ++k) coarse.face_y[parent(k)] += 0.5F * fine.face_y[row.begin + k];
    if (z % 2 == 1 && coarse.nz > 1)
      for (std::size_t k = 0; k < count; ++k) coarse.face_z[parent(k)] += 0.5F * fine.face_z[row.begin + k];
  }
  coarse.rows.reserve(extents.size());
  for (std::size_t line = 0; line < extents.size(); ++line) add_row(coarse, line, extents[line].from, extents[line].to);
  levels_.push_back(std::move(coarse));
}

LaneMultigrid::LaneMultigrid(const Grid& grid) {
  add_finest(grid);
  while (levels_.back().nx * levels_.back().ny * levels_.back().nz > 4) add_coarser();
  std::size_t wanted = (2 + vectors) * levels_.front().padded;
  for (std::size_t k = 1; k < levels_.size(); ++k) wanted += 4 * levels_[k].padded;
  memory_ = std::make_unique_for_overwrite<Lanes[]>(wanted);
  Lanes* next = memory_.get();
  const auto take = [&next](const Level& level) { return std::exchange(next, next + level.padded); };
  for (Level& level : levels_) {
    level.diagonal = take(level);
    level.inverse = take(level);
    if (&level == &levels_.front()) {
      given_ = next;
      next += vectors * level.padded;
    } else {
      level.right = take(level);
      level.step = take(level);
      set_0(level.step, level.padded);  // a closed face takes its neighbour 0 times, and 0 x NaN is NaN
    }
  }
}

Lanes* LaneMultigrid::next_vector() {
  if (left_ == 0) throw std::logic_error("a multigrid has no further vectors to give");
  --left_;
  return std::exchange(given_, given_ + finest().padded);
}

void LaneMultigrid::clear(Lanes* vector) const { set_0(vector, finest().padded); }

void LaneMultigrid::clear_halo(Lanes* vector) const {
  set_0(vector, finest().halo);
  set_0(vector + finest().padded - finest().halo, finest().halo);
}

void LaneMultigrid::set_matrix(const Lanes& conductance) {
  conductance_ = conductance;
  for (std::size_t k = 0; k + 1 < levels_.size(); ++k) {
    const Level &fine = levels_[k], &coarse = levels_[k + 1];
    set_0(coarse.diagonal, coarse.padded);
    for (const Row& row : fine.rows)
      for (std::size_t i = row.begin; i < row.end; ++i) coarse.diagonal[row.parent + (row.x + (i - row.begin)) / 2] += fine.diagonal[i];
  }
  for (const Level& level : levels_)
    for (const Row& row : level.rows)
      for (std::size_t i = row.begin; i < row.end; ++i) {
        float faces = (level.face_x[i] + level.face_x[i - 1]) + (level.face_y[i] + level.face_y[i - level.nx]);
        if (level.nz > 1) faces += level.face_z[i] + level.face_z[i - level.plane()];
        const Lanes diagonal = level.diagonal[i] + faces * conductance;
        level.diagonal[i] = diagonal;
        level.inverse[i] = diagonal > 0.0F ? 1.0F / diagonal : Lanes{};
      }
}

/// The voxels of one colour solved for, with the others as they are.
template <bool deep>
void LaneMultigrid::relax_colour(const Level& level, bool black) const {
  const Lanes *right = level.right, *inverse = level.inverse, conductance = conductance_;
  Lanes* step = level.step;
  for (const Row& row : level.rows)
    for (std::size_t i = black ? 2 * row.begin + 1 - row.first_red : row.first_red; i < row.end; i += 2)
      step[i] = (right[i] + conductance * neighbours<deep>(level, step, i)) * inverse[i];
}

/// Adds the residuals of red voxels up. They were solved for with all black ones 0, so that their residual is what the black ones now give them.
template <bool deep>
void LaneMultigrid::restrict_red(const Level& fine, const Level& coarse) const {
  const Lanes *step = fine.step, conductance = conductance_;
  for (const Row& row : coarse.rows)
    for (std::size_t i = row.begin; i < row.end; ++i) coarse.right[i] = Lanes{};
  for (const Row& row : fine.rows)
    for (std::size_t i = row.first_red; i < row.end; i += 2)
      coarse.right[row.parent + (row.x + (i - row.begin)) / 2] += conductance * neighbours<deep>(fine, step, i);
}

template <bool deep>
void LaneMultigrid::cycle(std::size_t depth) {
  const Level& level = levels_[depth];
  for (const Row& row : level.rows)
    for (std::size_t i = row.first_red; i < row.end; i += 2) level.step[i] = level.right[i] * level.inverse[i];
  relax_colour<deep>(level, true);
  if (depth + 1 == levels_.size()) {
    for (int round = 1; round < coarsest_rounds; ++round) {
      relax_colour<deep>(level, false);
      relax_colour<deep>(level, true);
    }
    relax_colour<deep>(level, false);
    return;
  }
  const Level& coarse = levels_[depth + 1];
  restrict_red<deep>(level, coarse);
  if (coarse.nz > 1)
    cycle<true>(depth + 1);
  else
    cycle<false>(depth + 1);
  for (const Row& row : level.rows)
    for (std::size_t i = row.first_red; i < row.end; i += 2) level.step[i] += coarse.step[row.parent + (row.x + (i - row.begin)) / 2];
  relax_colour<deep>(level, true);
  relax_colour<deep>(level, false);
}

void LaneMultigrid::apply(Lanes* right, Lanes* step) {
  levels_.front().right = right;
  levels_.front().step = step;
  if (levels_.front().nz > 1)
    cycle<true>(0);
  else
    cycle<false>(0);
}

}  // namespace paracrine::sim
