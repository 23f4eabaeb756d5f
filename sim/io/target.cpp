#include "sim/io/target.hpp"

#include <cmath>

namespace paracrine::sim::io {

namespace {

template <class T>
void convert_to(const std::vector<double>& from, std::vector<std::byte>& to) {
  to.resize(from.size() * sizeof(T));
  T* out = reinterpret_cast<T*>(to.data());
  const T missing = *static_cast<const T*>(h5::missing_value(element_type<T>()));
  for (std::size_t i = 0; i < from.size(); ++i) out[i] = std::isnan(from[i]) ? missing : static_cast<T>(from[i]);
}

}  // namespace

std::vector<std::byte> converted(const std::vector<double>& values, ElementType type) {
  std::vector<std::byte> bytes;
  switch (type) {
    case ElementType::u8:
      convert_to<std::uint8_t>(values, bytes);
      break;
    case ElementType::u32:
      convert_to<std::uint32_t>(values, bytes);
      break;
    case ElementType::u64:
      convert_to<std::uint64_t>(values, bytes);
      break;
    case ElementType::i32:
      convert_to<std::int32_t>(values, bytes);
      break;
    case ElementType::i64:
      convert_to<std::int64_t>(values, bytes);
      break;
    case ElementType::f32:
      convert_to<float>(values, bytes);
      break;
    case ElementType::f64:
      convert_to<double>(values, bytes);
      break;
  }
  return bytes;
}

}  // namespace paracrine::sim::io
