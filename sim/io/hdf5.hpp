#pragma once
#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"

/// The HDF5 C library behind a small layer: identifiers that close themselves, errors as exceptions, typed datasets and attributes.
namespace paracrine::sim::io::h5 {

/// A call of the HDF5 library failed. what() is what was being done and the innermost description of the library's error stack.
class Error : public std::runtime_error {
 public:
  Error(const std::string& what, int system_error) : std::runtime_error(what), system_error_(system_error) {}
  int system_error() const { return system_error_; }  // errno of the operating system; 0 when it was not the cause

 private:
  int system_error_;
};

[[noreturn]] void fail(const std::string& doing);
inline void check(herr_t status, const std::string& doing) {
  if (status < 0) fail(doing);
}

/// Owns one HDF5 identifier.
class Id {
 public:
  using Close = herr_t (*)(hid_t);
  Id() = default;
  Id(hid_t id, Close closer, const std::string& doing) : id_(id), close_(closer) {
    if (id < 0) fail(doing);
  }
  Id(Id&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = H5I_INVALID_HID; }
  Id& operator=(Id&& other) noexcept;
  ~Id();
  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  void close(const std::string& doing);      // throws Error, unlike the destructor
  void abandon() { id_ = H5I_INVALID_HID; }  // forgets the identifier and leaves it open

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// live: the format of HDF5 1.10, in which a file can be read while it grows. compatible: the oldest format that holds the content.
enum class Format { live, compatible };

/// Creates a file; it must not exist unless `replace`.
Id create_file(const std::string& path, Format format, bool replace = false);
/// Opens a file to change it. live: a process killed meanwhile leaves it readable.
Id open_for_writing(const std::string& path, bool live);
/// Opens a file for reading: a closed one, one that is being written in SWMR mode, or one whose SWMR writer was killed.
Id open_for_reading(const std::string& path);
/// Whether a file was opened as one that its writer did not close.
bool is_live(hid_t file);
void flush_file(hid_t file);
void sync_file(hid_t file);  // fdatasync of what was flushed

hid_t memory_type(ElementType type);
hid_t file_type(ElementType type);
/// The element type of a numeric dataset or attribute type; none for texts and others.
std::optional<ElementType> element_type_of(hid_t type);
bool is_text(hid_t type);
Id text_type(std::size_t length);  // UTF-8 of that many bytes, padded with zeros

Id create_group(hid_t parent, const std::string& name);
bool exists(hid_t parent, const std::string& name);
std::vector<std::string> names(hid_t group, bool in_order_of_creation = false);
bool is_group(hid_t parent, const std::string& name);
Id open_group(hid_t parent, const std::string& name);
Id open_dataset(hid_t parent, const std::string& name);
Id type_of_dataset(hid_t dataset);

struct DatasetSpec {
  ElementType type = ElementType::f64;
  std::vector<hsize_t> extent;
  std::vector<hsize_t> chunk;  // empty: contiguous
  bool growing = false;        // along the first dimension
  bool compressed = false;     // shuffle and gzip-1
  bool checksum = false;       // Fletcher32
  const void* fill = nullptr;  // of the same type
};
Id create_dataset(hid_t parent, const std::string& name, const DatasetSpec& spec);
/// A text, or a list of texts, as an array of characters padded with zeros, whose last dimension is named after its length. (Of lists of strings of
/// a fixed length, netCDF 4.9.0 reads wrong values.)
Id create_text(hid_t parent, const std::string& name, const std::string& text);
Id create_texts(hid_t parent, const std::string& name, const std::vector<std::string>& texts);
/// Strings of variable length, as format 1 has them.
Id create_strings(hid_t parent, const std::string& name, const std::vector<hsize_t>& size, const std::vector<std::string>& texts);
std::vector<hsize_t> extent(hid_t dataset);
void grow(hid_t dataset, hsize_t rows);
/// `count` rows along the first dimension, beginning at `first`, in memory type `type`. Other dimensions whole.
void write_rows(hid_t dataset, hid_t type, hsize_t first, hsize_t count, const void* data);
void read_rows(hid_t dataset, hid_t type, hsize_t first, hsize_t count, void* data);
void write_all(hid_t dataset, hid_t type, const void* data);
void read_all(hid_t dataset, hid_t type, void* data);
/// Whether a type is that of the characters of which texts are made.
bool is_characters(hid_t type);
/// Texts from arrays of characters, or from the strings of format 1.
std::string read_text(hid_t dataset);
std::vector<std::string> read_texts(hid_t dataset, hsize_t count);
template <class T>
std::vector<T> read_vector(hid_t dataset, hsize_t count) {
  std::vector<T> values(count);
  if (count > 0) read_rows(dataset, memory_type(element_type<T>()), 0, count, values.data());
  return values;
}

/// Attributes; an old one of the same name is replaced. `room`: bytes that are kept for a longer text.
void set_attribute(hid_t object, const std::string& name, const std::string& text, std::size_t room = 0);
void set_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts);
void set_attribute(hid_t object, const std::string& name, ElementType type, const void* data, std::optional<hsize_t> count = {});
template <class T>
  requires std::is_arithmetic_v<T>
void set_attribute(hid_t object, const std::string& name, T value) {
  set_attribute(object, name, element_type<T>(), &value);
}
/// A new value for an attribute that is there, in place: neither its message nor the list of attributes changes.
void overwrite_attribute(hid_t object, const std::string& name, const std::string& text);
void overwrite_attribute(hid_t object, const std::string& name, double value);
bool has_attribute(hid_t object, const std::string& name);
std::vector<std::string> attribute_names(hid_t object);             // sorted
std::string text_attribute(hid_t object, const std::string& name);  // "" when absent or no text
void read_attribute(hid_t object, const std::string& name, hid_t type, void* data);
template <class T>
T number_attribute(hid_t object, const std::string& name) {
  T value{};
  if (has_attribute(object, name)) read_attribute(object, name, memory_type(element_type<T>()), &value);
  return value;
}
/// Copies an attribute (numbers or texts of any shape) to another object; texts get a fixed length.
void copy_attribute(hid_t from, hid_t to, const std::string& name);
/// An attribute's value, for comparing: "text" or the code of its element type, and its bytes, texts without their padding.
struct AttributeValue {
  std::string kind, bytes;
};
AttributeValue attribute_value(hid_t object, const std::string& name);

/// Makes a dataset a dimension scale. Without `variable` it stands only for the dimension's length, as netCDF-4 marks it.
void make_scale(hid_t dataset, const std::string& name, bool variable);
void attach_scale(hid_t dataset, hid_t scale, unsigned dimension);
bool is_scale(hid_t dataset);
/// Absolute path of the scale of each dimension of a dataset; "" where there is none.
std::vector<std::string> scales(hid_t dataset);

/// The value that marks a missing one: NaN, the largest unsigned or the smallest signed number. 8 bytes hold it.
const void* missing_value(ElementType type);

}  // namespace paracrine::sim::io::h5
