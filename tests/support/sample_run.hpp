#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/engine/snapshot.hpp"
#include "sim/io/recorder.hpp"

/// A made-up run whose every value is a function of its place, so that a reader can tell whether a file holds the right one.
namespace paracrine::tests {

inline constexpr std::int64_t sample_row_s = 21600;   // a row every 6 h
inline constexpr std::int64_t sample_frame_rows = 4;  // field and agent frames every 4 rows
inline constexpr std::size_t sample_blocks = 8;
inline constexpr std::size_t sample_near = 5;  // of the blocks, in a group of their own

struct SampleSize {
  std::size_t variables = 30;
  std::size_t agents = 100;  // in the first frame; one more in each later one
};

inline double sample_volume(std::size_t block) { return 1.5 + 0.1 * static_cast<double>(block); }
inline float sample_zone(const sim::Layout& layout, std::size_t voxel) {
  return layout.fields[0].mask[voxel] ? 0.01f * static_cast<float>(voxel) : std::numeric_limits<float>::quiet_NaN();
}

inline sim::Layout sample_layout(const SampleSize& size = {}) {
  sim::Layout layout;
  sim::Layout::Series root;
  for (std::size_t i = 0; i < size.variables; ++i)
    root.observables.push_back(
        {"observable_" + std::to_string(i), i % 2 ? "ng/mL" : "1", "made-up observable " + std::to_string(i), i ? "" : "counts every row"});
  layout.series.push_back(root);
  layout.series.push_back({.group = "blocks",
                           .patch_name = "block",
                           .length = sample_blocks,
                           .observables = {{"cells", "1", "cells in the block", ""}, {"flow", "mL/min", "blood flow of the block", ""}},
                           .constants = {{{"volume", "uL", "volume of the block", "of its blood"}, {}}}});
  for (std::size_t b = 0; b < sample_blocks; ++b) layout.series[1].constants[0].values.push_back(sample_volume(b));
  const sim::Layout::Patches near{.group = "near", .patch_name = "block", .first = 0, .count = sample_near},
      far{.group = "far", .patch_name = "block", .first = sample_near, .count = sample_blocks - sample_near};
  layout.fields = {{.patches = near,
                    .names = {"signal"},
                    .units = {"ng/mL"},
                    .meanings = {"a dissolved signal"},
                    .numbers = {1, 2},
                    .nz = 1,
                    .ny = 6,
                    .nx = 5,
                    .mask = {},
                    .spacing_um = {20.0, 25.0}}};
  layout.fields[0].mask.assign(2 * 30, 1);
  layout.fields[0].mask[0] = 0;
  for (std::size_t v = 0; v < layout.fields[0].mask.size(); ++v) layout.fields[0].zone.push_back(sample_zone(layout, v));
  // another box, without zones
  layout.fields.push_back({.patches = far,
                           .names = {"other"},
                           .units = {"1"},
                           .meanings = {"another field"},
                           .numbers = {0},
                           .nz = 2,
                           .ny = 2,
                           .nx = 2,
                           .mask = std::vector<std::uint8_t>(8, 1),
                           .spacing_um = {30.0}});
  layout.agents.groups = {near, far};
  layout.agents.kinds = {"msc", "debris"};
  layout.agents.columns = {{"diameter", "um", "diameter", {{"sample", ""}}, sim::ElementType::f32},
                           {"fate", "1", "what became of it", {{"sample", "viable apoptotic"}}, sim::ElementType::u8},
                           {"birth", "h", "time of birth", {{"sample", ""}}, sim::ElementType::f64}};
  layout.event_meanings = {"dose given", "dose ended"};
  layout.audit_species = {"msc", "label"};
  layout.audit_units = {"1", "1"};
  layout.audit_terms = {"released", "lung", "decayed"};
  sim::ParameterInfo parameter;
  parameter.name = "fate.half_life";
  parameter.unit = "h";
  parameter.value = 20.0;
  parameter.default_value = 24.0;
  parameter.physical = {0.0, 1e4};
  parameter.published = {18.0, 30.0};
  parameter.kind = sim::Source::measured;
  parameter.meaning = "time until half are gone";
  parameter.source = "made up, µ";
  parameter.overridden = true;
  layout.parameters = {parameter, parameter};
  layout.parameters[1].name = "fate.delay";
  layout.parameters[1].overridden = false;
  return layout;
}

inline sim::io::RunInfo sample_info() {
  sim::io::RunInfo info;
  info.run_id = "00112233445566778899aabbccddeeff";
  info.software_version = "0.1.0";
  info.git_revision = "unknown";
  info.build = "0123456789abcdef";
  info.seed = 18446744073709551615ULL;
  info.end_s = 100 * sample_row_s;
  info.threads = 2;
  info.host = "here";
  info.cpu_features = "x86-64-v3";
  info.creation_time = "2026-01-01T00:00:00Z";
  info.title = "A made-up run";
  info.model = "sample";
  info.scenario_written = "# sample.toml\ntitle = \"A made-up run\"\n";
  info.scenario_resolved = std::string(70000, '#') + "\ntitle = \"µm\"\n";
  info.scenario_file = "sample.toml";
  info.command_line = "paracrine run sample.toml";
  info.environment = "HDF5";
  info.overrides = {"seed=3", "title=\"a\nb\""};
  return info;
}

inline double sample_value(std::size_t variable, std::uint64_t row) {
  return variable == 0 ? static_cast<double>(row) : std::sin(static_cast<double>(row) + 0.1 * static_cast<double>(variable));
}
inline double sample_field(std::uint64_t frame, std::size_t voxel) { return static_cast<double>(frame) + 0.125 * static_cast<double>(voxel); }
inline std::size_t sample_agents(const SampleSize& size, std::uint64_t frame) { return size.agents + frame; }
/// Those of them that are in the first group of blocks: they come first.
inline std::size_t sample_agents_near(const SampleSize& size, std::uint64_t frame) { return sample_agents(size, frame) / 3; }
inline std::uint64_t sample_agent_id(std::uint64_t frame, std::uint64_t agent) { return (frame << 40) | (agent + 1); }

inline sim::Snapshot sample_snapshot(const sim::Layout& layout, const SampleSize& size, std::uint64_t row) {
  sim::Snapshot snapshot;
  snapshot.time_s = static_cast<std::int64_t>(row) * sample_row_s;
  snapshot.row = true;
  for (const auto& series : layout.series) {
    const std::size_t length = series.group.empty() ? 1 : series.length;
    auto& values = snapshot.series.emplace_back();
    for (std::size_t i = 0; i < series.observables.size() * length; ++i) values.push_back(sample_value(i, row));
  }
  snapshot.audit = {1e6, 5e5, 5e5, 1e6, 1e6, std::numeric_limits<double>::quiet_NaN()};
  snapshot.audit_error = {1e-13 * static_cast<double>(row % 7), -1e-12};
  if (row % 3 == 0)
    snapshot.events = {{.time_s = snapshot.time_s, .code = static_cast<std::uint32_t>(row / 3 % 2), .subject = 0, .value = static_cast<double>(row)}};
  if (row % sample_frame_rows == 0) {
    const std::uint64_t frame = row / sample_frame_rows;
    snapshot.fields = snapshot.agents = true;
    std::vector<float> field;
    for (std::size_t v = 0; v < layout.fields[0].mask.size(); ++v)
      field.push_back(layout.fields[0].mask[v] ? static_cast<float>(sample_field(frame, v)) : std::numeric_limits<float>::quiet_NaN());
    snapshot.field_values = {{field}, {std::vector<float>(8, static_cast<float>(frame))}};
    snapshot.agent_counts = {sample_agents_near(size, frame), sample_agents(size, frame) - sample_agents_near(size, frame)};
    snapshot.agent_values.resize(layout.agents.columns.size());
    for (std::size_t i = 0; i < sample_agents(size, frame); ++i) {
      snapshot.agent_id.push_back(sample_agent_id(frame, i));
      snapshot.agent_patch.push_back(static_cast<std::uint32_t>(i % (i < snapshot.agent_counts[0] ? sample_near : sample_blocks - sample_near)));
      snapshot.agent_kind.push_back(static_cast<std::uint8_t>(i % 2));
      snapshot.agent_values[0].push_back(10.0 + static_cast<double>(i % 10));
      snapshot.agent_values[1].push_back(i % 2 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i / 2 % 2));
      snapshot.agent_values[2].push_back(i % 2 ? std::numeric_limits<double>::quiet_NaN() : 0.1 * static_cast<double>(i));
    }
  }
  return snapshot;
}

}  // namespace paracrine::tests
