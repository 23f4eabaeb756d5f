#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paracrine::sim::io {

/// Makes what a file or folder holds durable. RunError when the system refuses.
void sync_path(const std::string& path);
/// Renames and makes the folder's change durable. RunError when the system refuses.
void rename_durably(const std::string& from, const std::string& to);
std::string folder_of(const std::string& path);
/// Removes a file that this process may still have open: emptied first, so that its room is free at once.
void discard(const std::string& path);
/// `bytes` random bytes of the operating system, as hexadecimal digits. RunError when it has none.
std::string random_hex(std::size_t bytes);
/// Creates an empty file beside `path` under a name that no other file, link or process has, ".NAME.RANDOM.tmp", with the permissions that the umask
/// leaves, and returns its path: to be written and then renamed to `path`. RunError when the folder does not take it.
std::string unique_aside(const std::string& path);
/// Whether `name` (without folder) is one that unique_aside gives for a file whose name begins with `prefix`.
bool is_unique_aside(const std::string& name, const std::string& prefix);
/// InputError with the system's reason when a file cannot be opened for reading.
void require_readable(const std::string& path);
/// Whether something has this name. A name that cannot be looked up has nothing.
bool there(const std::string& path);
bool same_file(const std::string& one, const std::string& other);
/// InputError when no file can be made at `output`, or beside it with one of `endings` behind its name.
void check_output_place(const std::string& output, const std::vector<std::string>& endings);

/// A word as a shell reads it back: quoted only where it must be.
std::string shell_word(std::string_view text);

/// Whether a file system of this statfs type lets a reader see a writer's file in the order of its writes, as SWMR mode needs it: network and
/// user-space ones do not promise it.
bool keeps_write_order(long filesystem_type);
bool keeps_write_order_at(const std::string& folder);
/// What a failed write means to the user, by the system's error number.
std::string explain_write_error(const std::string& path, int system_error, const std::string& detail);

/// Holds a folder for this process as long as it lives; a killed process lets go of it.
class FolderLock {
 public:
  /// RunError when the folder cannot be opened.
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
