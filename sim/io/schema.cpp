#include "sim/io/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "sim/io/commits.hpp"
#include "sim/io/run_info.hpp"

namespace paracrine::sim::io {

namespace {

constexpr hsize_t series_chunk = 512;  // values along time: 4 kB, so that a short run stays a small file
constexpr hsize_t table_chunk = 2048;  // values of a chunk of (time, patch)
constexpr hsize_t agents_chunk = 4096;
constexpr hsize_t commits_chunk = 64;       // entries of 64 bytes: a page, so that a write that is cut short ends between two of them
constexpr hsize_t largest_chunk = 1 << 20;  // values

/// What stands beside a variable's values.
struct Meaning {
  std::string unit, long_name, comment = {};
};

struct Storage {
  ElementType type = ElementType::f64;
  std::vector<hsize_t> chunk = {};
  bool compressed = false;
  bool fill = true;  // missing values are possible and marked
};

void describe(hid_t dataset, const Meaning& meaning) {
  if (!meaning.unit.empty()) h5::set_attribute(dataset, "units", meaning.unit);
  h5::set_attribute(dataset, "long_name", meaning.long_name);
  if (!meaning.comment.empty()) h5::set_attribute(dataset, "comment", meaning.comment);
}

/// Flag meanings are words with blanks between.
std::string as_word(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

template <class T>
void describe_codes(hid_t dataset, const std::string& words) {
  const auto count = static_cast<std::size_t>(words.empty() ? 0 : std::count(words.begin(), words.end(), ' ') + 1);
  if (count == 0) return;
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{0});
  h5::set_attribute(dataset, "flag_values", element_type<T>(), values.data(), count);
  h5::set_attribute(dataset, "flag_meanings", words);
}

std::string join_words(const std::vector<std::string>& texts) {
  std::string words;
  for (const auto& text : texts) words += (words.empty() ? "" : " ") + as_word(text);
  return words;
}

/// Builds one group: dimensions first, then variables on them.
class GroupBuilder {
 public:
  GroupBuilder(hid_t file, const std::string& path)
      : group_(path == "/" || h5::exists(file, path) ? h5::open_group(file, path) : h5::create_group(file, path)) {}
  hid_t get() const { return group_.get(); }

  /// A dimension that grows, with a coordinate variable.
  void time(const std::string& name, const Meaning& meaning) {
    add(name, h5::create_dataset(get(), name, {.extent = {0}, .chunk = {series_chunk}, .growing = true, .fill = h5::missing_value(ElementType::f64)}),
        0, true, true);
    describe(dimensions_.at(name).scale.get(), meaning);
  }
  /// A dimension without coordinate.
  void dimension(const std::string& name, hsize_t length, bool growing) {
    h5::DatasetSpec spec{.type = ElementType::f32, .extent = {length}, .growing = growing};
    if (growing) spec.chunk = {agents_chunk};
    add(name, h5::create_dataset(get(), name, spec), length, growing, false);
  }
  template <class T>
  void coordinate(const std::string& name, const std::vector<T>& values, const Meaning& meaning) {
    h5::Id dataset = h5::create_dataset(get(), name, {.type = element_type<T>(), .extent = {values.size()}});
    if (!values.empty()) h5::write_all(dataset.get(), h5::memory_type(element_type<T>()), values.data());
    describe(dataset.get(), meaning);
    add(name, std::move(dataset), values.size(), false, true);
  }
  h5::Id variable(const std::string& name, const std::vector<std::string>& dimensions, const Meaning& meaning, const Storage& storage) {
    h5::DatasetSpec spec{.type = storage.type, .chunk = storage.chunk, .compressed = storage.compressed, .checksum = storage.compressed};
    for (const auto& dimension : dimensions) spec.extent.push_back(dimensions_.at(dimension).length);
    spec.growing = dimensions_.at(dimensions.at(0)).growing;
    if (storage.fill) spec.fill = h5::missing_value(storage.type);
    h5::Id dataset = h5::create_dataset(get(), name, spec);
    describe(dataset.get(), meaning);
    if (storage.fill) h5::set_attribute(dataset.get(), "_FillValue", storage.type, spec.fill, 1);
    attach(dataset, dimensions);
    return dataset;
  }
  void texts(const std::string& name, const std::string& dimension, const std::vector<std::string>& values, const std::string& long_name) {
    const h5::Id dataset = h5::create_texts(get(), name, values);
    describe(dataset.get(), {"", long_name});
    attach(dataset, {dimension});
  }
  template <class T>
  h5::Id column(const std::string& name, const std::string& dimension, const std::vector<T>& values, const Meaning& meaning) {
    h5::Id dataset = variable(name, {dimension}, meaning, {.type = element_type<T>(), .fill = false});
    if (!values.empty()) h5::write_all(dataset.get(), h5::memory_type(element_type<T>()), values.data());
    return dataset;
  }

 private:
  struct Dimension {
    h5::Id scale;
    hsize_t length;
    bool growing;
  };
  void add(const std::string& name, h5::Id scale, hsize_t length, bool growing, bool variable) {
    h5::make_scale(scale.get(), name, variable);
    dimensions_.emplace(name, Dimension{std::move(scale), length, growing});
  }
  void attach(const h5::Id& dataset, const std::vector<std::string>& dimensions) {
    for (unsigned i = 0; i < dimensions.size(); ++i) h5::attach_scale(dataset.get(), dimensions_.at(dimensions[i]).scale.get(), i);
  }
  h5::Id group_;
  std::map<std::string, Dimension> dimensions_;
};

const Meaning time_meaning{"d", "simulated time since the start"};

std::vector<std::int32_t> numbers(std::size_t count) {
  std::vector<std::int32_t> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

void create_series(hid_t file, const Layout::Series& series) {
  GroupBuilder group(file, group_path(series));
  group.time("time", time_meaning);
  std::vector<std::string> dimensions{"time"};
  std::vector<hsize_t> chunk{series_chunk};
  if (!series.group.empty()) {
    h5::set_attribute(group.get(), "patch_name", series.patch_name);
    group.coordinate("patch", numbers(series.length), {"1", "number of the " + series.patch_name});
    dimensions.emplace_back("patch");
    const hsize_t length = std::max<hsize_t>(1, series.length);
    chunk = {std::max<hsize_t>(1, table_chunk / length), std::min(length, largest_chunk)};
  }
  for (const auto& observable : series.observables)
    group.variable(observable.name, dimensions, {observable.unit, observable.meaning, observable.comment}, {.chunk = chunk});
  for (const auto& constant : series.constants)
    group.column(constant.what.name, "patch", constant.values, {constant.what.unit, constant.what.meaning, constant.what.comment});
}

/// What a group of frames says of its patches.
void describe_patches(hid_t group, const Layout::Patches& patches) {
  h5::set_attribute(group, "patch_name", patches.patch_name);
  h5::set_attribute(group, "first_patch", static_cast<std::int32_t>(patches.first));
}

void create_fields_of(hid_t file, const Layout::FieldFrames& fields) {
  GroupBuilder group(file, fields_path(fields.patches));
  describe_patches(group.get(), fields.patches);
  h5::set_attribute(group.get(), "NX_class", std::string("NXdata"));
  h5::set_attribute(group.get(), "signal", fields.names.front());
  h5::set_attribute(group.get(), "axes", std::vector<std::string>{fields_time, "patch", "z", "y", "x"});
  group.time(fields_time, {"d", "simulated time of the frame"});
  group.coordinate("patch", fields.numbers, {"1", "number of the " + fields.patches.patch_name});
  const std::string comment = fmt::format("the middle of voxel i lies (i + 0.5) spacings from the edge of its {}'s box", fields.patches.patch_name);
  group.coordinate("z", numbers(fields.nz), {"1", "voxel along z", comment});
  group.coordinate("y", numbers(fields.ny), {"1", "voxel along y", comment});
  group.coordinate("x", numbers(fields.nx), {"1", "voxel along x", comment});
  const std::vector<hsize_t> frame{1, std::max<hsize_t>(1, fields.nz), std::max<hsize_t>(1, fields.ny), std::max<hsize_t>(1, fields.nx)};
  const h5::Id mask = group.variable("mask", {"patch", "z", "y", "x"}, {"1", "whether a voxel lies in the tissue"},
                                     {.type = ElementType::u8, .chunk = frame, .compressed = true, .fill = false});
  describe_codes<std::uint8_t>(mask.get(), "outside inside");
  if (!fields.mask.empty()) h5::write_all(mask.get(), H5T_NATIVE_UINT8, fields.mask.data());
  if (!fields.zone.empty()) {
    const h5::Id zone =
        group.variable("zone", {"patch", "z", "y", "x"}, {"1", "place along the blood's way: 0 where it enters the tissue, 1 where it leaves"},
                       {.type = ElementType::f32, .chunk = frame, .compressed = true});
    h5::write_all(zone.get(), H5T_NATIVE_FLOAT, fields.zone.data());
  }
  group.column("spacing", "patch", fields.spacing_um, {"um", "edge of a voxel"});
  std::vector<hsize_t> chunk{1};
  chunk.insert(chunk.end(), frame.begin(), frame.end());
  for (std::size_t i = 0; i < fields.names.size(); ++i)
    group.variable(fields.names[i], {fields_time, "patch", "z", "y", "x"}, {fields.units[i], fields.meanings[i]},
                   {.type = ElementType::f32, .chunk = chunk, .compressed = true});
}

void create_fields(hid_t file, const std::vector<Layout::FieldFrames>& fields) {
  if (fields.empty()) return;
  h5::create_group(file, "fields");
  for (const auto& of_group : fields) create_fields_of(file, of_group);
}

void create_agent_column(GroupBuilder& group, const Layout::AgentColumns::Column& column) {
  const std::string& first = column.codes.front().second;
  const bool differ = std::any_of(column.codes.begin(), column.codes.end(), [&](const auto& of_kind) { return of_kind.second != first; });
  const std::string meaning = differ ? "code of the agent's kind, see flag_meanings_KIND" : column.meaning;
  const h5::Id dataset = group.variable(column.name, {"obs"}, {column.unit, meaning}, {.type = column.type, .chunk = {agents_chunk}});
  if (differ) {
    for (const auto& [kind_name, words] : column.codes) h5::set_attribute(dataset.get(), "flag_meanings_" + kind_name, words);
    return;
  }
  if (column.type == ElementType::u8) describe_codes<std::uint8_t>(dataset.get(), first);
  if (column.type == ElementType::i32) describe_codes<std::int32_t>(dataset.get(), first);
  if (column.type == ElementType::u32) describe_codes<std::uint32_t>(dataset.get(), first);
}

void create_agents_of(hid_t file, const Layout::AgentColumns& agents, const Layout::Patches& patches) {
  GroupBuilder group(file, agents_path(patches));
  describe_patches(group.get(), patches);
  h5::set_attribute(
      group.get(), "comment",
      std::string("contiguous ragged array: the agents of frame i are the row_size[i] entries of obs behind those of the frames before"));
  group.time(agents_time, {"d", "simulated time of the frame"});
  group.dimension("obs", 0, true);
  const h5::Id sizes = group.variable("row_size", {agents_time}, {"1", "number of agents in the frame"},
                                      {.type = ElementType::i64, .chunk = {series_chunk}, .fill = false});
  h5::set_attribute(sizes.get(), "sample_dimension", std::string("obs"));
  const std::vector<hsize_t> chunk{agents_chunk};
  group.variable("id", {"obs"}, {"1", "permanent number of the agent"}, {.type = ElementType::u64, .chunk = chunk, .fill = false});
  group.variable("patch", {"obs"}, {"1", fmt::format("number of the {} where the agent is", patches.patch_name)},
                 {.type = ElementType::u32, .chunk = chunk, .fill = false});
  const h5::Id kind = group.variable("kind", {"obs"}, {"1", "kind of the agent"}, {.type = ElementType::u8, .chunk = chunk, .fill = false});
  describe_codes<std::uint8_t>(kind.get(), join_words(agents.kinds));
  for (const auto& column : agents.columns) create_agent_column(group, column);
}

void create_agents(hid_t file, const Layout::AgentColumns& agents) {
  if (agents.kinds.empty()) return;
  h5::create_group(file, "agents");
  for (const auto& patches : agents.groups) create_agents_of(file, agents, patches);
}

void create_events(hid_t file, const std::vector<std::string>& meanings) {
  GroupBuilder group(file, "events");
  group.dimension("event", 0, true);
  const std::vector<hsize_t> chunk{series_chunk};
  group.variable("event_time", {"event"}, time_meaning, {.chunk = chunk});
  const h5::Id code = group.variable("code", {"event"}, {"1", "what happened"}, {.type = ElementType::i32, .chunk = chunk, .fill = false});
  describe_codes<std::int32_t>(code.get(), join_words(meanings));
  const h5::Id subject = group.variable("subject", {"event"}, {"1", "number of the therapy, injury or intervention, from 0"},
                                        {.type = ElementType::i32, .chunk = chunk, .fill = false});
  const h5::Id value =
      group.variable("value", {"event"}, {"1", "value that belongs to the event", "in the unit that the code's meaning names"}, {.chunk = chunk});
  for (const auto* dataset : {&code, &subject, &value}) h5::set_attribute(dataset->get(), "coordinates", std::string("event_time"));
}

void create_audit(hid_t file, const Layout& layout) {
  if (layout.audit_species.empty()) return;
  GroupBuilder group(file, "audit");
  group.time("time", time_meaning);
  group.dimension("species", layout.audit_species.size(), false);
  group.texts("species_name", "species", layout.audit_species, "conserved quantity");
  group.texts("species_unit", "species", layout.audit_units, "unit of the amounts of each conserved quantity");
  const bool same =
      std::all_of(layout.audit_units.begin(), layout.audit_units.end(), [&](const auto& unit) { return unit == layout.audit_units.front(); });
  const std::string unit = same ? layout.audit_units.front() : "1";
  const std::string comment = same ? "" : "in the unit that species_unit names";
  const hsize_t species = layout.audit_species.size();
  const Storage storage{.chunk = {std::max<hsize_t>(1, series_chunk / species), species}};
  for (const auto& term : layout.audit_terms) group.variable(term, {"time", "species"}, {unit, "accumulated amount: " + term, comment}, storage);
  group.variable("relative_error", {"time", "species"}, {"1", "what came in against the other terms, relative to what came in"}, storage);
  group.variable("largest_relative_error", {"time", "species"}, {"1", "largest absolute relative error so far"}, storage);
}

void create_parameters(hid_t file, const std::vector<ParameterInfo>& parameters) {
  GroupBuilder group(file, "parameters");
  const auto texts_of = [&](auto get) {
    std::vector<std::string> values;
    for (const auto& parameter : parameters) values.emplace_back(get(parameter));
    return values;
  };
  const auto numbers_of = [&](const std::string& name, const std::string& long_name, auto get) {
    std::vector<double> values;
    for (const auto& parameter : parameters) values.push_back(get(parameter));
    group.column(name, "parameter", values, {"1", long_name, "in the unit that variable unit names"});
  };
  group.dimension("parameter", parameters.size(), false);
  group.texts("name", "parameter", texts_of([](const auto& p) { return p.name; }), "name of the parameter");
  numbers_of("value", "value in this run", [](const auto& p) { return p.value; });
  group.texts("unit", "parameter", texts_of([](const auto& p) { return p.unit; }), "unit of value, default_value and the ranges");
  numbers_of("default_value", "default value", [](const auto& p) { return p.default_value; });
  numbers_of("physical_low", "lowest physical value", [](const auto& p) { return p.physical.low; });
  numbers_of("physical_high", "highest physical value", [](const auto& p) { return p.physical.high; });
  numbers_of("published_low", "lowest published value", [](const auto& p) { return p.published.low; });
  numbers_of("published_high", "highest published value", [](const auto& p) { return p.published.high; });
  group.texts("distribution", "parameter", texts_of([](const auto& p) { return spread_name(p.distribution.kind); }),
              "how the parameter spreads where it is varied");
  numbers_of("spread", "standard deviation (normal) or geometric standard deviation (lognormal)",
             [](const auto& p) { return p.distribution.spread; });
  group.texts("kind", "parameter", texts_of([](const auto& p) { return source_name(p.kind); }), "kind of source");
  group.texts("meaning", "parameter", texts_of([](const auto& p) { return p.meaning; }), "what the parameter is");
  group.texts("source", "parameter", texts_of([](const auto& p) { return p.source; }), "where the value comes from");
  std::vector<std::uint8_t> overridden;
  for (const auto& parameter : parameters) overridden.push_back(parameter.overridden ? 1 : 0);
  const h5::Id flags = group.column("overridden", "parameter", overridden, {"1", "whether the value is another than the default"});
  describe_codes<std::uint8_t>(flags.get(), "default overridden");
}

/// The table of commits, with its first entry: the state before any row.
void create_commits(hid_t file) {
  GroupBuilder group(file, "/provenance");
  group.dimension("commit", 0, true);
  group.dimension("commit_column", commit_columns().size(), false);
  group.variable("commits", {"commit", "commit_column"},
                 {"1", "rows in the file behind each commit, and the checksum of those that it added, chained with the one before",
                  join_words(commit_columns())},
                 {.type = ElementType::u64, .chunk = {commits_chunk, commit_columns().size()}});
}

}  // namespace

std::string fields_path(const Layout::Patches& patches) { return "/fields/" + patches.group; }
std::string agents_path(const Layout::Patches& patches) { return "/agents/" + patches.group; }

std::string group_path(const Layout::Series& series) { return "/" + series.group; }

std::string variable_path(const std::string& group, const std::string& name) { return group == "/" ? "/" + name : group + "/" + name; }

void create_schema(hid_t file, const Layout& layout, const RunInfo& info) {
  write_run_info(file, info);
  for (const auto& series : layout.series) create_series(file, series);
  create_fields(file, layout.fields);
  create_agents(file, layout.agents);
  create_events(file, layout.event_meanings);
  create_audit(file, layout);
  create_parameters(file, layout.parameters);
  create_commits(file);
}

}  // namespace paracrine::sim::io
