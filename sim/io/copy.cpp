#include "sim/io/copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/io/content.hpp"
#include "sim/io/reading.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/schema.hpp"

namespace paracrine::sim::io {

namespace {

constexpr hsize_t small_bytes = 1 << 14;  // below, a packed dataset is contiguous
constexpr hsize_t packed_chunk_bytes = 1 << 18;
constexpr std::uint64_t most_rows = std::uint64_t{1} << 48;

/// Leading entries of a list of times that are set; 0 when there is no such list.
hsize_t set_times(hid_t file, const std::string& path) {
  if (!h5::leads_somewhere(file, path)) return 0;
  const auto times = h5::read_list<double>(file, path);
  return static_cast<hsize_t>(std::find_if(times.begin(), times.end(), [](double t) { return std::isnan(t); }) - times.begin());
}

/// Frames whose time is set in every group.
hsize_t set_frames(hid_t file, const FrameGroups& groups) {
  hsize_t frames = 0;
  for (std::size_t i = 0; i < groups.paths.size(); ++i) {
    const hsize_t own = set_times(file, groups.paths[i] + "/" + groups.time);
    frames = i == 0 ? own : std::min(frames, own);
  }
  return frames;
}

FrameGroups frame_groups(hid_t file, const std::string& name, const std::string& time) {
  if (h5::leads_somewhere(file, "/" + name + "/time")) return {{"/" + name}, "time"};
  FrameGroups groups{{}, time};
  for (const auto& group : h5::groups_in(file, "/" + name)) groups.paths.push_back(fmt::format("/{}/{}", name, group));
  return groups;
}

/// Agents of the first frames of a group: entry i is the number in the first i frames.
std::vector<std::uint64_t> summed_agents(hid_t file, const std::string& group, hsize_t frames) {
  std::vector<std::uint64_t> sums{0};
  for (const std::int64_t size : h5::read_list<std::int64_t>(file, group + "/row_size", frames)) {
    if (size < 0 || static_cast<std::uint64_t>(size) > most_rows) throw h5::Error(group + "/row_size: a number of agents is impossible", 0);
    sums.push_back(sums.back() + static_cast<std::uint64_t>(size));
    if (sums.back() > most_rows) throw h5::Error(group + "/row_size: the number of agents is impossible", 0);
  }
  return sums;
}

/// How a packed dataset is stored: chunks span the last dimensions whole, as many as fit, and then as many entries of the one before as fit.
h5::DatasetSpec packed_spec(ElementType type, const std::vector<hsize_t>& extent) {
  h5::DatasetSpec spec{.type = type, .extent = extent};
  hsize_t bytes = size_of(type);
  for (const hsize_t length : extent) bytes *= length;
  if (bytes < small_bytes) return spec;
  spec.chunk.assign(extent.size(), 1);
  hsize_t room = packed_chunk_bytes / size_of(type);
  for (std::size_t i = extent.size(); i-- > 0 && room > 1;) {
    spec.chunk[i] = std::min(extent[i], room);
    room /= spec.chunk[i];
    if (spec.chunk[i] < extent[i]) break;
  }
  spec.compressed = spec.checksum = true;
  return spec;
}

h5::Id create_like(hid_t source, hid_t parent, const std::string& name, hsize_t rows) {
  const h5::Id type = h5::type_of_dataset(source);
  const h5::Id list(H5Dget_create_plist(source), H5Pclose, "reading a creation list");
  std::vector<hsize_t> size = h5::extent(source), largest(size.size());
  const h5::Id old_space(H5Dget_space(source), H5Sclose, "reading a data space");
  if (!size.empty()) {
    h5::check(H5Sget_simple_extent_dims(old_space.get(), nullptr, largest.data()), "reading a data space");
    size[0] = rows;
  }
  const h5::Id space = size.empty()
                           ? h5::Id(H5Screate(H5S_SCALAR), H5Sclose, "making a data space")
                           : h5::Id(H5Screate_simple(static_cast<int>(size.size()), size.data(), largest.data()), H5Sclose, "making a data space");
  return {H5Dcreate2(parent, name.c_str(), type.get(), space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT), H5Dclose, "creating dataset " + name};
}

void copy_rows(hid_t from, hid_t to, ElementType type, hsize_t rows) {
  for_each_block(from, type, rows,
                 [&](const char* data, hsize_t first, hsize_t count) { h5::write_rows(to, h5::memory_type(type), first, count, data); });
}

void copy_attributes(hid_t from, hid_t to, bool root = false) {
  for (const auto& name : h5::attribute_names(from)) {
    if (belongs_to_scales(name)) continue;
    if (root && (name == "status" || name == "checksum")) continue;
    h5::copy_attribute(from, to, name);
  }
  if (root) h5::overwrite_attribute(to, "status", read_status(from));
}

class RunCopy {
 public:
  RunCopy(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode) : from_(from), to_(to), lengths_(from, rows), mode_(mode) {}

  void group(const std::string& path) {
    const h5::Id source = h5::open_group(from_, path);
    const h5::Id target = path == "/" ? h5::open_group(to_, "/") : h5::create_group(to_, path);
    copy_attributes(source.get(), target.get(), path == "/");
    std::vector<std::string> groups;
    for (const auto& name : h5::names(source.get(), true)) {
      if (mode_ == CopyMode::packed && belongs_to_commits(variable_path(path, name))) continue;
      if (h5::is_group(source.get(), name))
        groups.push_back(name);
      else
        dataset(path, name, h5::open_dataset(source.get(), name), target.get());
    }
    for (const auto& name : groups) group(variable_path(path, name));
  }

  void attach_scales() {
    for (const auto& path : copied_) {
      const h5::Id source = h5::open_dataset(from_, path);
      const auto scales = h5::scales(source.get());
      for (unsigned i = 0; i < scales.size(); ++i)
        if (!scales[i].empty()) h5::attach_scale(h5::open_dataset(to_, path).get(), h5::open_dataset(to_, scales[i]).get(), i);
    }
  }

 private:
  void dataset(const std::string& group, const std::string& name, const h5::Id& source, hid_t target_group) {
    const h5::Id type = h5::type_of_dataset(source.get());
    const auto size = h5::extent(source.get());
    const hsize_t rows = lengths_.of(variable_path(group, name), source.get());
    const bool bare = stands_for_length(source.get());
    if (!size.empty() && !bare && rows > size[0]) throw h5::Error(variable_path(group, name) + ": it holds fewer rows than were committed", 0);
    h5::Id target;
    if (bare && h5::exists(target_group, name)) return;  // the length of a text that was copied before it
    if (h5::is_characters(type.get())) {
      target = size.size() == 1 ? h5::create_text(target_group, name, h5::read_text(source.get()))
                                : h5::create_texts(target_group, name, h5::read_texts(source.get(), rows));
    } else if (h5::is_text(type.get())) {
      target =
          h5::create_strings(target_group, name, size, size.empty() ? std::vector{h5::read_text(source.get())} : h5::read_texts(source.get(), rows));
    } else {
      const auto element = h5::element_type_of(type.get());
      if (!element || size.empty()) throw h5::Error("copying " + name + ": unknown type", 0);
      std::vector<hsize_t> cut = size;
      cut[0] = rows;
      h5::DatasetSpec spec = packed_spec(*element, cut);
      if (h5::has_attribute(source.get(), "_FillValue")) spec.fill = h5::missing_value(*element);
      target = mode_ == CopyMode::growing ? create_like(source.get(), target_group, name, rows) : h5::create_dataset(target_group, name, spec);
      if (!bare) copy_rows(source.get(), target.get(), *element, rows);
    }
    copy_attributes(source.get(), target.get());
    if (h5::is_scale(source.get())) h5::make_scale(target.get(), name, !bare);
    copied_.push_back(variable_path(group, name));
  }

  static bool belongs_to_commits(const std::string& path) {
    return path == commits_path || path == "/provenance/commit" || path == "/provenance/commit_column";
  }

  hid_t from_, to_;
  CommittedLengths lengths_;
  CopyMode mode_;
  std::vector<std::string> copied_;
};

}  // namespace

bool holds(const RowCounts& there, const RowCounts& wanted) {
  return there.rows >= wanted.rows && there.audit_rows >= wanted.audit_rows && there.events >= wanted.events &&
         there.field_frames >= wanted.field_frames && there.agent_frames >= wanted.agent_frames && there.agent_rows >= wanted.agent_rows;
}

FrameGroups field_groups(hid_t file) { return frame_groups(file, "fields", "fields_time"); }
FrameGroups agent_groups(hid_t file) { return frame_groups(file, "agents", "agents_time"); }

RowCounts committed_rows(hid_t file) {
  const std::vector<Commit> commits = read_commits(file);
  RowCounts rows;
  rows.rows = set_times(file, "/time");
  rows.audit_rows = std::min<std::uint64_t>(rows.rows, set_times(file, "/audit/time"));
  rows.events = set_times(file, h5::leads_somewhere(file, "/events/event_time") ? "/events/event_time" : "/events/time");
  rows.field_frames = set_frames(file, field_groups(file));
  const FrameGroups agents = agent_groups(file);
  rows.agent_frames = set_frames(file, agents);
  rows.agent_rows = most_rows;
  const auto last = std::find_if(commits.rbegin(), commits.rend(), [&](const Commit& commit) { return holds(rows, commit.rows); });
  if (last != commits.rend()) return last->rows;
  if (!commits.empty()) throw h5::Error(std::string(commits_path) + ": its first entry has rows that the file does not hold", 0);
  rows.agent_rows = 0;
  for (const auto& group : agents.paths) rows.agent_rows += summed_agents(file, group, rows.agent_frames).back();
  return rows;
}

CommittedLengths::CommittedLengths(hid_t file, const std::vector<Commit>& commits) : commits_(commits) {
  if (commits_.empty()) return;
  const auto written = read_commits(file);
  for (std::size_t i = 0; i < written.size(); ++i)
    if (holds(commits_.back().rows, written[i].rows)) written_commits_ = i + 1;
  std::vector<std::uint64_t> total(commits_.size());
  for (const auto& group : agent_groups(file).paths) {
    const auto sums = summed_agents(file, group, commits_.back().rows.agent_frames);
    auto& entries = agents_[group + "/obs"];
    for (std::size_t i = 0; i < commits_.size(); ++i) total[i] += entries.emplace_back(sums.at(commits_[i].rows.agent_frames));
  }
  for (std::size_t i = 0; i < commits_.size(); ++i)
    if (total[i] != commits_[i].rows.agent_rows) throw h5::Error("row_size: the numbers of agents are not those that were committed", 0);
}

hsize_t CommittedLengths::of(const std::string& path, hid_t dataset, std::size_t commit) const {
  const auto size = h5::extent(dataset);
  if (size.empty()) return 1;
  const auto scales = h5::scales(dataset);
  const std::string dimension = scales[0].empty() ? path : scales[0];
  const RowCounts& rows = commits_.at(commit).rows;
  if (const auto agents = agents_.find(dimension); agents != agents_.end()) return agents->second.at(commit);
  if (dimension == "/provenance/commit") return written_commits_;
  if (dimension == "/events/event") return rows.events;
  if (dimension == "/agents/time" || dimension.ends_with("/agents_time")) return rows.agent_frames;
  if (dimension == "/fields/time" || dimension.ends_with("/fields_time")) return rows.field_frames;
  if (dimension == "/audit/time") return rows.audit_rows;
  if (dimension.ends_with("/time")) return rows.rows;
  return size[0];
}

void copy_run(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode) {
  h5::set_attribute(to, "status", status_name(Status::running), status_room);
  h5::set_attribute(to, "checksum", std::string(), checksum_room);
  RunCopy copy(from, to, rows, mode);
  copy.group("/");
  copy.attach_scales();
}

}  // namespace paracrine::sim::io
