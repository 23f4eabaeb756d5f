#include "bindings/cli/text.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "sim/core/error.hpp"
#include "sim/core/text.hpp"
#include "sim/io/files.hpp"

namespace paracrine::cli {

namespace {

constexpr std::size_t least_column = 24, explanation_indent = 6;

std::size_t width_of(std::string_view text) {
  int width = 0;
  for (const sim::Character& c : sim::characters_of(std::string(text))) width += c.width;
  return static_cast<std::size_t>(width);
}

/// Where the words of the second column begin: behind the last gap of two or more spaces near the line's start; 0 where there is one column.
std::size_t second_column(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string_view::npos || first == 0) return 0;
  const std::size_t gap = line.find("  ", first);
  return gap == std::string_view::npos ? 0 : line.find_first_not_of(' ', gap);
}

/// Words of `text`, filled into lines of a width; the first line is there already, with `used` columns.
void fill(std::string& page, std::string_view text, std::size_t used, std::size_t indent, std::size_t width) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
    if (!first && used + 1 + width_of(word) > width) {
      page += '\n' + std::string(indent, ' ');
      used = indent;
      first = true;
    }
    if (!first) page += ' ';
    page += word;
    used += width_of(word) + (first ? 0 : 1);
    first = false;
  }
}

}  // namespace

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

bool reader_has_left() {
  pollfd output{.fd = fileno(stdout), .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

void refuse_standard_output(const std::string& output) {
  if (output == "-")
    throw sim::InputError("-o -: the output is a file and cannot be written to standard output", {"Give a name; a file that is called - is ./-"});
}

int help_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    int width = 0;
    const char* end = columns + std::strlen(columns);
    if (const auto read = std::from_chars(columns, end, width); read.ec == std::errc() && read.ptr == end && width > 0) return width;
  }
  return terminal_width(stdout);
}

std::string wrapped(std::string_view text, int width) {
  const auto most = static_cast<std::size_t>(std::max(width, 1));
  std::string page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const bool closed = end < text.size();
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size()), column = second_column(line);
    if (width_of(line) <= most) {
      page += line;
    } else if (column > 0 && width_of(line.substr(0, column)) + least_column <= most) {
      page += line.substr(0, column);
      fill(page, line.substr(column), width_of(line.substr(0, column)), column, most);
    } else if (column > 0) {
      const std::size_t last = line.find_last_not_of(' ', column - 1);
      page.append(line.substr(0, last + 1)).append("\n").append(explanation_indent, ' ');
      fill(page, line.substr(column), explanation_indent, explanation_indent, most);
    } else {
      const std::size_t kept = indent + least_column <= most ? indent : std::min(indent, explanation_indent);
      page.append(kept, ' ');
      fill(page, line.substr(indent), kept, kept, most);
    }
    if (closed) page += '\n';
  }
  return page;
}

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

int terminal_width(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace paracrine::cli
