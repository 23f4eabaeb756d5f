#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/io/reading.hpp"

namespace paracrine::sim::io::h5 {

namespace {

constexpr int deepest = 8;
constexpr std::size_t most_objects = 20000;
constexpr hsize_t most_attributes = 256;  // of one object
constexpr int most_dimensions = 8;
constexpr std::uint64_t largest_chunk = std::uint64_t{1} << 28;      // bytes
constexpr std::uint64_t largest_attribute = std::uint64_t{1} << 20;  // bytes
constexpr std::uint64_t largest_text = std::uint64_t{1} << 26;       // bytes
/// Deflate makes 1032 bytes of one at the most; behind it stand the checksums of the chunks.
constexpr std::uint64_t most_expansion = 1100;
/// Bytes that a dataset may be longer than what is stored of it: a live file grows before its values arrive.
constexpr std::uint64_t slack = std::uint64_t{1} << 26;

[[noreturn]] void refuse(const std::string& path, const std::string& why) { throw Error(fmt::format("{}: {}", path, why), 0); }

/// The product of two sizes; refused when it is no longer a number of 64 bits.
std::uint64_t product(std::uint64_t a, std::uint64_t b, const std::string& path) {
  std::uint64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) refuse(path, "its size overflows");
  return result;
}

class Structure {
 public:
  Structure(hid_t file, std::uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {}

  void group(const std::string& path, int depth) {
    if (depth > deepest) refuse(path, fmt::format("groups are nested more than {} deep", deepest));
    const Id group = open_group(file_, path);
    H5O_info_t info;
    check(H5Oget_info2(group.get(), &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS), "looking at " + path);
    if (depth == 0) met_.insert(info.addr);
    attributes(group.get(), path, info.num_attrs);
    for (const auto& name : names(group.get())) {
      const std::string inner = (path == "/" ? "/" : path + "/") + name;
      if (++objects_ > most_objects) refuse(path, fmt::format("the file holds more than {} objects", most_objects));
      object(group.get(), name, inner, depth);
    }
  }

 private:
  void object(hid_t parent, const std::string& name, const std::string& path, int depth) {
    H5L_info_t link;
    check(H5Lget_info(parent, name.c_str(), &link, H5P_DEFAULT), "looking at " + path);
    if (link.type == H5L_TYPE_SOFT) refuse(path, "it is a soft link");
    if (link.type != H5L_TYPE_HARD) refuse(path, "it is an external link");
    H5O_info_t info;
    check(H5Oget_info_by_name2(parent, name.c_str(), &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS, H5P_DEFAULT), "looking at " + path);
    if (!met_.insert(info.addr).second) refuse(path, "it is an object that has another name already");
    if (info.type == H5O_TYPE_GROUP) return group(path, depth + 1);
    if (info.type != H5O_TYPE_DATASET) refuse(path, "it is neither a group nor a dataset");
    const Id dataset = open_dataset(parent, name);
    attributes(dataset.get(), path, info.num_attrs);
    values(dataset.get(), path);
  }

  void values(hid_t dataset, const std::string& path) const {
    const Id type = type_of_dataset(dataset);
    if (!element_type_of(type.get()) && !is_text(type.get())) refuse(path, "its type is none of ours");
    const Id list(H5Dget_create_plist(dataset), H5Pclose, "reading a creation list");
    const std::vector<hsize_t> size = extent(dataset);
    if (size.size() > most_dimensions) refuse(path, "it has too many dimensions");
    const H5D_layout_t layout = H5Pget_layout(list.get());
    if (layout == H5D_VIRTUAL) refuse(path, "it is a virtual dataset");
    if (H5Pget_external_count(list.get()) != 0) refuse(path, "its values are stored in another file");
    if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT && layout != H5D_CHUNKED) refuse(path, "its layout is unknown");
    filters(list.get(), path);
    std::uint64_t bytes = H5Tget_size(type.get());
    if (is_text(type.get()) && bytes > largest_text) refuse(path, "its texts are too long");
    if (layout == H5D_CHUNKED) chunks(list.get(), bytes, size.size(), path);
    for (const hsize_t length : size) bytes = product(bytes, length, path);
    fits(dataset, layout, bytes, path);
  }

  static void filters(hid_t list, const std::string& path) {
    const int count = H5Pget_nfilters(list);
    for (int i = 0; i < count; ++i) {
      unsigned flags = 0, config = 0;
      std::size_t values = 0;
      const H5Z_filter_t filter = H5Pget_filter2(list, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &config);
      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
        refuse(path, "it is stored with an unknown filter");
    }
  }

  static void chunks(hid_t list, std::uint64_t element_bytes, std::size_t rank, const std::string& path) {
    std::vector<hsize_t> chunk(most_dimensions);
    const int own = H5Pget_chunk(list, most_dimensions, chunk.data());
    if (own < 0 || static_cast<std::size_t>(own) != rank) refuse(path, "its chunks have another number of dimensions");
    std::uint64_t bytes = element_bytes;
    for (std::size_t i = 0; i < rank; ++i) bytes = product(bytes, chunk[i], path);
    if (bytes > largest_chunk) refuse(path, "its chunks are too large");
  }

  void fits(hid_t dataset, H5D_layout_t layout, std::uint64_t bytes, const std::string& path) const {
    if (bytes <= slack) return;
    // a dimension without values has a length and nothing stored
    if (layout == H5D_CHUNKED && text_attribute(dataset, "NAME").starts_with("This is a netCDF dimension but not a netCDF variable")) return;
    const std::uint64_t stored = layout == H5D_CHUNKED ? std::min<std::uint64_t>(H5Dget_storage_size(dataset), file_bytes_) : file_bytes_;
    const std::uint64_t expansion = layout == H5D_CHUNKED ? most_expansion : 1;
    if ((bytes - slack) / expansion > stored) refuse(path, "its size is more than the file can hold");
  }

  static void attributes(hid_t object, const std::string& path, hsize_t count) {
    if (count > most_attributes) refuse(path, "it has too many attributes");
    for (const auto& name : attribute_names(object)) {
      const std::string where = fmt::format("attribute {} of {}", name, path);
      const Id attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "opening " + where);
      const Id type(H5Aget_type(attribute.get()), H5Tclose, "reading the type of " + where);
      const Id space(H5Aget_space(attribute.get()), H5Sclose, "reading the space of " + where);
      const int rank = H5Sget_simple_extent_ndims(space.get());
      const hssize_t values = H5Sget_simple_extent_npoints(space.get());
      if (rank < 0 || rank > 1 || values < 0) refuse(where, "expected a single value or a list");
      if (product(static_cast<std::uint64_t>(values), H5Tget_size(type.get()), where) > largest_attribute) refuse(where, "it is too large");
      const bool of_scales = name == "DIMENSION_LIST" || name == "REFERENCE_LIST";
      const bool ours = of_scales ? is_list_of_scales(object, name, type.get(), values) : element_type_of(type.get()) || is_text(type.get());
      if (!ours) refuse(where, "its type is none of ours");
    }
  }

  /// The two attributes in which HDF5 keeps which dimension scale belongs to which dimension. The library reads the first without looking at its
  /// type.
  static bool is_list_of_scales(hid_t object, const std::string& name, hid_t type, hssize_t values) {
    if (name == "REFERENCE_LIST") return H5Tget_class(type) == H5T_COMPOUND;
    if (H5Iget_type(object) != H5I_DATASET || H5Tget_class(type) != H5T_VLEN) return false;
    const Id base(H5Tget_super(type), H5Tclose, "reading a type");
    return H5Tequal(base.get(), H5T_STD_REF_OBJ) > 0 && static_cast<std::size_t>(values) == extent(object).size();
  }

  hid_t file_;
  std::uint64_t file_bytes_;
  std::set<haddr_t> met_;
  std::size_t objects_ = 0;
};

}  // namespace

void check_structure(hid_t file, std::uint64_t file_bytes) { Structure(file, file_bytes).group("/", 0); }

}  // namespace paracrine::sim::io::h5
