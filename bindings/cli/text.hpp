#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/driver/wording.hpp"

namespace paracrine::cli {

void print(std::string_view text);        // to standard output
void print_error(std::string_view text);  // to standard error
/// Whether standard output is a pipe that nobody reads any more (`| head -1`): nothing to complain about.
bool reader_has_left();
/// A file called "-" is refused where standard output may be meant.
void refuse_standard_output(const std::string& output);

/// Words as a shell reads them back: quoted only where they must be.
std::string shell_line(const std::vector<std::string>& words);

using driver::counted;
/// Wall time for people: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h".
std::string wall_time(double seconds);
/// Simulated time in one unit that suits `scale_s`: "6.25 d", "3 h".
std::string simulated_time(double seconds, double scale_s);
/// A number with three digits: "812", "8.12e+05".
std::string short_number(double value);

bool is_terminal(std::FILE* stream);
int terminal_width(std::FILE* stream);  // columns; 80 where unknown
int help_width();                       // COLUMNS, else that of the terminal, else 80
/// Every line wrapped to a width: it keeps its indent, and its second column where it has one.
std::string wrapped(std::string_view text, int width);

}  // namespace paracrine::cli
