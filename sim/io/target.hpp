#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/io/hdf5.hpp"

namespace paracrine::sim::io {

/// Doubles in the element type of a column; NaN becomes the type's missing value.
std::vector<std::byte> converted(const std::vector<double>& values, ElementType type);

/// One dataset that grows by rows.
class Target {
 public:
  Target(hid_t file, const std::string& path) : dataset_(h5::open_dataset(file, path)) {}
  template <class T>
  void append(hsize_t first, hsize_t count, const std::vector<T>& values) {
    append(first, count, element_type<T>(), values.data());
  }
  void append(hsize_t first, hsize_t count, ElementType type, const void* data) {
    if (count == 0) return;
    h5::grow(dataset_.get(), first + count);
    h5::write_rows(dataset_.get(), h5::memory_type(type), first, count, data);
    changed_ = true;
  }
  void grow(hsize_t length) {
    h5::grow(dataset_.get(), length);
    changed_ = true;
  }
  void flush() {
    if (changed_) h5::check(H5Dflush(dataset_.get()), "writing to the disk");
    changed_ = false;
  }
  hid_t get() const { return dataset_.get(); }
  void close() { dataset_.close("closing a dataset"); }
  void abandon() { dataset_.abandon(); }

 private:
  h5::Id dataset_;
  bool changed_ = false;
};

}  // namespace paracrine::sim::io
