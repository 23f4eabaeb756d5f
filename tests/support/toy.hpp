#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/catalogue.hpp"
#include "sim/fields/relaxation.hpp"

/// A small made-up model that uses every mechanism of the engine: fields (transient and quasi-steady), agents that walk, divide, die, come out of a
/// pool, go back to it and move to another group of patches.
namespace paracrine::toy {

struct Parameters {
  double recruitment_mL_per_h = 0.02;
  double division_per_h = 0.05;
  double death_per_h = 0.03;
  double return_per_h = 0.02;
  double move_per_h = 0.02;
  double speed_um_per_h = 20.0;
  double secretion_per_s = 2e-3;
};

inline constexpr auto parameters = std::to_array<sim::Parameter<Parameters>>({
    {.name = "recruitment",
     .member = &Parameters::recruitment_mL_per_h,
     .unit = "mL/h",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "clearance of one patch",
     .source = "made up"},
    {.name = "division",
     .member = &Parameters::division_per_h,
     .unit = "h^-1",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "division rate",
     .source = "made up"},
    {.name = "death",
     .member = &Parameters::death_per_h,
     .unit = "h^-1",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "death rate",
     .source = "made up"},
    {.name = "return",
     .member = &Parameters::return_per_h,
     .unit = "h^-1",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "rate of going back to the pool",
     .source = "made up"},
    {.name = "move",
     .member = &Parameters::move_per_h,
     .unit = "h^-1",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "rate of going to the other group",
     .source = "made up"},
    {.name = "speed",
     .member = &Parameters::speed_um_per_h,
     .unit = "um/h",
     .physical = {0, 1e4},
     .published = {0, 100},
     .kind = sim::Source::assumed,
     .meaning = "speed",
     .source = "made up"},
    {.name = "secretion",
     .member = &Parameters::secretion_per_s,
     .unit = "s^-1",
     .physical = {0, 1e3},
     .published = {0, 1},
     .kind = sim::Source::assumed,
     .meaning = "secretion of one walker",
     .source = "made up"},
});
static_assert(sim::complete(parameters));

inline constexpr sim::Column<double> x_um{0}, y_um{1};
inline constexpr sim::Column<std::uint8_t> divided{2};
inline constexpr auto columns = std::to_array<sim::ColumnInfo>({
    {.name = "x", .type = sim::ElementType::f64, .unit = "um", .meaning = "position from the middle"},
    {.name = "y", .type = sim::ElementType::f64, .unit = "um", .meaning = "position from the middle"},
    {.name = "divided", .type = sim::ElementType::u8, .meaning = "whether it ever divided", .flag_meanings = "no yes"},
});
inline constexpr sim::AgentKind walker{.name = "walker", .columns = columns, .meaning = "a cell that walks"};

inline constexpr double weight = 3.0;                                        // cells per agent
inline constexpr std::size_t waiting = 0, dead = 1, born = 2, returned = 3;  // scalars

inline constexpr std::size_t left_patches = 5;  // these have zones, those on the right none

inline double voxels_inside(const sim::Grid& grid) {
  double count = 0.0;
  for (std::size_t voxel = 0; voxel < grid.size(); ++voxel) count += grid.inside(voxel) ? 1.0 : 0.0;
  return count;
}

inline std::size_t voxel_of(const sim::Grid& grid, double x, double y) {
  const auto clamp = [](double value, std::size_t n) { return static_cast<std::size_t>(std::min(std::max(value, 0.0), static_cast<double>(n - 1))); };
  return grid.index(clamp(x / grid.spacing_um() + 0.5 * static_cast<double>(grid.nx()), grid.nx()),
                    clamp(y / grid.spacing_um() + 0.5 * static_cast<double>(grid.ny()), grid.ny()), 0);
}

class Recruit final : public sim::Process {
 public:
  explicit Recruit(Parameters p) : p_(p) {}
  std::string_view name() const override { return "recruit"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override {
    patch.scalars[waiting] += patch.uptaken[0];
    const auto arrivals = static_cast<std::size_t>(patch.scalars[waiting] / weight);
    patch.scalars[waiting] -= static_cast<double>(arrivals) * weight;
    sim::Population& walkers = patch.agents(0);
    const std::size_t first = walkers.add(arrivals);
    const auto x = walkers.column(x_um), y = walkers.column(y_um);
    for (std::size_t row = first; row < walkers.size(); ++row) {
      const auto u = step.random(sim::ProcessStream(101)).uniforms(walkers.ids()[row], 0);
      x[row] = 80.0 * (u[0] - 0.5);
      y[row] = 80.0 * (u[1] - 0.5);
    }
    patch.clearance_mL_per_h[0] = p_.recruitment_mL_per_h * (1.0 + 0.1 * static_cast<double>(patch.index() % 5));
  }
  Parameters p_;
};

class Secrete final : public sim::Process {
 public:
  explicit Secrete(Parameters p) : p_(p) {}
  std::string_view name() const override { return "secrete"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override {
    const sim::Grid& grid = *patch.grid;
    for (sim::Field& field : patch.fields) field.source_per_s.assign(grid.size(), 0.0);
    const sim::Population& walkers = patch.agents(0);
    const auto x = walkers.column(x_um), y = walkers.column(y_um);
    for (std::size_t row = 0; row < walkers.size(); ++row) {
      const std::size_t voxel = voxel_of(grid, x[row], y[row]);
      if (grid.inside(voxel))
        for (sim::Field& field : patch.fields) field.source_per_s[voxel] += p_.secretion_per_s;
    }
    sim::TransientSolver(grid).advance(patch.field(0), static_cast<double>(step.duration_s));
    sim::SteadySolver(grid).solve(patch.field(1));
  }
  Parameters p_;
};

class Walk final : public sim::Process {
 public:
  explicit Walk(Parameters p) : p_(p) {}
  std::string_view name() const override { return "walk"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override {
    const sim::Grid& grid = *patch.grid;
    sim::Population& walkers = patch.agents(0);
    const auto x = walkers.column(x_um), y = walkers.column(y_um);
    for (std::size_t row = 0; row < walkers.size(); ++row) {
      const auto u = step.random(sim::ProcessStream(102)).uniforms(walkers.ids()[row], 0);
      const double angle = 6.283185307179586 * u[0], length = p_.speed_um_per_h * step.duration_h();
      const double nx = x[row] + length * std::cos(angle), ny = y[row] + length * std::sin(angle);
      const std::size_t here = voxel_of(grid, x[row], y[row]), there = voxel_of(grid, nx, ny);
      const double better = patch.field(1).value[there] / (patch.field(1).value[here] + patch.field(0).value[here] + 1e-12);
      if (!grid.inside(there) || u[1] > 0.5 + 0.5 * better) continue;
      x[row] = nx;
      y[row] = ny;
    }
  }
  Parameters p_;
};

class Turnover final : public sim::Process {
 public:
  Turnover(Parameters p, sim::PoolIndex blood, std::uint32_t other_group) : p_(p), blood_(blood), other_group_(other_group) {}
  std::string_view name() const override { return "turnover"; }
  void advance(sim::Patch& patch, const sim::Step& step) const override {
    sim::Population& walkers = patch.agents(0);
    const auto chance = [&](double rate) { return -std::expm1(-rate * step.duration_h()); };
    const std::size_t n = walkers.size();
    std::vector<std::uint32_t> gone;
    std::vector<std::size_t> mothers;
    for (std::size_t row = 0; row < n; ++row) {
      const auto u = step.random(sim::ProcessStream(103)).uniforms(walkers.ids()[row], 0);
      if (u[0] < chance(p_.death_per_h)) {
        patch.scalars[dead] += weight;
      } else if (u[1] < chance(p_.return_per_h)) {
        patch.deposit(blood_, weight);
        patch.scalars[returned] += weight;
      } else if (u[2] < chance(p_.move_per_h)) {
        patch.depart(0, row, other_group_);
      } else {
        if (u[3] < chance(p_.division_per_h)) mothers.push_back(row);
        continue;
      }
      gone.push_back(static_cast<std::uint32_t>(row));
    }
    patch.scalars[born] += weight * static_cast<double>(mothers.size());
    const std::size_t first = walkers.add(mothers.size());
    const auto x = walkers.column(x_um), y = walkers.column(y_um);
    const auto flag = walkers.column(divided);
    for (std::size_t i = 0; i < mothers.size(); ++i) {
      x[first + i] = x[mothers[i]];
      y[first + i] = y[mothers[i]];
      flag[first + i] = flag[mothers[i]] = 1;
    }
    walkers.remove(gone);
  }
  Parameters p_;
  sim::PoolIndex blood_;
  std::uint32_t other_group_;
};

/// Gives a different amount on every thread: what the test of equal results must find.
class Racy final : public sim::Process {
 public:
  std::string_view name() const override { return "racy"; }
  void advance(sim::Patch& patch, const sim::Step&) const override {
    const auto thread = reinterpret_cast<std::uintptr_t>(&errno);  // another one for every thread
    patch.field(0).value[voxel_of(*patch.grid, 0, 0)] += 1e-9 * static_cast<double>(thread % 1000003);
  }
};

class Readout final : public sim::Readout {
 public:
  std::span<const sim::Observable> observables() const override { return list_; }
  void measure(const sim::Patch& patch, std::span<double> sums) const override {
    const sim::Population& walkers = patch.agents(0);
    sums[0] += weight * static_cast<double>(walkers.size());
    for (const double x : walkers.column(x_um)) sums[1] += x;
    for (const double v : patch.field(0).value) sums[2] += v;
    for (const double v : patch.field(1).value) sums[3] += v;
    sums[4] += patch.scalars[waiting];
    sums[5] += patch.scalars[dead];
    sums[6] += patch.scalars[born];
    sums[7] += patch.scalars[returned];
  }

 private:
  std::vector<sim::Observable> list_{{"walkers", "1", "number of walkers", ""},
                                     {"x_sum", "um", "sum of positions", ""},
                                     {"transient", "1", "sum of the transient field", ""},
                                     {"steady", "1", "sum of the quasi-steady field", ""},
                                     {"waiting", "1", "waiting to become an agent", ""},
                                     {"dead", "1", "dead", ""},
                                     {"born", "1", "born", ""},
                                     {"returned", "1", "went back", ""}};
};

class Feed final : public sim::CompartmentProcess {
 public:
  explicit Feed(sim::PoolIndex blood) : blood_(blood) {}
  std::string_view name() const override { return "feed"; }
  void advance(sim::World& world, const sim::Step& step) const override {
    world.compartments.receive_over_step(blood_, 50.0 * step.duration_h());
    if (step.start_s == 0) world.events.push_back({.time_s = 0, .code = 0, .subject = 0, .value = 50.0});
  }
  sim::PoolIndex blood_;
};

inline void build(const sim::Scenario& scenario, sim::World& world) {
  const auto p = sim::collect("toy", parameters, [&](const std::string& name) { return scenario.parameter(name); });
  world.add_kind(walker);
  world.agent_weight = {weight};
  for (const char* name : {"waiting", "dead", "born", "returned"}) world.add_scalar(name);
  sim::Compartments& blood = world.compartments;
  const sim::PoolIndex pool = blood.add_pool("blood", "1", 2.0), entered = blood.add_pool("entered", "1"), lost = blood.add_pool("lost", "1"),
                       store = blood.add_pool("store", "1", 1.0);
  blood.add_flow("loss", pool, lost, 0.01);
  blood.add_saturable_flow("storage", pool, store, 5.0, 20.0);
  blood.add_flow("release", store, pool, 0.1);
  blood.add_uptake("recruitment", pool, entered);
  const auto left = static_cast<std::uint32_t>(world.add_group("left", left_patches)),
             right = static_cast<std::uint32_t>(world.add_group("right", 3));
  for (std::size_t i = 0; i < world.patches(); ++i) {
    sim::Patch& patch = world.patch(i);
    patch.grid = sim::Grid::hexagonal_prism(60.0 + 5.0 * static_cast<double>(i % 3), 1, 10.0);
    for (const char* name : {"transient", "steady"}) {
      sim::Field field(name, "1", *patch.grid);
      field.meaning = std::string("a ") + name + " field";
      field.diffusion_um2_per_s = 10.0;
      field.decay_per_s = 0.01;
      patch.fields.push_back(std::move(field));
    }
    if (i >= left_patches) continue;
    for (std::size_t voxel = 0; voxel < patch.grid->size(); ++voxel)
      patch.zone.push_back(static_cast<float>(voxel) / static_cast<float>(patch.grid->size()));
  }
  for (const auto& [here, there] : {std::pair{left, right}, {right, left}})
    world.groups[here].processes = {std::make_shared<Recruit>(p), std::make_shared<Secrete>(p), std::make_shared<Walk>(p),
                                    std::make_shared<Turnover>(p, pool, there)};
  if (!scenario.process("racy_off"))
    for (sim::PatchGroup& group : world.groups) group.processes.push_back(std::make_shared<Racy>());
  world.compartment_processes = {std::make_shared<Feed>(pool)};
  world.event_meanings = {"feeding"};
  const auto readout = std::make_shared<Readout>();
  world.readouts = {readout};
  world.patch_series = {{.name = "lobules",
                         .patch_name = "lobule",
                         .group = left,
                         .readouts = {readout},
                         .constants = {{.what = {"voxels", "1", "voxels of the tissue", ""},
                                        .value = [](const sim::World&, const sim::Patch& patch) { return voxels_inside(*patch.grid); }}}}};
  world.audit.readout = readout;
  using Terms = std::span<const double>;
  world.audit.species = {
      {.name = "walkers",
       .unit = "1",
       .terms = {
           {"released", true, [pool](const sim::World& w, Terms) { return w.compartments.received(pool); }},
           {"born", true, [](const sim::World&, Terms s) { return s[6]; }},
           {"circulating", false, [pool, store](const sim::World& w, Terms) { return w.compartments.amount(pool) + w.compartments.amount(store); }},
           {"uptake_tissue", false, [](const sim::World&, Terms s) { return s[0] + s[4]; }},
           {"returned", false, [](const sim::World&, Terms s) { return s[7]; }},
           {"decayed", false, [lost](const sim::World& w, Terms s) { return w.compartments.amount(lost) + s[5]; }}}}};
}

inline sim::Catalogue catalogue() {
  sim::Catalogue catalogue;
  catalogue.add(sim::Part{.name = "toy", .meaning = "everything at once", .parameters = [](const std::string& variant) {
                            return sim::describe("toy", parameters, variant);
                          }});
  catalogue.add(sim::Disease{.name = "toy",
                             .meaning = "a made-up model",
                             .keys = {},
                             .parts = {"toy"},
                             .switches = {"racy_off"},
                             .fields = {"transient", "steady"},
                             .agents = {"walker"},
                             .check = {},
                             .build = build});
  return catalogue;
}

}  // namespace paracrine::toy
