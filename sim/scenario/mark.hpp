#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sim/core/error.hpp"

namespace paracrine::sim {

/// A text that a user wrote, with its lines found: a file, or an override ("--set a.b=1", whose line has no number).
class WrittenText {
 public:
  WrittenText(std::string name, std::string text, bool numbered = true);
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  bool numbered() const { return numbered_; }
  /// Line from 1 without its line break; empty when there is none.
  std::string_view line(int number) const;
  int lines() const { return static_cast<int>(starts_.size()); }
  /// Line of a byte of the text, and its column in characters, both from 1.
  std::pair<int, int> line_and_column(std::size_t byte) const;

 private:
  std::string name_, text_;
  bool numbered_;
  std::vector<std::size_t> starts_;
};

/// Where something stands in a source text; the light form of Place, which refers to the text instead of copying it.
struct Mark {
  std::shared_ptr<const WrittenText> source;
  int line = 0;
  int column = 0;
  int length = 1;
  Place place() const;
};

}  // namespace paracrine::sim
