#include "sim/io/checkpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "sim/core/error.hpp"
#include "sim/io/files.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/state_archive.hpp"

namespace paracrine::sim::io {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kept = 2;
constexpr const char* prefix = "ckpt-";
constexpr const char* suffix = ".h5";

/// The number in "ckpt-000012.h5"; 0 for other names.
unsigned long number_of(const std::string& name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return 0;
  const std::string digits = name.substr(5, name.size() - 8);
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoul(digits);
}

/// Numbers and paths of the checkpoints of a folder, newest first.
std::vector<std::pair<unsigned long, std::string>> numbered(const std::string& folder) {
  std::vector<std::pair<unsigned long, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto number = number_of(it->path().filename().string()); number > 0) found.emplace_back(number, it->path().string());
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
  });
  archive.scalar("time_s", info.time_s);
  archive.scalar("wall_time_s", info.wall_time_s);
}

void write_file(const std::string& path, CheckpointInfo info, const std::function<void(Archive&)>& save) {
  h5::Id file = h5::create_file(path, h5::Format::live, true);
  try {
    h5::set_attribute(file.get(), "filetype", std::string(checkpoint_filetype));
    h5::set_attribute(file.get(), "schema_version", std::string(schema_version));
    {
      StateArchive archive(h5::create_group(file.get(), "info"), false);
      archive_info(archive, info);
    }
    {
      StateArchive archive(h5::create_group(file.get(), "state"), false);
      save(archive);
    }
    h5::flush_file(file.get());
    h5::sync_file(file.get());
  } catch (const h5::Error&) {
    file.abandon();
    throw;
  }
  file.close("closing " + path);
}

h5::Id open_checkpoint(const std::string& path) {
  h5::Id file = open_ours(path);
  if (!is_checkpoint(file.get())) throw InputError(fmt::format("\"{}\" is no checkpoint but a run", path));
  return file;
}

template <class Read>
auto reading(const std::string& path, Read&& read) {
  const h5::Id file = open_checkpoint(path);
  try {
    return read(file.get());
  } catch (const h5::Error& error) {
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, error.what()));
  }
}

/// Reads every number of a group, so that every checksum is looked at.
void read_everything(hid_t group) {
  std::vector<char> room;
  for (const auto& name : h5::names(group)) {
    if (h5::is_group(group, name)) {
      read_everything(h5::open_group(group, name).get());
      continue;
    }
    const h5::Id dataset = h5::open_dataset(group, name);
    const h5::Id type = h5::type_of_dataset(dataset.get());
    const auto element = h5::element_type_of(type.get());
    const auto size = h5::extent(dataset.get());
    if (!element || size.size() != 1) throw h5::Error("reading " + name + ": numbers were expected", 0);
    if (size[0] == 0) continue;
    room.resize(size[0] * size_of(*element));
    h5::read_all(dataset.get(), h5::memory_type(*element), room.data());
  }
}

bool reads_whole(const std::string& path) {
  try {
    return reading(path, [](hid_t file) {
      read_everything(h5::open_group(file, "/").get());
      return true;
    });
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

std::string write_checkpoint(const std::string& folder, const CheckpointInfo& info, const std::function<void(Archive&)>& save) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw RunError(explain_write_error(folder, error.value(), error.message()));
  const auto older = numbered(folder);
  const std::string path = fmt::format("{}/{}{:06d}{}", folder, prefix, older.empty() ? 1 : older.front().first + 1, suffix);
  const std::string aside = path + ".tmp";
  try {
    write_file(aside, info, save);
  } catch (const h5::Error& problem) {
    discard(aside);
    throw RunError(explain_write_error(path, problem.system_error(), problem.what()));
  } catch (...) {
    discard(aside);
    throw;
  }
  rename_durably(aside, path);
  for (std::size_t i = kept - 1; i < older.size(); ++i) std::remove(older[i].second.c_str());
  return path;
}

std::vector<std::string> list_checkpoints(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& [number, path] : numbered(folder))
    if (reads_whole(path)) paths.push_back(path);
  return paths;
}

void drop_checkpoints_after(const std::string& path) {
  const unsigned long last = number_of(fs::path(path).filename().string());
  for (const auto& [number, newer] : numbered(folder_of(path)))
    if (number > last) std::remove(newer.c_str());
}

void remove_checkpoints(const std::string& folder, bool keep_folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool aside = name.starts_with(prefix) && name.ends_with(".tmp");
    if (aside || number_of(name) > 0) std::remove(it->path().c_str());
  }
  if (!keep_folder) rmdir(folder.c_str());
}

CheckpointInfo read_checkpoint_info(const std::string& path) {
  return reading(path, [](hid_t file) {
    CheckpointInfo info;
    StateArchive archive(h5::open_group(file, "info"), true);
    archive_info(archive, info);
    return info;
  });
}

void read_checkpoint(const std::string& path, const std::function<void(Archive&)>& load) {
  reading(path, [&](hid_t file) {
    StateArchive archive(h5::open_group(file, "state"), true);
    load(archive);
    return 0;
  });
}

}  // namespace paracrine::sim::io
