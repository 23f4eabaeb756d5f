// Loads changed checkpoints into the world that they came from. The input is a list of changes to a valid one, of its values or of its bytes; the
// checksum is made right again, so that the reader and the checks behind it are reached. Only an InputError may refuse it; what is taken must stand a
// visit, which may end in a RunError or in too many agents.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/catalogue.hpp"
#include "sim/core/error.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/checksum.hpp"
#include "sim/io/state_archive.hpp"

using namespace paracrine;

namespace {

constexpr std::size_t sum_bytes = 16;

constexpr const char* world_text = R"(
model = "cirrhosis"
seed = 5
[time]
duration = "2 h"
record_every = "1 h"
[liver]
lobules = 1
[numerics]
msc_weight = 1000
[[injury]]
cause = "ccl4"
start = "0 d"
stop = "1 d"
every = "1 d"
dose = "0.5 mL/kg"
[[therapy]]
product = "msc"
source = "adipose"
cells = 1e5
route = "peripheral_vein"
at = "0 d"
[output]
fields = []
agents = []
[parameters]
"lobule.radius" = "110 um"
"lobule.radius_sd" = "5 um"
"lobule.smallest_radius" = "90 um"
"lobule.largest_radius" = "130 um"
)";

/// State as a list of what was archived, in its order.
class Tape final : public sim::Archive {
 public:
  struct Step {
    enum class Kind { enter, leave, values } kind;
    std::string name;
    sim::ElementType type = sim::ElementType::u8;
    std::size_t count = 0;
    std::vector<std::byte> bytes;
  };
  std::vector<Step> steps;
  bool loading() const override { return false; }
  void enter(std::string_view group) override { steps.push_back({Step::Kind::enter, std::string(group), {}, 0, {}}); }
  void leave() override { steps.push_back({Step::Kind::leave, "", {}, 0, {}}); }
  void array(std::string_view name, sim::ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override {
    const auto* first = static_cast<const std::byte*>(data(count));
    Step step{Step::Kind::values, std::string(name), type, count, {}};
    if (count > 0) step.bytes.assign(first, first + count * sim::size_of(type));
    steps.push_back(std::move(step));
  }
  void play(sim::Archive& to) {
    for (Step& step : steps) {
      if (step.kind == Step::Kind::enter) to.enter(step.name);
      if (step.kind == Step::Kind::leave) to.leave();
      if (step.kind == Step::Kind::values) to.array(step.name, step.type, step.count, [&](std::size_t) -> void* { return step.bytes.data(); });
    }
  }
};

/// The world, and a state of it, made once.
struct Base {
  sim::Catalogue catalogue = models::catalogue();
  sim::Scenario scenario = sim::parse_scenario(world_text, "fuzz.toml", ".", {}, catalogue.model_info());
  std::string path = "/tmp/fuzz_checkpoint." + std::to_string(getpid());
  Tape tape;
  Base() {
    sim::Simulation simulation(catalogue, scenario, 1);
    for (int visit = 0; visit < 2; ++visit) {
      if (simulation.snapshot_due()) simulation.snapshot();
      simulation.visit();
    }
    simulation.archive(tape);
  }
  ~Base() { unlink(path.c_str()); }
};

class Changes {
 public:
  Changes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const std::size_t taken = std::min(bytes, left_);
    std::memcpy(&value, data_, taken);
    data_ += taken;
    left_ -= taken;
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

void change_values(Tape& tape, Changes& changes, unsigned what) {
  std::vector<Tape::Step*> values;
  for (Tape::Step& step : tape.steps)
    if (step.kind == Tape::Step::Kind::values) values.push_back(&step);
  Tape::Step& step = *values[changes.number(2) % values.size()];
  const std::size_t width = sim::size_of(step.type);
  if (what == 0 && step.count > 0) {
    const std::size_t row = changes.number(2) % step.count;
    const std::uint64_t value = changes.number(8);
    std::memcpy(step.bytes.data() + row * width, &value, width);
  } else if (what == 1) {
    step.count = changes.number(2);
    step.bytes.resize(step.count * width);
  } else if (what == 2) {
    step.type = static_cast<sim::ElementType>(changes.number(1) % 7);
    step.count = step.bytes.size() / sim::size_of(step.type);
  }
}

void change_bytes(std::string& file, Changes& changes, unsigned what) {
  const std::size_t at = changes.number(3) % std::max<std::size_t>(1, file.size());
  const std::size_t count = 1 + changes.number(1) % 8;
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(changes.number(1));
  if (what == 3) file.replace(at, std::min(count, file.size() - at), bytes);
  if (what == 4) file.insert(at, bytes);
  if (what == 5) file.resize(at);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, std::string file) {
  sim::io::Hash hash;
  hash.bytes(file.data(), file.size());
  const sim::io::Checksum sum = hash.result();
  for (const std::uint64_t half : {sum.high, sum.low})
    for (int shift = 56; shift >= 0; shift -= 8) file.push_back(static_cast<char>(half >> shift & 0xff));
  std::ofstream(path, std::ios::binary).write(file.data(), static_cast<std::streamsize>(file.size()));
}

void write_changed(Base& base, Changes changes) {
  Tape tape = base.tape;
  std::vector<std::pair<unsigned, Changes>> of_bytes;
  while (!changes.empty()) {
    const auto what = static_cast<unsigned>(changes.number(1) % 6);
    if (what < 3) {
      change_values(tape, changes, what);
    } else {
      of_bytes.emplace_back(what, changes);
      std::string ignored(1 << 20, ' ');
      change_bytes(ignored, changes, what);  // takes what belongs to it
    }
  }
  std::ofstream(base.path, std::ios::binary).flush();
  sim::io::CheckpointInfo info;
  info.time_s = 1200;
  sim::io::write_state_file(base.path, info, [&](sim::Archive& archive) { tape.play(archive); });
  if (of_bytes.empty()) return;
  std::string file = read_file(base.path);
  file.resize(file.size() - sum_bytes);
  for (auto& [what, change] : of_bytes) change_bytes(file, change, what);
  write_file(base.path, file);
}

}  // namespace

extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1:max_allocation_size_mb=1024"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Base base;
  write_changed(base, Changes(data, size));
  sim::Simulation simulation(base.catalogue, base.scenario, 1);
  try {
    sim::io::read_checkpoint(base.path, [&](sim::Archive& archive) { simulation.archive(archive); });
  } catch (const sim::InputError&) {
    return 0;
  }
  if (simulation.finished()) return 0;
  try {
    simulation.visit();
  } catch (const sim::RunError&) {
    return 0;
  } catch (const std::bad_alloc&) {  // amounts in the blood that are recruited as agents
    return 0;
  } catch (const std::length_error&) {
    return 0;
  }
  return 0;
}
