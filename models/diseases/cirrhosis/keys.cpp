#include "models/body/keys.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "models/diseases/cirrhosis/parts.hpp"

namespace paracrine::models::cirrhosis {

namespace {

using sim::Key;
using sim::KeyType;

std::vector<Key> keys_of_injury() {
  return {{.name = "cause",
           .type = KeyType::choice,
           .required = true,
           .choices = {"ccl4", "alcohol", "viral", "nash"},
           .meaning = "carbon tetrachloride in doses, or a chronic cause that acts all the time"},
          body::time_key("start", "first dose, or start of a chronic cause", true),
          body::time_key("stop", "end; no dose is given at that time or later", true),
          body::time_key("every", "ccl4: time between doses", false, true),
          {.name = "dose",
           .type = KeyType::quantity,
           .units = {"mL/kg"},
           .physical = {0.0, 10.0},
           .exclusive_low = true,
           .published = {0.1, 2.0},
           .published_source = "usual doses in mouse and rat",
           .meaning = "ccl4: one dose per body weight"},
          {.name = "severity",
           .type = KeyType::quantity,
           .units = {"1"},
           .physical = {0.0, 100.0},
           .meaning = "chronic causes: rate of injury relative to parameter hepatocyte_injury.chronic; absent: 1"}};
}

}  // namespace

std::vector<Key> keys() {
  std::vector<Key> keys = body::keys(body::Tissue::yes);
  keys.push_back(
      {.name = "injury", .type = KeyType::table_list, .keys = keys_of_injury(), .meaning = "what injures the liver; several causes may act"});
  for (Key& key : keys) {
    if (key.name == "mechanism") {
      key.keys.push_back({.name = "hsc_direct",
                          .type = KeyType::boolean,
                          .default_value = "false",
                          .meaning = "whether MSC products act on hepatic stellate cells themselves; the evidence is divided"});
      key.keys.push_back({.name = "human_scar_macrophage",
                          .type = KeyType::choice,
                          .default_value = "\"restorative\"",
                          .choices = {"restorative", "fibrogenic"},
                          .meaning = "human: what macrophages that have switched do to scar; contested, so both can be run"});
    }
    if (key.name == "numerics") {
      Key visit{.name = "visit",
                .type = KeyType::quantity,
                .units = {"s"},
                .default_value = "\"30 min\"",
                .physical = {0.0, 3600.0},
                .exclusive_low = true,
                .whole_seconds = true,
                .meaning = "longest time for which a lobule is visited and the compartments step alone; at most 1 h, for accuracy"};
      Key slow{.name = "slow_step",
               .type = KeyType::quantity,
               .units = {"s"},
               .default_value = "\"2 h\"",
               .physical = {0.0, 21600.0},
               .exclusive_low = true,
               .whole_seconds = true,
               .meaning =
                   "longest step of what goes on over days: collagen, capillarisation, renewal of Kupffer cells; at "
                   "most 6 h, for accuracy; below the visit, they act at every visit"};
      key.keys.push_back(std::move(visit));
      key.keys.push_back(std::move(slow));
    }
  }
  return keys;
}

}  // namespace paracrine::models::cirrhosis
