#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace paracrine::sim {

/// One character of a UTF-8 text as a terminal shows it. Control characters are shown as \xNN, broken bytes as U+FFFD.
struct Character {
  std::string shown;
  int width = 1;  // columns: 0 for combining marks, 2 for wide East Asian characters and pictographs
};

/// The characters of a UTF-8 text, in order.
std::vector<Character> characters_of(std::string_view text);
/// A text in which everything that would drive a terminal is shown instead: control characters as \xNN, marks of direction as \uNNNN, broken bytes as
/// U+FFFD. A line end becomes \x0A.
std::string printable(std::string_view text);
/// The same, with its line ends kept: for messages of several lines.
std::string printable_lines(std::string_view text);
/// Bytes of the UTF-8 character at the start of `text` (not empty); 1 for a broken byte.
std::size_t character_bytes(std::string_view text);

}  // namespace paracrine::sim
