#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/random.hpp"

namespace paracrine::sim {

/// Which values a column may hold when a state is loaded. Floating-point numbers are finite in all of them, but for a time that never comes.
enum class Domain {
  any,
  amount,  // 0 or above
  share,   // 0 to 1
  past,    // a time [s] from the start of the run to the present one
  time,    // a time [s] from the start of the run on, or infinity: never
  voxel,   // the number of a voxel inside the patch's grid
  x,
  y,
  z,      // a place [um] in the box of the patch's grid: x and y from its middle, z from its lower face
  index,  // below the bound that the world has under the column's `index_of`
};

/// One column of an agent kind, as files describe it. Codes with `flag_meanings` are below the number of those.
struct ColumnInfo {
  std::string_view name;
  ElementType type = ElementType::f64;
  std::string_view unit = "1";
  std::string_view meaning;
  std::string_view flag_meanings{};  // for codes: "viable apoptotic", in order of value from 0
  Domain domain = Domain::any;
  std::string_view index_of{};  // for Domain::index: what it numbers, "therapy"
};

/// Where one column of codes or numbers has this value, another is below a bound. Columns of one byte.
struct RowRule {
  std::string_view where;
  std::uint8_t is = 0;
  std::string_view column;
  std::uint8_t below = 0;
};

/// An agent kind: its name and columns. Kinds are constants of the models; a Population refers to one and never copies it.
struct AgentKind {
  std::string_view name;
  std::span<const ColumnInfo> columns;
  std::string_view meaning;
  bool permanent = false;  // the agents of a patch are the same, in the same rows, from the start of a run to its end
  std::span<const RowRule> rules{};
};

/// A typed handle on a column: its number in the kind.
template <class T>
struct Column {
  std::size_t index;
};

/// Memory that begins at a cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};
  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, alignment); }
  bool operator==(const CacheLineAllocator&) const = default;
};

/// The agents of one kind in one patch, as columns: values of one column lie side by side, 64-byte aligned. An agent is a row; its id is permanent,
/// its row is not. Nothing is allocated in a step unless the population grows past its capacity (which grows by half).
class Population {
 public:
  /// `kind_number` (0 to 15) keeps the ids of the kinds of one patch apart: it stands in the top 4 of the 40 bits of an id's number. Throws
  /// std::logic_error for a number or patch out of range, and for a kind with a nameless column or two columns of one name.
  Population(const AgentKind& kind, std::uint32_t patch, std::uint32_t kind_number = 0);

  const AgentKind& kind() const { return *kind_; }
  std::uint32_t patch() const { return patch_; }
  /// Fresh ids given so far; their numbers are first_number() + 1 and on.
  std::uint64_t ids_given() const { return given_; }
  std::uint64_t first_number() const { return first_number_; }
  std::size_t size() const { return size_; }
  std::span<const AgentId> ids() const { return {reinterpret_cast<const AgentId*>(ids_.data()), size_}; }
  /// The values of one column, one per row, until the next call that adds agents. The handle's type must be the column's (std::logic_error).
  template <class T>
  std::span<T> column(Column<T> handle) {
    return {reinterpret_cast<T*>(checked(handle.index, element_type<T>())), size_};
  }
  template <class T>
  std::span<const T> column(Column<T> handle) const {
    return {reinterpret_cast<const T*>(checked(handle.index, element_type<T>())), size_};
  }
  /// The raw values of a column, for recorders: size() elements of the column's type.
  const void* raw(std::size_t column) const;

  /// Adds `count` new agents with fresh ids of this patch, all columns zero, behind the others. Returns the first new row.
  /// Throws std::length_error when the 2^36 - 1 numbers of a kind in a patch are used up.
  std::size_t add(std::size_t count);
  /// Takes the agents in `rows` (ascending, no row twice; std::logic_error otherwise, and nothing is removed) out: from the highest row down, the
  /// last agent takes the place of each.
  void remove(std::span<const std::uint32_t> rows);
  /// Copies agent `row` of another population of the same kind to the end of this one, id and all.
  void take(const Population& from, std::size_t row);
  /// Takes all agents out; their numbers are not given again.
  void clear() { size_ = 0; }
  /// Makes room for `count` agents in all.
  void reserve(std::size_t count);
  std::size_t capacity() const { return capacity_; }
  /// Bytes per agent in all columns, id included.
  std::size_t bytes_per_agent() const;

  /// Ids, columns and the next fresh number, into the archive's present group. Throws RunError when a loaded column has not one value per id, and
  /// when the agents of a permanent kind are others than those that are there.
  void archive(Archive& archive);

 private:
  using Bytes = std::vector<std::byte, CacheLineAllocator<std::byte>>;

  /// Makes room for `count` agents in all, a capacity that does not suffice growing by half at least.
  void grow(std::size_t count);
  std::byte* checked(std::size_t column, ElementType type) { return const_cast<std::byte*>(std::as_const(*this).checked(column, type)); }
  const std::byte* checked(std::size_t column, ElementType type) const;
  void archive_column(Archive& archive, std::size_t column);
  void make_room(std::size_t count);

  const AgentKind* kind_;
  std::uint32_t patch_;
  std::uint64_t first_number_;  // kind number in bits 36 to 39
  std::uint64_t given_ = 0;     // fresh ids given so far
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  Bytes ids_;
  std::vector<Bytes> columns_;  // capacity_ elements each, of the types in kind_
};

}  // namespace paracrine::sim
