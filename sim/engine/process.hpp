#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/patch.hpp"

namespace paracrine::sim {

class World;

/// How often a process acts: at every visit, or over several visits at once (World::slow_step_s), for what goes on over days and reads of what goes
/// on faster nothing but what is there at the time.
enum class Pace { visit, slow };

/// What happens in one patch, as a plain serial function. State lives in the patch, so one object serves all patches and threads.
class Process {
 public:
  virtual ~Process() = default;
  virtual std::string_view name() const = 0;
  virtual void advance(Patch& patch, const Step& step) const = 0;
  virtual Pace pace() const { return Pace::visit; }
  /// Numbers of the fields that it writes: looked at after it for values that are not finite or below 0.
  virtual std::vector<std::size_t> written_fields() const { return {}; }
};

/// Something that happened, for the /events group: codes and their meanings are declared by the disease.
struct Event {
  std::int64_t time_s = 0;
  std::uint32_t code = 0;
  std::uint32_t subject = 0;  // number of the therapy, injury, intervention
  double value = 0.0;
};

/// What happens in the compartments between two visits: doses, interventions. Serial. May put amounts into pools and agents on their way into
/// patches.
class CompartmentProcess {
 public:
  virtual ~CompartmentProcess() = default;
  virtual std::string_view name() const = 0;
  virtual void advance(World& world, const Step& step) const = 0;
};

/// One variable of the output.
struct Observable {
  std::string name;
  std::string unit;
  std::string meaning;
  std::string comment;
};

/// What is measured. `measure` adds one patch's part to `sums`; the engine adds the patches up in their order; `finish` turns sums into values (by
/// default as they are) and may read the compartments.
class Readout {
 public:
  virtual ~Readout() = default;
  virtual std::span<const Observable> observables() const = 0;
  virtual std::size_t sums() const { return observables().size(); }
  virtual void measure(const Patch& patch, std::span<double> sums) const = 0;
  virtual void finish(const World& world, std::span<const double> sums, std::span<double> values) const;
};

}  // namespace paracrine::sim
