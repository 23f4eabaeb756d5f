#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/document.hpp"
#include "sim/scenario/scenario.hpp"

namespace paracrine::sim {

/// Reads a scenario with everything it includes into one document, and remembers every text that went in.
class SourceReader {
 public:
  explicit SourceReader(Findings& findings) : findings_(findings) {}

  /// The file, with its includes below it. Throws InputError when it cannot be read or is no TOML.
  Node read_file(const std::string& file);
  /// The same for a text in memory; an empty folder refuses includes.
  Node read_text(const std::string& text, const std::string& name, const std::string& folder);

  /// The first text read and then its includes, each file once.
  std::vector<SourceText> sources;

 private:
  struct Step {
    std::filesystem::path place;  // the file in its one canonical spelling
    std::string name;             // as messages name it
  };
  Node with_includes(const std::shared_ptr<const WrittenText>& source, const std::string& folder);
  void include(const Node& entry, const std::string& folder, Node& base);
  void remember(const std::string& name, const std::string& text);

  Findings& findings_;
  std::vector<Step> chain_;
  int files_ = 0;
};

}  // namespace paracrine::sim
