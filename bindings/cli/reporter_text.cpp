#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "bindings/cli/dispatch.hpp"
#include "bindings/cli/reporter.hpp"
#include "bindings/cli/text.hpp"
#include "sim/core/text.hpp"

namespace paracrine::cli {

namespace {

enum class Style { bar, line, none };

constexpr double line_every_s = 5.0;

std::string speed_text(const sim::io::Progress& p) {
  const double speed = speed_of_run(p);
  if (!(speed > 0.0)) return "-";
  return simulated_time(speed, 10.0 * speed) + "/s";
}

std::string numbers_of(const sim::io::Progress& p) {
  std::string text;
  for (const auto& [name, value] : p.numbers)
    if (value != 0.0 && !std::isnan(value)) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, short_number(value));
  return text;
}

std::string cut(const std::string& text, int width) {
  std::string shown;
  for (const sim::Character& c : sim::characters_of(text)) {
    width -= c.width;
    if (width < 0) break;
    shown += c.shown;
  }
  return shown;
}

/// For people, on standard error.
class TextReporter final : public Reporter {
 public:
  TextReporter(const ReportOptions& options, Style style)
      : options_(options), style_(style), colour_(is_terminal(stderr) && !set("NO_COLOR") && !terminal_is_dumb()) {}

  static bool terminal_is_dumb() {
    const char* term = std::getenv("TERM");
    return term == nullptr || std::string_view(term) == "dumb";
  }

  void start(const RunStart& start) override {
    if (options_.quiet) return;
    if (!start.title.empty()) say(sim::printable(start.title), "1");
    say(fmt::format("{} {} -> {}  (seed {}, {})", start.resumed ? "resume" : "run", start.what, start.output, start.seed,
                    counted(static_cast<std::uint64_t>(start.threads), "thread")));
    if (options_.verbose) {
      say(fmt::format("model {}", start.model));
      for (const std::string& one : start.overrides) say(fmt::format("set {}", one));
    }
  }

  void progress(const sim::io::Progress& p) override {
    if (options_.quiet || style_ == Style::none) return;
    if (style_ == Style::bar) return draw(p);
    if (p.wall_s - said_wall_s_ < line_every_s && p.time_s < p.end_s) return;
    said_wall_s_ = p.wall_s;
    say(describe(p));
  }

  void checkpoint(const std::string& path, std::int64_t time_s) override {
    if (!options_.quiet) say(fmt::format("checkpoint at {}: {}", simulated_time(static_cast<double>(time_s), static_cast<double>(time_s)), path));
  }

  void warning(const sim::Problem& problem) override {
    if (options_.quiet) return;
    clear();
    print_error(coloured("33", "warning: ") + sim::printable_lines(sim::format_problem(problem)));
  }

  void done(const sim::io::SessionResult& result, const std::string& resume_command, int) override {
    if (options_.quiet) return;
    using End = sim::io::SessionResult::End;
    const auto time = static_cast<double>(result.time_s), end = static_cast<double>(result.end_s);
    for (const sim::Note& note : result.notes) say(fmt::format("{}: {}", note.warning ? "warning" : "note", note.text));
    if (result.end == End::complete) {
      say(fmt::format("Done: {}", result.path), "32", fmt::format("  ({} simulated in {})", simulated_time(end, end), wall_time(result.wall_s)));
      const std::vector<std::string> others = external_commands();
      say(fmt::format("Next: {}", shell_line({options_.program, "info", result.path})));
      if (std::find(others.begin(), others.end(), "plot") != others.end())
        say(fmt::format("      {}", shell_line({options_.program, "plot", result.path})));
      say(fmt::format("      Python: xarray.open_dataset({})", sim::in_quotes(result.path)));
      return;
    }
    say(fmt::format("{} at {} of {}, after {}. Rows so far: {}", result.end == End::until ? "Stopped as asked" : "Interrupted",
                    simulated_time(time, end), simulated_time(end, end), wall_time(result.wall_s), result.path));
    say(fmt::format("To continue: {}", resume_command));
  }

  void error(const std::string& message, const std::vector<sim::Problem>&, int) override { say("paracrine: ", "31", message); }

 private:
  static bool set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
  }
  std::string coloured(const char* code, const std::string& text) const { return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text; }

  static std::string describe(const sim::io::Progress& p) {
    const auto time = static_cast<double>(p.time_s), end = static_cast<double>(p.end_s);
    const std::string numbers = numbers_of(p);
    return fmt::format("{:3.0f} %  {} of {}  {}  {} left{}{}", 100.0 * time / std::max(end, 1.0), simulated_time(time, end), simulated_time(end, end),
                       speed_text(p), wall_time(p.seconds_left), numbers.empty() ? "" : "  ", numbers);
  }

  /// One line that is drawn over and over, as wide as the terminal: words, a bar where there is room for one, and as much of the key numbers as fits.
  void draw(const sim::io::Progress& p) {
    const int width = terminal_width(stderr) - 1;
    sim::io::Progress without = p;
    without.numbers.clear();
    const int room = std::min(width - static_cast<int>(describe(without).size()) - 3, 24);
    std::string bar;
    if (room >= 8) {
      const double share = static_cast<double>(p.time_s) / static_cast<double>(std::max<std::int64_t>(p.end_s, 1));
      const int full = std::clamp(static_cast<int>(share * room), 0, room);
      bar = fmt::format("[{}{}] ", coloured("32", std::string(static_cast<std::size_t>(full), '#')),
                        std::string(static_cast<std::size_t>(room - full), '-'));
    }
    print_error(fmt::format("\r{}{}\x1b[K", bar, cut(describe(p), bar.empty() ? width : width - room - 3)));
    std::fflush(stderr);
    drawn_ = true;
  }
  void clear() {
    if (drawn_) print_error("\r\x1b[K");
    drawn_ = false;
  }
  /// Prints a line, its first part in a colour. Names and titles come from users and files: what would drive the terminal is shown instead.
  void say(const std::string& text, const char* code = nullptr, const std::string& rest = "") {
    clear();
    const std::string shown = sim::printable_lines(text);
    print_error((code == nullptr ? shown : coloured(code, shown)) + sim::printable_lines(rest) + "\n");
  }

  ReportOptions options_;
  Style style_;
  bool colour_;
  bool drawn_ = false;
  double said_wall_s_ = 0.0;
};

}  // namespace

double speed_of_run(const sim::io::Progress& progress) {
  if (progress.seconds_left > 0.0) return static_cast<double>(progress.end_s - progress.time_s) / progress.seconds_left;
  return progress.wall_s > 0.0 ? static_cast<double>(progress.time_s - progress.start_s) / progress.wall_s : 0.0;
}

std::unique_ptr<Reporter> make_text_reporter(const ReportOptions& options) {
  Style style = options.progress == "bar" ? Style::bar : options.progress == "line" ? Style::line : Style::none;
  if (options.progress == "auto") style = is_terminal(stderr) && !TextReporter::terminal_is_dumb() ? Style::bar : Style::line;
  return std::make_unique<TextReporter>(options, style);
}

std::unique_ptr<Reporter> make_reporter(const ReportOptions& options) {
  return options.json ? make_json_reporter(options) : make_text_reporter(options);
}

}  // namespace paracrine::cli
