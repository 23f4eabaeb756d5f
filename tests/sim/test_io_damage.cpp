#include <hdf5_hl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "sim/core/error.hpp"
#include "sim/io/commits.hpp"
#include "sim/io/content.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/reading.hpp"
#include "sim/io/recorder.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/verify.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_check.hpp"
#include "tests/support/sample_run.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;
using sim::io::Recorder;
using sim::io::Status;
using tests::check_sample;
using tests::ScratchFolder;
namespace fs = std::filesystem;
namespace h5 = sim::io::h5;

namespace {

std::string write_run(const std::string& path, std::uint64_t rows, Status status = Status::complete) {
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(path + ".part", layout, tests::sample_info());
  for (std::uint64_t row = 0; row < rows; ++row) {
    recorder.write(tests::sample_snapshot(layout, {}, row));
    recorder.commit_if_due();
  }
  recorder.close(status, 1.0, path);
  return status == Status::complete ? path : path + ".part";
}

/// A .part whose writer stopped without closing it, as a killed one does.
std::string abandon_run(const std::string& path, std::uint64_t rows) {
  const sim::Layout layout = tests::sample_layout();
  Recorder recorder(path + ".part", layout, tests::sample_info());
  for (std::uint64_t row = 0; row < rows; ++row) {
    recorder.write(tests::sample_snapshot(layout, {}, row));
    if (row % 4 == 3) recorder.commit();
  }
  recorder.commit();
  recorder.abandon();
  return path + ".part";
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const sim::InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// A file of a complete run, changed through the HDF5 library, with a checksum that fits: what anybody can make who wants to.
class Forgery {
 public:
  explicit Forgery(const ScratchFolder& folder) : folder_(folder), original_(folder / "original.h5") {
    sim::io::pack(write_run(folder / "run.h5", 9), original_, true);
  }
  /// What inspect says of a file that passed for whole.
  std::string seen(const std::function<void(hid_t)>& change) {
    begin(change);
    const std::string text = message_of([&] { sim::io::inspect(path_, sim::io::Trust::verified); }), begin = "\"" + path_ + "\" is damaged: ";
    return text.starts_with(begin) ? text.substr(begin.size()) : text;
  }
  /// What is said of the file by every reader, without the file's name; all must say the same.
  std::string said(const std::function<void(hid_t)>& change) {
    begin(change);
    const std::string one = message_of([&] { sim::io::inspect(path_); }), two = message_of([&] { sim::io::digest(path_); }),
                      three = message_of([&] { sim::io::pack(path_, folder_ / "out.h5", true); }),
                      four = message_of([&] { sim::io::verify_in_child(path_); });
    const std::string begin = "\"" + path_ + "\" is damaged: ";
    CHECK(one.starts_with(begin));
    CHECK(two == one);
    CHECK(three == one);
    CHECK(four == one);
    CHECK_FALSE(fs::exists(folder_ / "out.h5"));
    return one.starts_with(begin) ? one.substr(begin.size()) : one;
  }

 private:
  /// Another file each time: after an error libhdf5 may keep the one before open.
  void begin(const std::function<void(hid_t)>& change) {
    path_ = folder_ / ("forged_" + std::to_string(number_++) + ".h5");
    fs::copy_file(original_, path_);
    const h5::Id file = h5::open_for_writing(path_, false);
    change(file.get());
    try {
      h5::check_structure(file.get(), fs::file_size(path_));  // the checksum of what it refuses may never be done
      h5::overwrite_attribute(file.get(), "checksum", sim::io::to_hex(sim::io::file_checksum(file.get())));
    } catch (const std::exception&) {
    }
  }

  const ScratchFolder& folder_;
  std::string original_, path_;
  int number_ = 0;
};

void remove(hid_t file, const std::string& path) { h5::check(H5Ldelete(file, path.c_str(), H5P_DEFAULT), "removing"); }

h5::Id make(hid_t file, const std::string& path, sim::ElementType type, const std::vector<hsize_t>& extent) {
  if (h5::leads_somewhere(file, path)) remove(file, path);
  std::vector<hsize_t> chunk(extent.size(), 1);
  return h5::create_dataset(file, path, {.type = type, .extent = extent, .chunk = chunk});
}

}  // namespace

TEST_CASE("damage: a finished file carries a checksum, and every change of a value, a name or an attribute breaks it", "[property]") {
  const ScratchFolder folder;
  const std::string run = write_run(folder / "run.h5", 9), path = folder / "changed.h5";
  sim::io::pack(run, folder / "packed.h5", false);
  const std::vector<std::function<void(hid_t)>> changes{
      [](hid_t file) {
        const h5::Id data = h5::open_dataset(file, "/observable_3");
        auto values = h5::read_vector<double>(data.get(), 9);
        values[4] = std::nextafter(values[4], 9.0);
        h5::write_rows(data.get(), H5T_NATIVE_DOUBLE, 0, 9, values.data());
      },
      [](hid_t file) {
        const h5::Id data = h5::open_dataset(file, "/parameters/value");
        const double zeros[2] = {0.0, 0.0};
        h5::write_rows(data.get(), H5T_NATIVE_DOUBLE, 0, 2, zeros);
      },
      [](hid_t file) { h5::set_attribute(h5::open_dataset(file, "/observable_3").get(), "units", std::string("nM")); },
      [](hid_t file) { h5::set_attribute(file, "host", std::string("elsewhere")); },
      [](hid_t file) { h5::set_attribute(file, "another", 1.0); },
      [](hid_t file) { h5::check(H5Lmove(file, "/observable_3", file, "/observable_x", H5P_DEFAULT, H5P_DEFAULT), "renaming"); },
      [](hid_t file) { remove(file, "/observable_3"); },
      [](hid_t file) { remove(file, "/provenance"); }};
  for (const std::string& original : {run, folder / "packed.h5"}) {
    CHECK(h5::text_attribute(sim::io::open_ours(original).get(), "checksum").size() == 32);
    // from a file in the live format libhdf5 1.10 cannot remove anything
    for (std::size_t i = 0; i < changes.size() - (original == run ? 3 : 0); ++i) {
      CAPTURE(original, i);
      fs::copy_file(original, path, fs::copy_options::overwrite_existing);
      {
        const h5::Id file = h5::open_for_writing(path, original == run);
        changes[i](file.get());
      }
      const std::string text = "\"" + path + "\" is damaged: its checksum is not that of its content";
      CHECK(message_of([&] { sim::io::inspect(path); }) == text);
      CHECK(message_of([&] { sim::io::digest(path); }) == text);
      CHECK(message_of([&] { sim::io::pack(path, folder / "out.h5", true); }) == text);
      CHECK(message_of([&] { sim::io::verify_in_child(path); }) == text);
    }
  }
}

TEST_CASE("damage: zeroed pages and exchanged chunks are noticed", "[property]") {
  const ScratchFolder folder;
  for (const std::string& original :
       {write_run(folder / "run.h5", 40), write_run(folder / "stopped.h5", 40, Status::interrupted), abandon_run(folder / "killed.h5", 40)}) {
    const std::string digest = sim::io::digest(original), path = folder / "broken.h5";
    std::string bytes;
    {
      std::ifstream in(original, std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    int noticed = 0;
    for (std::size_t page = 0; page + 2 < bytes.size() / 4096; page += 11)
      for (const bool zeroed : {true, false}) {
        std::string changed = bytes;
        if (zeroed)
          changed.replace(page * 4096, 4096, 4096, '\0');
        else
          std::swap_ranges(changed.begin() + static_cast<std::ptrdiff_t>(page * 4096),
                           changed.begin() + static_cast<std::ptrdiff_t>(page * 4096 + 4096),
                           changed.begin() + static_cast<std::ptrdiff_t>(page * 4096 + 4096));
        if (changed == bytes) continue;
        std::ofstream(path, std::ios::binary) << changed;
        const std::string said = message_of([&] { sim::io::verify_in_child(path); });
        CAPTURE(original, page, zeroed);
        if (said == "accepted")
          CHECK(sim::io::digest(path, sim::io::Trust::verified) == digest);
        else
          ++noticed;
      }
    CHECK(noticed > 6);
  }
}

TEST_CASE("commits: every commit has its entry, and the chain is that of the rows", "[unit]") {
  const ScratchFolder folder;
  const std::string part = abandon_run(folder / "run.h5", 10);
  const h5::Id file = sim::io::open_ours(part);
  const auto commits = sim::io::read_commits(file.get());
  REQUIRE(commits.size() == 4);  // the beginning, 4, 8 and 10 rows
  CHECK(commits[0].rows == sim::io::RowCounts{});
  CHECK(commits[2].rows.rows == 8);
  CHECK(commits[3].rows == sim::io::committed_rows(file.get()));
  for (const auto& commit : commits) {
    sim::io::verify_commits(file.get(), commit.rows);
    CHECK(sim::io::checksum_of_rows(file.get(), commit.rows) == commit.checksum);
  }
  sim::io::RowCounts other = commits[2].rows;
  other.rows = 7;
  CHECK_FALSE(sim::io::checksum_of_rows(file.get(), other));
  CHECK_THROWS_WITH(sim::io::verify_commits(file.get(), other), "no commit left the rows that the file holds");
}

TEST_CASE("commits: a run that goes on continues the chain, and rows_checksum is that of its last commit", "[unit]") {
  const ScratchFolder folder;
  const sim::Layout layout = tests::sample_layout();
  const std::string part = folder / "run.h5.part";
  sim::io::RowCounts rows;
  sim::io::Checksum checksum;
  {
    Recorder recorder(part, layout, tests::sample_info());
    for (std::uint64_t row = 0; row < 9; ++row) recorder.write(tests::sample_snapshot(layout, {}, row));
    recorder.commit();
    rows = recorder.rows();
    checksum = recorder.rows_checksum();
    recorder.write(tests::sample_snapshot(layout, {}, 9));
    recorder.commit();
    CHECK_FALSE(recorder.rows_checksum() == checksum);
    recorder.abandon();
  }
  CHECK(sim::io::checksum_of_rows(sim::io::open_ours(part).get(), rows) == checksum);
  Recorder recorder(part, layout, tests::sample_info(), part, rows);
  CHECK(recorder.rows_checksum() == checksum);
  recorder.write(tests::sample_snapshot(layout, {}, 9));
  recorder.commit();
  sim::io::verify(part);
  recorder.close(Status::complete, 1.0, folder / "run.h5");
  sim::io::verify(folder / "run.h5");
  CHECK(check_sample(folder / "run.h5").rows == 10);
}

TEST_CASE("damage: what leads out of a file or round in it is refused", "[unit]") {
  const ScratchFolder folder;
  Forgery forgery(folder);
  CHECK(forgery.said([](hid_t file) {
    remove(file, "/provenance/scenario_file");
    H5Lcreate_soft("/title", file, "/provenance/scenario_file", H5P_DEFAULT, H5P_DEFAULT);
  }) == "/provenance/scenario_file: it is a soft link");
  CHECK(forgery.said([](hid_t file) { H5Lcreate_external("/etc/passwd", "/x", file, "/x", H5P_DEFAULT, H5P_DEFAULT); }) ==
        "/x: it is an external link");
  CHECK(forgery.said([](hid_t file) { H5Lcreate_hard(file, "/", file, "/audit/again", H5P_DEFAULT, H5P_DEFAULT); }) ==
        "/audit/again: it is an object that has another name already");
  CHECK(forgery.said([](hid_t file) { H5Lcreate_hard(file, "/time", file, "/zeit", H5P_DEFAULT, H5P_DEFAULT); }) ==
        "/zeit: it is an object that has another name already");
  CHECK(forgery.said([](hid_t file) {
    std::string path;
    for (int i = 0; i < 12; ++i) h5::create_group(file, path += "/g");
  }) == "/g/g/g/g/g/g/g/g/g: groups are nested more than 8 deep");
  CHECK(forgery.said([](hid_t file) {
    const h5::Id type(H5Tcopy(H5T_NATIVE_INT), H5Tclose, "copying");
    h5::check(H5Tcommit2(file, "/type", type.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "making");
  }) == "/type: it is neither a group nor a dataset");
  CHECK(forgery
            .said([](hid_t file) {
              for (int i = 0; i < 210; ++i) {
                const h5::Id group = h5::create_group(file, "/many" + std::to_string(i));
                for (int j = 0; j < 100; ++j) h5::create_group(group.get(), std::to_string(j));
              }
            })
            .ends_with(": the file holds more than 20000 objects"));
}

TEST_CASE("damage: values that lie elsewhere, unknown types and filters, and impossible sizes are refused", "[unit]") {
  const ScratchFolder folder;
  Forgery forgery(folder);
  const hsize_t ten = 10, huge = hsize_t{1} << 40;
  const auto with_list = [&](const std::function<void(hid_t)>& prepare, hsize_t length, hid_t type = H5T_IEEE_F64LE) {
    return forgery.said([&](hid_t file) {
      const h5::Id list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, ""), space(H5Screate_simple(1, &length, nullptr), H5Sclose, "");
      prepare(list.get());
      h5::Id(H5Dcreate2(file, "/x", type, space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT), H5Dclose, "making");
    });
  };
  CHECK(with_list([](hid_t list) { H5Pset_external(list, "/etc/passwd", 0, 80); }, ten) == "/x: its values are stored in another file");
  CHECK(with_list([](hid_t) {}, ten, H5T_NATIVE_B32) == "/x: its type is none of ours");
  CHECK(with_list([](hid_t) {}, ten, H5T_IEEE_F64BE) == "/x: its type is none of ours");
  CHECK(with_list([&](hid_t list) { H5Pset_chunk(list, 1, &ten), H5Pset_scaleoffset(list, H5Z_SO_INT, 0); }, ten, H5T_STD_I32LE) ==
        "/x: it is stored with an unknown filter");
  CHECK(with_list([&](hid_t list) { H5Pset_chunk(list, 1, &ten); }, huge) == "/x: its size is more than the file can hold");
  const hsize_t large = hsize_t{1} << 28;
  CHECK(with_list([&](hid_t list) { H5Pset_chunk(list, 1, &large); }, huge) == "/x: its chunks are too large");
  CHECK(forgery.said([&](hid_t file) { h5::set_attribute(file, "DIMENSION_LIST", 1.0); }) ==
        "attribute DIMENSION_LIST of /: its type is none of ours");
}

TEST_CASE("damage: wrong types, ranks, lengths and numbers are refused", "[unit]") {
  using sim::ElementType;
  const ScratchFolder folder;
  Forgery forgery(folder);
  CHECK(forgery.seen([](hid_t file) { make(file, "/time", ElementType::f64, {3, 3}); }) == "/time: it has 2 dimensions, expected 1");
  CHECK(forgery.seen([](hid_t file) { make(file, "/time", ElementType::i32, {9}); }) == "/time: expected values of type f8");
  CHECK(forgery.seen([](hid_t file) {
    remove(file, "/time");
    h5::create_group(file, "/time");
  }) == "/time: it is a group, expected a dataset");
  const auto with_sizes = [](std::int64_t size) {
    return [size](hid_t file) {
      auto sizes = h5::read_list<std::int64_t>(file, "/agents/near/row_size");
      sizes[1] = size;
      h5::write_rows(h5::open_dataset(file, "/agents/near/row_size").get(), H5T_NATIVE_INT64, 0, sizes.size(), sizes.data());
    };
  };
  CHECK(forgery.seen(with_sizes(-1)) == "/agents/near/row_size: a number of agents is impossible");
  CHECK(forgery.seen(with_sizes(std::int64_t{1} << 62)) == "/agents/near/row_size: a number of agents is impossible");
  for (const char* name : {"/audit/species_name", "/provenance/scenario_resolved"}) {
    const std::string text = forgery.seen([&](hid_t file) { make(file, name, ElementType::f64, {2, 2}); });
    CHECK(text.ends_with(": expected texts"));
  }
  CHECK(forgery.seen([](hid_t file) {
    make(file, "/audit/largest_relative_error", ElementType::f64, {9, 2000});
  }) == "audit/largest_relative_error: it holds 9 rows of 2000 values, expected 9 or more of 2");
}

TEST_CASE("damage: a file that cannot be read in time is refused, and the child is gone", "[unit]") {
  const ScratchFolder folder;
  const std::string path = write_run(folder / "run.h5", 3);
  sim::io::verify_in_child(path);
  CHECK(message_of([&] { sim::io::verify_in_child(path, {.seconds = 0.0, .bytes_per_second = 1e12}); }) ==
        "\"" + path + "\" is damaged: it cannot be read within 0 s");
  CHECK(message_of([&] { sim::io::verify_in_child(folder / "no.h5"); }) == "no such file: \"" + (folder / "no.h5") + "\"");
}

TEST_CASE("files in the making: nothing is written through a link that was put in their way", "[unit]") {
  const ScratchFolder folder;
  const std::string victim = folder / "victim";
  std::ofstream(victim) << "precious";
  for (const char* name : {"run.h5.part.new", "out.h5.tmp", ".run.h5.part.tmp", ".out.h5.tmp"}) fs::create_symlink(victim, folder / name);
  const std::string run = write_run(folder / "run.h5", 3);
  sim::io::pack(run, folder / "out.h5", false);
  CHECK(fs::file_size(victim) == 8);
  fs::create_symlink(victim, folder / "link.h5");
  sim::io::pack(run, folder / "link.h5", true);
  CHECK(fs::file_size(victim) == 8);
  CHECK_FALSE(fs::is_symlink(folder / "link.h5"));
  std::size_t hidden = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) hidden += entry.path().filename().string().starts_with(".") && !entry.is_symlink();
  CHECK(hidden == 0);
}
