#include "sim/agents/population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "sim/core/error.hpp"
#include "sim/core/memory.hpp"

namespace paracrine::sim {

namespace {

constexpr unsigned patch_bits = 24, kind_bits = 4, number_bits = 40 - kind_bits;
constexpr std::uint64_t most_agents = (std::uint64_t{1} << number_bits) - 1;

/// Moves the last of `size` elements into the places of the removed ones, as if row by row from the highest.
template <std::size_t width>
void close_gaps(std::byte* column, std::size_t size, std::span<const std::uint32_t> rows) {
  for (std::size_t i = rows.size(); i-- > 0;)
    if (--size != rows[i]) std::memcpy(column + rows[i] * width, column + size * width, width);
}

void close_gaps(std::byte* column, std::size_t width, std::size_t size, std::span<const std::uint32_t> rows) {
  switch (width) {
    case 1:
      return close_gaps<1>(column, size, rows);
    case 4:
      return close_gaps<4>(column, size, rows);
    case 8:
      return close_gaps<8>(column, size, rows);
    default:
      throw std::logic_error(fmt::format("a column of {} bytes per agent", width));
  }
}

}  // namespace

Population::Population(const AgentKind& kind, std::uint32_t patch, std::uint32_t kind_number)
    : kind_(&kind), patch_(patch), first_number_(std::uint64_t{kind_number} << number_bits), columns_(kind.columns.size()) {
  if (kind_number >> kind_bits != 0) throw std::logic_error(fmt::format("agent kind {}: its number {} is above 15", kind.name, kind_number));
  if (patch >> patch_bits != 0) throw std::logic_error(fmt::format("agent kind {}: patch {} is above 2^24 - 1", kind.name, patch));
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (kind.columns[i].name.empty()) throw std::logic_error(fmt::format("agent kind {}: column {} has no name", kind.name, i));
    for (std::size_t j = 0; j < i; ++j)
      if (kind.columns[i].name == kind.columns[j].name)
        throw std::logic_error(fmt::format("agent kind {}: two columns are named {}", kind.name, kind.columns[i].name));
  }
}

const std::byte* Population::checked(std::size_t column, ElementType type) const {
  if (column >= columns_.size()) throw std::logic_error(fmt::format("agent kind {} has no column {}", kind_->name, column));
  if (kind_->columns[column].type != type)
    throw std::logic_error(fmt::format("agent kind {}: column {} holds another type than its handle", kind_->name, kind_->columns[column].name));
  return columns_[column].data();
}

const void* Population::raw(std::size_t column) const {
  if (column >= columns_.size()) throw std::logic_error(fmt::format("agent kind {} has no column {}", kind_->name, column));
  return columns_[column].data();
}

void Population::reserve(std::size_t count) {
  if (count <= capacity_) return;
  ids_.resize(count * sizeof(AgentId));
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].resize(count * size_of(kind_->columns[i].type));
  capacity_ = count;
}

void Population::grow(std::size_t count) {
  if (count <= capacity_) return;
  constexpr double looked_at = 64e6;  // bytes; what adds less is left to the machine
  const std::size_t wanted = std::max(count, capacity_ + capacity_ / 2);
  const double more = static_cast<double>(wanted) * static_cast<double>(bytes_per_agent());  // the old columns stay until they are copied
  if (more > looked_at && more > static_cast<double>(available_memory()))
    throw RunError(fmt::format("{} agents of kind {} in one patch need {} of memory, and {} are free", count, kind_->name, format_bytes(more),
                               format_bytes(static_cast<double>(available_memory()))));
  reserve(wanted);
}

std::size_t Population::add(std::size_t count) {
  if (count > most_agents - given_) throw std::length_error(fmt::format("agent kind {}: no fresh ids are left in patch {}", kind_->name, patch_));
  grow(size_ + count);
  const std::size_t first = size_;
  AgentId* const ids = reinterpret_cast<AgentId*>(ids_.data());
  for (std::size_t i = 0; i < count; ++i) ids[first + i] = agent_id(patch_, first_number_ + ++given_);
  for (std::size_t i = 0; i < columns_.size() && count > 0; ++i) {
    const std::size_t width = size_of(kind_->columns[i].type);
    std::memset(columns_[i].data() + first * width, 0, count * width);
  }
  size_ += count;
  return first;
}

void Population::remove(std::span<const std::uint32_t> rows) {
  if (rows.empty()) return;
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i - 1] >= rows[i]) throw std::logic_error(fmt::format("agent kind {}: the rows to remove do not ascend", kind_->name));
  if (rows.back() >= size_) throw std::logic_error(fmt::format("agent kind {}: row {} of {} cannot be removed", kind_->name, rows.back(), size_));
  close_gaps(ids_.data(), sizeof(AgentId), size_, rows);
  for (std::size_t i = 0; i < columns_.size(); ++i) close_gaps(columns_[i].data(), size_of(kind_->columns[i].type), size_, rows);
  size_ -= rows.size();
}

void Population::take(const Population& from, std::size_t row) {
  if (from.kind_ != kind_) throw std::logic_error(fmt::format("an agent of kind {} cannot become one of kind {}", from.kind_->name, kind_->name));
  if (&from == this) throw std::logic_error(fmt::format("agent kind {}: a population takes no agent from itself", kind_->name));
  if (row >= from.size_) throw std::logic_error(fmt::format("agent kind {}: there is no row {} of {} to take", kind_->name, row, from.size_));
  grow(size_ + 1);
  std::memcpy(ids_.data() + size_ * sizeof(AgentId), from.ids_.data() + row * sizeof(AgentId), sizeof(AgentId));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t width = size_of(kind_->columns[i].type);
    std::memcpy(columns_[i].data() + size_ * width, from.columns_[i].data() + row * width, width);
  }
  ++size_;
}

std::size_t Population::bytes_per_agent() const {
  std::size_t bytes = sizeof(AgentId);
  for (const ColumnInfo& column : kind_->columns) bytes += size_of(column.type);
  return bytes;
}

void Population::archive(Archive& archive) {
  const std::uint64_t given_before = given_;
  archive.scalar("ids_given", given_);
  if (given_ > most_agents)
    throw RunError(fmt::format("agent kind {}: {} ids were given in patch {}, more than there are", kind_->name, given_, patch_));
  const std::size_t before = size_;
  const std::vector<AgentId> built =
      archive.loading() && kind_->permanent ? std::vector<AgentId>(ids().begin(), ids().end()) : std::vector<AgentId>();
  archive.array("id", ElementType::u64, size_, [&](std::size_t count) -> void* {
    if (archive.loading()) make_room(count);
    return ids_.data();
  });
  if (archive.loading() && kind_->permanent && (given_ != given_before || size_ != before || !std::equal(built.begin(), built.end(), ids().begin())))
    throw RunError(fmt::format("agent kind {}: the agents of patch {} are not those of the scenario", kind_->name, patch_));
  in_group(archive, "columns", [&] {
    for (std::size_t i = 0; i < columns_.size(); ++i) archive_column(archive, i);
  });
}

/// For `count` loaded agents, whose number must be one that rows can count.
void Population::make_room(std::size_t count) {
  if (count > std::numeric_limits<std::uint32_t>::max() || (kind_->permanent && count != size_))
    throw RunError(fmt::format("agent kind {}: {} agents are stored for patch {}", kind_->name, count, patch_));
  reserve(count);
  size_ = count;
}

void Population::archive_column(Archive& archive, std::size_t column) {
  const ColumnInfo& info = kind_->columns[column];
  archive.array(info.name, info.type, size_, [&](std::size_t count) -> void* {
    if (count != size_) throw RunError(fmt::format("agent kind {}: {} values of {} are stored for {} agents", kind_->name, count, info.name, size_));
    return columns_[column].data();
  });
}

}  // namespace paracrine::sim
