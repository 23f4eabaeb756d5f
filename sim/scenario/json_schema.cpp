#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/units.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/wording.hpp"

namespace paracrine::sim {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* number_pattern = "^ *[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?";

Json object_of(const std::vector<Key>& keys, bool required);

std::string description_of(const Key& key) {
  std::string text = key.meaning;
  const auto add = [&](const std::string& sentence) { text += (text.empty() ? "" : ". ") + sentence; };
  if (key.type == KeyType::quantity) {
    std::string units;
    for (const std::string& unit : key.units) units += (units.empty() ? "" : " or ") + unit;
    add("Unit: " + units);
  }
  if (std::isfinite(key.physical.low) || std::isfinite(key.physical.high)) add("Allowed: " + range_words(key));
  if (std::isfinite(key.published.low) && std::isfinite(key.published.high) && key.type == KeyType::quantity)
    add(fmt::format("Published: {} to {}", with_unit(key.published.low, key.units.front()), with_unit(key.published.high, key.units.front())));
  if (!default_hint(key).empty()) add("Default: " + *key.default_value);
  return text;
}

void limit(Json& schema, const Key& key) {
  if (std::isfinite(key.physical.low)) {
    schema["minimum"] = key.physical.low;
    if (key.exclusive_low) schema["exclusiveMinimum"] = true;
  }
  if (std::isfinite(key.physical.high)) {
    schema["maximum"] = key.physical.high;
    if (key.exclusive_high) schema["exclusiveMaximum"] = true;
  }
}

Json quantity_of(const Key& key) {
  bool plain = false, with_units = false;
  for (const std::string& unit : key.units) (is_plain_unit(unit) ? plain : with_units) = true;
  Json number = {{"type", "number"}};
  if (plain && is_plain_unit(key.units.front())) limit(number, key);
  // A plain number may carry a counting unit or per cent; its text is then as free as any other.
  const Json text = {{"type", "string"}, {"pattern", std::string(number_pattern) + (plain ? "" : " *[^ 0-9.].*$")}};
  Json choices = Json::array();
  if (plain) choices.push_back(number);
  choices.push_back(text);
  if (!key.choices.empty()) choices.push_back({{"enum", key.choices}});
  if (choices.size() == 1) return text;
  return {{"anyOf", choices}};
}

Json integer_of(const Key& key) {
  Json number = {{"type", "integer"}};
  limit(number, key);
  if (key.choices.empty()) return number;
  return {{"anyOf", Json::array({number, {{"enum", key.choices}}})}};
}

Json list_of_texts(const Key& key) {
  Json item = {{"type", "string"}};
  if (!key.choices.empty()) item["enum"] = key.choices;
  return {{"type", "array"}, {"items", item}, {"uniqueItems", true}};
}

Json value_of(const Key& key, bool required) {
  switch (key.type) {
    case KeyType::quantity:
      return quantity_of(key);
    case KeyType::integer:
      return integer_of(key);
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::text:
      return {{"type", "string"}};
    case KeyType::choice:
      return {{"enum", key.choices}};
    case KeyType::text_list:
      return list_of_texts(key);
    case KeyType::table:
      return object_of(key.keys, required);
    case KeyType::table_list:
      return {{"type", "array"}, {"items", object_of(key.keys, true)}};
  }
  return {};
}

/// The value of a default, where it is one that JSON writes the same way.
void add_default(Json& schema, const Key& key) {
  if (!key.default_value) return;
  const Json value = Json::parse(*key.default_value, nullptr, false);
  if (!value.is_discarded()) schema["default"] = value;
}

Json key_schema(const Key& key, bool required) {
  Json schema = value_of(key, required);
  if (const std::string text = description_of(key); !text.empty()) schema["description"] = text;
  add_default(schema, key);
  return schema;
}

/// A table. `required`: keys that must be there are demanded; a part of a scenario that includes others need not have them.
Json object_of(const std::vector<Key>& keys, bool required) {
  Json properties = Json::object(), names = Json::array();
  for (const Key& key : keys) {
    properties[key.name] = key_schema(key, required);
    if (key.required) names.push_back(key.name);
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (required && !names.empty()) schema["required"] = names;
  return schema;
}

/// What a scenario without includes must have besides: the required keys of the root and of its tables.
Json demands(const std::vector<Key>& keys) {
  Json schema = Json::object(), properties = Json::object(), names = Json::array();
  for (const Key& key : keys) {
    if (key.required) names.push_back(key.name);
    if (key.type != KeyType::table) continue;
    Json inner = demands(key.keys);
    if (!inner.empty()) properties[key.name] = inner;
  }
  if (!names.empty()) schema["required"] = names;
  if (!properties.empty()) schema["properties"] = properties;
  return schema;
}

/// Parameters by their full names in quotes, and as tables of their parts.
Json parameters_of(const std::vector<ParameterInfo>& parameters) {
  Json properties = Json::object();
  for (const ParameterInfo& row : parameters) {
    const Key key{.name = row.name,
                  .type = KeyType::quantity,
                  .units = {row.unit},
                  .default_value = as_toml(row.default_value, row.unit),
                  .physical = row.physical,
                  .published = row.published,
                  .meaning = row.meaning};
    const Json schema = key_schema(key, false);
    properties[row.name] = schema;
    const std::size_t dot = row.name.find('.');
    if (dot == std::string::npos) continue;
    Json& part = properties[row.name.substr(0, dot)];
    part["type"] = "object";
    part["additionalProperties"] = false;
    part["properties"][row.name.substr(dot + 1)] = schema;
  }
  return {{"type", "object"},
          {"description", "Values of parameters, each with its unit, instead of their defaults"},
          {"properties", properties},
          {"additionalProperties", false}};
}

Json processes_of(const std::vector<std::string>& names) {
  Json properties = Json::object();
  for (const std::string& name : names) properties[name] = {{"type", "boolean"}, {"default", true}};
  return {{"type", "object"}, {"description", "Processes that can be switched off"}, {"properties", properties}, {"additionalProperties", false}};
}

Json model_schema(const Schema& schema) {
  Json object = object_of(schema.keys, false);
  object["title"] = schema.model;
  Json& properties = object["properties"];
  properties["model"] = {{"enum", Json::array({schema.model})}};
  properties["include"] = {
      {"type", "array"}, {"items", {{"type", "string"}}}, {"description", "Files, relative to this one, whose content this file goes on from"}};
  properties["processes"] = processes_of(schema.processes);
  properties["parameters"] = parameters_of(schema.parameters);
  Json whole = demands(schema.keys);
  whole["required"].push_back("model");
  std::sort(whole["required"].begin(), whole["required"].end());
  whole["required"].erase(std::unique(whole["required"].begin(), whole["required"].end()), whole["required"].end());
  object["anyOf"] = Json::array({whole, {{"required", Json::array({"include"})}}});
  return object;
}

/// A schema that accepts what either accepts, so that what is wrong is told once and at its own key.
Json merged(const Json& one, const Json& other) {
  if (one == other) return one;
  if (one.contains("properties") && other.contains("properties")) {
    Json all = one;
    for (const auto& [name, value] : other["properties"].items())
      all["properties"][name] = one["properties"].contains(name) ? merged(one["properties"][name], value) : value;
    all.erase("required");
    Json names = Json::array();
    if (one.contains("required") && other.contains("required"))
      for (const Json& name : one["required"])
        if (std::find(other["required"].begin(), other["required"].end(), name) != other["required"].end()) names.push_back(name);
    if (!names.empty()) all["required"] = names;
    return all;
  }
  if (one.contains("items") && other.contains("items")) {
    Json all = one;
    all["items"] = merged(one["items"], other["items"]);
    return all;
  }
  if (one.contains("enum") && other.contains("enum")) {
    Json all = one;
    for (const Json& choice : other["enum"])
      if (std::find(all["enum"].begin(), all["enum"].end(), choice) == all["enum"].end()) all["enum"].push_back(choice);
    return all;
  }
  Json without = one, beside = other;
  for (Json* schema : {&without, &beside})
    for (const char* words : {"description", "default"}) schema->erase(words);
  if (without == beside) return one;  // only the texts differ
  return {{"description", one.value("description", "")}, {"anyOf", Json::array({without, beside})}};
}

/// What holds for one model alone: the keys that it needs, unless they are in an included file, and those of other models, which it does not have.
Json rules_of(const std::string& model, const Json& own, const Json& all_properties) {
  const Json of_another = {{"properties", {{"model", {{"not", {{"enum", Json::array({model})}}}}}}}};
  Json choices = own["anyOf"], foreign = Json::array();
  choices.push_back(of_another);
  Json rules = Json::array({{{"anyOf", choices}}});
  for (const auto& [name, value] : all_properties.items())
    if (!own["properties"].contains(name)) foreign.push_back({{"required", Json::array({name})}});
  if (!foreign.empty()) rules.push_back({{"anyOf", Json::array({of_another, {{"not", {{"anyOf", foreign}}}}})}});
  return rules;
}

}  // namespace

std::string json_schema(const ModelInfo& models) {
  Json definitions = Json::object(), all, rules = Json::array();
  for (const std::string& model : models.models()) {
    Schema schema = models.schema(model);
    schema.model = model;
    definitions[model] = model_schema(schema);
    Json keys = definitions[model];
    keys.erase("anyOf");
    all = all.is_null() ? keys : merged(all, keys);
  }
  for (const auto& [model, own] : definitions.items())
    for (const Json& rule : rules_of(model, own, all["properties"])) rules.push_back(rule);
  rules.push_back({{"anyOf", Json::array({{{"required", Json::array({"model"})}}, {{"required", Json::array({"include"})}}})}});
  const Json document = {{"$schema", "http://json-schema.org/draft-04/schema#"},
                         {"title", "Paracrine scenario"},
                         {"type", "object"},
                         {"properties", all["properties"]},
                         {"additionalProperties", false},
                         {"allOf", rules},
                         {"definitions", definitions}};
  return document.dump(2) + "\n";
}

}  // namespace paracrine::sim
