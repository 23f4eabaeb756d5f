#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/parameters.hpp"
#include "sim/engine/process.hpp"

namespace paracrine::sim {

/// What a run writes, declared before its first row.
struct Layout {
  struct Series {
    std::string group;       // "" is the root
    std::string patch_name;  // of the second dimension: "lobule", "block"; "" for the root: time only
    std::size_t length = 0;  // of the second dimension
    std::vector<Observable> observables;
    struct Constant {
      Observable what;
      std::vector<double> values;  // by patch
    };
    std::vector<Constant> constants{};
  };
  /// Patches of one group that stand side by side in the world.
  struct Patches {
    std::string group;       // its name
    std::string patch_name;  // what one patch is called: "lobule", "block"
    std::size_t first = 0;   // number of its first patch in the world
    std::size_t count = 0;
  };
  struct FieldFrames {
    Patches patches;
    std::vector<std::string> names, units, meanings;
    std::vector<std::int32_t> numbers;   // of the patches that have fields, counted within the group
    std::size_t nz = 0, ny = 0, nx = 0;  // padded to the largest
    std::vector<std::uint8_t> mask;      // (patch, z, y, x): 1 inside
    std::vector<double> spacing_um;      // per patch
    std::vector<float> zone{};           // (patch, z, y, x): NaN outside and where a patch has none; empty: no patch has any
  };
  struct AgentColumns {
    std::vector<Patches> groups;     // all groups of patches, in the order of the world
    std::vector<std::string> kinds;  // recorded kinds, in order: the code in variable "kind"
    struct Column {
      std::string name, unit, meaning;
      std::vector<std::pair<std::string, std::string>> codes;  // by kind that has the column: its flag_meanings, empty for a number
      ElementType type;
    };
    std::vector<Column> columns;  // union over the recorded kinds, besides id, patch and kind
  };
  std::vector<Series> series;       // the first is the root
  std::vector<FieldFrames> fields;  // by group of patches that has recorded fields; none: no /fields group
  AgentColumns agents;              // no kinds: no /agents group
  std::vector<std::string> event_meanings;
  std::vector<std::string> audit_species, audit_units, audit_terms;
  std::vector<ParameterInfo> parameters;
};

/// The state of a run at one time, ready to be written; it refers to nothing.
struct Snapshot {
  std::int64_t time_s = 0;
  bool row = false;                         // the series and audit parts are filled
  std::vector<std::vector<double>> series;  // by Layout::series; [observable * length + patch]
  std::vector<double> audit;                // [species * terms + term], NaN where a species has no such term
  std::vector<double> audit_error;          // by species, relative
  std::vector<Event> events;                // since the snapshot before
  bool fields = false;
  std::vector<std::vector<std::vector<float>>> field_values;  // by group, by field: (patch, z, y, x), NaN outside
  bool agents = false;
  std::vector<std::size_t> agent_counts;  // by group: the agents of a group follow those of the group before it
  std::vector<std::uint64_t> agent_id;
  std::vector<std::uint32_t> agent_patch;  // number of the patch within its group
  std::vector<std::uint8_t> agent_kind;
  std::vector<std::vector<double>> agent_values;  // by column; NaN where the kind has no such column (exact for every column type)
};

}  // namespace paracrine::sim
