#include "sim/io/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/core/error.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/files.hpp"
#include "sim/io/run_info.hpp"
#include "sim/io/schema.hpp"

namespace paracrine::sim::io {

namespace {

/// Runs `body`; an error of HDF5 means that the file cannot be read.
template <class Body>
auto reading(const std::string& path, Body&& body) {
  try {
    return body();
  } catch (const h5::Error& error) {
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, error.what()));
  }
}

std::vector<std::string> series_of(hid_t file) {
  std::vector<std::string> result;
  for (const auto& name : h5::names(file, true)) {
    if (name == "time" || h5::is_group(file, name)) continue;
    result.push_back(fmt::format("{} [{}]", name, h5::text_attribute(h5::open_dataset(file, name).get(), "units")));
  }
  return result;
}

std::vector<FileInfo::Audit> audit_of(hid_t file, const RowCounts& rows) {
  std::vector<FileInfo::Audit> audit;
  if (!h5::exists(file, "audit")) return audit;
  const h5::Id species = h5::open_dataset(file, "audit/species");
  const auto names = h5::read_texts(species.get(), h5::extent(species.get()).at(0));
  std::vector<double> largest(names.size(), 0.0);
  const h5::Id errors = h5::open_dataset(file, "audit/largest_relative_error");
  if (rows.audit_rows > 0) h5::read_rows(errors.get(), H5T_NATIVE_DOUBLE, rows.audit_rows - 1, 1, largest.data());
  for (std::size_t i = 0; i < names.size(); ++i) audit.push_back({names[i], largest[i]});
  return audit;
}

FileInfo inspect_run(hid_t file) {
  FileInfo info;
  info.run = read_run_info(file);
  info.status = read_status(file);
  info.schema_version = h5::text_attribute(file, "schema_version");
  info.wall_time_s = h5::number_attribute<double>(file, "wall_time_s");
  info.end_d = static_cast<double>(info.run.end_s) / 86400.0;
  info.rows = committed_rows(file);
  if (info.rows.rows > 0) h5::read_rows(h5::open_dataset(file, "time").get(), H5T_NATIVE_DOUBLE, info.rows.rows - 1, 1, &info.time_d);
  info.series = series_of(file);
  info.audit = audit_of(file, info.rows);
  return info;
}

FileInfo inspect_checkpoint(const std::string& path) {
  const CheckpointInfo checkpoint = read_checkpoint_info(path);
  FileInfo info;
  info.kind = FileInfo::Kind::checkpoint;
  info.run = checkpoint.run;
  info.status = status_name(Status::interrupted);
  info.schema_version = schema_version;
  info.rows = checkpoint.rows;
  info.time_d = static_cast<double>(checkpoint.time_s) / 86400.0;
  info.end_d = static_cast<double>(checkpoint.run.end_s) / 86400.0;
  info.wall_time_s = checkpoint.wall_time_s;
  return info;
}

/// Hashes names, shapes and values of a file in the order of names.
class Hasher {
 public:
  Hasher(hid_t file, const RowCounts& rows) : file_(file), rows_(rows) { XXH3_128bits_reset(&state_); }

  void group(const std::string& path) {
    const h5::Id group = h5::open_group(file_, path);
    add(path);
    attributes(group.get(), path == "/");
    for (const auto& name : h5::names(group.get())) {
      const std::string inner = variable_path(path, name);
      if (inner == "/provenance") continue;
      if (h5::is_group(group.get(), name))
        this->group(inner);
      else
        dataset(path, name, h5::open_dataset(group.get(), name));
    }
  }
  std::string result() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  void add(const void* data, std::size_t size) {
    const std::uint64_t length = size;
    XXH3_128bits_update(&state_, &length, sizeof length);
    XXH3_128bits_update(&state_, data, size);
  }
  void add(const std::string& text) { add(text.data(), text.size()); }

  void attributes(hid_t object, bool root) {
    const std::set<std::string> of_storage{"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"};
    const std::set<std::string> of_occasion{"creation_time", "host", "threads", "wall_time_s", "status", "run_id"};
    for (const auto& name : h5::attribute_names(object)) {
      if (of_storage.contains(name) || (root && of_occasion.contains(name))) continue;
      add(name);
      add(h5::attribute_bytes(object, name));
    }
  }

  void dataset(const std::string& group, const std::string& name, const h5::Id& dataset) {
    auto shape = h5::extent(dataset.get());
    const hsize_t rows = committed_length(group, name, dataset.get(), rows_);
    if (!shape.empty()) shape[0] = rows;
    add(variable_path(group, name));
    add(shape.data(), shape.size() * sizeof(hsize_t));
    attributes(dataset.get(), false);
    const h5::Id type = h5::type_of_dataset(dataset.get());
    if (h5::is_text(type.get())) {
      if (shape.empty())
        add(h5::read_text(dataset.get()));
      else
        for (const auto& text : h5::read_texts(dataset.get(), rows)) add(text);
      return;
    }
    const auto element = h5::element_type_of(type.get());
    if (!element || shape.empty()) throw h5::Error("reading " + name + ": unknown type", 0);
    const auto code = static_cast<std::uint32_t>(*element);
    add(&code, sizeof code);
    numbers(dataset.get(), *element, shape);
  }

  void numbers(hid_t dataset, ElementType type, const std::vector<hsize_t>& shape) {
    std::size_t row = size_of(type);
    for (std::size_t i = 1; i < shape.size(); ++i) row *= shape[i];
    if (row == 0) return;
    const hsize_t step = std::max<hsize_t>(1, (std::size_t{1} << 22) / row);
    for (hsize_t first = 0; first < shape[0]; first += step) {
      const hsize_t count = std::min(step, shape[0] - first);
      room_.resize(row * count);
      h5::read_rows(dataset, h5::memory_type(type), first, count, room_.data());
      add(room_.data(), room_.size());
    }
  }

  hid_t file_;
  RowCounts rows_;
  XXH3_state_t state_{};
  std::vector<char> room_;
};

}  // namespace

FileInfo inspect(const std::string& path) {
  if (is_checkpoint_file(path)) return inspect_checkpoint(path);
  const h5::Id file = open_ours(path);
  return reading(path, [&] { return inspect_run(file.get()); });
}

std::string digest(const std::string& path) {
  if (is_checkpoint_file(path)) return Checkpoint(path).digest();
  const h5::Id file = open_ours(path);
  return reading(path, [&] {
    Hasher hasher(file.get(), committed_rows(file.get()));
    hasher.group("/");
    return hasher.result();
  });
}

void pack(const std::string& path, const std::string& out, bool force) {
  if (out.empty()) throw InputError("\"\" cannot be the name of the output");
  if (is_checkpoint_file(path)) throw InputError(fmt::format("\"{}\" is a checkpoint, and only runs can be packed", path));
  const h5::Id file = open_ours(path);
  const std::string aside = out + ".tmp";
  check_output_place(out, {"", ".tmp"});
  std::error_code error;
  if (same_file(path, out) || same_file(path, aside))
    throw InputError(fmt::format("cannot pack \"{}\" into itself", path), {"Choose another name with -o."});
  if (std::filesystem::is_directory(out, error))
    throw InputError(fmt::format("\"{}\" is a folder, so no run can be written there", out), {"Choose another name with -o."});
  if (there(out) && !force) throw InputError(fmt::format("\"{}\" exists", out), {"Use --force to overwrite it, or choose another name with -o."});
  h5::Id packed;
  try {
    packed = h5::create_file(aside, h5::Format::compatible, true);
  } catch (const h5::Error& problem) {
    throw InputError(explain_write_error(out, problem.system_error(), problem.what()));
  }
  try {
    copy_run(file.get(), packed.get(), committed_rows(file.get()), CopyMode::packed);
    if (read_status(file.get()) == status_name(Status::running)) h5::set_attribute(packed.get(), "status", status_name(Status::interrupted));
    packed.close("closing " + aside);
  } catch (const h5::Error& problem) {
    packed.abandon();
    discard(aside);
    if (problem.system_error() != 0) throw RunError(explain_write_error(out, problem.system_error(), problem.what()));
    throw InputError(fmt::format("cannot pack \"{}\": {}", path, problem.what()));
  }
  sync_path(aside);
  rename_durably(aside, out);
}

}  // namespace paracrine::sim::io
