// Random numbers of building and of processes: in health no cell may know in the first visits how it was drawn at the start.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "models/agents/hepatocyte.hpp"
#include "models/agents/macrophage.hpp"
#include "models/agents/neutrophil.hpp"
#include "models/agents/stellate_cell.hpp"
#include "models/diseases/cirrhosis/parts.hpp"
#include "models/streams.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/statistics.hpp"

using namespace paracrine;
using namespace paracrine::models;

namespace {

/// Cells that left a state in a visit, against the sums of their probabilities.
struct Leaving {
  double seen = 0.0, expected = 0.0, variance = 0.0;
  void add(bool left, double probability) {
    seen += left ? 1.0 : 0.0;
    expected += probability;
    variance += probability * (1.0 - probability);
  }
  void add(const Leaving& other) {
    seen += other.seen;
    expected += other.expected;
    variance += other.variance;
  }
  /// In standard errors; one of half a cell, at least, as cells are whole.
  double errors() const { return tests::errors_away(seen, expected, std::sqrt(std::max(variance, 0.25))); }
};

/// A healthy mouse's 64 lobules, of which every cell is followed by its id.
class Health {
 public:
  Health()
      : scenario_(sim::load_scenario(std::string(PARACRINE_SOURCE_DIR) + "/scenarios/cirrhosis/mouse_ccl4_untreated.toml",
                                     {"injury=[]", "time.duration=1 d", "output.fields=[]", "output.agents=[]", "liver.lobules=64"},
                                     catalogue_.model_info())),
        simulation_(catalogue_, scenario_, 2),
        p_(cirrhosis::read_tissue_parameters(scenario_)) {
    for (std::size_t g = 0; g < world().groups.size(); ++g)
      if (world().groups[g].name == "liver") liver_ = g;
    for (std::size_t k = 0; k < world().kinds.size(); ++k) kind_[std::string(world().kinds[k]->name)] = k;
  }

  sim::World& world() { return simulation_.world(); }
  sim::Population& agents(std::size_t lobule, const std::string& kind) { return patch(lobule).agents(kind_.at(kind)); }
  std::size_t lobules() { return world().groups[liver_].count; }

  /// What leaves its state in one visit, by what it is.
  std::map<std::string, Leaving> visit() {
    std::vector<Before> before;
    for (std::size_t i = 0; i < lobules(); ++i) before.push_back(look(i));
    if (simulation_.snapshot_due()) simulation_.snapshot();
    simulation_.visit();
    std::map<std::string, Leaving> all;
    for (std::size_t i = 0; i < lobules(); ++i)
      for (const auto& [what, cells] : before[i])
        for (const auto& [id, cell] : cells) all[what].add(!still(i, id, cell), cell.probability);
    return all;
  }

 private:
  struct Cell {
    std::string kind;
    std::uint8_t state;
    double probability;  // of leaving it in the visit
  };
  using Before = std::map<std::string, std::map<sim::AgentId, Cell>>;

  sim::Patch& patch(std::size_t lobule) { return world().patch(world().groups[liver_].first + lobule); }
  const std::vector<double>& field(std::size_t lobule, const std::string& name) {
    for (const sim::Field& field : patch(lobule).fields)
      if (field.name == name) return field.value;
    throw std::out_of_range("no such field");
  }
  bool still(std::size_t lobule, sim::AgentId id, const Cell& cell) {
    sim::Population& cells = agents(lobule, cell.kind);
    const auto ids = cells.ids();
    const auto found = std::find(ids.begin(), ids.end(), id);
    return found != ids.end() && cells.column(sim::Column<std::uint8_t>{4})[static_cast<std::size_t>(found - ids.begin())] == cell.state;
  }
  template <class State, class PerDay>
  void expect(Before& before, const std::string& what, std::size_t lobule, const std::string& kind, State state, PerDay per_d) {
    constexpr double days = 0.5 / 24.0;
    sim::Population& cells = agents(lobule, kind);
    const auto states = cells.column(sim::Column<std::uint8_t>{4});
    const auto voxels = cells.column(sim::Column<std::uint32_t>{3});
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (states[row] == static_cast<std::uint8_t>(state))
        before[what][cells.ids()[row]] = {kind, static_cast<std::uint8_t>(state), -std::expm1(-per_d(voxels[row]) * days)};
  }
  Before look(std::size_t i) {
    constexpr double ln2 = std::numbers::ln2;
    Before before;
    const std::vector<double>&tnf = field(i, "tnf"), &tgf_beta = field(i, "tgf_beta"), &damage = field(i, "damage");
    std::map<std::uint32_t, double> neutrophils;
    for (const std::uint32_t voxel : agents(i, "neutrophil").column(neutrophil::voxel)) neutrophils[voxel] += 1.0;
    expect(before, "injured hepatocytes", i, "hepatocyte", hepatocyte::State::injured,
           [&](std::uint32_t) { return 24.0 * ln2 / p_.hepatocyte_death.injured_half_life_h; });
    expect(before, "viable hepatocytes", i, "hepatocyte", hepatocyte::State::viable, [&](std::uint32_t v) {
      return p_.hepatocyte_death.turnover_per_d + collateral_hazard_per_d(p_.injury, tnf[v], neutrophils.contains(v) ? neutrophils[v] : 0.0);
    });
    expect(before, "Kupffer cells", i, "macrophage", macrophage::State::kupffer, [&](std::uint32_t) { return p_.macrophage_death.kupffer_per_d; });
    expect(before, "restorative macrophages", i, "macrophage", macrophage::State::restorative,
           [&](std::uint32_t) { return 24.0 * ln2 / p_.macrophage_death.restorative_half_life_h; });
    expect(before, "neutrophils", i, "neutrophil", neutrophil::State::active,
           [&](std::uint32_t) { return 24.0 * ln2 / p_.neutrophil_fate.half_life_h; });
    expect(before, "quiescent stellate cells", i, "stellate_cell", stellate_cell::State::quiescent,
           [&](std::uint32_t v) { return stellate_step_per_d(p_.stellate_activation, stellate_cell::State::quiescent, tgf_beta[v], damage[v]); });
    return before;
  }

  sim::Catalogue catalogue_ = models::catalogue();
  sim::Scenario scenario_;
  sim::Simulation simulation_;
  TissueParameters p_;
  std::size_t liver_ = 0;
  std::map<std::string, std::size_t> kind_;
};

/// Puts the hepatocytes of the start that are in a state where those are whose numbers of a process's stream are smallest in its first visit.
void choose_by_stream_of_process(Health& health, hepatocyte::State state, const sim::Random& random) {
  for (std::size_t i = 0; i < health.lobules(); ++i) {
    sim::Population& cells = health.agents(i, "hepatocyte");
    const auto states = cells.column(hepatocyte::state);
    std::vector<std::pair<double, std::size_t>> order;
    std::size_t count = 0;
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (states[row] == static_cast<std::uint8_t>(state)) {
        ++count;
        states[row] = static_cast<std::uint8_t>(hepatocyte::State::viable);
      }
      if (states[row] == static_cast<std::uint8_t>(hepatocyte::State::viable)) order.emplace_back(random.uniforms(cells.ids()[row], 0)[0], row);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < count; ++k) states[order[k].second] = static_cast<std::uint8_t>(state);
  }
}

}  // namespace

TEST_CASE("streams: each belongs to one process of the catalogue, or to one thing that is built", "[unit]") {
  const sim::Catalogue catalogue = models::catalogue();
  for (const sim::StreamOwner& owner : streams::processes) {
    INFO(std::string(owner.name));
    CHECK_NOTHROW(catalogue.part(std::string(owner.name)));
    CHECK(owner.number < sim::first_build_stream);
  }
  CHECK(sim::all_differ(streams::processes));
  std::vector<sim::StreamOwner> number_twice(streams::processes.begin(), streams::processes.end()), name_twice = number_twice;
  number_twice.back().number = number_twice.front().number;
  name_twice.back().name = name_twice.front().name;
  CHECK_FALSE(sim::all_differ(number_twice));
  CHECK_FALSE(sim::all_differ(name_twice));
  CHECK(streams::of_building("lobule_radii").number() >= sim::first_build_stream);
  CHECK_THROWS_AS(sim::ProcessStream(sim::first_build_stream), std::out_of_range);
  CHECK_THROWS_AS(sim::BuildStream(sim::first_build_stream), std::out_of_range);
}

TEST_CASE("first visits: in health no share leaves its rate by five standard errors", "[statistical]") {
  Health health;
  std::map<std::string, Leaving> together;
  for (int number = 0; number < 12; ++number)
    for (const auto& [what, leaving] : health.visit()) {
      INFO(what << " in visit " << number << ": " << leaving.seen << ", expected " << leaving.expected);
      CHECK(std::abs(leaving.errors()) < tests::allowed_errors);
      together[what].add(leaving);
    }
  CHECK(together.size() == 6);
  for (const auto& [what, leaving] : together) {
    INFO(what << " in all visits: " << leaving.seen << ", expected " << leaving.expected);
    CHECK(std::abs(leaving.errors()) < tests::allowed_errors);
  }
}

TEST_CASE("first visits: cells chosen at the start by the numbers of the process that ends them are noticed", "[statistical]") {
  Health health;
  choose_by_stream_of_process(health, hepatocyte::State::injured, sim::Random(1, 0, streams::of("hepatocyte_death")));
  const Leaving injured = health.visit()["injured hepatocytes"];
  CHECK(injured.seen > 0.9 * injured.expected * 27.0);  // all, where one in 27 is expected
  CHECK(injured.errors() > tests::allowed_errors);
}
