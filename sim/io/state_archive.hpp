#pragma once
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/io/hdf5.hpp"

namespace paracrine::sim::io {

/// An Archive in an HDF5 group: a group per enter(), a dataset per array, each with a Fletcher32 checksum.
class StateArchive final : public Archive {
 public:
  StateArchive(h5::Id group, bool loading) : loading_(loading) { groups_.push_back(std::move(group)); }
  bool loading() const override { return loading_; }
  void enter(std::string_view group) override;
  void leave() override;
  void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override;

 private:
  void save(const std::string& name, ElementType type, std::size_t count, const void* data);
  bool loading_;
  std::vector<h5::Id> groups_;
};

}  // namespace paracrine::sim::io
