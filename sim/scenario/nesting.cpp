#include "sim/scenario/nesting.hpp"

#include <algorithm>

#include "sim/scenario/document.hpp"

namespace paracrine::sim {

namespace {

std::size_t quotes_at(std::string_view text, std::size_t i, char quote, std::size_t most) {
  std::size_t count = 0;
  while (count < most && i + count < text.size() && text[i + count] == quote) ++count;
  return count;
}

/// The byte after the string that starts with a quotation mark at `begin`, or the end of the text when it is not closed.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const bool long_string = quotes_at(text, begin, quote, 3) == 3;
  std::size_t i = begin + (long_string ? 3 : 1);
  while (i < text.size()) {
    if (text[i] == '\\' && quote == '"')
      i += 2;
    else if (long_string && quotes_at(text, i, quote, 3) == 3)
      return i + quotes_at(text, i, quote, 5);  // up to two quotation marks may stand inside, right before the end
    else if (!long_string && (text[i] == quote || text[i] == '\n'))
      return i + 1;
    else
      ++i;
  }
  return text.size();
}

}  // namespace

std::optional<std::size_t> too_long_key(std::string_view text) {
  int dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    switch (text[i]) {
      case '"':
      case '\'':
        i = end_of_string(text, i);
        continue;
      case '#':
        i = std::min(text.find('\n', i), text.size());
        continue;
      case '.':
        if (++dots >= most_levels) return i;
        break;
      case '\n':
      case ',':
      case '=':
      case '[':
      case ']':
      case '{':
      case '}':
        dots = 0;
        break;
      default:
        break;
    }
    ++i;
  }
  return std::nullopt;
}

}  // namespace paracrine::sim
