#pragma once
#include <functional>
#include <map>
#include <string>

#include "sim/io/checksum.hpp"
#include "sim/io/hdf5.hpp"

namespace paracrine::sim::io {

/// What a walk through a file takes into account: names, types, shapes, values, attributes and the scale of every dimension, in the order of names.
/// How values are stored does not matter, and neither does the length for which texts have room.
struct ContentRules {
  std::function<bool(const std::string& path)> skip = {};                                     // objects that are left out
  std::function<bool(const std::string& path, const std::string& attribute)> skip_attribute;  // attributes that are left out
  std::function<hsize_t(const std::string& path, hid_t dataset)> rows = {};                   // that count, of the first dimension; empty: all
  std::map<std::string, Checksum>* values = nullptr;  // of datasets whose values need not be read; those that do not grow are added
};
Checksum content_checksum(hid_t file, const ContentRules& rules);

/// The checksum that a finished file carries: of everything in it but the checksum itself. `values`: of datasets whose values need not be read.
Checksum file_checksum(hid_t file, std::map<std::string, Checksum> values = {});
/// The first link of a run's chain of commits: of what does not change while the run goes on. It leaves out the rows, and what its end or a resumed
/// run overwrites. `values`: where to keep the checksums of datasets that do not grow.
Checksum beginning_checksum(hid_t file, std::map<std::string, Checksum>* values = nullptr);

/// Hash of the first `rows` of a dataset's values.
Checksum values_checksum(hid_t dataset, hsize_t rows);
/// Calls use(data, first, count) for blocks of rows until `rows` are read.
void for_each_block(hid_t dataset, ElementType type, hsize_t rows, const std::function<void(const char* data, hsize_t first, hsize_t count)>& use);
/// Bytes of one row of a dataset of numbers.
std::size_t row_bytes(hid_t dataset, ElementType type);

/// Whether a dataset is a dimension scale without values: netCDF's way to give a dimension a length.
bool stands_for_length(hid_t dataset);
/// Whether a dataset can grow.
bool grows(hid_t dataset);
/// Attributes of HDF5 and netCDF-4 that say how objects are connected, not what they mean.
bool belongs_to_scales(const std::string& attribute);
/// Root attributes that may differ between equal runs.
bool belongs_to_occasion(const std::string& attribute);

}  // namespace paracrine::sim::io
