#pragma once
#include <cstdint>

namespace paracrine::models {

/// What MSC a product is made of, or comes from.
struct CellProduct {
  enum class Source : std::uint8_t { bone_marrow, adipose, umbilical_cord, amnion };
  Source source = Source::bone_marrow;
  bool spheroid = false;  // cultured as spheroids, not in two dimensions
  double passage = 4.0;
  bool primed = false;  // with interferon gamma before it was given
};

}  // namespace paracrine::models
