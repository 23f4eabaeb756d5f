// Reads result files that were changed through the HDF5 library. The input is a list of changes of a valid file: other types, shapes, filters and
// values of datasets, attributes of other types, links of every kind. The checksum is made right again, as who changes a file on purpose would do, so
// that what lies behind it is reached. Only an InputError may refuse the file, or a RunError the copy of it.
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/core/error.hpp"
#include "sim/io/commits.hpp"
#include "sim/io/content.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/reading.hpp"
#include "sim/io/recorder.hpp"
#include "sim/io/verify.hpp"
#include "tests/fuzz/file_changes.hpp"
#include "tests/support/sample_run.hpp"

using namespace paracrine;
namespace h5 = sim::io::h5;
namespace fs = std::filesystem;

namespace {

/// Bytes of a file that is changed, and the paths in it.
struct Original {
  std::string bytes;
  std::vector<std::string> paths;  // of everything but the root
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void list(hid_t file, const std::string& group, std::vector<std::string>& paths) {
  for (const auto& name : h5::names(h5::open_group(file, group.empty() ? "/" : group).get())) {
    const std::string path = group + "/" + name;
    paths.push_back(path);
    if (h5::is_group(file, path)) list(file, path, paths);
  }
}

/// A packed run, and one that was stopped, in a folder of their own.
class Base {
 public:
  Base() : folder_((fs::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/fuzz_result.") + std::to_string(getpid())) {
    fs::create_directory(folder_);
    const std::string part = folder_ + "/run.h5.part", packed = folder_ + "/packed.h5";
    const sim::Layout layout = tests::sample_layout({.variables = 2, .agents = 4});
    sim::io::Recorder recorder(part, layout, tests::sample_info());
    for (std::uint64_t row = 0; row < 6; ++row) {
      recorder.write(tests::sample_snapshot(layout, {.variables = 2, .agents = 4}, row));
      if (row % 2 == 1) recorder.commit();
    }
    recorder.close(sim::io::Status::interrupted, 1.0, part);
    sim::io::pack(part, packed, true);
    {  // many objects of one kind, and nothing reads them but the checksum
      const h5::Id file = h5::open_for_writing(packed, false);
      h5::check(H5Ldelete(file.get(), "/parameters", H5P_DEFAULT), "removing the parameters");
    }
    originals_ = {take(packed), take(part)};
  }
  ~Base() { fs::remove_all(folder_); }
  Base(const Base&) = delete;
  Base& operator=(const Base&) = delete;
  const Original& original(bool packed) const { return originals_[packed ? 0 : 1]; }
  /// Another name each time: after an error libhdf5 may keep the file before open.
  std::string next_path() {
    fs::remove(path_);
    return path_ = folder_ + "/" + std::to_string(number_++) + ".h5";
  }
  std::string out() const { return folder_ + "/out.h5"; }

 private:
  static Original take(const std::string& path) {
    Original original{read_file(path), {}};
    const h5::Id file = h5::open_for_reading(path);
    list(file.get(), "", original.paths);
    return original;
  }

  std::string folder_, path_;
  std::array<Original, 2> originals_;
  std::uint64_t number_ = 0;
};

/// What is done about the checksum of a changed file: nothing; it is made right; it is taken away, as in a file of format 1.
enum class Mending { none, computed, removed };

void mend(hid_t file, const std::string& path, Mending how) {
  if (how == Mending::none) return;
  if (h5::text_attribute(file, "checksum").empty()) {
    if (h5::leads_somewhere(file, sim::io::commits_path)) H5Ldelete(file, sim::io::commits_path, H5P_DEFAULT);
    return;
  }
  std::string checksum;
  if (how == Mending::computed) {
    h5::check_structure(file, fs::file_size(path));  // of what it refuses a checksum may never be done
    checksum = sim::io::to_hex(sim::io::file_checksum(file));
  }
  h5::overwrite_attribute(file, "checksum", checksum);
}

void write_changed(const Original& original, const std::string& path, fuzz::Choices& choices) {
  std::ofstream(path, std::ios::binary).write(original.bytes.data(), static_cast<std::streamsize>(original.bytes.size()));
  constexpr int most_changes = 24;
  const std::size_t how = choices.below(8);
  try {
    const h5::Id file = h5::open_for_writing(path, false);
    fuzz::Changes changes(file.get(), original.paths, choices);
    for (int i = 0; i < most_changes && !choices.empty(); ++i) changes.apply();
    h5::flush_file(file.get());
    mend(file.get(), path, how == 0 ? Mending::none : how == 1 ? Mending::computed : Mending::removed);
  } catch (const h5::Error&) {
  }
}

template <class Reader>
bool is_read(const Reader& reader) {
  try {
    reader();
    return true;
  } catch (const sim::InputError&) {
  } catch (const sim::RunError&) {
  }
  return false;
}

}  // namespace

extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1:max_allocation_size_mb=1024:malloc_context_size=4"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Base base;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  fuzz::Choices choices(data, size);
  const std::string path = base.next_path(), out = base.out();
  const std::uint64_t first = choices.number(1), reader = first / 2 % 3;
  write_changed(base.original(first % 2 == 0), path, choices);
  // A file that the check would not find whole is given to a reader that looks itself; all others to one that trusts the check.
  const sim::io::Trust trust = is_read([&] { sim::io::verify(path); }) ? sim::io::Trust::verified : sim::io::Trust::none;
  switch (reader) {
    case 0:
      is_read([&] { sim::io::inspect(path, trust); });
      break;
    case 1:
      is_read([&] { sim::io::digest(path, trust); });
      break;
    default:
      is_read([&] { sim::io::pack(path, out, true, trust); });
  }
  return 0;
}
