#include "models/processes/stellate_proliferation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "models/agents/stellate_cell.hpp"
#include "models/streams.hpp"
#include "models/tissue/lobule_state.hpp"

namespace paracrine::models {

namespace {

/// Puts a copy of each of `mothers` behind the others, with an id of its own.
void add_daughters(sim::Population& cells, const std::vector<std::uint32_t>& mothers) {
  const std::size_t first = cells.add(mothers.size());
  const auto copy = [&](auto column) {
    const auto values = cells.column(column);
    for (std::size_t i = 0; i < mothers.size(); ++i) values[first + i] = values[mothers[i]];
  };
  copy(stellate_cell::x_um);
  copy(stellate_cell::y_um);
  copy(stellate_cell::z_um);
  copy(stellate_cell::voxel);
  copy(stellate_cell::state);
}

}  // namespace

double stellate_division_per_d(const StellateProliferationParameters& p, bool myofibroblast, double pdgf_ng_per_mL, double at_site) {
  const double doubling_d = myofibroblast ? p.myofibroblast_doubling_d : p.activated_doubling_d, room = std::max(0.0, 1.0 - at_site / p.crowded);
  return std::numbers::ln2 / doubling_d * pdgf_ng_per_mL / (pdgf_ng_per_mL + p.half_pdgf_ng_per_mL) * room;
}

double stellate_renewal_per_d(const StellateProliferationParameters& p, double healthy, double quiescent, double inactivated) {
  return quiescent > 0.0 ? std::max(0.0, healthy - quiescent - inactivated) / (p.renewal_d * quiescent) : 0.0;
}

void StellateProliferation::advance(sim::Patch& patch, const sim::Step& step) const {
  using stellate_cell::State;
  const Lobule& lobule = lobule_state(patch).lobule();
  sim::Population& cells = patch.agents(places_.stellate_cells);
  const auto voxel = std::as_const(cells).column(stellate_cell::voxel);
  const auto state = std::as_const(cells).column(stellate_cell::state);
  std::vector<double> at_site(lobule.sites, 0.0);
  for (std::size_t row = 0; row < cells.size(); ++row) at_site[lobule.site[voxel[row]]] += 1.0;
  const auto number = [&](State of) { return static_cast<double>(std::count(state.begin(), state.end(), static_cast<std::uint8_t>(of))); };
  const double renewal_per_d = stellate_renewal_per_d(p_, patch.scalars[places_.healthy], number(State::quiescent), number(State::inactivated));

  const std::vector<double>& pdgf = patch.field(places_.pdgf).value;
  const double days = step.duration_h() / 24.0;
  const sim::Random random = step.random(streams::of("stellate_proliferation"));
  sim::UniformBlocks drawn(random, cells.ids(), 0);
  std::vector<std::uint32_t> mothers;
  for (std::uint32_t row = 0; row < cells.size(); ++row) {
    const auto now = static_cast<State>(state[row]);
    double rate_per_d = 0.0;
    if (now == State::quiescent) {
      rate_per_d = renewal_per_d;
    } else if (now == State::activated || now == State::myofibroblast) {
      rate_per_d = stellate_division_per_d(p_, now == State::myofibroblast, pdgf[voxel[row]], at_site[lobule.site[voxel[row]]]);
    }
    if (rate_per_d > 0.0 && sim::happens(drawn(row, 0), rate_per_d * days)) mothers.push_back(row);
  }
  add_daughters(cells, mothers);
  patch.scalars[places_.born] += static_cast<double>(mothers.size());
}

}  // namespace paracrine::models
