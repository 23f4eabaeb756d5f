#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace paracrine::sim {

/// A box of voxels with a domain inside: a voxel carries the fraction of its volume, and each face the fraction of its area, that lies in the domain.
/// Full voxels have 1, outside ones 0; cut voxels at a slanted edge lie between. Index: (z * ny + y) * nx + x, x fastest. Nothing crosses the edge of
/// the domain. Every domain is a prism: the same cross-section in each layer of z.
///
/// A field's value belongs to the middle of its voxel, also where the edge cuts the voxel and the middle lies outside: with the flux through a face
/// as (open area) x (difference of the values) / spacing, the scheme is conservative, symmetric and second order in the 2-norm at slanted edges (Ng,
/// Min and Gibou 2009, J Comput Phys 228:8807).
class Grid {
 public:
  /// A cut voxel below this fraction is closed; its volume goes to its largest neighbour, so that the volume of the domain stays exact.
  static constexpr double smallest_fraction = 1e-6;

  /// A full box. Throws std::invalid_argument for an empty box or a spacing that is not positive.
  Grid(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um);
  /// A regular hexagonal prism around the middle of the box, two of its edges parallel to y, corners at `circumradius_um` (two on the y axis), nz
  /// voxels thick, cut voxels with exact area fractions. The box is as small as it can be with a multiple of `cut` voxels along x and y: cut from a
  /// grid of voxels `cut` times as wide, each voxel lies in one of those.
  static Grid hexagonal_prism(double circumradius_um, std::size_t nz, double spacing_um, std::size_t cut = 1);
  /// A prism over any cross-section: per voxel of a layer the fraction of its area, and of its faces towards x + 1 and y + 1 (closed at the edge of
  /// the box whatever is given). Throws std::invalid_argument for sizes that do not fit or a fraction below 0.
  static Grid prism(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um, const std::vector<double>& layer,
                    const std::vector<double>& face_x, const std::vector<double>& face_y);

  std::size_t nx() const { return nx_; }
  std::size_t ny() const { return ny_; }
  std::size_t nz() const { return nz_; }
  std::size_t size() const { return nx_ * ny_ * nz_; }
  std::size_t index(std::size_t x, std::size_t y, std::size_t z) const { return (z * ny_ + y) * nx_ + x; }
  double spacing_um() const { return spacing_um_; }
  double voxel_volume_um3() const { return spacing_um_ * spacing_um_ * spacing_um_; }
  bool full() const { return open_->full; }                                     // no cut or outside voxel
  const std::vector<double>& volume_fraction() const { return open_->volume; }  // per voxel
  /// [v]: of the face between voxel v and its next neighbour along the axis (0 = x). Empty along z in a grid of one layer.
  const std::vector<double>& face_fraction(std::size_t axis) const { return open_->face[axis]; }
  bool inside(std::size_t voxel) const { return open_->volume[voxel] > 0.0; }
  double domain_volume_um3() const;
  /// Coordinates of a voxel's middle, in um from the middle of the box.
  double x_um(std::size_t x) const { return (static_cast<double>(x) + 0.5 - 0.5 * static_cast<double>(nx_)) * spacing_um_; }
  double y_um(std::size_t y) const { return (static_cast<double>(y) + 0.5 - 0.5 * static_cast<double>(ny_)) * spacing_um_; }

 private:
  Grid(std::size_t nx, std::size_t ny, std::size_t nz, double spacing_um, const std::vector<double>& layer, const std::vector<double>& face_x,
       const std::vector<double>& face_y);
  std::size_t nx_, ny_, nz_;
  double spacing_um_;
  struct Open {
    bool full = true;
    std::vector<double> volume;
    std::array<std::vector<double>, 3> face;
  };
  std::shared_ptr<const Open> open_;  // shared by all copies
};

}  // namespace paracrine::sim
