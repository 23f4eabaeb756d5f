#include "sim/io/inspect.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "sim/core/error.hpp"
#include "sim/io/content.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/files.hpp"
#include "sim/io/reading.hpp"
#include "sim/io/run_info.hpp"

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
  if (!h5::leads_somewhere(file, "audit")) return audit;
  const auto names = h5::read_text_list(file, h5::leads_somewhere(file, "audit/species_name") ? "audit/species_name" : "audit/species");
  std::vector<double> largest(names.size(), 0.0);
  if (rows.audit_rows > 0) largest = h5::read_row(file, "audit/largest_relative_error", rows.audit_rows - 1, names.size());
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
  if (info.rows.rows > 0) info.time_d = h5::read_list<double>(file, "time", info.rows.rows).back();
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

}  // namespace

FileInfo inspect(const std::string& path, Trust trust) {
  if (is_checkpoint_file(path)) return inspect_checkpoint(path);
  const h5::Id file = open_ours(path);
  return reading(path, [&] {
    if (trust == Trust::none) verify_run(file.get());
    return inspect_run(file.get());
  });
}

std::string digest(const std::string& path, Trust trust) {
  if (is_checkpoint_file(path)) return Checkpoint(path).digest();
  const h5::Id file = open_ours(path);
  return reading(path, [&] {
    if (trust == Trust::none) verify_run(file.get());
    // A live file grows while it is read; what is hashed are the rows of one moment, counted first.
    const CommittedLengths lengths(file.get(), committed_rows(file.get()));
    const ContentRules rules{
        .skip = [](const std::string& object) { return object == "/provenance"; },
        .skip_attribute = [](const std::string& object,
                             const std::string& name) { return belongs_to_scales(name) || (object == "/" && belongs_to_occasion(name)); },
        .rows = [&](const std::string& object, hid_t dataset) { return lengths.of(object, dataset); }};
    return to_hex(content_checksum(file.get(), rules));
  });
}

namespace {

/// Fills a new file with the committed rows of another, and with its checksum.
void write_packed(hid_t from, h5::Id& packed, const std::string& path) {
  copy_run(from, packed.get(), committed_rows(from), CopyMode::packed);
  if (read_status(from) == status_name(Status::running)) h5::overwrite_attribute(packed.get(), "status", status_name(Status::interrupted));
  h5::flush_file(packed.get());
  h5::overwrite_attribute(packed.get(), "checksum", to_hex(file_checksum(packed.get())));
  packed.close("closing " + path);
}

}  // namespace

void pack(const std::string& path, const std::string& out, bool force, Trust trust) {
  if (out.empty()) throw InputError("\"\" cannot be the name of the output");
  if (is_checkpoint_file(path)) throw InputError(fmt::format("\"{}\" is a checkpoint, and only runs can be packed", path));
  const h5::Id file = open_ours(path);
  check_output_place(out, {""});
  std::error_code error;
  if (same_file(path, out)) throw InputError(fmt::format("cannot pack \"{}\" into itself", path), {"Choose another name with -o."});
  if (std::filesystem::is_directory(out, error))
    throw InputError(fmt::format("\"{}\" is a folder, so no run can be written there", out), {"Choose another name with -o."});
  if (there(out) && !force) throw InputError(fmt::format("\"{}\" exists", out), {"Use --force to overwrite it, or choose another name with -o."});
  if (trust == Trust::none) reading(path, [&] { verify_run(file.get()); });
  std::string aside;
  h5::Id packed;
  try {
    aside = unique_aside(out);
    packed = h5::create_file(aside, h5::Format::compatible, true);
  } catch (const RunError& problem) {
    throw InputError(problem.what());
  } catch (const h5::Error& problem) {
    discard(aside);
    throw InputError(explain_write_error(out, problem.system_error(), problem.what()));
  }
  try {
    write_packed(file.get(), packed, aside);
  } catch (const h5::Error& problem) {
    packed.abandon();
    discard(aside);
    if (problem.system_error() != 0) throw RunError(explain_write_error(out, problem.system_error(), problem.what()));
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, problem.what()));
  } catch (...) {
    packed.abandon();
    discard(aside);
    throw;
  }
  sync_path(aside);
  rename_durably(aside, out);
}

}  // namespace paracrine::sim::io
