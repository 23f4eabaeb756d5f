#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace paracrine::sim {

enum class ElementType { u8, u32, u64, i32, i64, f32, f64 };
std::size_t size_of(ElementType type);

template <class T>
constexpr ElementType element_type() {
  if constexpr (std::is_same_v<T, std::uint8_t>)
    return ElementType::u8;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return ElementType::u32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return ElementType::u64;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return ElementType::i32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return ElementType::i64;
  else if constexpr (std::is_same_v<T, float>)
    return ElementType::f32;
  else {
    static_assert(std::is_same_v<T, double>, "not an element type");
    return ElementType::f64;
  }
}

/// State on its way into or out of a checkpoint. A class describes its state once, in one function `archive(Archive&)`, which serves both
/// directions, so that what is written and what is read cannot drift apart.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual bool loading() const = 0;
  virtual void enter(std::string_view group) = 0;
  virtual void leave() = 0;
  /// Saving: `data(count)` gives `count` elements. Loading: the archive finds the stored count, calls `data(count)` for room, and fills it.
  virtual void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) = 0;

  template <class T>
  void vector(std::string_view name, std::vector<T>& values) {
    array(name, element_type<T>(), values.size(), [&](std::size_t n) -> void* {
      if (values.size() != n) values.resize(n);
      return values.data();
    });
  }
  template <class T>
  void scalar(std::string_view name, T& value) {
    array(name, element_type<T>(), 1, [&](std::size_t) -> void* { return &value; });
  }
};

/// Runs `body` inside a group of the archive.
template <class Body>
void in_group(Archive& archive, std::string_view name, Body&& body) {
  archive.enter(name);
  body();
  archive.leave();
}

}  // namespace paracrine::sim
