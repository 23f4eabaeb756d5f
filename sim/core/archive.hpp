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
  /// Saving: `data(count)` gives `count` elements. Loading: the archive finds the stored count, calls `data(count)` for room, which throws RunError
  /// before it allocates when the count is not what it can be, and fills it.
  virtual void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) = 0;

  /// Values of a number that the object knows before it is loaded: any other number is refused.
  template <class T>
  void vector(std::string_view name, std::vector<T>& values) {
    array(name, element_type<T>(), values.size(), [&](std::size_t n) -> void* {
      if (values.size() != n) refuse_count(name, n, values.size());
      return values.data();
    });
  }
  /// Values of which there are none or `whole`.
  template <class T>
  void vector_or_none(std::string_view name, std::vector<T>& values, std::size_t whole) {
    array(name, element_type<T>(), values.size(), [&](std::size_t n) -> void* {
      if (n != 0 && n != whole) refuse_count(name, n, whole);
      values.resize(n);
      return values.data();
    });
  }
  /// Up to `most` values.
  template <class T>
  void list(std::string_view name, std::vector<T>& values, std::size_t most) {
    array(name, element_type<T>(), values.size(), [&](std::size_t n) -> void* {
      if (n > most) refuse_count(name, n, most);
      values.resize(n);
      return values.data();
    });
  }
  /// A text of up to `most` bytes.
  void text(std::string_view name, std::string& value, std::size_t most);
  template <class T>
  void scalar(std::string_view name, T& value) {
    array(name, element_type<T>(), 1, [&](std::size_t n) -> void* {
      if (n != 1) refuse_count(name, n, 1);
      return &value;
    });
  }

 private:
  [[noreturn]] static void refuse_count(std::string_view name, std::size_t stored, std::size_t expected);
};

/// Runs `body` inside a group of the archive.
template <class Body>
void in_group(Archive& archive, std::string_view name, Body&& body) {
  archive.enter(name);
  body();
  archive.leave();
}

}  // namespace paracrine::sim
