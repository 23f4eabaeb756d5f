#pragma once
#include <string>

namespace paracrine::sim::io {

/// Makes what a file or folder holds durable. RunError when the system refuses.
void sync_path(const std::string& path);
/// Renames and makes the folder's change durable. RunError when the system refuses.
void rename_durably(const std::string& from, const std::string& to);
std::string folder_of(const std::string& path);

/// Whether a file system of this statfs type lets a reader see a writer's file in the order of its writes, as SWMR mode needs it: network and
/// user-space ones do not promise it.
bool keeps_write_order(long filesystem_type);
bool keeps_write_order_at(const std::string& folder);
/// What a failed write means to the user, by the system's error number.
std::string explain_write_error(const std::string& path, int system_error, const std::string& detail);

/// Holds a folder for this process as long as it lives; a killed process lets go of it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool held() const { return held_; }  // false: another process has it

 private:
  int descriptor_ = -1;
  bool held_ = true;
};

}  // namespace paracrine::sim::io
