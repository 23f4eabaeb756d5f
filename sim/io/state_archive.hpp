#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/io/packing.hpp"

namespace paracrine::sim::io {

/// A file of state could not be written; the errno of the system says why.
class WriteError : public std::runtime_error {
 public:
  explicit WriteError(int system_error);
  int system_error() const { return system_error_; }

 private:
  int system_error_;
};

/// Writes state into a file as a stream of records, behind a magic text and the format's version, and before the XXH3-128 of all that: see
/// docs/decisions/0009-checkpoints.md. Keeps no more than a buffer.
class StateWriter final : public Archive {
 public:
  /// Writes into `path`, which must be an empty file and no link. Throws WriteError, as all that follows does.
  explicit StateWriter(const std::string& path);
  ~StateWriter() override;
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  bool loading() const override { return false; }
  void enter(std::string_view group) override;
  void leave() override;
  void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override;
  /// Ends the file: checksum, sync, close.
  void close();

 private:
  void flush();
  void put_name(std::uint8_t tag, std::string_view name);

  struct Hash;
  std::unique_ptr<Hash> hash_;
  packing::Packer packer_;
  std::vector<std::byte> buffer_;
  std::size_t depth_ = 0;
  int descriptor_ = -1;
};

/// Reads what StateWriter wrote. Every failure is an InputError that names the file.
class StateReader final : public Archive {
 public:
  /// Opens a file and compares its checksum with all that it holds. `poll` is called between parts of the work and may throw to end it.
  StateReader(const std::string& path, std::function<void()> poll);
  ~StateReader() override;
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;

  bool loading() const override { return true; }
  void enter(std::string_view group) override;
  void leave() override;
  void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override;
  /// InputError when anything is left before the checksum.
  void expect_end();
  /// XXH3-128 of all that is left to read, in hexadecimal digits; reads it.
  std::string digest_of_rest();
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  void open_file();
  void check_sum();
  void fill();
  std::span<const std::byte> ahead();
  std::span<const std::byte> take(std::size_t bytes);
  void expect_name(std::uint8_t tag, std::string_view name);
  std::string place(std::string_view name) const;

  std::string path_;
  std::function<void()> poll_;
  packing::Unpacker unpacker_;
  std::vector<std::string> groups_;
  std::vector<std::byte> buffer_;
  std::size_t at_ = 0, have_ = 0;        // in the buffer: next byte to read, bytes there
  std::uint64_t size_ = 0, unread_ = 0;  // of the file without its checksum; what is not in the buffer yet
  std::size_t polled_ = 0;
  int descriptor_ = -1;
};

/// Whether a file begins as StateWriter begins one, whatever its version.
bool is_state_file(const std::string& path);

}  // namespace paracrine::sim::io
