#include "sim/io/checkpoint.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/io/files.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/state_archive.hpp"

namespace paracrine::sim::io {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kept = 2, longest_checksum = 1024;
constexpr const char* prefix = "ckpt-";
constexpr const char* suffix = ".ckpt";
constexpr const char* old_suffix = ".h5";

/// The number in "ckpt-000012.ckpt", with this ending; 0 for other names.
unsigned long number_of(const std::string& name, const std::string& ending) {
  if (!name.starts_with(prefix) || !name.ends_with(ending)) return 0;
  const std::string digits = name.substr(5, name.size() - 5 - ending.size());
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoul(digits);
}

/// Numbers and paths of the checkpoints of a folder, newest first. std::system_error when it cannot be read.
std::vector<std::pair<unsigned long, std::string>> numbered(const std::string& folder, const std::string& ending = suffix) {
  std::vector<std::pair<unsigned long, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto number = number_of(it->path().filename().string(), ending); number > 0) found.emplace_back(number, it->path().string());
  if (error && error.value() != ENOENT) throw std::system_error(error);
  std::sort(found.rbegin(), found.rend());
  return found;
}

void archive_info(Archive& archive, CheckpointInfo& info) {
  in_group(archive, "run", [&] { archive_run_info(archive, info.run); });
  in_group(archive, "rows", [&] {
    archive.scalar("rows", info.rows.rows);
    archive.scalar("audit_rows", info.rows.audit_rows);
    archive.scalar("events", info.rows.events);
    archive.scalar("field_frames", info.rows.field_frames);
    archive.scalar("agent_frames", info.rows.agent_frames);
    archive.scalar("agent_rows", info.rows.agent_rows);
    archive.text("checksum", info.rows_checksum, longest_checksum);
  });
  archive.scalar("time_s", info.time_s);
  archive.scalar("wall_time_s", info.wall_time_s);
}

}  // namespace

void write_state_file(const std::string& path, CheckpointInfo info, const std::function<void(Archive&)>& save) {
  StateWriter archive(path);
  in_group(archive, "info", [&] { archive_info(archive, info); });
  in_group(archive, "state", [&] { save(archive); });
  archive.close();
}

namespace {

/// Writes the file that follows those of the folder, and gives its path and what was there before.
std::string write_next(const std::string& folder, const std::vector<std::pair<unsigned long, std::string>>& older, const CheckpointInfo& info,
                       const std::function<void(Archive&)>& save) {
  const std::string path = fmt::format("{}/{}{:06d}{}", folder, prefix, older.empty() ? 1 : older.front().first + 1, suffix);
  const std::string aside = unique_aside(path);
  try {
    write_state_file(aside, info, save);
    if (std::rename(aside.c_str(), path.c_str()) != 0) throw WriteError(errno);
    sync_path(folder);
  } catch (const WriteError& problem) {
    discard(aside);
    throw CheckpointError(explain_write_error(path, problem.system_error(), problem.what()));
  } catch (...) {
    discard(aside);
    throw;
  }
  return path;
}

}  // namespace

std::string write_checkpoint(const std::string& folder, const CheckpointInfo& info, const std::function<void(Archive&)>& save) {
  try {
    fs::create_directories(folder);
    const auto older = numbered(folder);
    std::string path = write_next(folder, older, info, save);
    for (std::size_t i = kept - 1; i < older.size(); ++i) std::remove(older[i].second.c_str());
    return path;
  } catch (const std::system_error& problem) {
    throw CheckpointError(explain_write_error(folder, problem.code().value(), problem.what()));
  } catch (const CheckpointError&) {
    throw;
  } catch (const RunError& problem) {
    throw CheckpointError(problem.what());
  }
}

std::vector<std::string> checkpoint_paths(const std::string& folder) {
  std::vector<std::string> paths;
  try {
    for (const auto& [number, path] : numbered(folder)) paths.push_back(path);
  } catch (const std::system_error& problem) {
    throw InputError(fmt::format("cannot read the folder \"{}\": {}", folder, problem.code().message()));
  }
  return paths;
}

std::vector<std::string> list_checkpoints(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& path : checkpoint_paths(folder)) try {
      const Checkpoint whole(path);
      paths.push_back(path);
    } catch (const InputError&) {
      continue;
    }
  return paths;
}

std::string old_checkpoint(const std::string& folder) {
  const auto old = numbered(folder, old_suffix);
  return old.empty() ? "" : old.front().second;
}

void drop_checkpoints_after(const std::string& path) {
  const unsigned long last = number_of(fs::path(path).filename().string(), suffix);
  for (const auto& [number, newer] : numbered(folder_of(path)))
    if (number > last) std::remove(newer.c_str());
}

void remove_unfinished_checkpoints(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (is_unique_aside(it->path().filename().string(), prefix)) std::remove(it->path().c_str());
}

void remove_checkpoints(const std::string& folder, bool keep_folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool old = number_of(name, old_suffix) > 0 || number_of(name, std::string(old_suffix) + ".tmp") > 0;
    if (old || is_unique_aside(name, prefix) || number_of(name, suffix) > 0) std::remove(it->path().c_str());
  }
  if (!keep_folder) rmdir(folder.c_str());
}

Checkpoint::Checkpoint(const std::string& path, std::function<void()> poll)
    : path_(path), reader_(std::make_unique<StateReader>(path, std::move(poll))) {
  in_group(*reader_, "info", [&] { archive_info(*reader_, info_); });
  if (info_.time_s < 0 || !std::isfinite(info_.wall_time_s) || info_.wall_time_s < 0.0) reader_->refuse("its times are no times");
}

Checkpoint::~Checkpoint() = default;
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;

void Checkpoint::load(const std::function<void(Archive&)>& load) {
  try {
    in_group(*reader_, "state", [&] { load(*reader_); });
  } catch (const RunError& problem) {
    reader_->refuse(problem.what());
  } catch (const std::logic_error& problem) {
    throw InputError(fmt::format("\"{}\" does not fit its scenario: {}", path_, problem.what()));
  }
  reader_->expect_end();
}

std::string Checkpoint::digest() { return reader_->digest_of_rest(); }

CheckpointInfo read_checkpoint_info(const std::string& path) { return Checkpoint(path).info(); }

void read_checkpoint(const std::string& path, const std::function<void(Archive&)>& load) { Checkpoint(path).load(load); }

bool is_checkpoint_file(const std::string& path) { return is_state_file(path); }

}  // namespace paracrine::sim::io
