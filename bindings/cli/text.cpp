#include "bindings/cli/text.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>

#include "sim/io/files.hpp"

namespace paracrine::cli {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line.append(line.empty() ? "" : " ").append(sim::io::shell_word(word));
  return line;
}

std::string wall_time(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0.0) return "?";
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::lround(std::min(seconds, 1e15)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

std::string simulated_time(double seconds, double scale_s) {
  if (scale_s >= 2.0 * 86400.0) return fmt::format("{:.3g} d", seconds / 86400.0);
  if (scale_s >= 2.0 * 3600.0) return fmt::format("{:.3g} h", seconds / 3600.0);
  if (scale_s >= 120.0) return fmt::format("{:.3g} min", seconds / 60.0);
  return fmt::format("{:.3g} s", seconds);
}

std::string short_number(double value) {
  if (std::isnan(value)) return "-";
  return std::abs(value) < 1e5 && value == std::round(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

int terminal_width(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace paracrine::cli
