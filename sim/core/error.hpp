#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paracrine::sim {

/// A place in a text that a user wrote: file, line and column from 1 (in characters), and the line itself. line == 0: no line is known,
/// or the text is an override ("--set a.b=1" stands in `file`). Of a very long line `text` is a part, which begins at `text_column`.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;
  std::string text;
  int text_column = 1;
};

/// One thing that is wrong with the input, where it is, and what would help.
struct Problem {
  Place place;
  std::string message;
  std::vector<std::string> hints;
};

/// One problem as the user sees it: place and message, the marked line, hints; ends with a line break.
std::string format_problem(const Problem& problem);
/// Formats problems as the user sees them: count, then each in order of place (files in order of appearance); the first hundred.
/// A single problem without any place (a usage error, a missing file) is its message and hints alone, without the count.
std::string format_problems(const std::vector<Problem>& problems);
/// `text` in double quotes for a message: control characters and broken UTF-8 made visible, long texts cut.
std::string in_quotes(std::string_view text);

/// The name in `known` nearest to `wrong`, or an empty string when none is near: the edit distance (insertion, deletion, substitution,
/// transposition; case does not count) may be up to a third of the longer length.
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& known);

/// The user's input is wrong: usage, scenario, file. Carries every problem found. Exit status 2; Python ValueError.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Problem> problems);
  explicit InputError(const std::string& message, std::vector<std::string> hints = {});
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// The run failed: a numerical failure, a full disk. Exit status 1.
class RunError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace paracrine::sim
