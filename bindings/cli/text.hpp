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

}  // namespace paracrine::cli
