#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/mean_field/mean_tissue.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::models::cirrhosis {

/// How the mean-field twin has a process.
enum class Twin {
  none,  // not at all: it must be off
  form,  // a form of its own in mean_field::forms
  same   // what serves agents serves the twin, too
};

/// A process that a scenario can switch off.
struct Switch {
  std::string_view name;
  Twin twin = Twin::none;
};

/// All of them: the list from which the scenario's switches and the twin's processes are made, and from which the twin is refused.
inline constexpr auto switches = std::to_array<Switch>({
    {"infusion", Twin::same},
    {"lung_arrest", Twin::same},
    {"msc_fate", Twin::same},
    {"ev_secretion", Twin::same},
    {"factor_secretion", Twin::same},
    {"monocyte_pool", Twin::same},
    {"neutrophil_pool", Twin::same},
    {"efferocytosis", Twin::same},
    {"monocyte_education", Twin::same},
    {"sinusoid_flow", Twin::same},
    {"ev_uptake", Twin::same},
    {"capillarisation", Twin::same},
    {"intervention", Twin::form},
    {"hepatocyte_injury", Twin::form},
    {"hepatocyte_death", Twin::form},
    {"regeneration", Twin::form},
    {"recruitment", Twin::form},
    {"phagocytosis", Twin::form},
    {"macrophage_switch", Twin::form},
    {"macrophage_relay", Twin::form},
    {"kupffer_relay", Twin::form},
    {"kupffer_renewal", Twin::form},
    {"macrophage_death", Twin::form},
    {"chemotaxis", Twin::form},
    {"neutrophil_recruitment", Twin::form},
    {"neutrophil_fate", Twin::form},
    {"stellate_activation", Twin::form},
    {"stellate_fate", Twin::form},
    {"stellate_proliferation", Twin::form},
    {"collagen_synthesis", Twin::form},
    {"collagen_degradation", Twin::form},
    {"crosslinking", Twin::form},
    {"cytokine", Twin::same},
    {"serum", Twin::same},
});

/// Whether the processes that are said to have a form of their own are those that have one.
constexpr bool forms_match(std::span<const Switch> all) {
  const auto has_form = [](std::string_view name) {
    return std::any_of(mean_field::forms.begin(), mean_field::forms.end(), [&](const mean_field::Form& form) { return form.process == name; });
  };
  const auto said = std::count_if(all.begin(), all.end(), [](const Switch& one) { return one.twin == Twin::form; });
  return said == static_cast<std::ptrdiff_t>(mean_field::forms.size()) &&
         std::all_of(all.begin(), all.end(), [&](const Switch& one) { return (one.twin == Twin::form) == has_form(one.name); });
}
static_assert(forms_match(switches));

/// Refuses the twin of a scenario in which processes are on that it does not have, and warns of what is written and it does not read.
void check_twin(const sim::Scenario& scenario, std::span<const Switch> all, sim::Findings& findings);

}  // namespace paracrine::models::cirrhosis
