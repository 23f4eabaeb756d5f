#include "sim/engine/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace paracrine::sim {

namespace {

/// Patches of a group that have fields, in order.
std::vector<const Patch*> patches_with_fields(const World& world, const Layout::Patches& patches) {
  std::vector<const Patch*> found;
  for (std::size_t i = patches.first; i < patches.first + patches.count; ++i)
    if (world.patch(i).grid && !world.patch(i).fields.empty()) found.push_back(&world.patch(i));
  return found;
}

/// The groups of patches, each with what one of its patches is called.
std::vector<Layout::Patches> groups_of(const World& world) {
  std::vector<Layout::Patches> groups;
  for (std::size_t g = 0; g < world.groups.size(); ++g) {
    const auto series =
        std::find_if(world.patch_series.begin(), world.patch_series.end(), [&](const PatchSeries& candidate) { return candidate.group == g; });
    groups.push_back({.group = world.groups[g].name,
                      .patch_name = series == world.patch_series.end() ? "patch" : series->patch_name,
                      .first = world.groups[g].first,
                      .count = world.groups[g].count});
  }
  return groups;
}

const Field* find_field(const Patch& patch, const std::string& name) {
  for (const Field& field : patch.fields)
    if (field.name == name) return &field;
  return nullptr;
}

/// Calls visit(place in a frame, voxel of the grid) for every voxel of the tissue; `p` is the patch's place among those with fields.
template <class Visit>
void for_each_voxel(const Layout::FieldFrames& frames, const Grid& grid, std::size_t p, Visit&& visit) {
  for (std::size_t z = 0; z < grid.nz(); ++z)
    for (std::size_t y = 0; y < grid.ny(); ++y)
      for (std::size_t x = 0; x < grid.nx(); ++x)
        if (grid.inside(grid.index(x, y, z))) visit(((p * frames.nz + z) * frames.ny + y) * frames.nx + x, grid.index(x, y, z));
}

/// The zones of all patches, one after the other; empty when none has any.
std::vector<float> zones(const Layout::FieldFrames& frames, const std::vector<const Patch*>& patches) {
  std::vector<float> values;
  for (std::size_t p = 0; p < patches.size(); ++p) {
    const Patch& patch = *patches[p];
    if (patch.zone.empty()) continue;
    if (patch.zone.size() != patch.grid->size())
      throw std::logic_error(fmt::format("patch {}: a zone of {} voxels, a grid of {}", patch.index(), patch.zone.size(), patch.grid->size()));
    values.resize(frames.mask.size(), std::numeric_limits<float>::quiet_NaN());
    for_each_voxel(frames, *patch.grid, p, [&](std::size_t place, std::size_t voxel) { values[place] = patch.zone[voxel]; });
  }
  return values;
}

std::vector<Layout::Series::Constant> constants_of(const World& world, const PatchSeries& series) {
  const PatchGroup& group = world.groups[series.group];
  std::vector<Layout::Series::Constant> constants;
  for (const PatchSeries::Constant& constant : series.constants) {
    std::vector<double> values;
    for (std::size_t i = 0; i < group.count; ++i) values.push_back(constant.value(world, world.patch(group.first + i)));
    constants.push_back({constant.what, std::move(values)});
  }
  return constants;
}

Layout::FieldFrames field_frames(const World& world, const Layout::Patches& group, const std::vector<std::string>& names) {
  Layout::FieldFrames frames;
  frames.patches = group;
  const std::vector<const Patch*> patches = patches_with_fields(world, group);
  for (const Patch* patch : patches) {
    frames.nx = std::max(frames.nx, patch->grid->nx());
    frames.ny = std::max(frames.ny, patch->grid->ny());
    frames.nz = std::max(frames.nz, patch->grid->nz());
    frames.spacing_um.push_back(patch->grid->spacing_um());
    frames.numbers.push_back(static_cast<std::int32_t>(patch->index() - group.first));
  }
  for (const std::string& name : names) {
    const auto owner = std::find_if(patches.begin(), patches.end(), [&](const Patch* patch) { return find_field(*patch, name) != nullptr; });
    if (owner == patches.end()) continue;
    const Field& field = *find_field(**owner, name);
    frames.names.push_back(field.name);
    frames.units.push_back(field.unit);
    frames.meanings.push_back(field.meaning);
  }
  frames.mask.assign(patches.size() * frames.nz * frames.ny * frames.nx, 0);
  for (std::size_t p = 0; p < patches.size(); ++p)
    for_each_voxel(frames, *patches[p]->grid, p, [&](std::size_t place, std::size_t) { frames.mask[place] = 1; });
  frames.zone = zones(frames, patches);
  return frames;
}

/// Whether the series that differ between patches are written: output.patches, or its other name; true by default.
bool patches_are_written(const Table& output) {
  for (const char* name : {"patches", "lobules"})
    if (output.has(name)) return output.flag(name);
  return true;
}

Layout::AgentColumns agent_columns(const World& world, const std::vector<std::string>& names) {
  Layout::AgentColumns agents;
  agents.groups = groups_of(world);
  for (const AgentKind* kind : world.kinds) {
    if (std::find(names.begin(), names.end(), kind->name) == names.end()) continue;
    agents.kinds.emplace_back(kind->name);
    for (const ColumnInfo& column : kind->columns) {
      auto found = std::find_if(agents.columns.begin(), agents.columns.end(),
                                [&](const Layout::AgentColumns::Column& other) { return other.name == column.name; });
      if (found == agents.columns.end())
        found = agents.columns.insert(agents.columns.end(),
                                      {std::string(column.name), std::string(column.unit), std::string(column.meaning), {}, column.type});
      found->codes.emplace_back(kind->name, column.flag_meanings);
    }
  }
  return agents;
}

double element(const void* values, ElementType type, std::size_t row) {
  switch (type) {
    case ElementType::u8:
      return static_cast<const std::uint8_t*>(values)[row];
    case ElementType::u32:
      return static_cast<const std::uint32_t*>(values)[row];
    case ElementType::u64:
      return static_cast<double>(static_cast<const std::uint64_t*>(values)[row]);
    case ElementType::i32:
      return static_cast<const std::int32_t*>(values)[row];
    case ElementType::i64:
      return static_cast<double>(static_cast<const std::int64_t*>(values)[row]);
    case ElementType::f32:
      return static_cast<double>(static_cast<const float*>(values)[row]);
    case ElementType::f64:
      return static_cast<const double*>(values)[row];
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Layout make_layout(const World& world, const Scenario& scenario) {
  const Table& output = scenario.root.table("output");
  Layout layout;
  layout.series.push_back({});
  for (const auto& readout : world.readouts)
    for (const Observable& observable : readout->observables()) layout.series.front().observables.push_back(observable);
  if (patches_are_written(output))
    for (const PatchSeries& series : world.patch_series) {
      std::vector<Observable> observables;
      for (const auto& readout : series.readouts) observables.insert(observables.end(), readout->observables().begin(), readout->observables().end());
      layout.series.push_back({.group = series.name,
                               .patch_name = series.patch_name,
                               .length = world.groups[series.group].count,
                               .observables = std::move(observables),
                               .constants = constants_of(world, series)});
    }
  for (const Layout::Patches& group : groups_of(world))
    if (Layout::FieldFrames frames = field_frames(world, group, output.texts("fields")); !frames.names.empty())
      layout.fields.push_back(std::move(frames));
  layout.agents = agent_columns(world, output.texts("agents"));
  layout.event_meanings = world.event_meanings;
  for (const AuditSpecies& species : world.audit.species) {
    layout.audit_species.push_back(species.name);
    layout.audit_units.push_back(species.unit);
    for (const AuditTerm& term : species.terms)
      if (std::find(layout.audit_terms.begin(), layout.audit_terms.end(), term.name) == layout.audit_terms.end())
        layout.audit_terms.push_back(term.name);
  }
  layout.parameters = world.parameters;
  return layout;
}

void fill_audit(const World& world, const Layout& layout, std::span<const double> sums, Snapshot& snapshot) {
  const std::size_t terms = layout.audit_terms.size();
  snapshot.audit.assign(world.audit.species.size() * terms, std::numeric_limits<double>::quiet_NaN());
  snapshot.audit_error.assign(world.audit.species.size(), 0.0);
  for (std::size_t s = 0; s < world.audit.species.size(); ++s) {
    double in = 0.0, out = 0.0;
    for (const AuditTerm& term : world.audit.species[s].terms) {
      const double value = term.value(world, sums);
      (term.in ? in : out) += value;
      const auto place = std::find(layout.audit_terms.begin(), layout.audit_terms.end(), term.name) - layout.audit_terms.begin();
      snapshot.audit[s * terms + static_cast<std::size_t>(place)] = value;
    }
    snapshot.audit_error[s] = in == out ? 0.0 : std::abs(in - out) / std::max(std::abs(in), std::abs(out));
  }
}

void fill_fields(const World& world, const Layout& layout, Snapshot& snapshot) {
  snapshot.fields = true;
  for (const Layout::FieldFrames& frames : layout.fields) {
    const std::vector<const Patch*> patches = patches_with_fields(world, frames.patches);
    auto& of_group = snapshot.field_values.emplace_back();
    for (const std::string& name : frames.names) {
      std::vector<float> values(frames.mask.size(), std::numeric_limits<float>::quiet_NaN());
      for (std::size_t p = 0; p < patches.size(); ++p) {
        const Field* field = find_field(*patches[p], name);
        if (field == nullptr) continue;
        for_each_voxel(frames, *patches[p]->grid, p,
                       [&](std::size_t place, std::size_t voxel) { values[place] = static_cast<float>(field->value[voxel]); });
      }
      of_group.push_back(std::move(values));
    }
  }
}

void fill_agents(const World& world, const Layout& layout, Snapshot& snapshot) {
  const Layout::AgentColumns& agents = layout.agents;
  snapshot.agents = true;
  snapshot.agent_values.resize(agents.columns.size());
  snapshot.agent_counts.assign(agents.groups.size(), 0);
  for (std::size_t p = 0; p < world.patches(); ++p)
    for (std::size_t k = 0; k < world.kinds.size(); ++k) {
      const auto code = std::find(agents.kinds.begin(), agents.kinds.end(), world.kinds[k]->name);
      if (code == agents.kinds.end()) continue;
      const Population& population = world.patch(p).agents(k);
      const std::size_t n = population.size();
      snapshot.agent_id.insert(snapshot.agent_id.end(), population.ids().begin(), population.ids().end());
      snapshot.agent_patch.insert(snapshot.agent_patch.end(), n,
                                  world.patch(p).index() - static_cast<std::uint32_t>(agents.groups[world.patch(p).group()].first));
      snapshot.agent_counts[world.patch(p).group()] += n;
      snapshot.agent_kind.insert(snapshot.agent_kind.end(), n, static_cast<std::uint8_t>(code - agents.kinds.begin()));
      const auto columns = population.kind().columns;
      for (std::size_t c = 0; c < agents.columns.size(); ++c) {
        std::vector<double>& values = snapshot.agent_values[c];
        const auto column = std::find_if(columns.begin(), columns.end(), [&](const ColumnInfo& info) { return info.name == agents.columns[c].name; });
        if (column == columns.end()) {
          values.insert(values.end(), n, std::numeric_limits<double>::quiet_NaN());
          continue;
        }
        const void* raw = population.raw(static_cast<std::size_t>(column - columns.begin()));
        for (std::size_t row = 0; row < n; ++row) values.push_back(element(raw, column->type, row));
      }
    }
}

}  // namespace paracrine::sim
