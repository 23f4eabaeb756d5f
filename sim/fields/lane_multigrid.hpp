#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/fields/grid.hpp"

namespace paracrine::sim {

/// Eight fields side by side. GNU C: one operation on eight numbers, on any machine.
inline constexpr std::size_t field_lanes = 8;
typedef float Lanes __attribute__((vector_size(field_lanes * sizeof(float))));

/// One cycle of geometric multigrid for  loss[i] c[i] + D sum over open faces A (c[i] - c[j]) = right[i],  eight fields of one grid at once, as a
/// preconditioner of conjugate gradients: linear in the right side, symmetric and positive.
///
/// Each coarser grid joins 2 x 2 x 2 voxels. A coarse voxel has the sum of the losses, a coarse face half the sum of the open areas, as its middles
/// are twice as far apart. Residuals are added up, corrections taken over as they are. Smoothing by Gauss and Seidel, red voxels (x + y + z even)
/// then black ones before the coarser grid, black then red after it. Red residuals are all there are after the first, and red corrections all that is
/// used of the coarser grid. Source: Trottenberg, Oosterlee and Schueller 2001, Multigrid, chapters 2, 5.
class LaneMultigrid {
 public:
  /// A row of voxels along x between the first and the last inside, as indices into vectors with a halo.
  struct Row {
    std::size_t begin, end;
    std::size_t first_red;  // begin or begin + 1
    std::size_t x;          // of begin
    std::size_t parent;     // index of the coarser voxel over x = 0
  };
  struct Level {
    std::size_t nx, ny, nz, halo, padded;
    std::vector<Row> rows;
    std::vector<float> face_x, face_y, face_z;  // open areas towards the next voxel; face_z is empty for one layer
    Lanes *diagonal, *inverse, *right, *step;   // `right` and `step` of the finest are the caller's
    std::size_t plane() const { return nx * ny; }
  };

  explicit LaneMultigrid(const Grid& grid);
  LaneMultigrid(const LaneMultigrid&) = delete;  // the levels point into its memory
  LaneMultigrid& operator=(const LaneMultigrid&) = delete;

  const Level& finest() const { return levels_.front(); }
  /// A vector of the finest grid with its halo that belongs to this object; at most `vectors` of them. Not set to anything: what the cycle takes for
  /// a step, or `neighbours` is asked of, is to be cleared, at least its halo.
  Lanes* next_vector();
  void clear(Lanes* vector) const;
  void clear_halo(Lanes* vector) const;
  static constexpr std::size_t vectors = 5;
  /// Sets the matrix: `conductance` D per lane; the losses of all voxels of the box stand in finest().diagonal and are replaced by the diagonal.
  void set_matrix(const Lanes& conductance);
  const Lanes& conductance() const { return conductance_; }
  /// step = the cycle's approximation of (matrix)^-1 right; vectors of the finest grid with its halo.
  void apply(Lanes* right, Lanes* step);

  /// Sum over the open faces of voxel i of area x value of the neighbour.
  template <bool deep>
  static Lanes neighbours(const Level& level, const Lanes* c, std::size_t i) {
    const float *fx = level.face_x.data(), *fy = level.face_y.data();
    const std::size_t nx = level.nx;
    Lanes sum = (fx[i] * c[i + 1] + fx[i - 1] * c[i - 1]) + (fy[i] * c[i + nx] + fy[i - nx] * c[i - nx]);
    if constexpr (deep) {
      const float* fz = level.face_z.data();
      const std::size_t plane = level.plane();
      sum += fz[i] * c[i + plane] + fz[i - plane] * c[i - plane];
    }
    return sum;
  }

 private:
  void add_finest(const Grid& grid);
  void add_coarser();
  static void add_row(Level& level, std::size_t line, std::size_t from, std::size_t to);
  template <bool deep>
  void cycle(std::size_t depth);
  template <bool deep>
  void relax_colour(const Level& level, bool black) const;
  template <bool deep>
  void restrict_red(const Level& fine, const Level& coarse) const;

  std::vector<Level> levels_;
  Lanes conductance_{};
  std::unique_ptr<Lanes[]> memory_;
  Lanes* given_ = nullptr;  // the next of the vectors for the caller
  std::size_t left_ = vectors;
};

}  // namespace paracrine::sim
