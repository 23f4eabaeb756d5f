#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engine/happening.hpp"
#include "sim/scenario/scenario.hpp"

/// When doses are given: the one place that knows. What is given and what is said of it are read from here.
namespace paracrine::models::body {

/// Doses of one entry of a scenario: the first, how many, how far apart, how long one takes (0: at once), how much one is.
struct DoseTimes {
  std::string section;
  std::size_t entry = 0;
  std::int64_t first_s = 0, count = 1, every_s = 0;
  double length_s = 0.0;
  double amount = 0.0;
  std::string unit = "1";
};

/// The doses in their order: each starts at the end of a visit, and what would be given after the end of the run is not.
std::vector<sim::Happening> doses(const sim::Scenario& scenario, const DoseTimes& times);
/// The doses of therapy `number`.
std::vector<sim::Happening> doses_of(const sim::Scenario& scenario, std::size_t number);
/// When a therapy's dose is given over; written there, or parameter infusion.duration.
double dose_length_s(const sim::Scenario& scenario, const sim::Table& therapy);
/// An intervention: exact, or moved to ends of visits.
sim::Happening intervention_of(const sim::Scenario& scenario, std::size_t number, bool moved);
/// Whether an intervention acts on agents at their own times, and so is not moved to the ends of visits.
bool is_exact(const sim::Table& intervention);
/// What the therapies and interventions of a scenario do.
std::vector<sim::Happening> schedule(const sim::Scenario& scenario);

/// Keys of an entry with doses, as its table calls them.
struct DoseKeys {
  const char* first;    // time of the first dose
  const char* every;    // time between doses
  const char* repeats;  // what says how many there are
  const char* length;   // how long a dose takes; nullptr: it is given at once
};
/// Says which doses are moved, cut and lost. `doses` are all of the entry, one or more.
void check_doses(const sim::Scenario& scenario, const sim::Table& entry, const std::vector<sim::Happening>& doses, const DoseKeys& keys,
                 sim::Findings& findings);
/// Says that an intervention is moved, or comes after the run.
void check_intervention_times(const sim::Scenario& scenario, std::size_t number, sim::Findings& findings);

}  // namespace paracrine::models::body
