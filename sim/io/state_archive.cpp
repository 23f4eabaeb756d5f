#include "sim/io/state_archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/core/error.hpp"

namespace paracrine::sim::io {

namespace {

/// The file: magic, version (4 bytes), records, end tag, XXH3-128 of all before it (16 bytes, high half first). All numbers little-endian.
/// Records: enter (tag, name), leave (tag), values (tag, name, type, count in 8 bytes, blocks). A name: its length in one byte, its bytes.
constexpr std::array<char, 8> magic{'P', 'R', 'C', 'K', 'P', 'T', '\r', '\n'};
constexpr std::uint32_t format_version = 1;
constexpr std::size_t head_bytes = magic.size() + sizeof format_version, sum_bytes = 16, longest_name = 255;
constexpr std::uint8_t tag_enter = 1, tag_leave = 2, tag_values = 3, tag_end = 4;
constexpr std::size_t buffer_bytes = std::size_t{1} << 20;
/// No array unpacks to more bytes than so many times those of its file (constant arrays are small, but those beside them are not).
constexpr std::uint64_t most_expansion = 4096;
constexpr std::size_t blocks_between_polls = 64;

using Sum = std::array<std::byte, sum_bytes>;

Sum as_bytes(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Sum sum;
  std::memcpy(sum.data(), canonical.digest, sum.size());
  return sum;
}

}  // namespace

WriteError::WriteError(int system_error) : std::runtime_error(std::strerror(system_error)), system_error_(system_error) {}

struct StateWriter::Hash {
  XXH3_state_t state{};
  Hash() { XXH3_128bits_reset(&state); }
};

StateWriter::StateWriter(const std::string& path)
    : hash_(std::make_unique<Hash>()), descriptor_(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC)) {
  if (descriptor_ < 0) throw WriteError(errno);
  buffer_.reserve(buffer_bytes + packing::most_block_bytes);
  const auto* first = reinterpret_cast<const std::byte*>(magic.data());
  buffer_.insert(buffer_.end(), first, first + magic.size());
  const auto* version = reinterpret_cast<const std::byte*>(&format_version);
  buffer_.insert(buffer_.end(), version, version + sizeof format_version);
}

StateWriter::~StateWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void StateWriter::flush() {
  XXH3_128bits_update(&hash_->state, buffer_.data(), buffer_.size());
  for (std::size_t written = 0; written < buffer_.size();) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + written, buffer_.size() - written);
    if (count < 0 && errno != EINTR) throw WriteError(errno);
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  buffer_.clear();
}

void StateWriter::put_name(std::uint8_t tag, std::string_view name) {
  if (name.size() > longest_name) throw std::logic_error("archive: a name of more than 255 bytes");
  buffer_.push_back(std::byte{tag});
  buffer_.push_back(static_cast<std::byte>(name.size()));
  const auto* first = reinterpret_cast<const std::byte*>(name.data());
  buffer_.insert(buffer_.end(), first, first + name.size());
}

void StateWriter::enter(std::string_view group) {
  put_name(tag_enter, group);
  ++depth_;
}

void StateWriter::leave() {
  if (depth_ == 0) throw std::logic_error("archive: leave() without enter()");
  --depth_;
  buffer_.push_back(std::byte{tag_leave});
}

void StateWriter::array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) {
  const auto* values = static_cast<const std::byte*>(data(count));
  put_name(tag_values, name);
  buffer_.push_back(static_cast<std::byte>(type));
  const std::uint64_t number = count;
  const auto* first = reinterpret_cast<const std::byte*>(&number);
  buffer_.insert(buffer_.end(), first, first + sizeof number);
  for (std::size_t at = 0; at < count; at += packing::block_values) {
    packer_.pack(type, values + at * size_of(type), std::min(packing::block_values, count - at), buffer_);
    if (buffer_.size() >= buffer_bytes) flush();
  }
}

void StateWriter::close() {
  if (depth_ != 0) throw std::logic_error("archive: a group was not left");
  buffer_.push_back(std::byte{tag_end});
  flush();
  const Sum sum = as_bytes(XXH3_128bits_digest(&hash_->state));
  buffer_.assign(sum.begin(), sum.end());
  flush();
  if (fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) throw WriteError(errno);
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0 && errno != EINTR) throw WriteError(errno);
}

StateReader::StateReader(const std::string& path, std::function<void()> poll) : path_(path), poll_(std::move(poll)), buffer_(buffer_bytes) {
  open_file();
  try {
    check_sum();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

StateReader::~StateReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void StateReader::refuse(const std::string& reason) const { throw InputError(fmt::format("\"{}\" is damaged: {}", path_, reason)); }

void StateReader::open_file() {
  descriptor_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor_ < 0 && errno == ENOENT) throw InputError(fmt::format("no such file: \"{}\"", path_));
  if (descriptor_ < 0) throw InputError(fmt::format("cannot read \"{}\": {}", path_, std::strerror(errno)));
}

void StateReader::check_sum() {
  struct stat facts {};
  if (fstat(descriptor_, &facts) != 0) throw InputError(fmt::format("cannot read \"{}\": {}", path_, std::strerror(errno)));
  if (S_ISDIR(facts.st_mode)) throw InputError(fmt::format("\"{}\" is a folder, not a file", path_));
  if (!S_ISREG(facts.st_mode)) throw InputError(fmt::format("cannot read \"{}\": it is no regular file", path_));
  const auto whole = static_cast<std::uint64_t>(facts.st_size);
  size_ = unread_ = whole < sum_bytes ? whole : whole - sum_bytes;
  const std::span<const std::byte> start = ahead();
  if (start.size() < magic.size() || std::memcmp(start.data(), magic.data(), magic.size()) != 0)
    throw InputError(fmt::format("\"{}\" is no checkpoint of paracrine", path_));
  if (whole < head_bytes + 1 + sum_bytes) refuse("it ends early");
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (std::span<const std::byte> part = ahead(); !part.empty(); part = ahead()) {
    if (poll_) poll_();
    XXH3_128bits_update(&state, part.data(), part.size());
    at_ = have_;
  }
  Sum stored{};
  for (std::size_t got = 0; got < sum_bytes;) {
    const ssize_t count = pread(descriptor_, stored.data() + got, sum_bytes - got, static_cast<off_t>(size_ + got));
    if (count == 0 || (count < 0 && errno != EINTR)) refuse(count == 0 ? "it ends early" : std::strerror(errno));
    if (count > 0) got += static_cast<std::size_t>(count);
  }
  if (stored != as_bytes(XXH3_128bits_digest(&state))) refuse("its checksum is not that of what it holds");
  unread_ = size_;
  at_ = have_ = 0;
  take(magic.size());
  std::uint32_t version = 0;
  std::memcpy(&version, take(sizeof version).data(), sizeof version);
  if (version != format_version)
    throw InputError(fmt::format("\"{}\" is a checkpoint of format {}, and this program reads format {}", path_, version, format_version),
                     {"Resume with the program that began the run, or run the scenario anew."});
}

/// Moves what is left in the buffer to its front and reads on behind it.
void StateReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + at_, have_ - at_);
  have_ -= at_;
  at_ = 0;
  while (unread_ > 0 && have_ < buffer_.size()) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(unread_, buffer_.size() - have_));
    const ssize_t count = pread(descriptor_, buffer_.data() + have_, wanted, static_cast<off_t>(size_ - unread_));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) refuse(count == 0 ? "it ends early" : std::strerror(errno));
    have_ += static_cast<std::size_t>(count);
    unread_ -= static_cast<std::uint64_t>(count);
  }
}

/// What can be read next: at least a block and its record's head, or all that is left.
std::span<const std::byte> StateReader::ahead() {
  if (have_ - at_ < 2 * packing::most_block_bytes && unread_ > 0) fill();
  return {buffer_.data() + at_, have_ - at_};
}

std::span<const std::byte> StateReader::take(std::size_t bytes) {
  const std::span<const std::byte> from = ahead();
  if (from.size() < bytes) refuse("it ends early");
  at_ += bytes;
  return from.first(bytes);
}

std::string StateReader::place(std::string_view name) const {
  std::string path;
  for (const std::string& group : groups_) path += group + "/";
  return path + std::string(name);
}

void StateReader::expect_name(std::uint8_t tag, std::string_view name) {
  const auto found = static_cast<std::uint8_t>(take(1).front());
  const auto other = [&](const std::string& what) { refuse(fmt::format("{} was expected, and there is {}", place(name), what)); };
  if (found == tag_leave || found == tag_end) other("nothing more");
  if (found > tag_end || found == 0) other("no record");
  const auto length = static_cast<std::size_t>(take(1).front());
  const std::span<const std::byte> bytes = take(length);
  const std::string_view stored(reinterpret_cast<const char*>(bytes.data()), length);
  if (found != tag || stored != name) other(in_quotes(stored));
}

void StateReader::enter(std::string_view group) {
  if (poll_) poll_();
  expect_name(tag_enter, group);
  groups_.emplace_back(group);
}

void StateReader::leave() {
  if (groups_.empty()) throw std::logic_error("archive: leave() without enter()");
  if (static_cast<std::uint8_t>(take(1).front()) != tag_leave) refuse(fmt::format("there is more in {} than was expected", place("")));
  groups_.pop_back();
}

void StateReader::array(std::string_view name, ElementType type, std::size_t, const std::function<void*(std::size_t)>& data) {
  expect_name(tag_values, name);
  if (static_cast<std::uint8_t>(take(1).front()) != static_cast<std::uint8_t>(type)) refuse(fmt::format("{} is of another type", place(name)));
  std::uint64_t count = 0;
  std::memcpy(&count, take(sizeof count).data(), sizeof count);
  if (count > (size_ * most_expansion) / size_of(type)) refuse(fmt::format("{} has {} values, more than the file can hold", place(name), count));
  std::byte* room = nullptr;
  try {
    room = static_cast<std::byte*>(data(count));
  } catch (const RunError& error) {
    refuse(fmt::format("{}: {}", place(name), error.what()));
  }
  for (std::uint64_t at = 0; at < count; at += packing::block_values) {
    if (poll_ && ++polled_ % blocks_between_polls == 0) poll_();
    const auto block = static_cast<std::size_t>(std::min<std::uint64_t>(packing::block_values, count - at));
    try {
      at_ += unpacker_.unpack(type, ahead(), room + at * size_of(type), block);
    } catch (const packing::Error& error) {
      refuse(fmt::format("{}: {}", place(name), error.what()));
    }
  }
}

void StateReader::expect_end() {
  if (static_cast<std::uint8_t>(take(1).front()) != tag_end || !ahead().empty()) refuse("there is more than was expected");
}

std::string StateReader::digest_of_rest() {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (std::span<const std::byte> part = ahead(); !part.empty(); part = ahead()) {
    XXH3_128bits_update(&state, part.data(), part.size());
    at_ = have_;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

bool is_state_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return false;
  std::array<char, magic.size()> start{};
  const bool ours = pread(descriptor, start.data(), start.size(), 0) == static_cast<ssize_t>(start.size()) && start == magic;
  ::close(descriptor);
  return ours;
}

}  // namespace paracrine::sim::io
