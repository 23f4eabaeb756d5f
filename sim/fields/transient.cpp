#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "sim/fields/layer_solver.hpp"
#include "sim/fields/reaction.hpp"
#include "sim/fields/relaxation.hpp"
#include "sim/fields/sweeps.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t most_kept = 16;        // sets of factors
constexpr std::size_t cache_doubles = 2048;  // a panel of columns that stays in the nearest cache

}  // namespace

struct TransientSolver::Factors {
  Factors(const Grid& grid, double ratio_) : ratio(ratio_), z(grid.nz(), ratio_) {
    if (grid.full()) {
      x.emplace(grid.nx(), ratio_);
      y.emplace(grid.ny(), ratio_);
    } else {
      layer.emplace(grid, ratio_);
    }
  }
  double ratio;
  LineFactor z;
  std::optional<LineFactor> x, y;    // of a full box
  std::optional<LayerSolver> layer;  // of a cut domain
};

TransientSolver::TransientSolver(const Grid& grid) : grid_(&grid) {
  for (std::size_t v = 0; v < grid.size(); ++v)
    if (!grid.inside(v)) outside_.push_back(v);
}
TransientSolver::~TransientSolver() = default;
TransientSolver::TransientSolver(TransientSolver&&) noexcept = default;
TransientSolver& TransientSolver::operator=(TransientSolver&&) noexcept = default;

const TransientSolver::Factors& TransientSolver::factors(double ratio) {
  for (const auto& kept : kept_)
    if (kept->ratio == ratio) return *kept;
  auto made = std::make_unique<Factors>(*grid_, ratio);
  if (kept_.size() < most_kept) {
    kept_.push_back(std::move(made));
    return *kept_.back();
  }
  kept_[next_] = std::move(made);
  const Factors& result = *kept_[next_];
  next_ = (next_ + 1) % most_kept;
  return result;
}

void TransientSolver::advance(Field& field, double duration_s) {
  if (!(duration_s >= 0.0) || !std::isfinite(duration_s)) throw std::invalid_argument("the duration of a step must be finite and not negative");
  const Grid& grid = *grid_;
  require_valid(field, grid);
  double* value = field.value.data();
  const std::size_t plane = grid.nx() * grid.ny(), nz = grid.nz();
  const Reaction reaction(field, duration_s);
  const double ratio = field.diffusion_um2_per_s * reaction.effective_s() / (grid.spacing_um() * grid.spacing_um());
  if (!(ratio > 0.0)) {
    reaction.apply(value, 0, grid.size());
  } else {
    const Factors& factor = factors(ratio);
    for (std::size_t z = 0; z < nz; ++z) {
      double* layer = value + z * plane;
      reaction.apply(value, z * plane, (z + 1) * plane);
      if (!factor.x) continue;
      sweep_x(layer, grid.nx(), grid.ny(), *factor.x, work_);
      sweep_y(layer, grid.nx(), grid.ny(), *factor.y);
    }
    if (factor.layer) factor.layer->advance(value, nz, work_);
    if (nz > 1) {
      const std::size_t panel = std::max<std::size_t>(32, cache_doubles / nz / 8 * 8);
      for (std::size_t begin = 0; begin < plane; begin += panel) sweep_z(value, plane, nz, begin, std::min(panel, plane - begin), factor.z, work_);
    }
  }
  for (const std::size_t v : outside_) value[v] = 0.0;
}

}  // namespace paracrine::sim
