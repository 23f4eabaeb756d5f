#include "models/diseases/cirrhosis/switches.hpp"

#include <fmt/format.h>

#include "models/body/therapy.hpp"

namespace paracrine::models::cirrhosis {

void check_twin(const sim::Scenario& scenario, std::span<const Switch> all, sim::Findings& findings) {
  if (!body::is_mean_field(scenario)) return;
  const sim::Table &numerics = scenario.root.table("numerics"), &output = scenario.root.table("output");
  for (const Switch& one : all)
    if (one.twin == Twin::none && scenario.process(std::string(one.name)))
      findings.error(numerics.place("method"), fmt::format("numerics.method: {} has no mean-field form", one.name),
                     {fmt::format("Switch it off with processes.{} = false, or use \"agents\".", one.name)});
  for (const char* key : {"refine", "slow_step"})
    if (numerics.written(key))
      findings.warn(numerics.place(key), fmt::format("numerics.{}: the mean-field twin has no space and one pace, and does not read it", key));
  for (const std::string& kind : output.texts("agents"))
    if (kind != "msc" && kind != "particle")
      findings.warn(output.place("agents"),
                    fmt::format("output.agents: the mean-field twin has no agents of kind {}, so frames of it are empty", kind));
  if (!output.texts("fields").empty())
    findings.warn(output.place("fields"), "output.fields: fields of the mean-field twin are a single voxel, the mean of the lobule");
}

}  // namespace paracrine::models::cirrhosis
