#include "bindings/driver/parameter_list.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace paracrine::driver {

namespace {

bool same_row(const sim::ParameterInfo& a, const sim::ParameterInfo& b) {
  return a.value == b.value && a.published.low == b.published.low && a.published.high == b.published.high && a.kind == b.kind && a.source == b.source;
}

ParameterSection section_of(const sim::Part& part, const std::vector<std::string>& variants) {
  ParameterSection section{.name = part.name, .meaning = part.meaning, .rows = {}};
  std::vector<std::vector<sim::ParameterInfo>> by_variant;
  for (const std::string& variant : variants) by_variant.push_back(part.parameters(variant));
  for (std::size_t i = 0; i < by_variant.front().size(); ++i) {
    std::vector<ParameterRow> rows;
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const ParameterRow& row) { return same_row(row.info, by_variant[v][i]); });
      if (found == rows.end())
        rows.push_back({variants[v], by_variant[v][i]});
      else
        found->variants += ", " + variants[v];
    }
    if (rows.size() == 1) rows.front().variants.clear();
    section.rows.insert(section.rows.end(), rows.begin(), rows.end());
  }
  return section;
}

}  // namespace

std::vector<ParameterSection> parameter_sections(const sim::Catalogue& catalogue, const std::vector<std::string>& variants) {
  std::vector<ParameterSection> sections;
  for (const sim::Part& part : catalogue.parts()) sections.push_back(section_of(part, variants));
  return sections;
}

std::string parameters_as_json(const std::vector<ParameterSection>& sections) {
  using Json = nlohmann::ordered_json;
  const auto range = [](const sim::Range& r) {
    const auto end = [](double value) { return std::isinf(value) ? Json(nullptr) : Json(value); };
    return Json::array({end(r.low), end(r.high)});
  };
  Json list = Json::array();
  for (const ParameterSection& section : sections)
    for (const ParameterRow& row : section.rows) {
      const sim::ParameterInfo& p = row.info;
      Json one{{"name", p.name},
               {"part", section.name},
               {"variant", row.variants.empty() ? Json(nullptr) : Json(row.variants)},
               {"value", p.value},
               {"unit", p.unit},
               {"published", range(p.published)},
               {"physical", range(p.physical)}};
      one["distribution"] = {{"kind", sim::spread_name(p.distribution.kind)}, {"spread", p.distribution.spread}};
      one.update(Json{{"kind", sim::source_name(p.kind)}, {"meaning", p.meaning}, {"source", p.source}});
      list.push_back(one);
    }
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace paracrine::driver
