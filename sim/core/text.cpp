#include "sim/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace paracrine::sim {

namespace {

constexpr char32_t broken = 0xFFFD;

struct Decoded {
  char32_t code = broken;
  std::size_t bytes = 1;
};

/// Decodes one character after RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t bytes = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < bytes) return {};
  char32_t code = byte(0) & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  static constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, bytes};
}

template <std::size_t N>
bool within(char32_t code, const std::array<std::pair<char32_t, char32_t>, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) { return code >= range.first && code <= range.second; });
}

/// Columns after Unicode Standard Annex 11 (wide and full-width blocks), coarsely.
int width_of(char32_t code) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 5> zero{
      {{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}}};
  static constexpr std::array<std::pair<char32_t, char32_t>, 8> wide{{{0x1100, 0x115F},
                                                                      {0x2E80, 0xA4CF},
                                                                      {0xAC00, 0xD7A3},
                                                                      {0xF900, 0xFAFF},
                                                                      {0xFE30, 0xFE6F},
                                                                      {0xFF00, 0xFF60},
                                                                      {0x1F300, 0x1FAFF},
                                                                      {0x20000, 0x3FFFD}}};
  return within(code, zero) ? 0 : within(code, wide) ? 2 : 1;
}

// C0 and C1 controls would drive the terminal; direction marks would turn the line around.
bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (next.code == '\t')
      characters.push_back({"\t", 1});
    else if (is_control(next.code)) {
      const auto code = static_cast<unsigned>(next.code);
      std::string shown = code < 0x100 ? fmt::format("\\x{:02X}", code) : fmt::format("\\u{:04X}", code);
      characters.push_back({shown, static_cast<int>(shown.size())});
    } else if (next.code == broken)
      characters.push_back({"\xEF\xBF\xBD", 1});
    else
      characters.push_back({std::string(text.substr(0, next.bytes)), width_of(next.code)});
    text.remove_prefix(next.bytes);
  }
  return characters;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const Character& character : characters_of(text)) shown += character.shown;
  return shown;
}

std::string printable_lines(std::string_view text) {
  std::string shown;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    shown += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(end + 1);
  }
  return shown + printable(text);
}

std::size_t character_bytes(std::string_view text) { return decode(text).bytes; }

}  // namespace paracrine::sim
