#include "sim/engine/state_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr double doubt = 1e-3;  // of a voxel: what single precision leaves in doubt of a place at the edge

/// The values that a column may hold: `least` to `most`, or below `below`.
struct Range {
  double least = -unlimited, most = unlimited;
  bool infinite = false;  // infinity too
  bool inside = false;    // and a voxel inside the grid
  std::string bound;      // in words
};

std::size_t codes_of(const ColumnInfo& column) {
  return column.flag_meanings.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(column.flag_meanings.begin(), column.flag_meanings.end(), ' '));
}

Range below(std::size_t bound, const std::string& what) {
  return {.least = 0.0, .most = static_cast<double>(bound) - 1.0, .bound = fmt::format("below {}, the number of {}", bound, what)};
}

Range along(std::size_t voxels, double spacing_um, bool from_middle) {
  const double length = static_cast<double>(voxels) * spacing_um, least = from_middle ? -0.5 * length : 0.0, most = least + length;
  return {
      .least = least - doubt * spacing_um, .most = most + doubt * spacing_um, .bound = fmt::format("{:g} to {:g}, in the patch's grid", least, most)};
}

/// Columns of checked agents against their kind's and their patch's bounds.
class AgentCheck {
 public:
  AgentCheck(const World& world, const Patch& patch, std::int64_t time_s) : world_(world), patch_(patch), time_s_(static_cast<double>(time_s)) {}

  void check(const Population& agents) const {
    const auto columns = agents.kind().columns;
    for (std::size_t c = 0; c < columns.size() && agents.size() > 0; ++c) check_column(agents, c);
    for (const RowRule& rule : agents.kind().rules) check_rule(agents, rule);
  }

 private:
  Range range_of(const Population& agents, const ColumnInfo& column) const {
    if (const std::size_t codes = codes_of(column); codes > 0) return below(codes, "its meanings");
    const Grid* grid = patch_.grid ? &*patch_.grid : nullptr;
    if (grid == nullptr && column.domain >= Domain::voxel && column.domain <= Domain::z)
      throw RunError(fmt::format("{}: there are agents in a patch without a grid", name(agents)));
    switch (column.domain) {
      case Domain::any:
        return {.bound = "a finite number"};
      case Domain::amount:
        return {.least = 0.0, .bound = "a finite number, 0 or more"};
      case Domain::share:
        return {.least = 0.0, .most = 1.0, .bound = "0 to 1"};
      case Domain::past:
        return {.least = 0.0, .most = time_s_, .bound = fmt::format("from 0 to the present time, {} s", time_s_)};
      case Domain::time:
        return {.least = 0.0, .infinite = true, .bound = "a time, 0 s or later"};
      case Domain::voxel: {
        Range range = below(grid->size(), "voxels of its grid, and inside");
        range.inside = true;
        return range;
      }
      case Domain::x:
        return along(grid->nx(), grid->spacing_um(), true);
      case Domain::y:
        return along(grid->ny(), grid->spacing_um(), true);
      case Domain::z:
        return along(grid->nz(), grid->spacing_um(), false);
      case Domain::index:
        return below(world_.index_bound(std::string(column.index_of)), std::string(column.index_of) + " entries");
    }
    throw std::logic_error("a column of no known domain");
  }

  std::string name(const Population& agents) const {
    const PatchGroup& group = world_.groups[patch_.group()];
    return fmt::format("{} of {} {}", agents.kind().name, group.name, patch_.index() - group.first);
  }

  [[noreturn]] void refuse(const Population& agents, std::string_view column, std::size_t row, double value, const std::string& bound) const {
    throw RunError(fmt::format("{}: {} in row {} is {}, and must be {}", name(agents), column, row, value, bound));
  }

  template <class T>
  void check_values(const Population& agents, std::size_t c, const Range& range) const {
    const auto* values = static_cast<const T*>(agents.raw(c));
    const std::string_view column = agents.kind().columns[c].name;
    for (std::size_t row = 0; row < agents.size(); ++row) {
      const auto value = static_cast<double>(values[row]);
      const bool in = value >= range.least && value <= range.most && (range.infinite || std::isfinite(value));
      if (!in || (range.inside && !patch_.grid->inside(static_cast<std::size_t>(value)))) refuse(agents, column, row, value, range.bound);
    }
  }

  void check_column(const Population& agents, std::size_t c) const {
    const ColumnInfo& column = agents.kind().columns[c];
    const Range range = range_of(agents, column);
    switch (column.type) {
      case ElementType::u8:
        return check_values<std::uint8_t>(agents, c, range);
      case ElementType::u32:
        return check_values<std::uint32_t>(agents, c, range);
      case ElementType::u64:
        return check_values<std::uint64_t>(agents, c, range);
      case ElementType::i32:
        return check_values<std::int32_t>(agents, c, range);
      case ElementType::i64:
        return check_values<std::int64_t>(agents, c, range);
      case ElementType::f32:
        return check_values<float>(agents, c, range);
      case ElementType::f64:
        return check_values<double>(agents, c, range);
    }
  }

  static const std::uint8_t* bytes_of(const Population& agents, std::string_view name) {
    const auto columns = agents.kind().columns;
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].name == name && columns[c].type == ElementType::u8) return static_cast<const std::uint8_t*>(agents.raw(c));
    throw std::logic_error(fmt::format("agent kind {}: a rule for {}, which is no column of bytes", agents.kind().name, name));
  }

  void check_rule(const Population& agents, const RowRule& rule) const {
    const std::uint8_t *where = bytes_of(agents, rule.where), *value = bytes_of(agents, rule.column);
    for (std::size_t row = 0; row < agents.size(); ++row)
      if (where[row] == rule.is && value[row] >= rule.below)
        refuse(agents, rule.column, row, value[row], fmt::format("below {} where {} is {}", rule.below, rule.where, rule.is));
  }

  const World& world_;
  const Patch& patch_;
  double time_s_;
};

/// Agents move between patches and keep their ids, so those of one kind are looked at together, sorted by the patch that gave them.
void check_ids(const World& world, std::size_t kind) {
  std::vector<std::vector<std::uint64_t>> numbers(world.patches());
  for (std::size_t p = 0; p < world.patches(); ++p) {
    const Population& agents = world.patch(p).agents(kind);
    for (std::size_t row = 0; row < agents.size(); ++row) {
      const AgentId id = agents.ids()[row];
      const std::uint64_t from = id >> 40U, number = id & ((std::uint64_t{1} << 40U) - 1);
      const Population* giver = from < world.patches() ? &world.patch(from).agents(kind) : nullptr;
      if (giver == nullptr || number <= giver->first_number() || number - giver->first_number() > giver->ids_given())
        throw RunError(fmt::format("{} of patch {}: id {} in row {} was given to no agent of its kind", agents.kind().name, p, id, row));
      numbers[from].push_back(number);
    }
  }
  world.for_all(numbers.size(), [&](std::size_t p) {
    std::vector<std::uint64_t>& own = numbers[p];
    if (!std::is_sorted(own.begin(), own.end())) std::sort(own.begin(), own.end());
    if (const auto twice = std::adjacent_find(own.begin(), own.end()); twice != own.end())
      throw RunError(fmt::format("{}: two agents have the id {}", world.kinds[kind]->name, agent_id(static_cast<std::uint32_t>(p), *twice)));
  });
}

void require_finite(const std::vector<double>& values, bool may_be_negative, const auto& name) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]) || (!may_be_negative && values[i] < 0.0))
      throw RunError(fmt::format("{} is {}, and must be a finite number{}", name(i), values[i], may_be_negative ? "" : ", 0 or more"));
}

void check_patch(const World& world, const Patch& patch, std::int64_t time_s) {
  const AgentCheck check(world, patch, time_s);
  for (const Population& agents : patch.populations) check.check(agents);
  const auto of_patch = [&](const std::string& what) { return fmt::format("{} of patch {}", what, patch.index()); };
  require_finite(patch.scalars, true, [&](std::size_t i) { return of_patch(world.scalar_names[i]); });
  require_finite(patch.clearance_mL_per_h, false, [&](std::size_t u) { return of_patch("the clearance of " + world.compartments.uptake_name(u)); });
  require_finite(patch.uptaken, true, [&](std::size_t u) { return of_patch("the uptake of " + world.compartments.uptake_name(u)); });
}

}  // namespace

void check_loaded_state(const World& world, std::int64_t time_s) {
  for (std::size_t i = 0; i < world.events.size(); ++i) {
    const Event& event = world.events[i];
    if (event.time_s < 0 || event.time_s > time_s || event.code >= world.event_meanings.size() || !std::isfinite(event.value))
      throw RunError(
          fmt::format("event {} (time {} s, code {}, value {}) is none of this run up to {} s", i, event.time_s, event.code, event.value, time_s));
  }
  require_finite(world.values, true, [&](std::size_t i) { return world.value_names[i]; });
  world.for_all(world.patches(), [&](std::size_t p) { check_patch(world, world.patch(p), time_s); });
  for (std::size_t kind = 0; kind < world.kinds.size(); ++kind) check_ids(world, kind);
}

}  // namespace paracrine::sim
