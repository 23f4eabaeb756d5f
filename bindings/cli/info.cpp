#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "bindings/cli/command.hpp"
#include "bindings/cli/text.hpp"
#include "sim/core/error.hpp"
#include "sim/core/text.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/verify.hpp"

namespace paracrine::cli {

namespace {

using sim::io::FileInfo;

std::string ended(const FileInfo& info) {
  const std::string time = fmt::format("{} of {}", simulated_time(info.time_d * 86400.0, info.end_d * 86400.0),
                                       simulated_time(info.end_d * 86400.0, info.end_d * 86400.0));
  if (info.kind == FileInfo::Kind::checkpoint) return "checkpoint at " + time;
  if (info.status == "complete") return "complete, " + time;
  if (info.status == "running") return "running, or killed; rows up to " + time;
  return info.status + ", rows up to " + time;
}

std::string as_table(const std::string& file, const FileInfo& info) {
  std::string text;
  const auto line = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<12}{}\n", name, sim::printable(value));
  };
  const auto more = [&text](const std::string& value) { text += fmt::format("{:<12}{}\n", "", sim::printable(value)); };
  line("file", file);
  line("status", ended(info));
  line("title", info.run.title);
  line("model", info.run.model);
  line("scenario", info.run.scenario_file);
  for (std::size_t i = 0; i < info.run.overrides.size(); ++i) i == 0 ? line("set", info.run.overrides[i]) : more(info.run.overrides[i]);
  line("run id", info.run.run_id);
  line("seed", std::to_string(info.run.seed));
  line("command", info.run.command_line);
  line("made", fmt::format("{} on {}, {}, {}", info.run.creation_time, info.run.host, counted(static_cast<std::uint64_t>(info.run.threads), "thread"),
                           info.run.cpu_features));
  line("program", fmt::format("paracrine {} (git {}, build {})", info.run.software_version, info.run.git_revision, info.run.build));
  line("schema", info.schema_version);
  line("wall time", wall_time(info.wall_time_s));
  line("rows", fmt::format("{} of the series, {} of the audit; {}, {}, {}", info.rows.rows, info.rows.audit_rows, counted(info.rows.events, "event"),
                           counted(info.rows.field_frames, "field frame"), counted(info.rows.agent_frames, "agent frame")));
  for (std::size_t i = 0; i < info.audit.size(); ++i) {
    const std::string value = fmt::format("{}: largest relative error {:.2g}", info.audit[i].species, info.audit[i].largest_error);
    i == 0 ? line("audit", value) : more(value);
  }
  for (std::size_t i = 0; i < info.series.size(); ++i) i == 0 ? line("series", info.series[i]) : more(info.series[i]);
  return text;
}

std::string as_json(const std::string& file, const FileInfo& info) {
  using Json = nlohmann::ordered_json;
  Json json{{"file", file},
            {"kind", info.kind == FileInfo::Kind::run ? "run" : "checkpoint"},
            {"status", info.status},
            {"title", info.run.title},
            {"model", info.run.model},
            {"scenario", info.run.scenario_file},
            {"overrides", info.run.overrides},
            {"run_id", info.run.run_id},
            {"seed", info.run.seed},
            {"command_line", info.run.command_line},
            {"created", info.run.creation_time},
            {"host", info.run.host},
            {"threads", info.run.threads},
            {"cpu_features", info.run.cpu_features},
            {"version", info.run.software_version},
            {"git_revision", info.run.git_revision},
            {"build", info.run.build},
            {"schema_version", info.schema_version},
            {"time_d", info.time_d},
            {"end_d", info.end_d},
            {"wall_time_s", info.wall_time_s}};
  json["rows"] = {{"series", info.rows.rows},
                  {"audit", info.rows.audit_rows},
                  {"events", info.rows.events},
                  {"field_frames", info.rows.field_frames},
                  {"agent_frames", info.rows.agent_frames},
                  {"agents", info.rows.agent_rows}};
  json["audit"] = Json::object();
  for (const FileInfo::Audit& audit : info.audit) json["audit"][audit.species] = audit.largest_error;
  json["series"] = info.series;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

class Info final : public Command {
 public:
  std::string name() const override { return "info"; }
  std::string summary() const override { return "Show the contents of a run or checkpoint: model, host, command, status, mass balance"; }
  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "RUN.h5, RUN.h5.part (also while it is written) or a checkpoint")->required()->type_name("FILE");
    CLI::Option* json = app.add_flag("--json", json_, "As one JSON object");
    app.add_flag("--digest", digest_, "Print only a hash of all values; equal for equal runs, whatever the threads, stops and resumes")
        ->excludes(json);
    app.add_flag("--check", check_, "Print nothing; only check that the file is whole: exit status 0, or 2 with the reason")
        ->excludes(json)
        ->excludes("--digest");
  }
  int execute(const Invocation&) override {
    sim::io::verify_in_child(file_);
    if (check_) return 0;
    if (digest_) {
      print(sim::io::digest(file_, sim::io::Trust::verified) + "\n");
      return 0;
    }
    const FileInfo info = sim::io::inspect(file_, sim::io::Trust::verified);
    print(json_ ? as_json(file_, info) : as_table(file_, info));
    return 0;
  }

 private:
  std::string file_;
  bool json_ = false, digest_ = false, check_ = false;
};

class Pack final : public Command {
 public:
  std::string name() const override { return "pack"; }
  std::string summary() const override { return "Write all committed rows of a run, finished or not, as a compact complete file"; }
  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "RUN.h5 or RUN.h5.part")->required()->type_name("RUN.h5[.part]");
    app.add_option("-o,--output", output_, "File to write; by default RUN.packed.h5 beside it")->type_name("OUT.h5");
    app.add_flag("--force", force_, "Overwrite the output");
  }
  int execute(const Invocation&) override {
    if (output_) refuse_standard_output(*output_);
    std::filesystem::path out = output_.value_or(file_);
    if (!output_) {
      if (out.extension() == ".part") out.replace_extension();
      out.replace_extension(".packed.h5");
    }
    sim::io::verify_in_child(file_);
    sim::io::pack(file_, out.string(), force_, sim::io::Trust::verified);
    std::error_code ignored;
    const auto before = std::filesystem::file_size(file_, ignored), after = std::filesystem::file_size(out, ignored);
    print(fmt::format("{}: {:.1f} MB -> {}: {:.1f} MB\n", sim::printable(file_), static_cast<double>(before) / 1e6, sim::printable(out.string()),
                      static_cast<double>(after) / 1e6));
    return 0;
  }

 private:
  std::string file_;
  std::optional<std::string> output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_info() { return std::make_unique<Info>(); }
std::unique_ptr<Command> make_pack() { return std::make_unique<Pack>(); }

}  // namespace paracrine::cli
