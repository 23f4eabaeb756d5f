#include "sim/io/target.hpp"

#include <cmath>

#include "sim/io/content.hpp"

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

Target::Target(hid_t file, const std::string& path) : path_(path), dataset_(h5::open_dataset(file, path)) {
  const auto size = h5::extent(dataset_.get());
  for (std::size_t i = 1; i < size.size(); ++i) row_values_ *= size[i];
}

void Target::hash(hsize_t count, ElementType type, const void* data) {
  const std::size_t bytes = count * row_values_ * size_of(type);
  if (bytes == 0) return;
  added_.bytes(data, bytes);
  whole_.bytes(data, bytes);
  any_added_ = true;
}

void Target::write(hsize_t first, hsize_t count, ElementType type, const void* data) {
  if (count == 0) return;
  h5::grow(dataset_.get(), first + count);
  h5::write_rows(dataset_.get(), h5::memory_type(type), first, count, data);
  changed_ = true;
}

void Target::grow(hsize_t length) {
  h5::grow(dataset_.get(), length);
  changed_ = true;
}

void Target::read_back(ElementType type, hsize_t rows) {
  for_each_block(dataset_.get(), type, rows,
                 [&](const char* data, hsize_t, hsize_t count) { whole_.bytes(data, count * row_values_ * size_of(type)); });
}

void Target::flush() {
  if (changed_) h5::check(H5Dflush(dataset_.get()), "writing to the disk");
  changed_ = false;
}

std::optional<Checksum> Target::take_added() {
  if (!any_added_) return {};
  const Checksum checksum = added_.result();
  added_.reset();
  any_added_ = false;
  return checksum;
}

}  // namespace paracrine::sim::io
