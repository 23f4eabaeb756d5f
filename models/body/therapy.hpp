#pragma once
#include <vector>

#include "models/processes/ev_secretion.hpp"
#include "models/processes/factor_secretion.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "sim/scenario/scenario.hpp"

/// What [subject], [[therapy]] and [[intervention]] mean.
namespace paracrine::models::body {

/// Parameters that say what a therapy gives.
struct TherapyModels {
  InfusionParameters infusion;
  EvSecretionParameters ev_secretion;
  FactorSecretionParameters factor_secretion;
};

double body_weight_g(const sim::Scenario& scenario);
Product product_of(const sim::Table& therapy);
/// Cells, vesicles, cell equivalents or particles of one dose.
double amount_of_a_dose(const sim::Scenario& scenario, const sim::Table& therapy);
/// The most that one dose may be.
double most_of(Product product);
/// Whether all that amount_of_a_dose reads is there.
bool has_amount(const sim::Table& therapy);
std::vector<Therapy> read_therapies(const sim::Scenario& scenario, const TherapyModels& models);
std::vector<LungIntervention> read_interventions(const sim::Scenario& scenario);
/// Whether the scenario asks for the mean-field twin.
bool is_mean_field(const sim::Scenario& scenario);
/// Cells (or particles) per agent: what the scenario says, or, for "auto", 1 up to two million in all (two thousand in the mean-field twin) and as
/// much more as keeps the agents at that number; less, up to ten million agents (a hundred thousand), where a small dose or the few dead cells of one
/// would otherwise be less than an agent.
double agent_weight(const sim::Scenario& scenario, const std::vector<Therapy>& therapies, Product product);

}  // namespace paracrine::models::body
