#include "sim/io/hdf5.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5_hl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace paracrine::sim::io::h5 {

namespace {

/// Keeps the first description that a walk from the innermost error outwards meets.
herr_t keep_first(unsigned, const H5E_error2_t* error, void* data) {
  auto& text = *static_cast<std::string*>(data);
  if (text.empty() && error->desc != nullptr) text = error->desc;
  return 0;
}

/// libhdf5 1.10 crashes where it finds no memory, so what it may need while a file is opened must be there. std::bad_alloc otherwise.
void require_memory() {
  constexpr std::size_t needed = std::size_t{32} << 20;
  void* const trial = mmap(nullptr, needed, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (trial == MAP_FAILED) throw std::bad_alloc();
  munmap(trial, needed);
}

/// Settings that must stand before the library's first call: readers may open a file that grows, and a file that failed is not closed at the exit.
void prepare_library() {
  require_memory();
  H5dont_atexit();
  setenv("HDF5_USE_FILE_LOCKING", "BEST_EFFORT", 0);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// Metadata that a writer is changing are read again until their checksum is right; the library doubles its pause each time, 1 ns at first, so that
/// its own 100 attempts would never end on a file that is damaged.
constexpr unsigned most_attempts = 24;

Id access_list(Format format) {
  Id list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "making an access list");
  const bool live = format == Format::live;
  check(H5Pset_libver_bounds(list.get(), live ? H5F_LIBVER_V110 : H5F_LIBVER_EARLIEST, live ? H5F_LIBVER_V110 : H5F_LIBVER_V18),
        "setting the format");
  if (live) check(H5Pset_metadata_read_attempts(list.get(), most_attempts), "setting the number of attempts");
  return list;
}

constexpr unsigned most_attributes = 64;  // that stay in the object's header
constexpr unsigned most_links = 1024;

/// A write that SIGKILL interrupts ends at a page of memory. Metadata smaller than a page of the file never cross one, so they are never torn.
constexpr hsize_t memory_page = 4096;

/// While it lives, groups made with the library's default settings keep no times. The header that says how a file's space is handed out is such a
/// group, and has no settings of its own.
class WithoutTimes {
 public:
  WithoutTimes() {
    check(H5Pget_obj_track_times(list_, &before_), "asking for times");
    check(H5Pset_obj_track_times(list_, false), "switching times off");
  }
  ~WithoutTimes() { H5Pset_obj_track_times(list_, before_); }
  WithoutTimes(const WithoutTimes&) = delete;
  WithoutTimes& operator=(const WithoutTimes&) = delete;

 private:
  hid_t list_ = H5P_LST_GROUP_CREATE_ID_g;
  hbool_t before_ = true;
};

/// Links in the order of creation, no times, and attributes in the header, where one can be overwritten in place. Links in the header too:
/// libhdf5 1.10 can crash on a damaged heap of links, while a damaged header is noticed by its checksum.
void prepare_group(hid_t list) {
  check(H5Pset_obj_track_times(list, false), "switching times off");
  check(H5Pset_attr_phase_change(list, most_attributes, most_attributes / 2), "keeping attributes in the header");
  check(H5Pset_link_phase_change(list, most_links, most_links / 2), "keeping links in the header");
  check(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "keeping the order of creation");
}

}  // namespace

void fail(const std::string& doing) {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  H5Eclear2(H5E_DEFAULT);
  int system_error = 0;
  if (const auto at = text.find("errno = "); at != std::string::npos) system_error = std::atoi(text.c_str() + at + 8);
  throw Error(text.empty() ? doing : doing + ": " + text, system_error);
}

Id& Id::operator=(Id&& other) noexcept {
  if (this != &other) {
    if (id_ >= 0 && close_) close_(id_);
    id_ = other.id_;
    close_ = other.close_;
    other.id_ = H5I_INVALID_HID;
  }
  return *this;
}

Id::~Id() {
  if (id_ >= 0 && close_) close_(id_);
}

void Id::close(const std::string& doing) {
  if (id_ < 0) return;
  const hid_t id = id_;
  id_ = H5I_INVALID_HID;
  check(close_(id), doing);
}

Id create_file(const std::string& path, Format format, bool replace) {
  prepare_library();
  Id creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "making a creation list");
  prepare_group(creation.get());
  if (format == Format::live) {
    check(H5Pset_file_space_strategy(creation.get(), H5F_FSPACE_STRATEGY_PAGE, false, 1), "setting pages");
    check(H5Pset_file_space_page_size(creation.get(), memory_page), "setting the size of pages");
  }
  const Id access = access_list(format);
  const WithoutTimes without_times;
  return {H5Fcreate(path.c_str(), replace ? H5F_ACC_TRUNC : H5F_ACC_EXCL, creation.get(), access.get()), H5Fclose, "creating " + path};
}

Id open_for_writing(const std::string& path, bool live) {
  prepare_library();
  const Id access = access_list(live ? Format::live : Format::compatible);
  return {H5Fopen(path.c_str(), H5F_ACC_RDWR | (live ? H5F_ACC_SWMR_WRITE : 0U), access.get()), H5Fclose, "opening " + path};
}

Id open_for_reading(const std::string& path) {
  prepare_library();
  const hid_t closed = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (closed >= 0) return {closed, H5Fclose, path};
  std::string first;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &first);
  H5Eclear2(H5E_DEFAULT);
  const Id access = access_list(Format::live);
  const hid_t live = H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access.get());
  if (live >= 0) return {live, H5Fclose, path};
  H5Eclear2(H5E_DEFAULT);
  throw Error("opening " + path + ": " + first, 0);
}

bool is_live(hid_t file) {
  unsigned intent = 0;
  check(H5Fget_intent(file, &intent), "asking how the file was opened");
  return (intent & H5F_ACC_SWMR_READ) != 0;
}

void flush_file(hid_t file) { check(H5Fflush(file, H5F_SCOPE_GLOBAL), "flushing the file"); }

void sync_file(hid_t file) {
  void* handle = nullptr;
  check(H5Fget_vfd_handle(file, H5P_DEFAULT, &handle), "finding the file's descriptor");
  if (fdatasync(*static_cast<int*>(handle)) != 0 && errno != EINVAL && errno != EROFS)
    throw Error(fmt::format("synchronising the file: {}", std::strerror(errno)), errno);
}

Id create_group(hid_t parent, const std::string& name) {
  const Id creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "making a creation list");
  prepare_group(creation.get());
  return {H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose, "creating group " + name};
}

bool exists(hid_t parent, const std::string& name) {
  const htri_t there = H5Lexists(parent, name.c_str(), H5P_DEFAULT);
  check(there, "looking for " + name);
  return there > 0;
}

std::vector<std::string> names(hid_t group, bool in_order_of_creation) {
  std::vector<std::string> result;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  };
  hsize_t at = 0;
  if (in_order_of_creation) {
    if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, add, &result) >= 0) return result;
    H5Eclear2(H5E_DEFAULT);
    result.clear();
    at = 0;
  }
  check(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, add, &result), "listing a group");
  return result;
}

bool is_group(hid_t parent, const std::string& name) {
  H5O_info_t info;
  check(H5Oget_info_by_name2(parent, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT), "looking at " + name);
  return info.type == H5O_TYPE_GROUP;
}

Id open_group(hid_t parent, const std::string& name) { return {H5Gopen2(parent, name.c_str(), H5P_DEFAULT), H5Gclose, "opening group " + name}; }

Id type_of_dataset(hid_t dataset) { return {H5Dget_type(dataset), H5Tclose, "reading a type"}; }

void make_scale(hid_t dataset, const std::string& name, bool variable) {
  const std::string text = variable ? name : fmt::format("This is a netCDF dimension but not a netCDF variable.{:10d}", extent(dataset).at(0));
  check(H5DSset_scale(dataset, text.c_str()), "making a dimension scale of " + name);
}

void attach_scale(hid_t dataset, hid_t scale, unsigned dimension) {
  check(H5DSattach_scale(dataset, scale, dimension), "attaching a dimension scale");
}

bool is_scale(hid_t dataset) { return H5DSis_scale(dataset) > 0; }

namespace {

std::string own_path(hid_t object) {
  char name[1024];
  if (H5Iget_name(object, name, sizeof name) < 0) fail("reading the path of an object");
  return name;
}

/// The path of a scale that is called as it says, in a group of `beside` or in one around that; empty when it is none of these. H5Iget_name finds the
/// path of an object that was met through a reference by looking through the whole file.
std::string path_near(const std::string& beside, hid_t scale) {
  char name[256] = {};
  H5O_info_t wanted, found;
  if (H5DSget_scale_name(scale, name, sizeof name - 1) <= 0 || std::strchr(name, '/') || H5Oget_info2(scale, &wanted, H5O_INFO_BASIC) < 0) return "";
  for (std::size_t end = beside.rfind('/'); end != std::string::npos; end = end == 0 ? std::string::npos : beside.rfind('/', end - 1)) {
    const std::string path = beside.substr(0, end + 1) + name;
    if (H5Lexists(scale, path.c_str(), H5P_DEFAULT) > 0 && H5Oget_info_by_name2(scale, path.c_str(), &found, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
        found.addr == wanted.addr)
      return path;
  }
  return "";
}

}  // namespace

std::vector<std::string> scales(hid_t dataset) {
  std::vector<std::string> result(extent(dataset).size());
  if (!has_attribute(dataset, "DIMENSION_LIST")) return result;
  const std::string beside = own_path(dataset);
  struct Search {
    const std::string& beside;
    std::string& path;
  };
  const auto name_of = [](hid_t, unsigned, hid_t scale, void* data) -> herr_t {
    auto& search = *static_cast<Search*>(data);
    search.path = path_near(search.beside, scale);
    char name[1024];
    if (search.path.empty()) {
      if (H5Iget_name(scale, name, sizeof name) < 0) return -1;
      search.path = name;
    }
    return 1;
  };
  for (unsigned i = 0; i < result.size(); ++i) {
    int at = 0;
    Search search{beside, result[i]};
    check(H5DSiterate_scales(dataset, i, &at, name_of, &search), "reading dimension scales");
  }
  return result;
}

}  // namespace paracrine::sim::io::h5
