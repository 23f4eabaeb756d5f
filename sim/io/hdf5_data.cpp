#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "sim/io/hdf5.hpp"

namespace paracrine::sim::io::h5 {

namespace {

constexpr double missing_f64 = std::numeric_limits<double>::quiet_NaN();
constexpr float missing_f32 = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t missing_unsigned = std::numeric_limits<std::uint64_t>::max();
constexpr std::int32_t missing_i32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t missing_i64 = std::numeric_limits<std::int64_t>::min();

Id simple_space(const std::vector<hsize_t>& extent, const std::vector<hsize_t>& largest) {
  return {H5Screate_simple(static_cast<int>(extent.size()), extent.data(), largest.data()), H5Sclose, "making a data space"};
}

/// The space of a dataset with rows [first, first + count) selected, and the space of as many rows in memory.
std::pair<Id, Id> row_spaces(hid_t dataset, hsize_t first, hsize_t count) {
  Id file(H5Dget_space(dataset), H5Sclose, "reading a data space");
  std::vector<hsize_t> size = extent(dataset), start(size.size(), 0);
  start[0] = first;
  size[0] = count;
  check(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), "selecting rows");
  return {std::move(file), simple_space(size, size)};
}

/// NetCDF-4 takes a text of one byte for a character.
constexpr std::size_t least_text = 2;

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t length = least_text;
  for (const auto& text : texts) length = std::max(length, text.size());
  return length;
}

/// Texts one after the other, each padded with zeros.
std::string padded(const std::vector<std::string>& texts, std::size_t length) {
  std::string bytes;
  bytes.reserve(texts.size() * length);
  for (const auto& text : texts) bytes.append(text).append(length - text.size(), '\0');
  return bytes;
}

void create_text_attribute(hid_t object, const std::string& name, hid_t space, const std::vector<std::string>& texts, std::size_t room) {
  if (has_attribute(object, name)) check(H5Adelete(object, name.c_str()), "replacing attribute " + name);
  const std::size_t length = std::max(room, longest(texts));
  const Id type = text_type(length);
  const Id attribute(H5Acreate2(object, name.c_str(), type.get(), space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, "creating attribute " + name);
  if (!texts.empty()) check(H5Awrite(attribute.get(), type.get(), padded(texts, length).data()), "writing attribute " + name);
}

constexpr std::size_t largest_value_bytes = std::size_t{1} << 28;  // of an attribute, a text or a list of texts

/// Room for an attribute's or dataset's value in its own type; frees texts of variable length at the end.
class RawValue {
 public:
  RawValue(hid_t type, Id space) : type_(type), space_(std::move(space)) {
    const hssize_t count = H5Sget_simple_extent_npoints(space_.get());
    const std::size_t size = H5Tget_size(type);
    if (count < 0 || size == 0) fail("counting values");
    if (static_cast<std::size_t>(count) > largest_value_bytes / size) throw Error("reading a value: it is too large", 0);
    bytes_.resize(static_cast<std::size_t>(count) * size);
  }
  ~RawValue() {
    if (H5Tis_variable_str(type_) > 0) H5Dvlen_reclaim(type_, space_.get(), H5P_DEFAULT, bytes_.data());
  }
  RawValue(const RawValue&) = delete;
  RawValue& operator=(const RawValue&) = delete;
  char* data() { return bytes_.data(); }
  hid_t space() const { return space_.get(); }
  std::size_t count() const { return bytes_.size() / H5Tget_size(type_); }
  std::string text(std::size_t i) const {
    const std::size_t size = H5Tget_size(type_);
    if (H5Tis_variable_str(type_) > 0) {
      const char* text = nullptr;
      std::memcpy(&text, bytes_.data() + i * size, sizeof text);
      return text ? text : "";
    }
    return {bytes_.data() + i * size, strnlen(bytes_.data() + i * size, size)};
  }
  std::string all() const {
    if (!is_text(type_)) return {bytes_.begin(), bytes_.end()};
    std::string result;
    for (std::size_t i = 0; i < count(); ++i) result += text(i) + '\0';
    return result;
  }

 private:
  hid_t type_;
  Id space_;
  std::vector<char> bytes_;
};

struct OpenAttribute {
  Id attribute, type;
  OpenAttribute(hid_t object, const std::string& name)
      : attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "opening attribute " + name),
        type(H5Aget_type(attribute.get()), H5Tclose, "reading the type of attribute " + name) {}
  Id space() const { return {H5Aget_space(attribute.get()), H5Sclose, "reading an attribute's space"}; }
};

}  // namespace

hid_t memory_type(ElementType type) {
  switch (type) {
    case ElementType::u8:
      return H5T_NATIVE_UINT8;
    case ElementType::u32:
      return H5T_NATIVE_UINT32;
    case ElementType::u64:
      return H5T_NATIVE_UINT64;
    case ElementType::i32:
      return H5T_NATIVE_INT32;
    case ElementType::i64:
      return H5T_NATIVE_INT64;
    case ElementType::f32:
      return H5T_NATIVE_FLOAT;
    case ElementType::f64:
      return H5T_NATIVE_DOUBLE;
  }
  throw std::logic_error("no such element type");
}

hid_t file_type(ElementType type) {
  switch (type) {
    case ElementType::u8:
      return H5T_STD_U8LE;
    case ElementType::u32:
      return H5T_STD_U32LE;
    case ElementType::u64:
      return H5T_STD_U64LE;
    case ElementType::i32:
      return H5T_STD_I32LE;
    case ElementType::i64:
      return H5T_STD_I64LE;
    case ElementType::f32:
      return H5T_IEEE_F32LE;
    case ElementType::f64:
      return H5T_IEEE_F64LE;
  }
  throw std::logic_error("no such element type");
}

std::optional<ElementType> element_type_of(hid_t type) {
  for (const auto candidate :
       {ElementType::u8, ElementType::u32, ElementType::u64, ElementType::i32, ElementType::i64, ElementType::f32, ElementType::f64})
    if (H5Tequal(type, file_type(candidate)) > 0) return candidate;
  return {};
}

bool is_text(hid_t type) { return H5Tget_class(type) == H5T_STRING; }

Id text_type(std::size_t length) {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose, "making a text type");
  check(H5Tset_size(type.get(), length), "making a text type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "making a text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "making a text type");
  return type;
}

const void* missing_value(ElementType type) {
  switch (type) {
    case ElementType::f64:
      return &missing_f64;
    case ElementType::f32:
      return &missing_f32;
    case ElementType::i32:
      return &missing_i32;
    case ElementType::i64:
      return &missing_i64;
    default:
      return &missing_unsigned;
  }
}

Id open_dataset(hid_t parent, const std::string& name) { return {H5Dopen2(parent, name.c_str(), H5P_DEFAULT), H5Dclose, "opening dataset " + name}; }

Id create_dataset(hid_t parent, const std::string& name, const DatasetSpec& spec) {
  const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "making a creation list");
  const hid_t list = creation.get();
  check(H5Pset_obj_track_times(list, false), "switching times off");
  check(H5Pset_attr_phase_change(list, 32, 16), "keeping attributes in the header");
  if (spec.fill) check(H5Pset_fill_value(list, memory_type(spec.type), spec.fill), "setting a fill value");
  if (!spec.chunk.empty()) {
    check(H5Pset_chunk(list, static_cast<int>(spec.chunk.size()), spec.chunk.data()), "setting chunks");
    if (spec.compressed) {
      check(H5Pset_shuffle(list), "setting the shuffle filter");
      check(H5Pset_deflate(list, 1), "setting the gzip filter");
    }
    if (spec.checksum) check(H5Pset_fletcher32(list), "setting the checksum");
  }
  std::vector<hsize_t> largest = spec.extent;
  if (spec.growing) largest.at(0) = H5S_UNLIMITED;
  const Id space = simple_space(spec.extent, largest);
  return {H5Dcreate2(parent, name.c_str(), file_type(spec.type), space.get(), H5P_DEFAULT, list, H5P_DEFAULT), H5Dclose, "creating dataset " + name};
}

namespace {

constexpr hsize_t large_texts = 4096;  // bytes from which a list of texts is compressed

/// The dimension of characters of a text or list of texts, made when the group has none of this length.
Id text_scale(hid_t parent, std::size_t length) {
  const std::string name = "text_" + std::to_string(length);
  if (exists(parent, name)) return open_dataset(parent, name);
  Id scale = create_dataset(parent, name, {.type = ElementType::f32, .extent = {length}});
  make_scale(scale.get(), name, false);
  return scale;
}

/// Texts as netCDF has them, an array of characters with the length of the longest.
Id create_characters(hid_t parent, const std::string& name, std::vector<hsize_t> size, const std::vector<std::string>& texts) {
  const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "making a creation list");
  const hid_t list = creation.get();
  check(H5Pset_obj_track_times(list, false), "switching times off");
  check(H5Pset_attr_phase_change(list, 32, 16), "keeping attributes in the header");
  std::size_t length = 1;
  for (const auto& text : texts) length = std::max(length, text.size());
  size.push_back(length);
  if (size.size() == 2 && !texts.empty() && texts.size() * length >= large_texts) {
    check(H5Pset_chunk(list, 2, size.data()), "setting chunks");
    check(H5Pset_deflate(list, 1), "setting the gzip filter");
    check(H5Pset_fletcher32(list), "setting the checksum");
  }
  const Id type = text_type(1), space = simple_space(size, size);
  Id dataset(H5Dcreate2(parent, name.c_str(), type.get(), space.get(), H5P_DEFAULT, list, H5P_DEFAULT), H5Dclose, "creating dataset " + name);
  if (!texts.empty()) write_all(dataset.get(), type.get(), padded(texts, length).data());
  set_attribute(dataset.get(), "_Encoding", std::string("utf-8"));
  attach_scale(dataset.get(), text_scale(parent, length).get(), static_cast<unsigned>(size.size() - 1));
  return dataset;
}

}  // namespace

Id create_text(hid_t parent, const std::string& name, const std::string& text) { return create_characters(parent, name, {}, {text}); }

Id create_texts(hid_t parent, const std::string& name, const std::vector<std::string>& texts) {
  return create_characters(parent, name, {texts.size()}, texts);
}

Id create_strings(hid_t parent, const std::string& name, const std::vector<hsize_t>& size, const std::vector<std::string>& texts) {
  const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "making a creation list");
  check(H5Pset_obj_track_times(creation.get(), false), "switching times off");
  const Id type = text_type(H5T_VARIABLE),
           space = size.empty() ? Id(H5Screate(H5S_SCALAR), H5Sclose, "making a data space") : simple_space({texts.size()}, {texts.size()});
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  Id dataset(H5Dcreate2(parent, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Dclose,
             "creating dataset " + name);
  if (!texts.empty()) write_all(dataset.get(), type.get(), pointers.data());
  return dataset;
}

std::vector<hsize_t> extent(hid_t dataset) {
  const Id space(H5Dget_space(dataset), H5Sclose, "reading a data space");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  check(rank, "reading a data space");
  std::vector<hsize_t> size(static_cast<std::size_t>(rank));
  if (rank > 0) check(H5Sget_simple_extent_dims(space.get(), size.data(), nullptr), "reading a data space");
  return size;
}

void grow(hid_t dataset, hsize_t rows) {
  std::vector<hsize_t> size = extent(dataset);
  size.at(0) = rows;
  check(H5Dset_extent(dataset, size.data()), "extending a dataset");
}

void write_rows(hid_t dataset, hid_t type, hsize_t first, hsize_t count, const void* data) {
  if (count == 0) return;
  const auto [file, memory] = row_spaces(dataset, first, count);
  check(H5Dwrite(dataset, type, memory.get(), file.get(), H5P_DEFAULT, data), "writing rows");
}

void read_rows(hid_t dataset, hid_t type, hsize_t first, hsize_t count, void* data) {
  if (count == 0) return;
  const auto [file, memory] = row_spaces(dataset, first, count);
  check(H5Dread(dataset, type, memory.get(), file.get(), H5P_DEFAULT, data), "reading rows");
}

void write_all(hid_t dataset, hid_t type, const void* data) {
  check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "writing a dataset");
}
void read_all(hid_t dataset, hid_t type, void* data) { check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "reading a dataset"); }

bool is_characters(hid_t type) { return is_text(type) && H5Tis_variable_str(type) == 0 && H5Tget_size(type) == 1; }

std::string read_text(hid_t dataset) {
  const Id type = type_of_dataset(dataset);
  if (!is_text(type.get())) throw Error("reading a text: the dataset holds none", 0);
  RawValue value(type.get(), Id(H5Dget_space(dataset), H5Sclose, "reading a data space"));
  const bool characters = is_characters(type.get()) && extent(dataset).size() == 1;
  if (value.count() != 1 && !characters) throw Error("reading a text: the dataset holds several", 0);
  read_all(dataset, type.get(), value.data());
  return characters ? std::string(value.data(), strnlen(value.data(), value.count())) : value.text(0);
}

std::vector<std::string> read_texts(hid_t dataset, hsize_t count) {
  std::vector<std::string> texts;
  if (count == 0) return texts;
  const Id type = type_of_dataset(dataset);
  if (!is_text(type.get())) throw Error("reading texts: the dataset holds none", 0);
  std::vector<hsize_t> size = extent(dataset);
  const bool characters = is_characters(type.get()) && size.size() == 2;
  if ((size.size() != 1 && !characters) || count > size[0]) throw Error("reading texts: the dataset has another shape", 0);
  size[0] = count;
  RawValue value(type.get(), simple_space(size, size));
  read_rows(dataset, type.get(), 0, count, value.data());
  for (std::size_t i = 0; i < count; ++i) {
    const char* begin = value.data() + i * (characters ? size[1] : 0);
    texts.push_back(characters ? std::string(begin, strnlen(begin, size[1])) : value.text(i));
  }
  return texts;
}

void set_attribute(hid_t object, const std::string& name, const std::string& text, std::size_t room) {
  create_text_attribute(object, name, Id(H5Screate(H5S_SCALAR), H5Sclose, "making a data space").get(), {text}, room);
}

void set_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts) {
  const std::vector<hsize_t> size{texts.size()};
  create_text_attribute(object, name, simple_space(size, size).get(), texts, 0);
}

void set_attribute(hid_t object, const std::string& name, ElementType type, const void* data, std::optional<hsize_t> count) {
  if (has_attribute(object, name)) check(H5Adelete(object, name.c_str()), "replacing attribute " + name);
  const Id space = count ? simple_space({*count}, {*count}) : Id(H5Screate(H5S_SCALAR), H5Sclose, "making a data space");
  const Id attribute(H5Acreate2(object, name.c_str(), file_type(type), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                     "creating attribute " + name);
  check(H5Awrite(attribute.get(), memory_type(type), data), "writing attribute " + name);
}

void overwrite_attribute(hid_t object, const std::string& name, const std::string& text) {
  const OpenAttribute open(object, name);
  const std::size_t room = H5Tget_size(open.type.get());
  if (!is_text(open.type.get()) || text.size() > room) throw Error("overwriting attribute " + name + ": there is no room for the text", 0);
  check(H5Awrite(open.attribute.get(), open.type.get(), padded({text}, room).data()), "overwriting attribute " + name);
}

void overwrite_attribute(hid_t object, const std::string& name, double value) {
  const OpenAttribute open(object, name);
  check(H5Awrite(open.attribute.get(), H5T_NATIVE_DOUBLE, &value), "overwriting attribute " + name);
}

bool has_attribute(hid_t object, const std::string& name) {
  const htri_t there = H5Aexists(object, name.c_str());
  check(there, "looking for attribute " + name);
  return there > 0;
}

std::vector<std::string> attribute_names(hid_t object) {
  std::vector<std::string> result;
  const auto add = [](hid_t, const char* name, const H5A_info_t*, void* data) -> herr_t {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  };
  hsize_t at = 0;
  check(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &at, add, &result), "listing attributes");
  return result;
}

std::string text_attribute(hid_t object, const std::string& name) {
  if (!has_attribute(object, name)) return "";
  const OpenAttribute open(object, name);
  if (!is_text(open.type.get())) return "";
  RawValue value(open.type.get(), open.space());
  if (value.count() != 1) return "";
  check(H5Aread(open.attribute.get(), open.type.get(), value.data()), "reading attribute " + name);
  return value.text(0);
}

void read_attribute(hid_t object, const std::string& name, hid_t type, void* data) {
  const OpenAttribute open(object, name);
  if (H5Sget_simple_extent_npoints(open.space().get()) != 1) throw Error("reading attribute " + name + ": it is no single number", 0);
  check(H5Aread(open.attribute.get(), type, data), "reading attribute " + name);
}

void copy_attribute(hid_t from, hid_t to, const std::string& name) {
  const OpenAttribute open(from, name);
  RawValue value(open.type.get(), open.space());
  check(H5Aread(open.attribute.get(), open.type.get(), value.data()), "reading attribute " + name);
  if (is_text(open.type.get())) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < value.count(); ++i) texts.push_back(value.text(i));
    create_text_attribute(to, name, value.space(), texts, H5Tis_variable_str(open.type.get()) > 0 ? 0 : H5Tget_size(open.type.get()));
    return;
  }
  if (has_attribute(to, name)) check(H5Adelete(to, name.c_str()), "replacing attribute " + name);
  const Id copy(H5Acreate2(to, name.c_str(), open.type.get(), value.space(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, "creating attribute " + name);
  check(H5Awrite(copy.get(), open.type.get(), value.data()), "writing attribute " + name);
}

AttributeValue attribute_value(hid_t object, const std::string& name) {
  const OpenAttribute open(object, name);
  const auto element = element_type_of(open.type.get());
  if (!element && !is_text(open.type.get())) throw Error("reading attribute " + name + ": unknown type", 0);
  RawValue value(open.type.get(), open.space());
  check(H5Aread(open.attribute.get(), open.type.get(), value.data()), "reading attribute " + name);
  return {element ? std::to_string(static_cast<int>(*element)) : "text", value.all()};
}

}  // namespace paracrine::sim::io::h5
