#include "sim/io/content.hpp"

#include <algorithm>
#include <set>

#include "sim/io/reading.hpp"
#include "sim/io/schema.hpp"

namespace paracrine::sim::io {

namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 22;

bool lists_scales(const std::string& attribute) { return attribute == "REFERENCE_LIST" || attribute == "DIMENSION_LIST"; }

class Walk {
 public:
  Walk(hid_t file, const ContentRules& rules) : file_(file), rules_(rules) {}

  void group(const std::string& path) {
    const h5::Id group = h5::open_group(file_, path);
    hash_.text(path);
    attributes(group.get(), path);
    for (const auto& name : h5::names(group.get())) {
      const std::string inner = variable_path(path, name);
      if (rules_.skip && rules_.skip(inner)) continue;
      if (h5::is_group(group.get(), name))
        this->group(inner);
      else
        dataset(inner, h5::open_dataset(group.get(), name).get());
    }
  }
  Checksum result() const { return hash_.result(); }

 private:
  void attributes(hid_t object, const std::string& path) {
    for (const auto& name : h5::attribute_names(object)) {
      if (rules_.skip_attribute(path, name)) continue;
      hash_.text(name);
      const auto [kind, bytes] = h5::attribute_value(object, name);
      hash_.text(kind);
      hash_.text(bytes);
    }
  }

  void dataset(const std::string& path, hid_t dataset) {
    auto shape = h5::extent(dataset);
    if (rules_.rows && !shape.empty()) shape[0] = std::min(shape[0], rules_.rows(path, dataset));
    hash_.text(path);
    hash_.number(shape.size());
    for (const hsize_t length : shape) hash_.number(length);
    attributes(dataset, path);
    for (const auto& scale : h5::scales(dataset)) hash_.text(scale);
    const h5::Id type = h5::type_of_dataset(dataset);
    const auto element = h5::element_type_of(type.get());
    if (!element && !h5::is_text(type.get())) throw h5::Error("reading " + path + ": unknown type", 0);
    hash_.number(element ? static_cast<std::uint64_t>(*element) : text_code);
    if (stands_for_length(dataset)) return;
    if (rules_.values && rules_.values->contains(path)) {
      hash_.checksum(rules_.values->at(path));
      return;
    }
    const Checksum values = values_checksum(dataset, shape.empty() ? 1 : shape[0]);
    if (rules_.values && !grows(dataset)) rules_.values->emplace(path, values);
    hash_.checksum(values);
  }

  static constexpr std::uint64_t text_code = 255;
  hid_t file_;
  const ContentRules& rules_;
  Hash hash_;
};

}  // namespace

bool belongs_to_scales(const std::string& attribute) {
  static const std::set<std::string> names{"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"};
  return names.contains(attribute);
}

bool belongs_to_occasion(const std::string& attribute) {
  static const std::set<std::string> names{"creation_time", "history", "host", "threads", "wall_time_s", "status", "checksum", "run_id", "title"};
  return names.contains(attribute);
}

bool stands_for_length(hid_t dataset) {
  return h5::is_scale(dataset) && h5::text_attribute(dataset, "NAME").starts_with("This is a netCDF dimension but not a netCDF variable");
}

bool grows(hid_t dataset) {
  const h5::Id space(H5Dget_space(dataset), H5Sclose, "reading a data space");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank <= 0) return false;
  std::vector<hsize_t> largest(static_cast<std::size_t>(rank));
  h5::check(H5Sget_simple_extent_dims(space.get(), nullptr, largest.data()), "reading a data space");
  return largest[0] == H5S_UNLIMITED;
}

std::size_t row_bytes(hid_t dataset, ElementType type) {
  std::size_t bytes = size_of(type);
  const auto size = h5::extent(dataset);
  for (std::size_t i = 1; i < size.size(); ++i) bytes *= size[i];
  return bytes;
}

void for_each_block(hid_t dataset, ElementType type, hsize_t rows, const std::function<void(const char* data, hsize_t first, hsize_t count)>& use) {
  const std::size_t row = row_bytes(dataset, type);
  if (row == 0 || rows == 0) return;
  const hsize_t step = std::max<hsize_t>(1, block_bytes / row);
  std::vector<char> room(row * std::min(step, rows));
  for (hsize_t first = 0; first < rows; first += step) {
    const hsize_t count = std::min(step, rows - first);
    h5::read_rows(dataset, h5::memory_type(type), first, count, room.data());
    use(room.data(), first, count);
  }
}

Checksum values_checksum(hid_t dataset, hsize_t rows) {
  Hash hash;
  const h5::Id type = h5::type_of_dataset(dataset);
  const auto element = h5::element_type_of(type.get());
  const auto size = h5::extent(dataset);
  if (!element) {
    if (size.size() == (h5::is_characters(type.get()) ? 1 : 0))
      hash.text(h5::read_text(dataset));
    else
      for (const auto& text : h5::read_texts(dataset, rows)) hash.text(text);
  } else if (size.empty()) {
    std::uint64_t value = 0;
    h5::read_all(dataset, h5::memory_type(*element), &value);
    hash.number(value);
  } else {
    for_each_block(dataset, *element, rows,
                   [&, row = row_bytes(dataset, *element)](const char* data, hsize_t, hsize_t count) { hash.bytes(data, count * row); });
  }
  return hash.result();
}

Checksum content_checksum(hid_t file, const ContentRules& rules) {
  Walk walk(file, rules);
  walk.group("/");
  return walk.result();
}

Checksum file_checksum(hid_t file, std::map<std::string, Checksum> values) {
  return content_checksum(file, {.skip_attribute = [](const std::string& path,
                                                      const std::string& name) { return lists_scales(name) || (path == "/" && name == "checksum"); },
                                 .values = &values});
}

Checksum beginning_checksum(hid_t file, std::map<std::string, Checksum>* values) {
  static const std::set<std::string> overwritten{"host", "threads", "wall_time_s", "status", "checksum"};
  return content_checksum(
      file, {.skip_attribute = [](const std::string& path,
                                  const std::string& name) { return belongs_to_scales(name) || (path == "/" && overwritten.contains(name)); },
             .rows = [](const std::string&, hid_t dataset) { return grows(dataset) ? 0 : h5::extent(dataset).at(0); },
             .values = values});
}

}  // namespace paracrine::sim::io
