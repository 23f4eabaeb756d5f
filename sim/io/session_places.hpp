#pragma once
#include <memory>
#include <string>

#include "sim/io/files.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::sim::io {

/// The files of one run.
struct Places {
  std::string output, part, checkpoints;
  explicit Places(const std::string& path) : output(path), part(path + ".part"), checkpoints(path + ".ckpt") {}
};

/// Whether a run may have this name at its end.
bool is_output_name(const std::string& path);
/// Which run a path given to resume means: RUN.h5.part, a checkpoint in RUN.h5.ckpt, or that folder.
Places places_of(const std::string& path);
bool names_checkpoint(const std::string& path, const Places& places);

void check_place(const Places& places);
/// A run must not take the place of what it is made from.
void check_inputs(const Places& places, const Scenario& scenario);
void check_free(const Places& places, bool force);
/// Makes the folder for checkpoints, takes hold of it, and clears away what a killed process did not finish.
std::unique_ptr<FolderLock> lock(const Places& places);

}  // namespace paracrine::sim::io
