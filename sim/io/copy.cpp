#include "sim/io/copy.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/io/run_info.hpp"
#include "sim/io/schema.hpp"

namespace paracrine::sim::io {

namespace {

constexpr std::size_t block_bytes = 1 << 22;
constexpr hsize_t small_bytes = 1 << 14;  // below, a packed dataset is contiguous
constexpr hsize_t packed_chunk_bytes = 1 << 18;

bool belongs_to_scales(const std::string& attribute) {
  const std::set<std::string> names{"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"};
  return names.contains(attribute);
}

hsize_t set_times(hid_t file, const std::string& path) {
  if (const auto slash = path.find('/', 1); slash != std::string::npos && !h5::exists(file, path.substr(0, slash))) return 0;
  if (!h5::exists(file, path)) return 0;
  const h5::Id dataset = h5::open_dataset(file, path);
  const auto times = h5::read_vector<double>(dataset.get(), h5::extent(dataset.get()).at(0));
  return static_cast<hsize_t>(std::find_if(times.begin(), times.end(), [](double t) { return std::isnan(t); }) - times.begin());
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
  std::size_t row_bytes = size_of(type);
  const auto size = h5::extent(from);
  for (std::size_t i = 1; i < size.size(); ++i) row_bytes *= size[i];
  if (row_bytes == 0) return;
  const hsize_t step = std::max<hsize_t>(1, block_bytes / row_bytes);
  std::vector<char> block(row_bytes * std::min(step, rows));
  for (hsize_t first = 0; first < rows; first += step) {
    const hsize_t count = std::min(step, rows - first);
    h5::read_rows(from, h5::memory_type(type), first, count, block.data());
    h5::write_rows(to, h5::memory_type(type), first, count, block.data());
  }
}

void copy_attributes(hid_t from, hid_t to, bool root = false) {
  for (const auto& name : h5::attribute_names(from))
    if (root && name == "status")
      h5::set_attribute(to, name, read_status(from));
    else if (!belongs_to_scales(name))
      h5::copy_attribute(from, to, name);
}

class RunCopy {
 public:
  RunCopy(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode) : from_(from), to_(to), rows_(rows), mode_(mode) {}

  void group(const std::string& path) {
    const h5::Id source = h5::open_group(from_, path);
    const h5::Id target = path == "/" ? h5::open_group(to_, "/") : h5::create_group(to_, path);
    copy_attributes(source.get(), target.get(), path == "/");
    std::vector<std::string> groups;
    for (const auto& name : h5::names(source.get(), true)) {
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
    const hsize_t rows = committed_length(group, name, source.get(), rows_);
    h5::Id target;
    if (h5::is_text(type.get())) {
      target = size.empty() ? h5::create_text(target_group, name, h5::read_text(source.get()))
                            : h5::create_texts(target_group, name, h5::read_texts(source.get(), rows));
    } else {
      const auto element = h5::element_type_of(type.get());
      if (!element || size.empty()) throw h5::Error("copying " + name + ": unknown type", 0);
      std::vector<hsize_t> cut = size;
      cut[0] = rows;
      h5::DatasetSpec spec = packed_spec(*element, cut);
      if (h5::has_attribute(source.get(), "_FillValue")) spec.fill = h5::missing_value(*element);
      target = mode_ == CopyMode::growing ? create_like(source.get(), target_group, name, rows) : h5::create_dataset(target_group, name, spec);
      if (!stands_for_length(source.get())) copy_rows(source.get(), target.get(), *element, rows);
    }
    copy_attributes(source.get(), target.get());
    if (h5::is_scale(source.get())) h5::make_scale(target.get(), name, !stands_for_length(source.get()));
    copied_.push_back(variable_path(group, name));
  }

  static bool stands_for_length(hid_t dataset) {
    return h5::is_scale(dataset) && h5::text_attribute(dataset, "NAME").starts_with("This is a netCDF dimension but not a netCDF variable");
  }

  hid_t from_, to_;
  RowCounts rows_;
  CopyMode mode_;
  std::vector<std::string> copied_;
};

}  // namespace

bool holds(const RowCounts& there, const RowCounts& wanted) {
  return there.rows >= wanted.rows && there.audit_rows >= wanted.audit_rows && there.events >= wanted.events &&
         there.field_frames >= wanted.field_frames && there.agent_frames >= wanted.agent_frames && there.agent_rows >= wanted.agent_rows;
}

RowCounts committed_rows(hid_t file) {
  RowCounts rows;
  rows.rows = set_times(file, "/time");
  rows.audit_rows = std::min<std::uint64_t>(rows.rows, set_times(file, "/audit/time"));
  rows.events = set_times(file, "/events/time");
  rows.field_frames = set_times(file, "/fields/time");
  rows.agent_frames = set_times(file, "/agents/time");
  if (rows.agent_frames > 0) {
    const h5::Id sizes = h5::open_dataset(file, "/agents/row_size");
    for (const auto size : h5::read_vector<std::int64_t>(sizes.get(), rows.agent_frames)) rows.agent_rows += static_cast<std::uint64_t>(size);
  }
  return rows;
}

hsize_t committed_length(const std::string& group, const std::string& name, hid_t dataset, const RowCounts& rows) {
  const auto size = h5::extent(dataset);
  if (size.empty()) return 1;
  const auto scales = h5::scales(dataset);
  const std::string dimension = scales[0].empty() ? variable_path(group, name) : scales[0];
  if (dimension == "/events/event") return rows.events;
  if (dimension == "/agents/obs") return rows.agent_rows;
  if (dimension == "/agents/time") return rows.agent_frames;
  if (dimension == "/fields/time") return rows.field_frames;
  if (dimension == "/audit/time") return rows.audit_rows;
  if (dimension.ends_with("/time")) return rows.rows;
  return size[0];
}

void copy_run(hid_t from, hid_t to, const RowCounts& rows, CopyMode mode) {
  RunCopy copy(from, to, rows, mode);
  copy.group("/");
  copy.attach_scales();
}

}  // namespace paracrine::sim::io
