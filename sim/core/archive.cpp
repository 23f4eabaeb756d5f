#include "sim/core/archive.hpp"

#include <stdexcept>

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

}  // namespace paracrine::sim
