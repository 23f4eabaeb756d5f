#include "sim/io/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace paracrine::sim::io::h5 {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& expected) { throw Error(fmt::format("{}: {}", path, expected), 0); }

const char* name_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
      return "u1";
    case ElementType::u32:
      return "u4";
    case ElementType::u64:
      return "u8";
    case ElementType::i32:
      return "i4";
    case ElementType::i64:
      return "i8";
    case ElementType::f32:
      return "f4";
    case ElementType::f64:
      return "f8";
  }
  return "";
}

Id open_checked(hid_t parent, const std::string& path) {
  if (!leads_somewhere(parent, path)) refuse(path, "it is missing");
  if (is_group(parent, path)) refuse(path, "it is a group, expected a dataset");
  return open_dataset(parent, path);
}

Id open_texts(hid_t parent, const std::string& path, std::size_t rank) {
  Id dataset = open_checked(parent, path);
  const Id type = type_of_dataset(dataset.get());
  if (!is_text(type.get())) refuse(path, "expected texts");
  if (is_characters(type.get())) ++rank;
  if (const std::size_t own = extent(dataset.get()).size(); own != rank) refuse(path, fmt::format("it has {} dimensions, expected {}", own, rank));
  return dataset;
}

}  // namespace

bool leads_somewhere(hid_t parent, const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string step = path.substr(0, end);
    if (step.empty() || step == "/") return true;
    if (!exists(parent, step)) return false;
    H5L_info_t link;
    check(H5Lget_info(parent, step.c_str(), &link, H5P_DEFAULT), "looking at " + step);
    if (link.type != H5L_TYPE_HARD) return false;
    if (end == std::string::npos) return true;
    if (!is_group(parent, step)) return false;
  }
}

std::vector<std::string> groups_in(hid_t parent, const std::string& path) {
  std::vector<std::string> groups;
  if (!leads_somewhere(parent, path) || !is_group(parent, path)) return groups;
  const Id group = open_group(parent, path);
  for (const auto& name : names(group.get()))
    if (leads_somewhere(group.get(), name) && is_group(group.get(), name)) groups.push_back(name);
  return groups;
}

Id open_numbers(hid_t parent, const std::string& path, ElementType type, std::size_t rank) {
  Id dataset = open_checked(parent, path);
  if (element_type_of(type_of_dataset(dataset.get()).get()) != type) refuse(path, fmt::format("expected values of type {}", name_of(type)));
  if (const std::size_t own = extent(dataset.get()).size(); own != rank) refuse(path, fmt::format("it has {} dimensions, expected {}", own, rank));
  return dataset;
}

template <class T>
std::vector<T> read_list(hid_t parent, const std::string& path, std::optional<hsize_t> count) {
  const Id dataset = open_numbers(parent, path, element_type<T>(), 1);
  const hsize_t length = extent(dataset.get()).at(0);
  if (count && *count > length) refuse(path, fmt::format("it holds {} values, expected {} or more", length, *count));
  return read_vector<T>(dataset.get(), count.value_or(length));
}
template std::vector<double> read_list(hid_t, const std::string&, std::optional<hsize_t>);
template std::vector<std::int64_t> read_list(hid_t, const std::string&, std::optional<hsize_t>);

std::vector<double> read_row(hid_t parent, const std::string& path, hsize_t row, hsize_t width) {
  const Id dataset = open_numbers(parent, path, ElementType::f64, 2);
  const auto size = extent(dataset.get());
  if (size[0] <= row || size[1] != width)
    refuse(path, fmt::format("it holds {} rows of {} values, expected {} or more of {}", size[0], size[1], row + 1, width));
  std::vector<double> values(width);
  if (width > 0) read_rows(dataset.get(), H5T_NATIVE_DOUBLE, row, 1, values.data());
  return values;
}

std::string read_single_text(hid_t parent, const std::string& path) { return read_text(open_texts(parent, path, 0).get()); }

std::vector<std::string> read_text_list(hid_t parent, const std::string& path) {
  const Id dataset = open_texts(parent, path, 1);
  return read_texts(dataset.get(), extent(dataset.get()).at(0));
}

}  // namespace paracrine::sim::io::h5
