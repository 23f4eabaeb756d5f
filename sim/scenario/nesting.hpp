#pragma once
#include <optional>
#include <string_view>

namespace paracrine::sim {

/// The byte at which a dotted key ("a.b.c = 1", "[a.b.c]") has more parts than a document may have levels. Found before the text is
/// parsed, because the parser builds and destroys such a key by recursion.
std::optional<std::size_t> too_long_key(std::string_view text);

}  // namespace paracrine::sim
