#include "sim/io/run_info.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/core/build_info.hpp"
#include "sim/core/error.hpp"
#include "sim/io/files.hpp"
#include "sim/io/reading.hpp"

namespace paracrine::sim::io {

namespace {

std::string to_json(const std::vector<std::string>& texts) {
  return nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::string> texts;
  if (json.is_array())
    for (const auto& item : json)
      if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

std::string provenance_text(hid_t file, const std::string& name) {
  const std::string path = "provenance/" + name;
  return h5::leads_somewhere(file, path) ? h5::read_single_text(file, path) : "";
}

bool begins_like_hdf5(const std::string& path) {
  const htri_t answer = H5Fis_hdf5(path.c_str());
  if (answer < 0) H5Eclear2(H5E_DEFAULT);
  return answer > 0;
}

void check_version(const std::string& path, hid_t file) {
  const std::string type = h5::text_attribute(file, "filetype"), version = h5::text_attribute(file, "schema_version");
  if (type == old_checkpoint_filetype)
    throw InputError(fmt::format("\"{}\" is a checkpoint of an older version of paracrine, which this one does not read", path),
                     {"Resume with the program that began the run, or run the scenario anew."});
  if (type != run_filetype)
    throw InputError(fmt::format("\"{}\" is an HDF5 file, but no run of paracrine", path),
                     {fmt::format("Its attribute \"filetype\" would be \"{}\".", run_filetype)});
  if (std::atoi(version.c_str()) > schema_major)
    throw InputError(fmt::format("\"{}\" has the format version {}, and this program ({}) reads versions up to {}.x", path, version,
                                 build_info().version, schema_major),
                     {"Use the version of paracrine that wrote it, or a newer one."});
}

}  // namespace

std::string status_name(Status status) {
  switch (status) {
    case Status::running:
      return "running";
    case Status::complete:
      return "complete";
    case Status::interrupted:
      return "interrupted";
  }
  throw std::logic_error("no such status");
}

std::string read_status(hid_t file) {
  try {
    if (const std::string text = h5::text_attribute(file, "status"); !text.empty()) return text;
  } catch (const h5::Error&) {
    return status_name(Status::running);
  }
  return status_name(Status::running);
}

void write_run_info(hid_t file, const RunInfo& info) {
  // First what is overwritten at the end, so that it lies together in one short piece of the header.
  h5::set_attribute(file, "status", status_name(Status::running), status_room);
  h5::set_attribute(file, "wall_time_s", 0.0);
  h5::set_attribute(file, "checksum", std::string(), checksum_room);
  h5::set_attribute(file, "filetype", std::string(run_filetype));
  h5::set_attribute(file, "schema_version", std::string(schema_version));
  h5::set_attribute(file, "run_id", info.run_id);
  h5::set_attribute(file, "NX_class", std::string("NXroot"));
  h5::set_attribute(file, "title", info.title);
  h5::set_attribute(file, "model", info.model);
  h5::set_attribute(file, "software_version", info.software_version);
  h5::set_attribute(file, "git_revision", info.git_revision);
  h5::set_attribute(file, "build", info.build);
  h5::set_attribute(file, "creation_time", info.creation_time);
  h5::set_attribute(file, "seed", info.seed);
  h5::set_attribute(file, "end_time_s", info.end_s);
  h5::set_attribute(file, "threads", static_cast<std::int32_t>(info.threads));
  h5::set_attribute(file, "host", info.host);
  h5::set_attribute(file, "cpu_features", info.cpu_features);
  h5::set_attribute(file, "history", fmt::format("{} {}", info.creation_time, info.command_line));

  const h5::Id group = h5::create_group(file, "provenance");
  const auto text = [&](const char* name, const std::string& value, const char* meaning) {
    h5::set_attribute(h5::create_text(group.get(), name, value).get(), "long_name", std::string(meaning));
  };
  text("scenario_written", info.scenario_written, "scenario files as written");
  text("scenario_resolved", info.scenario_resolved, "scenario with all defaults, TOML that reads back");
  text("scenario_file", info.scenario_file, "name of the scenario file");
  text("command_line", info.command_line, "command line of the run");
  text("overrides", to_json(info.overrides), "values given beside the scenario, a JSON list of texts");
  text("environment", info.environment, "libraries and machine");
}

RunInfo read_run_info(hid_t file) {
  RunInfo info;
  info.run_id = h5::text_attribute(file, "run_id");
  info.title = h5::text_attribute(file, "title");
  info.model = h5::text_attribute(file, "model");
  info.software_version = h5::text_attribute(file, "software_version");
  info.git_revision = h5::text_attribute(file, "git_revision");
  info.build = h5::text_attribute(file, "build");
  info.creation_time = h5::text_attribute(file, "creation_time");
  info.seed = h5::number_attribute<std::uint64_t>(file, "seed");
  info.end_s = h5::number_attribute<std::int64_t>(file, "end_time_s");
  info.threads = h5::number_attribute<std::int32_t>(file, "threads");
  info.host = h5::text_attribute(file, "host");
  info.cpu_features = h5::text_attribute(file, "cpu_features");
  info.scenario_written = provenance_text(file, "scenario_written");
  info.scenario_resolved = provenance_text(file, "scenario_resolved");
  info.scenario_file = provenance_text(file, "scenario_file");
  info.command_line = provenance_text(file, "command_line");
  info.overrides = from_json(provenance_text(file, "overrides"));
  info.environment = provenance_text(file, "environment");
  return info;
}

void archive_run_info(Archive& archive, RunInfo& info) {
  constexpr std::size_t longest_text = std::size_t{1} << 28;
  const auto text = [&](const char* name, std::string& value) { archive.text(name, value, longest_text); };
  text("run_id", info.run_id);
  text("title", info.title);
  text("model", info.model);
  text("software_version", info.software_version);
  text("git_revision", info.git_revision);
  text("build", info.build);
  text("creation_time", info.creation_time);
  archive.scalar("seed", info.seed);
  archive.scalar("end_s", info.end_s);
  std::int32_t threads = info.threads;
  archive.scalar("threads", threads);
  info.threads = threads;
  text("host", info.host);
  text("cpu_features", info.cpu_features);
  text("scenario_written", info.scenario_written);
  text("scenario_resolved", info.scenario_resolved);
  text("scenario_file", info.scenario_file);
  text("command_line", info.command_line);
  std::string overrides = to_json(info.overrides);
  text("overrides", overrides);
  info.overrides = from_json(overrides);
  text("environment", info.environment);
}

h5::Id open_ours(const std::string& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::not_found) throw InputError(fmt::format("no such file: \"{}\"", path));
  if (kind == std::filesystem::file_type::directory) throw InputError(fmt::format("\"{}\" is a folder, not a file", path));
  if (kind != std::filesystem::file_type::regular) throw InputError(fmt::format("cannot read \"{}\"", path));
  require_readable(path);
  h5::Id file;
  try {
    file = h5::open_for_reading(path);
  } catch (const h5::Error& problem) {
    if (!begins_like_hdf5(path)) throw InputError(fmt::format("\"{}\" is no HDF5 file, so no output of paracrine", path));
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, problem.what()));
  }
  try {
    check_version(path, file.get());
    h5::check_structure(file.get(), std::filesystem::file_size(path, error));
    // what was looked at stays in the library's memory, and a file that is being written has grown since
    if (h5::is_live(file.get())) file = h5::open_for_reading(path);
  } catch (const h5::Error& problem) {
    throw InputError(fmt::format("\"{}\" is damaged: {}", path, problem.what()));
  }
  return file;
}

}  // namespace paracrine::sim::io
