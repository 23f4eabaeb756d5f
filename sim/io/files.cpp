#include "sim/io/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "sim/core/error.hpp"

namespace paracrine::sim::io {

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
      return fmt::format("cannot write {}: {}", path, detail);
  }
}

FolderLock::FolderLock(const std::string& folder) : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ >= 0 && flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) held_ = false;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace paracrine::sim::io
