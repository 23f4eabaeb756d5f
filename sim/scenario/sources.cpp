#include "sim/scenario/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace paracrine::sim {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_include_levels = 16;
constexpr int most_includes = 64;

/// Why a file cannot be read, or nothing. Reads no more than one byte above the limit, which the parser then refuses.
std::string read_into(const std::string& file, std::string& text) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return fmt::format("there is no file {}", in_quotes(file));
  if (!fs::status_known(status)) return fmt::format("{} cannot be read: {}", in_quotes(file), error.message());
  if (fs::is_directory(status)) return fmt::format("{} is a folder, not a scenario file", in_quotes(file));
  if (!fs::is_regular_file(status)) return fmt::format("{} is no regular file, so no scenario", in_quotes(file));
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (stream) {
    text.resize(most_bytes + 1);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.is_open() || stream.bad()) return fmt::format("{} cannot be read: {}", in_quotes(file), std::strerror(errno ? errno : EIO));
  return {};
}

std::vector<std::string> hints_for_missing(const std::string& file) {
  const fs::path path(file);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  if (fs::status(file, error).type() != fs::file_type::not_found) return {};
  if (!fs::is_directory(folder, error)) return {fmt::format("There is no folder {}.", in_quotes(folder.string()))};
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end && names.size() < 1000; entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  const std::string near = nearest_name(path.filename().string(), names);
  if (near.empty()) return {};
  return {fmt::format("Did you mean {}?", in_quotes(path.has_parent_path() ? (path.parent_path() / near).string() : near))};
}

}  // namespace

void SourceReader::remember(const std::string& name, const std::string& text) {
  const bool known = std::any_of(sources.begin(), sources.end(), [&](const SourceText& source) { return source.file == name; });
  if (!known) sources.push_back({name, text});
}

Node SourceReader::read_file(const std::string& file) {
  std::string text;
  const std::string trouble = read_into(file, text);
  if (!trouble.empty()) throw InputError(trouble, hints_for_missing(file));
  remember(file, text);
  std::error_code error;
  chain_.push_back({fs::weakly_canonical(file, error), file});
  return with_includes(std::make_shared<WrittenText>(file, std::move(text)),
                       fs::path(file).has_parent_path() ? fs::path(file).parent_path().string() : ".");
}

Node SourceReader::read_text(const std::string& text, const std::string& name, const std::string& folder) {
  remember(name, text);
  chain_.push_back({fs::path(), name});
  return with_includes(std::make_shared<WrittenText>(name, text), folder);
}

/// The document of one text laid on the documents it includes, in their order.
Node SourceReader::with_includes(const std::shared_ptr<const WrittenText>& source, const std::string& folder) {
  Node own = read_toml(source);
  flatten_parameters(own, findings_.problems);
  Node base;
  if (const auto found = own.entries.find("include"); found != own.entries.end()) {
    const Node& list = *found->second;
    if (list.kind != Node::Kind::list) findings_.error(list.mark.place(), "include: expected a list of files ([\"base.toml\"])");
    for (const Node& entry : list.items) include(entry, folder, base);
    own.entries.erase("include");
  }
  merge(base, std::move(own));
  return base;
}

void SourceReader::include(const Node& entry, const std::string& folder, Node& base) {
  const Place place = entry.mark.place();
  if (entry.kind != Node::Kind::text || entry.text.empty() || entry.text.find('\0') != std::string::npos)
    return findings_.error(place, "include: expected the name of a file in quotes");
  if (folder.empty()) return findings_.error(place, "include: a scenario that is not in a file cannot include others");
  const fs::path path = (folder == "." ? fs::path(entry.text) : fs::path(folder) / entry.text).lexically_normal();
  const std::string name = path.string();
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  const auto before = std::find_if(chain_.begin(), chain_.end(), [&](const Step& step) { return step.place == canonical; });
  if (before != chain_.end()) {
    std::string loop;
    for (auto step = before; step != chain_.end(); ++step) loop += step->name + " -> ";
    return findings_.error(place, fmt::format("include: the files include each other in a loop: {}{}", loop, name));
  }
  if (chain_.size() > most_include_levels)
    return findings_.error(place, fmt::format("include: more than {} files include each other", most_include_levels));
  if (++files_ > most_includes) return findings_.error(place, fmt::format("include: more than {} files", most_includes));
  std::string text;
  const std::string trouble = read_into(name, text);
  if (!trouble.empty()) return findings_.error(place, "include: " + trouble, hints_for_missing(name));
  remember(name, text);
  chain_.push_back({canonical, name});
  merge(base, with_includes(std::make_shared<WrittenText>(name, std::move(text)), path.has_parent_path() ? path.parent_path().string() : "."));
  chain_.pop_back();
}

}  // namespace paracrine::sim
