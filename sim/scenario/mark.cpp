#include "sim/scenario/mark.hpp"

#include <algorithm>
#include <string_view>

#include "sim/core/text.hpp"

namespace paracrine::sim {

namespace {

constexpr std::size_t longest_whole_line = 1000;
constexpr int characters_around = 100;

/// The part of a long line around the column, so that a problem does not carry megabytes.
void keep_part(Place& place, std::string_view line) {
  const int first = std::max(1, place.column - characters_around), last = place.column + characters_around;
  std::size_t begin = 0, end = 0;
  for (int column = 1; column <= last && end < line.size(); ++column) {
    if (column == first) begin = end;
    end += character_bytes(line.substr(end));
  }
  place.text = std::string(line.substr(begin, end - begin));
  place.text_column = first;
}

}  // namespace

WrittenText::WrittenText(std::string name, std::string text, bool numbered)
    : name_(std::move(name)), text_(std::move(text)), numbered_(numbered), starts_{0} {
  if (text_.substr(0, 3) == "\xEF\xBB\xBF") starts_[0] = 3;  // a byte order mark is no part of the first line
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') starts_.push_back(i + 1);
}

std::string_view WrittenText::line(int number) const {
  if (number < 1 || number > lines()) return {};
  const std::size_t begin = starts_[static_cast<std::size_t>(number - 1)];
  std::string_view rest = std::string_view(text_).substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

std::pair<int, int> WrittenText::line_and_column(std::size_t byte) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), byte);
  if (after == starts_.begin()) return {1, 1};
  const int number = static_cast<int>(after - starts_.begin());
  std::string_view before = std::string_view(text_).substr(*(after - 1), byte - *(after - 1));
  int column = 1;
  for (; !before.empty(); ++column) before.remove_prefix(std::min(before.size(), character_bytes(before)));
  return {number, column};
}

Place Mark::place() const {
  Place place;
  if (!source) return place;
  place.file = source->name();
  if (line < 1) return place;
  place.line = source->numbered() ? line : 0;
  place.column = column;
  place.length = length;
  const std::string_view text = source->line(line);
  if (text.size() <= longest_whole_line)
    place.text = std::string(text);
  else
    keep_part(place, text);
  return place;
}

}  // namespace paracrine::sim
