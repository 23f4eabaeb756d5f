#include "models/body/keys.hpp"

#include <string>
#include <utility>

namespace paracrine::models::body {

namespace {
constexpr double century_s = 100.0 * 365.25 * 86400.0;
}  // namespace

sim::Key time_key(std::string name, std::string meaning, bool required, bool more_than_zero) {
  return {.name = std::move(name),
          .type = sim::KeyType::quantity,
          .units = {"s"},
          .required = required,
          .physical = {0.0, century_s},
          .exclusive_low = more_than_zero,
          .whole_seconds = true,
          .meaning = std::move(meaning)};
}

namespace {

using sim::Key;
using sim::KeyType;

const std::vector<std::string> of_cells{"msc", "ev", "conditioned_medium"};

/// An amount of one dose, in all or per body weight; 0 is a dose of nothing, as a control has.
Key amount_key(std::string name, double most, std::string meaning) {
  return {.name = std::move(name), .type = KeyType::quantity, .units = {"1", "1/kg"}, .physical = {0.0, most}, .meaning = std::move(meaning)};
}

std::vector<Key> keys_of_product(Tissue tissue) {
  std::vector<std::string> products{"msc", "ev", "conditioned_medium", "particle", "colloid"};
  if (tissue == Tissue::yes) products.emplace_back("bone_marrow_macrophages");
  std::vector<Key> keys{
      {.name = "product",
       .type = KeyType::choice,
       .required = true,
       .choices = products,
       .meaning = "what is given: cells, their vesicles, the medium they were grown in, rigid particles, colloid"},
      {.name = "source",
       .type = KeyType::choice,
       .default_value = "\"adipose\"",
       .choices = {"bone_marrow", "adipose", "umbilical_cord", "amnion"},
       .only_where = "product",
       .only_for = of_cells,
       .meaning = "tissue the MSC come from; sets their secretion"},
      {.name = "culture",
       .type = KeyType::choice,
       .default_value = "\"2d\"",
       .choices = {"2d", "spheroid"},
       .only_where = "product",
       .only_for = of_cells,
       .meaning = "how the MSC were grown; sets their diameter and secretion"},
      {.name = "passage",
       .type = KeyType::integer,
       .default_value = "4",
       .physical = {0.0, 50.0},
       .only_where = "product",
       .only_for = of_cells,
       .meaning = "passage of the MSC; sets their diameter and the potency of their vesicles"},
      {.name = "priming",
       .type = KeyType::choice,
       .default_value = "\"none\"",
       .choices = {"none", "ifn_gamma"},
       .only_where = "product",
       .only_for = of_cells,
       .meaning = "what the MSC were treated with before: raises the potency of their vesicles, hardly their number"},
      amount_key("cells", most_bodies, "msc, bone_marrow_macrophages: cells of one dose, in all or per body weight"),
      amount_key("particles", most_of_a_dose, "ev: vesicles of one dose, in all or per body weight"),
      {.name = "protein",
       .type = KeyType::quantity,
       .units = {"ug", "ug/kg"},
       .physical = {0.0, 1e12},
       .meaning = "ev: protein of one dose, instead of particles; needs particles_per_ug"},
      {.name = "particles_per_ug",
       .type = KeyType::quantity,
       .units = {"1"},
       .physical = {0.0, 1e12},
       .exclusive_low = true,
       .published = {1e9, 3e10},
       .published_source = "5e9 (1e9-3e10) in preparations by filtration; pure ones about 3e10 (Webber & Clayton 2013 JEV 2:19861)",
       .meaning = "ev: vesicles in one microgram of protein"},
      amount_key("cell_equivalents", most_bodies, "conditioned_medium: MSC whose medium is given, in all or per body weight"),
      {.name = "with_vesicles",
       .type = KeyType::boolean,
       .default_value = "true",
       .only_where = "product",
       .only_for = {"conditioned_medium"},
       .meaning = "conditioned_medium: whether its vesicles are in it or were removed"},
      amount_key("count", most_bodies, "particle, colloid: particles of one dose"),
      {.name = "diameter", .type = KeyType::quantity, .units = {"um"}, .physical = {0.1, 200.0}, .meaning = "particle: diameter"},
  };
  if (tissue == Tissue::yes)
    keys.push_back({.name = "phenotype",
                    .type = KeyType::choice,
                    .default_value = "\"unpolarised\"",
                    .choices = {"unpolarised", "inflammatory", "restorative", "monocyte"},
                    .only_where = "product",
                    .only_for = {"bone_marrow_macrophages"},
                    .meaning = "bone_marrow_macrophages: how they are when given; monocyte: not matured, they join the subject's own monocytes"});
  return keys;
}

std::vector<Key> keys_of_therapy(Tissue tissue) {
  std::vector<Key> keys = keys_of_product(tissue);
  keys.push_back({.name = "route",
                  .type = KeyType::choice,
                  .default_value = "\"peripheral_vein\"",
                  .choices = {"peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic"},
                  .meaning = "where it is given"});
  keys.push_back(time_key("at", "start of the first dose; moved to the end of a visit", true));
  keys.push_back(time_key("duration", "time over which a dose is given; absent: parameter infusion.duration", false, true));
  keys.push_back({.name = "repeats", .type = KeyType::integer, .default_value = "1", .physical = {1.0, 10000.0}, .meaning = "number of doses"});
  keys.push_back(time_key("every", "time between the starts of doses", false, true));
  keys.push_back({.name = "viability",
                  .type = KeyType::quantity,
                  .units = {"1"},
                  .physical = {0.0, 1.0},
                  .meaning = "msc, bone_marrow_macrophages: share that lives when given; absent: parameter infusion.viability"});
  return keys;
}

std::vector<Key> keys_of_intervention(Tissue tissue) {
  std::vector<std::string> kinds{"vasodilator", "lung_bypass"};
  std::string efficacy = "vasodilator: share of the full dilation; lung_bypass: share of the blood that bypasses the lung's capillaries";
  if (tissue == Tissue::yes) {
    kinds = {"macrophage_depletion", "neutrophil_depletion", "splenectomy", "ccl2_inhibition", "loxl2_inhibition",
             "tgf_beta_blockade",    "nk_depletion",         "vasodilator", "lung_bypass"};
    efficacy += "; depletions: share of the cells that go; the others: share of the activity that is taken away";
  }
  std::vector<Key> keys{
      {.name = "kind", .type = KeyType::choice, .required = true, .choices = kinds, .meaning = "what is done"},
      time_key("start", "start", true),
      time_key("stop", "end", true),
      {.name = "efficacy", .type = KeyType::quantity, .units = {"1"}, .default_value = "1", .physical = {0.0, 1.0}, .meaning = efficacy}};
  if (tissue == Tissue::yes)
    keys.push_back({.name = "method",
                    .type = KeyType::choice,
                    .choices = {"clodronate", "cd11b_dtr"},
                    .meaning =
                        "macrophage_depletion: which phagocytes go. clodronate: Kupffer cells, most recruited macrophages, monocytes in spleen "
                        "and lung margin; cd11b_dtr: monocytes and macrophages. Both spare neutrophils"});
  return keys;
}

}  // namespace

std::vector<sim::Key> keys(Tissue tissue) {
  return {
      {.name = "species",
       .type = KeyType::choice,
       .default_value = "\"mouse\"",
       .choices = {"mouse", "human"},
       .meaning = "whose body; chooses the defaults of all parameters"},
      {.name = "subject",
       .type = KeyType::table,
       .keys = {{.name = "body_weight",
                 .type = KeyType::quantity,
                 .units = {"g"},
                 .physical = {1.0, 500000.0},
                 .meaning = "body weight; scales organs, flows and doses per kg; absent: parameter circulation.reference_body_weight"}},
       .meaning = "one run is one animal or patient"},
      {.name = "therapy", .type = KeyType::table_list, .keys = keys_of_therapy(tissue), .meaning = "what is given, when and how"},
      {.name = "intervention", .type = KeyType::table_list, .keys = keys_of_intervention(tissue), .meaning = "what an experimenter does besides"},
      {.name = "mechanism",
       .type = KeyType::table,
       .keys = {{.name = "ev", .type = KeyType::boolean, .default_value = "true", .meaning = "whether the vesicles of MSC and products act on cells"},
                {.name = "soluble", .type = KeyType::boolean, .default_value = "true", .meaning = "whether their soluble factors act on cells"},
                {.name = "efferocytosis",
                 .type = KeyType::boolean,
                 .default_value = "true",
                 .meaning = "whether eating a dying MSC educates a monocyte"}},
       .meaning = "carriers of the effect: switched off, what is carried has no effect; where it goes stays the same"},
      {.name = "liver",
       .type = KeyType::table,
       .keys = {{.name = "lobules",
                 .type = KeyType::integer,
                 .default_value = "64",
                 .physical = {1.0, 4096.0},
                 .meaning = "simulated lobules; they stand for the whole liver"},
                {.name = "thickness",
                 .type = KeyType::integer,
                 .default_value = "1",
                 .physical = {1.0, 64.0},
                 .meaning = "thickness of a simulated lobule, in hepatocyte sites"}},
       .meaning = "the simulated piece of liver"},
      {.name = "numerics",
       .type = KeyType::table,
       .keys = {{.name = "refine",
                 .type = KeyType::integer,
                 .default_value = "1",
                 .physical = {1.0, 4.0},
                 .meaning = "voxels per edge of a hepatocyte site in the lobules' fields"},
                {.name = "method",
                 .type = KeyType::choice,
                 .default_value = "\"agents\"",
                 .choices = {"agents", "mean_field"},
                 .meaning = "what the lobules are: agents in space, or their mean-field twin, one well-mixed lobule in numbers of cells; with it MSC "
                            "and particles are at most two thousand agents each"},
                {.name = "msc_weight",
                 .type = KeyType::quantity,
                 .units = {"1"},
                 .default_value = "\"auto\"",
                 .physical = {0.0, 1e9},
                 .exclusive_low = true,
                 .choices = {"auto"},
                 .meaning = "cells (or particles) that one agent stands for; auto: 1 up to two million"}}},
  };
}

}  // namespace paracrine::models::body
