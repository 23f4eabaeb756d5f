#include "models/catalogue.hpp"

#include "models/compartments/blood.hpp"
#include "models/compartments/circulation.hpp"
#include "models/diseases/delivery/delivery.hpp"
#include "models/processes/capillarisation.hpp"
#include "models/processes/efferocytosis.hpp"
#include "models/processes/ev_secretion.hpp"
#include "models/processes/ev_uptake.hpp"
#include "models/processes/factor_secretion.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "models/processes/monocyte_education.hpp"
#include "models/processes/monocyte_pool.hpp"
#include "models/processes/msc_fate.hpp"
#include "models/processes/neutrophil_pool.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/tissue/lobule.hpp"

namespace paracrine::models {

namespace {

template <class Table>
sim::Part part(const std::string& name, const std::string& meaning, const Table& table) {
  return {.name = name, .meaning = meaning, .parameters = [name, &table](const std::string& variant) { return sim::describe(name, table, variant); }};
}

}  // namespace

std::vector<std::string> variants() { return {"mouse", "human"}; }

sim::Catalogue catalogue() {
  sim::Catalogue catalogue;
  catalogue.add(part("circulation", "blood flow between the organs", circulation_parameters));
  catalogue.add(part("infusion", "doses: route, amount, times, what the cells are like", infusion_parameters));
  catalogue.add(part("lung_arrest", "the way through the circulation until a capillary stops it", lung_arrest_parameters));
  catalogue.add(part("msc_fate", "death, clearance and label of MSC", msc_fate_parameters));
  catalogue.add(part("blood", "plasma: vesicles, colloid, and what organs other than the liver take out of it", blood_parameters));
  catalogue.add(part("lobule", "geometry and cells of the liver's lobules", lobule_parameters));
  catalogue.add(part("ev_secretion", "vesicles that MSC release", ev_secretion_parameters));
  catalogue.add(part("factor_secretion", "soluble factors of MSC and of the body", factor_secretion_parameters));
  catalogue.add(part("monocyte_pool", "monocytes in marrow, blood, lung margin, spleen and liver", monocyte_pool_parameters));
  catalogue.add(part("neutrophil_pool", "neutrophils in marrow, blood, lung margin, spleen and liver", neutrophil_pool_parameters));
  catalogue.add(part("efferocytosis", "eating of dying MSC in the lung", efferocytosis_parameters));
  catalogue.add(part("monocyte_education", "what MSC teach monocytes in lung and spleen", monocyte_education_parameters));
  catalogue.add(part("sinusoid_flow", "blood flow through a lobule", sinusoid_flow_parameters));
  catalogue.add(part("ev_uptake", "what the cells of a lobule take up, and the signal in its macrophages", ev_uptake_parameters));
  catalogue.add(part("capillarisation", "state of the sinusoidal endothelium", capillarisation_parameters));
  catalogue.add(delivery::disease());
  return catalogue;
}

}  // namespace paracrine::models
