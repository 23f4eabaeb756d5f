#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/compartments/compartments.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/world.hpp"

namespace paracrine::models {

struct MacrophageInfusionParameters {
  double lung_half_life_h = 6.0;
  double blood_half_life_h = 12.0;
  double liver_share = 0.3;
  double unpolarised_restorative = 0.5;
};

inline constexpr auto macrophage_infusion_parameters = std::to_array<sim::Parameter<MacrophageInfusionParameters>>({
    {.name = "lung_half_life",
     .member = &MacrophageInfusionParameters::lung_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e4},
     .published = {1.0, 24.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life for which infused macrophages are held in the lung",
     .source = "held for hours, then released"},
    {.name = "blood_half_life",
     .member = &MacrophageInfusionParameters::blood_half_life_h,
     .unit = "h",
     .physical = {0.01, 1e4},
     .published = {2.0, 48.0},
     .kind = sim::Source::assumed,
     .meaning = "half-life in blood of those that the liver does not take up",
     .source = "cleared by spleen and death; assumed"},
    {.name = "liver_share",
     .member = &MacrophageInfusionParameters::liver_share,
     .unit = "1",
     .physical = {0.0, 0.99},
     .published = {0.05, 0.6},
     .kind = sim::Source::assumed,
     .meaning = "share of them that a healthy liver takes out of the blood",
     .source = "a minority of the dose is found in liver; share assumed"},
    {.name = "unpolarised_restorative",
     .member = &MacrophageInfusionParameters::unpolarised_restorative,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.2, 0.8},
     .kind = sim::Source::assumed,
     .meaning = "share of unpolarised macrophages that act as restorative ones from the start",
     .source = "neither by definition; half is a choice"},
});
static_assert(sim::complete(macrophage_infusion_parameters));

/// One infusion of bone-marrow macrophages.
struct MacrophageDose {
  std::vector<std::int64_t> starts_s;
  double duration_s = 0.0;
  double viable = 0.0;      // cells of one dose
  double not_viable = 0.0;  // same
  std::uint32_t therapy = 0;
  std::size_t phenotype = 0;  // unpolarised, inflammatory, restorative; behind these: monocytes
  bool through_lung = true;   // given into a vein; else straight into the blood that reaches the liver
};

/// Pools of one phenotype, and the uptake by the lobules.
struct InfusedMacrophages {
  sim::PoolIndex lung = 0, blood = 0, liver = 0, gone = 0;
  sim::UptakeIndex uptake = 0;
};
InfusedMacrophages add_infused_macrophages(sim::Compartments& compartments, const std::string& phenotype, const MacrophageInfusionParameters& p,
                                           double blood_mL);
/// Pools of the subject's own monocytes that given ones join.
struct OwnMonocytes {
  sim::PoolIndex blood = 0, gone = 0;
};

/// Clearance of the blood [mL/h] by all lobules in health.
double infused_clearance_mL_per_h(const MacrophageInfusionParameters& p, double blood_mL);

/// Gives bone-marrow macrophages. Viable ones are held in the lung and released into the blood, from which lobules and other organs take them; the
/// dead are gone at once. Monocytes of the marrow, unchanged, join the subject's own in the blood and are no others from then on.
///
///   lung -> blood   ln 2 / lung_half_life;   blood -> gone   ln 2 / blood_half_life;   blood -> liver by the lobules' clearance
///
/// Reads: the doses. Writes: pools, events. Source: the parameters. Assumed: the lung loses none; a dose into the liver's inflow passes no lung.
class MacrophageInfusion final : public sim::CompartmentProcess {
 public:
  MacrophageInfusion(std::vector<MacrophageDose> doses, const std::array<InfusedMacrophages, 3>& pools, const OwnMonocytes& monocytes,
                     std::uint32_t event_code)
      : doses_(std::move(doses)), pools_(pools), monocytes_(monocytes), event_code_(event_code) {}
  std::string_view name() const override { return "infusion"; }
  void advance(sim::World& world, const sim::Step& step) const override;

 private:
  std::vector<MacrophageDose> doses_;
  std::array<InfusedMacrophages, 3> pools_;  // by phenotype
  OwnMonocytes monocytes_;
  std::uint32_t event_code_;
};

}  // namespace paracrine::models
