#include "sim/core/archive.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/core/error.hpp"

namespace paracrine::sim {

std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
      return 1;
    case ElementType::u32:
    case ElementType::i32:
    case ElementType::f32:
      return 4;
    case ElementType::u64:
    case ElementType::i64:
    case ElementType::f64:
      return 8;
  }
  throw std::logic_error("an element type outside its list");
}

void Archive::text(std::string_view name, std::string& value, std::size_t most) {
  array(name, ElementType::u8, value.size(), [&](std::size_t n) -> void* {
    if (n > most) refuse_count(name, n, most);
    value.resize(n);
    return value.data();
  });
}

void Archive::refuse_count(std::string_view name, std::size_t stored, std::size_t expected) {
  throw RunError(fmt::format("{} values of {} are stored, and {} were expected", stored, name, expected));
}

}  // namespace paracrine::sim
