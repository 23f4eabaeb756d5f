#pragma once
#include <array>
#include <optional>

#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::models {

struct CapillarisationParameters {
  double induction_per_d = 0.2;
  double recovery_half_life_d = 14.0;
  double initial = 0.0;
  double half_tgf_beta_ng_per_mL = 0.3;
  double half_damage = 0.1;
};

inline constexpr auto capillarisation_parameters = std::to_array<sim::Parameter<CapillarisationParameters>>({
    {.name = "induction",
     .member = &CapillarisationParameters::induction_per_d,
     .unit = "d^-1",
     .physical = {0.0, 100.0},
     .published = {0.05, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "rate at which healthy endothelium capillarises where the drive is 1",
     .source = "fenestrae are lost within days to weeks of injury; no rate known"},
    {.name = "recovery_half_life",
     .member = &CapillarisationParameters::recovery_half_life_d,
     .unit = "d",
     .physical = {0.01, 1e5},
     .published = {7.0, 60.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life of capillarisation without drive",
     .source = "weeks to recover; no measurement known",
     .variants = {{{.name = "human",
                    .value = 60.0,
                    .published = {14.0, 365.0},
                    .kind = sim::Source::assumed,
                    .source = "slower than in mouse; no measurement known"}}}},
    {.name = "initial",
     .member = &CapillarisationParameters::initial,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.0, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "capillarisation at the start, all over the lobule; above 0 for a diseased liver",
     .source = "0 in health"},
    {.name = "half_tgf_beta",
     .member = &CapillarisationParameters::half_tgf_beta_ng_per_mL,
     .unit = "ng/mL",
     .physical = {1e-6, 1e4},
     .published = {0.1, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "active TGF-beta that drives at half, alone",
     .source = "usual half-effective concentration in culture, to be verified"},
    {.name = "half_damage",
     .member = &CapillarisationParameters::half_damage,
     .unit = "1",
     .physical = {1e-6, 1e6},
     .published = {0.01, 1.0},
     .kind = sim::Source::assumed,
     .meaning = "damage signal that drives at half, alone",
     .source = "a tenth of a tissue that is all necrotic; no measurement known"},
});
static_assert(sim::complete(capillarisation_parameters));

/// The field of the endothelium's state on a patch's grid: 0 fenestrated, 1 capillarised.
sim::Field capillarisation_field(const sim::Grid& grid);

/// What drives capillarisation; both fields of the patch, by number.
struct CapillarisationDrive {
  std::size_t tgf_beta = 0, damage = 0;  // fields
};
/// D of a place.
double capillarisation_drive(const CapillarisationParameters& p, double tgf_beta_ng_per_mL, double damage);

/// Turns fenestrated endothelium into capillaries, and back; per voxel, exactly over a visit:
///
///   dK/dt = induction D (1 - K) - (ln 2 / recovery_half_life) K
///
///   D = 1 - 1 / ((1 + (T / half_tgf_beta)^2) (1 + (d / half_damage)^2))
///
///   K [1] share of the endothelium that is capillarised, D [1] drive, T TGF-beta [ng/mL], d damage [1]; without these fields D is 0.
///
/// Reads: TGF-beta, damage. Writes: the field "capillarisation". Assumed: both rates, the drive, and that neighbours do not matter.
class Capillarisation final : public sim::Process {
 public:
  Capillarisation(const CapillarisationParameters& parameters, std::size_t field, std::optional<CapillarisationDrive> drive)
      : p_(parameters), field_(field), drive_(drive) {}
  std::string_view name() const override { return "capillarisation"; }
  /// Sets the state at the start.
  void prepare(sim::Patch& patch) const;
  void advance(sim::Patch& patch, const sim::Step& step) const override;
  sim::Pace pace() const override { return sim::Pace::slow; }
  std::vector<std::size_t> written_fields() const override { return {field_}; }

 private:
  CapillarisationParameters p_;
  std::size_t field_;
  std::optional<CapillarisationDrive> drive_;
};

}  // namespace paracrine::models
