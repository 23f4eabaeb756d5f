#include "sim/io/verify.hpp"

#include <fmt/format.h>

#include "sim/core/error.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/commits.hpp"
#include "sim/io/run_info.hpp"

namespace paracrine::sim::io {

void verify(const std::string& path) {
  if (is_checkpoint_file(path)) {
    Checkpoint(path).digest();
    return;
  }
  const h5::Id file = open_ours(path);
  try {
    verify_run(file.get());
  } catch (const h5::Error& problem) {
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, problem.what()));
  }
}

}  // namespace paracrine::sim::io
