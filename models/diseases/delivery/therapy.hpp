#pragma once
#include <string>
#include <vector>

#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "sim/scenario/scenario.hpp"

/// Reads [subject], [[therapy]] and [[intervention]]: their keys, their own checks, and what they mean.
namespace paracrine::models::delivery {

std::vector<sim::Key> therapy_keys();
void check_therapies(const sim::Scenario& scenario, sim::Findings& findings);

double body_weight_g(const sim::Scenario& scenario);
std::vector<Therapy> read_therapies(const sim::Scenario& scenario, const InfusionParameters& parameters);
std::vector<LungIntervention> read_interventions(const sim::Scenario& scenario);
/// Cells (or particles) per agent: what the scenario says, or, for "auto", 1 up to two million in all and as much more as keeps the agents at two
/// million.
double agent_weight(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, Product product);

}  // namespace paracrine::models::delivery
