#include "models/processes/efferocytosis.hpp"

#include <utility>

#include "models/agents/infused.hpp"
#include "models/streams.hpp"

namespace paracrine::models {

namespace {
constexpr std::uint16_t draw_phagocytes = 0, draw_monocytes = 1;
}

void Efferocytosis::advance(sim::Patch& patch, const sim::Step& step) const {
  const sim::Population& cells = std::as_const(patch).agents(kind_);
  const auto whereabouts = cells.column(infused::whereabouts);
  const auto entry_s = cells.column(msc::entry_s), death_s = cells.column(msc::death_s), clear_s = cells.column(msc::clear_s);
  const auto vitality = cells.column(msc::vitality);
  const sim::Random random = step.random(streams::of("efferocytosis"));
  const auto start_s = static_cast<double>(step.start_s), end_s = static_cast<double>(step.end_s());
  double meals = 0.0;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const bool drawn = clear_s[row] != 0.0;  // what has no times yet lives on, or died as it entered
    if (!drawn && vitality[row] == static_cast<std::uint8_t>(Vitality::viable)) continue;
    const double died_s = drawn ? death_s[row] : entry_s[row];
    if (!(died_s >= start_s && died_s < end_s) || whereabouts[row] != static_cast<std::uint8_t>(Whereabouts::arrested)) continue;
    meals += monocytes_fed(random, cells.ids()[row]);
  }
  patch.scalars[signals_.monocyte_meals] += meals * weight_;
}

int Efferocytosis::monocytes_fed(const sim::Random& random, sim::AgentId id) const {
  const auto u = random.uniforms(id, draw_phagocytes);
  if (u[0] >= p_.eaten_share) return 0;
  const auto v = random.uniforms(id, draw_monocytes);
  int fed = v[0] < p_.monocyte_share ? 1 : 0;
  for (std::size_t further = 1; further < 4; ++further)
    if (u[further] < (p_.phagocytes - 1.0) / 3.0 && v[further] < p_.monocyte_share) ++fed;
  return fed;
}

}  // namespace paracrine::models
