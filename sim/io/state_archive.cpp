#include "sim/io/state_archive.hpp"

#include <algorithm>
#include <stdexcept>

namespace paracrine::sim::io {

namespace {
constexpr std::size_t chunk_bytes = 1 << 20;
}

void StateArchive::enter(std::string_view group) {
  const std::string name(group);
  groups_.push_back(loading_ ? h5::open_group(groups_.back().get(), name) : h5::create_group(groups_.back().get(), name));
}

void StateArchive::leave() {
  if (groups_.size() < 2) throw std::logic_error("leave() without enter()");
  groups_.pop_back();
}

void StateArchive::array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) {
  const std::string text(name);
  if (!loading_) {
    save(text, type, count, data(count));
    return;
  }
  const h5::Id dataset = h5::open_dataset(groups_.back().get(), text);
  const h5::Id stored = h5::type_of_dataset(dataset.get());
  if (h5::element_type_of(stored.get()) != type) throw h5::Error("reading " + text + ": another element type was expected", 0);
  const auto size = h5::extent(dataset.get());
  if (size.size() != 1) throw h5::Error("reading " + text + ": a list was expected", 0);
  void* room = data(size[0]);
  if (size[0] > 0) h5::read_all(dataset.get(), h5::memory_type(type), room);
}

void StateArchive::save(const std::string& name, ElementType type, std::size_t count, const void* data) {
  h5::DatasetSpec spec{.type = type, .extent = {count}, .checksum = true};
  if (count > 0) spec.chunk = {std::min<hsize_t>(count, chunk_bytes / size_of(type))};
  const h5::Id dataset = h5::create_dataset(groups_.back().get(), name, spec);
  if (count > 0) h5::write_all(dataset.get(), h5::memory_type(type), data);
}

}  // namespace paracrine::sim::io
