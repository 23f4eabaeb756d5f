#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/io/checksum.hpp"
#include "sim/io/hdf5.hpp"

namespace paracrine::sim::io {

/// Doubles in the element type of a column; NaN becomes the type's missing value.
std::vector<std::byte> converted(const std::vector<double>& values, ElementType type);

/// One dataset that grows by rows, and the checksums of what it got.
class Target {
 public:
  Target(hid_t file, const std::string& path);
  const std::string& path() const { return path_; }

  template <class T>
  void append(hsize_t first, hsize_t count, const std::vector<T>& values) {
    append(first, count, element_type<T>(), values.data());
  }
  void append(hsize_t first, hsize_t count, ElementType type, const void* data) {
    hash(count, type, data);
    write(first, count, type, data);
  }
  /// The two halves of append, for what is written later than it is known.
  void hash(hsize_t count, ElementType type, const void* data);
  void write(hsize_t first, hsize_t count, ElementType type, const void* data);
  /// Lengthens a dimension without values.
  void grow(hsize_t length);
  /// Takes the first `rows`, which are in the file already, into the checksum of the whole.
  void read_back(ElementType type, hsize_t rows);
  void flush();

  /// Checksum of what was hashed since the last call; none: nothing was.
  std::optional<Checksum> take_added();
  Checksum whole() const { return whole_.result(); }

  hid_t get() const { return dataset_.get(); }
  void close() { dataset_.close("closing a dataset"); }
  void abandon() { dataset_.abandon(); }

 private:
  std::string path_;
  h5::Id dataset_;
  std::size_t row_values_ = 1;
  Hash added_, whole_;
  bool any_added_ = false, changed_ = false;
};

}  // namespace paracrine::sim::io
