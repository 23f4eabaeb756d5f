#include "sim/io/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/core/error.hpp"

namespace paracrine::sim::io {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t random_digits = 16, longest_start = 100;
constexpr const char* aside_ending = ".tmp";
constexpr const char* hex_digits = "0123456789abcdef";

/// The first bytes of a file's name that leave room for a random part, without a broken UTF-8 character at the end.
std::string start_of_name(const std::string& name) {
  std::size_t length = std::min(name.size(), longest_start);
  while (length > 0 && length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U) --length;
  return name.substr(0, length);
}
}  // namespace

void sync_path(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw RunError(explain_write_error(path, errno, std::strerror(errno)));
  const int status = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  if (status != 0 && error != EINVAL && error != EROFS) throw RunError(explain_write_error(path, error, std::strerror(error)));
}

void rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw RunError(fmt::format("cannot rename {} to {}: {}", from, to, std::strerror(errno)));
  sync_path(folder_of(to));
}

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

void discard(const std::string& path) {
  if (truncate(path.c_str(), 0) == 0 || errno != ENOENT) std::remove(path.c_str());
}

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0'), text;
  for (std::size_t have = 0; have < bytes;) {
    const ssize_t got = getrandom(random.data() + have, bytes - have, 0);
    if (got < 0 && errno != EINTR) throw RunError(fmt::format("the system gives no random numbers: {}", std::strerror(errno)));
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  for (const char c : random) {
    text += hex_digits[static_cast<unsigned char>(c) >> 4U];
    text += hex_digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::string unique_aside(const std::string& path) {
  const std::string start = fmt::format("{}/.{}.", folder_of(path), start_of_name(fs::path(path).filename().string()));
  while (true) {
    std::string aside = start + random_hex(random_digits / 2) + aside_ending;
    const int descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor >= 0) {
      close(descriptor);
      return aside;
    }
    if (errno != EEXIST) throw RunError(explain_write_error(path, errno, std::strerror(errno)));
  }
}

bool is_unique_aside(const std::string& name, const std::string& prefix) {
  const std::size_t tail = 1 + random_digits + std::strlen(aside_ending);
  if (!name.starts_with("." + prefix) || !name.ends_with(aside_ending) || name.size() <= prefix.size() + tail) return false;
  const std::string_view end = std::string_view(name).substr(name.size() - tail, 1 + random_digits);
  return end.front() == '.' && end.find_first_not_of(hex_digits, 1) == std::string_view::npos;
}

void require_readable(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) throw InputError(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
  close(descriptor);
}

bool there(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

bool same_file(const std::string& one, const std::string& other) {
  std::error_code error;
  return fs::equivalent(one, other, error) && !error;
}

void check_output_place(const std::string& output, const std::vector<std::string>& endings) {
  for (const auto& ending : endings) {
    struct stat facts {};
    if (lstat((output + ending).c_str(), &facts) != 0 && errno == ENAMETOOLONG)
      throw InputError(fmt::format("the name {} is too long for a file{}", in_quotes(output),
                                   ending.empty() ? "" : fmt::format(", with \"{}\" behind it while it is written", ending)),
                       {"Choose a shorter name with -o."});
  }
  std::error_code error;
  const std::string folder = folder_of(output);
  if (!there(folder))
    throw InputError(fmt::format("the output folder \"{}\" does not exist", folder), {fmt::format("Make it first: mkdir -p {}", shell_word(folder))});
  if (!fs::is_directory(folder, error)) throw InputError(fmt::format("\"{}\" is no folder, so \"{}\" cannot be written", folder, output));
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw InputError(fmt::format("the output folder \"{}\" cannot be written to", folder), {"Choose another place with -o."});
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool keeps_write_order(long filesystem_type) {
  // NFS, SMB, CIFS, SMB2, FUSE, Lustre, Ceph, AFS, 9P, BeeGFS, GPFS, OCFS2
  constexpr std::array<unsigned long, 12> unordered{0x6969,     0x517B,     0xFF534D42, 0xFE534D42, 0x65735546, 0x0BD00BD0,
                                                    0x00C36400, 0x5346414F, 0x01021997, 0x19830326, 0x47504653, 0x7461636F};
  const auto type = static_cast<unsigned long>(filesystem_type) & 0xFFFFFFFF;
  return std::find(unordered.begin(), unordered.end(), type) == unordered.end();
}

bool keeps_write_order_at(const std::string& folder) {
  struct statfs facts {};
  return statfs(folder.c_str(), &facts) != 0 || keeps_write_order(static_cast<long>(facts.f_type));
}

std::string explain_write_error(const std::string& path, int system_error, const std::string& detail) {
  switch (system_error) {
    case ENOSPC:
      return fmt::format("cannot write {}: the disk is full", path);
    case EDQUOT:
      return fmt::format("cannot write {}: the disk quota is used up", path);
    case EFBIG:
      return fmt::format("cannot write {}: it would be larger than the limit on file sizes (ulimit -f)", path);
    default:
      return fmt::format("cannot write {}: {}", path, system_error != 0 ? std::strerror(system_error) : detail.c_str());
  }
}

FolderLock::FolderLock(const std::string& folder) : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw RunError(fmt::format("cannot open the folder {}: {}", folder, std::strerror(errno)));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) held_ = false;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace paracrine::sim::io
