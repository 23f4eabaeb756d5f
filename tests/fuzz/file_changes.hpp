#pragma once
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "sim/io/hdf5.hpp"

/// Changes of a result file through the HDF5 library, chosen by the input of a fuzz target.
namespace paracrine::fuzz {

/// The input, taken number by number; behind its end are zeros.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const std::size_t taken = std::min(bytes, left_);
    std::memcpy(&value, data_, taken);
    data_ += taken;
    left_ -= taken;
    return value;
  }
  std::size_t below(std::size_t count) { return number(1) % count; }
  const std::string& path(const std::vector<std::string>& paths) { return paths[number(1) % paths.size()]; }
  /// An amount that is small, impossible, or anything.
  std::uint64_t amount() {
    constexpr std::array<std::uint64_t, 8> odd{0, 1, 2, 7, 1ULL << 16, 1ULL << 32, 1ULL << 62, std::numeric_limits<std::uint64_t>::max()};
    const std::size_t which = below(odd.size() + 2);
    if (which < odd.size()) return odd[which];
    return which == odd.size() ? number(1) : number(8);
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

/// Changes of one file. What libhdf5 refuses to do is left undone.
class Changes {
 public:
  Changes(hid_t file, const std::vector<std::string>& paths, Choices& choices) : file_(file), paths_(paths), choices_(choices) {}

  void apply() {
    switch (choices_.below(13)) {
      case 0:
        return value();
      case 1:
        return values();
      case 2:
        return recreate();
      case 3:
        return grow();
      case 4:
        return attribute();
      case 5:
        return delete_attribute();
      case 6:
        return link();
      case 7:
        return remove();
      case 8:
        return nest();
      case 9:
        return stored_elsewhere();
      case 10:
        return text();
      case 11:
        return scale();
      default:
        return reference_list();
    }
  }

 private:
  hid_t type() {
    const std::array<hid_t, 14> types{H5T_IEEE_F64LE, H5T_IEEE_F32LE,  H5T_STD_I64LE,      H5T_STD_I32LE, H5T_STD_U64LE,
                                      H5T_STD_U32LE,  H5T_STD_U8LE,    H5T_IEEE_F64BE,     H5T_STD_I8LE,  H5T_C_S1,
                                      H5T_STD_B64LE,  H5T_STD_REF_OBJ, H5T_NATIVE_LDOUBLE, H5T_UNIX_D32LE};
    const std::size_t which = choices_.below(types.size() + 4);
    if (which < types.size()) return H5Tcopy(types[which]);
    if (which == types.size()) return H5Tvlen_create(H5T_STD_REF_OBJ);
    if (which == types.size() + 1) return H5Tvlen_create(H5T_IEEE_F64LE);
    if (which == types.size() + 2) return H5Tcreate(H5T_COMPOUND, 1 + choices_.number(2));
    const hid_t text = H5Tcopy(H5T_C_S1);
    const std::uint64_t length = choices_.amount();
    H5Tset_size(text, length == 0 ? H5T_VARIABLE : std::min<std::uint64_t>(length, 1U << 20));
    return text;
  }

  hid_t space(std::vector<hsize_t>& size) {
    size.clear();
    const std::size_t rank = choices_.below(6);
    if (rank == 5) return H5Screate(H5S_NULL);
    std::vector<hsize_t> largest;
    for (std::size_t i = 0; i < rank; ++i) {
      size.push_back(choices_.amount());
      largest.push_back(choices_.below(2) ? H5S_UNLIMITED : size.back());
    }
    return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(rank), size.data(), largest.data());
  }

  hid_t creation(const std::vector<hsize_t>& size) {
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (!size.empty() && choices_.below(4) != 0) {
      std::vector<hsize_t> chunk;
      for (std::size_t i = 0; i < size.size(); ++i) chunk.push_back(1 + choices_.amount() % 1000000);
      H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data());
      const std::size_t filters = choices_.number(1);
      if (filters & 1) H5Pset_shuffle(list);
      if (filters & 2) H5Pset_deflate(list, 1);
      if (filters & 4) H5Pset_fletcher32(list);
      if (filters & 8) H5Pset_nbit(list);
      if (filters & 16) H5Pset_scaleoffset(list, H5Z_SO_INT, 0);
    } else if (choices_.below(2) != 0) {
      H5Pset_layout(list, H5D_COMPACT);
    }
    const std::uint64_t fill = choices_.number(8);
    H5Pset_fill_value(list, H5T_NATIVE_UINT64, &fill);
    return list;
  }

  /// One number of a dataset of numbers: of its bytes, whatever they mean.
  void value() {
    const hid_t dataset = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT);
    const std::size_t place = choices_.number(2);
    constexpr std::array odd{0.0, -1.0, 1e300, -1e300, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
    const std::size_t which = choices_.below(odd.size() + 1);
    const std::uint64_t bits = choices_.amount();
    edit(dataset, [&](std::vector<char>& bytes, std::size_t width, bool real) {
      char* at = bytes.data() + place % (bytes.size() / width) * width;
      if (real && width == 8 && which < odd.size())
        std::memcpy(at, &odd[which], width);
      else
        std::memcpy(at, &bits, std::min<std::size_t>(width, sizeof bits));
    });
    H5Dclose(dataset);
  }

  /// All numbers of a dataset: reversed, or all the same.
  void values() {
    const hid_t dataset = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT);
    const bool reversed = choices_.below(2) != 0;
    const auto byte = static_cast<char>(choices_.number(1));
    edit(dataset, [&](std::vector<char>& bytes, std::size_t width, bool) {
      if (!reversed) return std::fill(bytes.begin(), bytes.end(), byte);
      std::reverse(bytes.begin(), bytes.end());
      for (std::size_t i = 0; i + width <= bytes.size(); i += width) std::reverse(bytes.data() + i, bytes.data() + i + width);
    });
    H5Dclose(dataset);
  }

  template <class Change>
  void edit(hid_t dataset, const Change& change) {
    constexpr hssize_t most = 1 << 16;
    const hid_t own = H5Dget_type(dataset), extent = H5Dget_space(dataset);
    const hssize_t count = H5Sget_simple_extent_npoints(extent);
    const std::size_t width = own >= 0 ? H5Tget_size(own) : 0;
    const H5T_class_t kind = H5Tget_class(own);
    if (count > 0 && count < most && (kind == H5T_INTEGER || kind == H5T_FLOAT || (kind == H5T_STRING && H5Tis_variable_str(own) == 0))) {
      std::vector<char> bytes(static_cast<std::size_t>(count) * width);
      if (H5Dread(dataset, own, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0) {
        change(bytes, width, kind == H5T_FLOAT);
        H5Dwrite(dataset, own, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
      }
    }
    H5Sclose(extent);
    H5Tclose(own);
  }

  void recreate() {
    const std::string path = choices_.path(paths_);
    H5Ldelete(file_, path.c_str(), H5P_DEFAULT);
    std::vector<hsize_t> size;
    const hid_t own = type(), extent = space(size), list = creation(size);
    const hid_t dataset = H5Dcreate2(file_, path.c_str(), own, extent, H5P_DEFAULT, list, H5P_DEFAULT);
    if (dataset >= 0) H5Dclose(dataset);
    H5Pclose(list);
    H5Sclose(extent);
    H5Tclose(own);
  }

  void grow() {
    const hid_t dataset = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT), extent = H5Dget_space(dataset);
    std::array<hsize_t, 32> size{};
    if (H5Sget_simple_extent_ndims(extent) > 0 && H5Sget_simple_extent_dims(extent, size.data(), nullptr) > 0) {
      size[0] = choices_.amount();
      H5Dset_extent(dataset, size.data());
    }
    H5Sclose(extent);
    H5Dclose(dataset);
  }

  /// The root or one of the objects.
  hid_t object() {
    const std::size_t which = choices_.number(1) % (paths_.size() + 1);
    return H5Oopen(file_, which == 0 ? "/" : paths_[which - 1].c_str(), H5P_DEFAULT);
  }

  void attribute() {
    constexpr std::array names{"checksum",       "status",   "seed",           "end_time_s",         "wall_time_s",
                               "schema_version", "filetype", "units",          "_FillValue",         "DIMENSION_LIST",
                               "CLASS",          "NAME",     "REFERENCE_LIST", "_Netcdf4Dimid",      "flag_meanings",
                               "flag_values",    "new",      "run_id",         "_Netcdf4Coordinates"};
    const hid_t at = object();
    const char* name = names[choices_.below(names.size())];
    H5Adelete(at, name);
    std::vector<hsize_t> size;
    const hid_t own = type(), extent = space(size);
    const hid_t made = H5Acreate2(at, name, own, extent, H5P_DEFAULT, H5P_DEFAULT);
    const hssize_t count = H5Sget_simple_extent_npoints(extent);
    const H5T_class_t kind = H5Tget_class(own);
    if (made >= 0 && count > 0 && count < 4096 && kind != H5T_VLEN && kind != H5T_COMPOUND && H5Tis_variable_str(own) <= 0) {
      const std::vector<char> bytes(static_cast<std::size_t>(count) * H5Tget_size(own), static_cast<char>(choices_.number(1)));
      H5Awrite(made, own, bytes.data());
    }
    H5Aclose(made);
    H5Sclose(extent);
    H5Tclose(own);
    H5Oclose(at);
  }

  void delete_attribute() {
    const hid_t at = object();
    H5Adelete_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, choices_.number(1) % 8, H5P_DEFAULT);
    H5Oclose(at);
  }

  void link() {
    const std::string from = choices_.path(paths_), to = choices_.below(4) == 0 ? "/" : choices_.path(paths_);
    const std::size_t kind = choices_.below(4);
    const std::string name = choices_.below(2) != 0 ? from : from + "_x";
    H5Ldelete(file_, name.c_str(), H5P_DEFAULT);
    if (kind == 0) H5Lcreate_soft(to.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (kind == 1) H5Lcreate_external("other.h5", to.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (kind == 2) H5Lcreate_hard(file_, to.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (kind == 3) H5Lmove(file_, to.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }

  void remove() { H5Ldelete(file_, choices_.path(paths_).c_str(), H5P_DEFAULT); }

  void nest() {
    std::string path = choices_.below(2) != 0 ? "/agents" : "/x";
    for (std::size_t depth = choices_.below(40); depth > 0; --depth) {
      const hid_t group = H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      if (group >= 0) H5Gclose(group);
      path += "/g";
    }
  }

  /// A dataset whose values lie in another file, or in other datasets.
  void stored_elsewhere() {
    const std::string path = choices_.path(paths_), other = choices_.path(paths_);
    const bool is_virtual = choices_.below(2) != 0;
    H5Ldelete(file_, path.c_str(), H5P_DEFAULT);
    const hsize_t rows = 6;
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE), extent = H5Screate_simple(1, &rows, nullptr);
    if (is_virtual)
      H5Pset_virtual(list, extent, choices_.below(2) != 0 ? "." : "/dev/zero", other.c_str(), extent);
    else
      H5Pset_external(list, "/dev/zero", 0, H5F_UNLIMITED);
    const hid_t dataset = H5Dcreate2(file_, path.c_str(), H5T_IEEE_F64LE, extent, H5P_DEFAULT, list, H5P_DEFAULT);
    if (dataset >= 0) H5Dclose(dataset);
    H5Sclose(extent);
    H5Pclose(list);
  }

  /// A text or a list of texts of some length, with any byte.
  void text() {
    const std::string path = choices_.path(paths_);
    const std::size_t length = choices_.number(2), count = choices_.below(5);
    H5Ldelete(file_, path.c_str(), H5P_DEFAULT);
    const std::string one(length, static_cast<char>(choices_.number(1)));
    try {
      if (count == 0)
        sim::io::h5::create_text(file_, path, one);
      else if (choices_.below(2) != 0)
        sim::io::h5::create_strings(file_, path, {count}, std::vector(count, one));
      else
        sim::io::h5::create_texts(file_, path, std::vector(count, one));
    } catch (const sim::io::h5::Error&) {
    }
  }

  /// Makes a dataset the scale of another's dimension.
  void scale() {
    const hid_t dataset = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT),
                other = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT);
    const auto dimension = static_cast<unsigned>(choices_.below(3));
    try {
      if (dataset >= 0 && other >= 0) sim::io::h5::attach_scale(dataset, other, dimension);
    } catch (const sim::io::h5::Error&) {
    }
    H5Dclose(other);
    H5Dclose(dataset);
  }

  /// The list of scales of a dataset, of the right type, with references that lead anywhere.
  void reference_list() {
    const hid_t dataset = H5Dopen2(file_, choices_.path(paths_).c_str(), H5P_DEFAULT);
    H5Adelete(dataset, "DIMENSION_LIST");
    const hsize_t count = 1 + choices_.below(3);
    std::vector<hobj_ref_t> references;
    for (hsize_t i = 0; i < count; ++i) {
      hobj_ref_t reference = choices_.amount();
      if (choices_.below(2) != 0) H5Rcreate(&reference, file_, choices_.path(paths_).c_str(), H5R_OBJECT, -1);
      references.push_back(reference);
    }
    std::vector<hvl_t> lists(count);
    for (auto& list : lists) list = {.len = choices_.below(static_cast<std::size_t>(count) + 1), .p = references.data()};
    const hid_t own = H5Tvlen_create(H5T_STD_REF_OBJ), extent = H5Screate_simple(1, &count, nullptr);
    const hid_t made = H5Acreate2(dataset, "DIMENSION_LIST", own, extent, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(made, own, lists.data());
    H5Aclose(made);
    H5Sclose(extent);
    H5Tclose(own);
    H5Dclose(dataset);
  }

  hid_t file_;
  const std::vector<std::string>& paths_;
  Choices& choices_;
};

}  // namespace paracrine::fuzz
