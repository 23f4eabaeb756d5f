#pragma once
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "sim/io/copy.hpp"
#include "sim/io/hdf5.hpp"
#include "sim/io/run_info.hpp"
#include "tests/support/sample_run.hpp"

namespace paracrine::tests {

/// Reads every committed value of a file written from sample_snapshot and compares it with what it should be. Throws std::runtime_error at the first
/// that differs.
class SampleCheck {
 public:
  SampleCheck(const std::string& path, const SampleSize& size)
      : file_(sim::io::open_ours(path)), size_(size), rows_(sim::io::committed_rows(file_.get())) {}

  sim::io::RowCounts run() const {
    root();
    blocks();
    audit();
    events();
    fields();
    agents();
    return rows_;
  }

 private:
  static void expect(bool right, const std::string& what) {
    if (!right) throw std::runtime_error("wrong: " + what);
  }
  template <class T = double>
  std::vector<T> read(const std::string& path, std::uint64_t rows, std::size_t width = 1) const {
    const auto dataset = sim::io::h5::open_dataset(file_.get(), path);
    expect(sim::io::h5::extent(dataset.get()).at(0) >= rows, "length of " + path);
    std::vector<T> values(rows * width);
    sim::io::h5::read_rows(dataset.get(), sim::io::h5::memory_type(sim::element_type<T>()), 0, rows, values.data());
    return values;
  }
  void times(const std::string& path, std::uint64_t rows, std::int64_t every_s) const {
    const auto values = read(path, rows);
    for (std::uint64_t i = 0; i < rows; ++i) expect(values[i] == static_cast<double>(static_cast<std::int64_t>(i) * every_s) / 86400.0, path);
  }
  void root() const {
    times("/time", rows_.rows, sample_row_s);
    for (std::size_t v = 0; v < size_.variables; ++v) {
      const std::string path = "/observable_" + std::to_string(v);
      const auto values = read(path, rows_.rows);
      for (std::uint64_t i = 0; i < rows_.rows; ++i) expect(values[i] == sample_value(v, i), path);
    }
  }
  void blocks() const {
    times("/blocks/time", rows_.rows, sample_row_s);
    const auto volumes = read("/blocks/volume", sample_blocks);
    for (std::size_t b = 0; b < sample_blocks; ++b) expect(volumes[b] == sample_volume(b), "/blocks/volume");
    const auto values = read("/blocks/flow", rows_.rows, sample_blocks);
    for (std::uint64_t i = 0; i < rows_.rows; ++i)
      for (std::size_t b = 0; b < sample_blocks; ++b) expect(values[i * sample_blocks + b] == sample_value(sample_blocks + b, i), "/blocks/flow");
  }
  void audit() const {
    times("/audit/time", rows_.audit_rows, sample_row_s);
    expect(rows_.audit_rows == rows_.rows, "number of audit rows");
    const auto errors = read("/audit/relative_error", rows_.rows, 2), largest = read("/audit/largest_relative_error", rows_.rows, 2);
    for (std::uint64_t i = 0; i < rows_.rows; ++i) {
      expect(errors[2 * i] == 1e-13 * static_cast<double>(i % 7), "/audit/relative_error");
      expect(largest[2 * i] == 1e-13 * static_cast<double>(std::min<std::uint64_t>(i, 6)) && largest[2 * i + 1] == 1e-12,
             "/audit/largest_relative_error");
    }
  }
  void events() const {
    expect(rows_.events >= (rows_.rows + 2) / 3, "number of events");
    times("/events/event_time", rows_.events, 3 * sample_row_s);
    const auto values = read("/events/value", rows_.events);
    const auto codes = read<std::int32_t>("/events/code", rows_.events);
    for (std::uint64_t i = 0; i < rows_.events; ++i)
      expect(values[i] == static_cast<double>(3 * i) && codes[i] == static_cast<std::int32_t>(i % 2), "/events");
  }
  void fields() const {
    expect(rows_.field_frames >= (rows_.rows + sample_frame_rows - 1) / sample_frame_rows, "number of field frames");
    times("/fields/near/fields_time", rows_.field_frames, sample_frame_rows * sample_row_s);
    times("/fields/far/fields_time", rows_.field_frames, sample_frame_rows * sample_row_s);
    expect(read<std::int32_t>("/fields/near/patch", 2) == std::vector<std::int32_t>{1, 2}, "/fields/near/patch");
    const auto zone = read<float>("/fields/near/zone", 2, 30);
    expect(std::isnan(zone[0]), "/fields/near/zone outside");
    for (std::size_t v = 1; v < 60; ++v) expect(zone[v] == 0.01f * static_cast<float>(v), "/fields/near/zone");
    const auto values = read<float>("/fields/near/signal", rows_.field_frames, 60), others = read<float>("/fields/far/other", rows_.field_frames, 8);
    for (std::uint64_t i = 0; i < rows_.field_frames; ++i) {
      expect(std::isnan(values[i * 60]), "/fields outside");
      for (std::size_t v = 1; v < 60; ++v) expect(values[i * 60 + v] == static_cast<float>(sample_field(i, v)), "/fields/near");
      for (std::size_t v = 0; v < 8; ++v) expect(others[i * 8 + v] == static_cast<float>(i), "/fields/far");
    }
  }
  void agents() const {
    expect(rows_.agent_frames >= (rows_.rows + sample_frame_rows - 1) / sample_frame_rows, "number of agent frames");
    std::size_t total = 0;
    for (const bool near : {true, false}) total += agents_of(near);
    expect(total == rows_.agent_rows, "sum of row_size");
  }
  std::size_t agents_of(bool near) const {
    const std::string group = near ? "/agents/near" : "/agents/far";
    times(group + "/agents_time", rows_.agent_frames, sample_frame_rows * sample_row_s);
    const auto sizes = read<std::int64_t>(group + "/row_size", rows_.agent_frames);
    const auto count = static_cast<std::uint64_t>(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
    const auto ids = read<std::uint64_t>(group + "/id", count);
    const auto births = read(group + "/birth", count);
    const auto fates = read<std::uint8_t>(group + "/fate", count);
    std::size_t next = 0;
    for (std::uint64_t frame = 0; frame < rows_.agent_frames; ++frame) {
      const std::size_t first = near ? 0 : sample_agents_near(size_, frame),
                        last = near ? sample_agents_near(size_, frame) : sample_agents(size_, frame);
      expect(sizes[frame] == static_cast<std::int64_t>(last - first), group + "/row_size");
      for (std::size_t i = first; i < last; ++i, ++next) {
        expect(ids[next] == sample_agent_id(frame, i), group + "/id");
        expect(i % 2 ? std::isnan(births[next]) : births[next] == 0.1 * static_cast<double>(i), group + "/birth");
        expect(fates[next] == (i % 2 ? 255 : i / 2 % 2), group + "/fate");
      }
    }
    return next;
  }

  sim::io::h5::Id file_;
  SampleSize size_;
  sim::io::RowCounts rows_;
};

inline sim::io::RowCounts check_sample(const std::string& path, const SampleSize& size = {}) { return SampleCheck(path, size).run(); }

}  // namespace paracrine::tests
