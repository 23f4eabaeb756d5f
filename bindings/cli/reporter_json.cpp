#include <nlohmann/json.hpp>

#include "bindings/cli/reporter.hpp"
#include "bindings/cli/text.hpp"
#include "sim/core/build_info.hpp"

namespace paracrine::cli {

namespace {

using Json = nlohmann::ordered_json;

Json as_json(const sim::Problem& problem) {
  Json json{{"message", problem.message}};
  if (!problem.place.file.empty()) json["file"] = problem.place.file;
  if (problem.place.line > 0) json["line"] = problem.place.line, json["column"] = problem.place.column;
  if (!problem.hints.empty()) json["hints"] = problem.hints;
  return json;
}

/// One object per line on standard output; errors are also said on standard error.
class JsonReporter final : public Reporter {
 public:
  explicit JsonReporter(const ReportOptions& options) : shows_progress_(options.progress != "none") {}

  void start(const RunStart& start) override {
    say({{"event", "start"},
         {"version", sim::build_info().version},
         {start.resumed ? "resumed" : "scenario", start.what},
         {"title", start.title},
         {"model", start.model},
         {"seed", start.seed},
         {"overrides", start.overrides},
         {"threads", start.threads},
         {"output", start.output}});
  }
  void progress(const sim::io::Progress& progress) override {
    const bool last = progress.time_s >= progress.end_s;
    if (!shows_progress_ || (!last && said_ && progress.wall_s - said_wall_s_ < 0.5)) return;
    said_ = true;
    said_wall_s_ = progress.wall_s;
    Json numbers = Json::object();
    for (const auto& [name, value] : progress.numbers) numbers[name] = value;
    say({{"event", "progress"},
         {"time_s", progress.time_s},
         {"end_s", progress.end_s},
         {"wall_s", progress.wall_s},
         {"speed", speed_of_run(progress)},
         {"visits_per_s", progress.visits_per_s},
         {"left_s", progress.seconds_left},
         {"numbers", numbers}});
  }
  void checkpoint(const std::string& path, std::int64_t time_s) override { say({{"event", "checkpoint"}, {"path", path}, {"time_s", time_s}}); }
  void warning(const sim::Problem& problem) override {
    Json json{{"event", "warning"}};
    json.update(as_json(problem));
    say(json);
  }
  void done(const sim::io::SessionResult& result, const std::string& resume_command, int exit_status) override {
    const bool complete = result.end == sim::io::SessionResult::End::complete;
    const auto texts = [&](bool warnings) {
      Json list = Json::array();
      for (const sim::Note& note : result.notes)
        if (note.warning == warnings) list.push_back(note.text);
      return list;
    };
    Json json{{"event", "done"}, {"status", complete ? "complete" : "interrupted"}, {"path", result.path}};
    if (!complete) json["checkpoint"] = result.checkpoint, json["resume"] = resume_command;
    json.update(Json{{"time_s", result.time_s},
                     {"end_s", result.end_s},
                     {"wall_s", result.wall_s},
                     {"notes", texts(false)},
                     {"warnings", texts(true)},
                     {"exit_status", exit_status}});
    say(json);
  }
  void error(const std::string& message, const std::vector<sim::Problem>& problems, int exit_status) override {
    Json json{{"event", "error"}, {"exit_status", exit_status}, {"message", message}, {"problems", Json::array()}};
    for (const sim::Problem& problem : problems) json["problems"].push_back(as_json(problem));
    say(json);
    print_error("paracrine: " + message + "\n");
  }

 private:
  static void say(const Json& json) {
    print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    std::fflush(stdout);
  }
  bool shows_progress_;
  bool said_ = false;
  double said_wall_s_ = 0.0;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(const ReportOptions& options) { return std::make_unique<JsonReporter>(options); }

}  // namespace paracrine::cli
