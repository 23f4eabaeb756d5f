#include "bindings/cli/dispatch.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "bindings/cli/signals.hpp"

namespace paracrine::cli {

namespace {

constexpr std::string_view prefix = "paracrine-";

/// Folders in which commands are looked for, in order. An entry of the path that means the current folder, where the data lie, is left out.
std::vector<std::string> folders() {
  std::vector<std::string> list{std::filesystem::path(program_path()).parent_path().string()};
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? std::string_view() : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (rest.starts_with('/')) list.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return list;
}

}  // namespace

std::string program_path() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : path.string();
}

void run_external(const std::string& name, const std::vector<std::string>& arguments) {
  if (name.empty() || name.find('/') != std::string::npos) return;
  for (const std::string& folder : folders()) {
    const std::string file = folder + "/" + std::string(prefix) + name;
    if (access(file.c_str(), X_OK) != 0 || std::filesystem::is_directory(file)) continue;
    std::vector<std::string> words{file};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    deliver_checkpoint_requests();
    execv(file.c_str(), pointers.data());
  }
}

std::vector<std::string> external_commands() {
  std::vector<std::string> names;
  for (const std::string& folder : folders()) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const std::string file = entry->path().filename().string();
      if (file.size() > prefix.size() && file.starts_with(prefix) && access(entry->path().c_str(), X_OK) == 0)
        names.push_back(file.substr(prefix.size()));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace paracrine::cli
