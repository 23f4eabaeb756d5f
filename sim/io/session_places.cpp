#include "sim/io/session_places.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "sim/core/error.hpp"
#include "sim/io/checkpoint.hpp"

namespace paracrine::sim::io {

namespace fs = std::filesystem;

namespace {

bool holds_checkpoints(const std::string& folder) {
  std::error_code error;
  return fs::is_directory(folder, error) && !fs::is_empty(folder, error);
}

[[noreturn]] void refuse_busy(const Places& places) {
  throw InputError(fmt::format("\"{}\" is being written by another process", places.part), {"Wait for its end, or choose another name with -o."});
}

}  // namespace

bool is_output_name(const std::string& path) { return !path.empty() && !path.ends_with(".part") && !path.ends_with("/"); }

Places places_of(const std::string& path) {
  const auto without = [&](const std::string& text, const std::string& end) { return text.substr(0, text.size() - end.size()); };
  std::string name = path;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  if (name.ends_with(".part")) return Places(without(name, ".part"));
  if (const std::string folder = folder_of(name); folder.ends_with(".ckpt") && fs::path(name).filename().string().starts_with("ckpt-"))
    return Places(without(folder, ".ckpt"));
  if (name.ends_with(".ckpt")) return Places(without(name, ".ckpt"));
  std::vector<std::string> hints;
  if (there(name + ".part"))
    hints.push_back(fmt::format("Did you mean \"{}.part\"?", name));
  else if (there(name))
    hints.push_back("A run under its final name is complete; there is nothing left to do.");
  throw InputError(fmt::format("\"{}\" is neither RUN.h5.part nor a checkpoint in RUN.h5.ckpt, so it cannot be resumed", path), hints);
}

bool names_checkpoint(const std::string& path, const Places& places) { return path != places.part && folder_of(path) == places.checkpoints; }

void check_place(const Places& places) { check_output_place(places.output, {"", ".part", ".ckpt"}); }

void check_inputs(const Places& places, const Scenario& scenario) {
  for (const auto& source : scenario.sources)
    for (const auto* path : {&places.output, &places.part})
      if (same_file(source.file, *path))
        throw InputError(fmt::format("the output \"{}\" is {}", *path,
                                     &source == &scenario.sources.front() ? "the scenario itself" : "a file that the scenario includes"),
                         {"Choose another name with -o."});
}

void check_free(const Places& places, bool force) {
  std::error_code error;
  for (const auto* path : {&places.output, &places.part})
    if (fs::is_directory(*path, error))
      throw InputError(fmt::format("\"{}\" is a folder, so no run can be written there", *path), {"Choose another name with -o."});
  if (force) return;
  if (there(places.output))
    throw InputError(fmt::format("\"{}\" exists", places.output), {"Use --force to overwrite it, or choose another name with -o."});
  if (there(places.part))
    throw InputError(
        fmt::format("\"{}\" exists: a run that has not ended", places.part),
        {fmt::format("Go on with it: paracrine resume {}", shell_word(places.part)), "Use --force to overwrite it, or choose another name with -o."});
  if (holds_checkpoints(places.checkpoints))
    throw InputError(fmt::format("\"{}\" exists: checkpoints of a run whose rows are missing", places.checkpoints),
                     {"Use --force to overwrite it, or choose another name with -o."});
}

std::unique_ptr<FolderLock> lock(const Places& places) {
  std::error_code error;
  if (fs::is_symlink(fs::symlink_status(places.checkpoints, error)))
    throw InputError(fmt::format("\"{}\" is a symbolic link, and checkpoints need a folder of their own", places.checkpoints),
                     {"Remove the link, or choose another name with -o."});
  fs::create_directory(places.checkpoints, error);
  if (error) throw InputError(explain_write_error(places.checkpoints, error.value(), error.message()));
  auto held = std::make_unique<FolderLock>(places.checkpoints);
  if (!held->held()) refuse_busy(places);
  remove_unfinished_checkpoints(places.checkpoints);
  return held;
}

}  // namespace paracrine::sim::io
