#pragma once
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/error.hpp"

namespace paracrine::tests {

/// An archive in memory: save into it, call load(), read back. Entries are named by their path, "group/inner/name".
class MemoryArchive final : public sim::Archive {
 public:
  struct Entry {
    sim::ElementType type;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Entry> entries;

  /// From now on entries are read.
  void load() { loading_ = true; }
  /// From now on entries are written; those that stand are dropped.
  void save() {
    loading_ = false;
    entries.clear();
  }

  bool loading() const override { return loading_; }
  void enter(std::string_view group) override { groups_.emplace_back(group); }
  void leave() override {
    if (groups_.empty()) throw std::logic_error("archive: more groups left than entered");
    groups_.pop_back();
  }
  void array(std::string_view name, sim::ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override {
    const std::string path = path_of(name);
    if (loading_) {
      const auto found = entries.find(path);
      if (found == entries.end()) throw sim::RunError("archive: there is no " + path);
      if (found->second.type != type) throw sim::RunError("archive: " + path + " has another type");
      const std::vector<std::byte>& bytes = found->second.bytes;
      void* const room = data(bytes.size() / sim::size_of(type));
      if (!bytes.empty()) std::memcpy(room, bytes.data(), bytes.size());
    } else {
      if (entries.contains(path)) throw std::logic_error("archive: " + path + " is written twice");
      const auto* const first = static_cast<const std::byte*>(data(count));
      Entry& entry = entries[path];
      entry.type = type;
      if (count > 0) entry.bytes.assign(first, first + count * sim::size_of(type));
    }
  }

 private:
  std::string path_of(std::string_view name) const {
    std::string path;
    for (const std::string& group : groups_) path += group + "/";
    return path + std::string(name);
  }

  bool loading_ = false;
  std::vector<std::string> groups_;
};

/// Saves `from`, loads it into `to` and gives the archive back.
template <class From, class To>
MemoryArchive transfer(From& from, To& to) {
  MemoryArchive archive;
  from.archive(archive);
  archive.load();
  to.archive(archive);
  return archive;
}

}  // namespace paracrine::tests
