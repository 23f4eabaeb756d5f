// Writes made-up output for the tests of readers in other languages: write_example FOLDER makes FOLDER/run.h5, FOLDER/packed.h5 and
// FOLDER/killed.h5.part, whose writer ends without closing it.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

#include "sim/io/inspect.hpp"
#include "sim/io/recorder.hpp"
#include "tests/support/sample_run.hpp"

namespace {

using namespace paracrine;

void record(sim::io::Recorder& recorder, const sim::Layout& layout, std::uint64_t rows) {
  for (std::uint64_t row = 0; row < rows; ++row) {
    recorder.write(tests::sample_snapshot(layout, {}, row));
    recorder.commit_if_due();
  }
}

int write(const std::string& folder) {
  const sim::Layout layout = tests::sample_layout();
  {
    sim::io::Recorder recorder(folder + "/run.h5.part", layout, tests::sample_info());
    record(recorder, layout, 57);
    recorder.close(sim::io::Status::complete, 1.5, folder + "/run.h5");
  }
  sim::io::pack(folder + "/run.h5", folder + "/packed.h5", true);
  sim::io::Recorder recorder(folder + "/killed.h5.part", layout, tests::sample_info());
  record(recorder, layout, 40);
  recorder.commit();
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_example FOLDER\n", stderr);
    return 2;
  }
  try {
    return write(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
