#include "models/catalogue.hpp"

#include "models/compartments/blood.hpp"
#include "models/compartments/circulation.hpp"
#include "models/diseases/cirrhosis/cirrhosis.hpp"
#include "models/diseases/delivery/delivery.hpp"
#include "models/processes/capillarisation.hpp"
#include "models/processes/chemotaxis.hpp"
#include "models/processes/collagen_degradation.hpp"
#include "models/processes/collagen_synthesis.hpp"
#include "models/processes/crosslinking.hpp"
#include "models/processes/cytokine.hpp"
#include "models/processes/efferocytosis.hpp"
#include "models/processes/ev_secretion.hpp"
#include "models/processes/ev_uptake.hpp"
#include "models/processes/factor_secretion.hpp"
#include "models/processes/hepatocyte_death.hpp"
#include "models/processes/hepatocyte_injury.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/intervention.hpp"
#include "models/processes/kupffer_relay.hpp"
#include "models/processes/kupffer_renewal.hpp"
#include "models/processes/lung_arrest.hpp"
#include "models/processes/macrophage_death.hpp"
#include "models/processes/macrophage_infusion.hpp"
#include "models/processes/macrophage_relay.hpp"
#include "models/processes/macrophage_switch.hpp"
#include "models/processes/monocyte_education.hpp"
#include "models/processes/monocyte_pool.hpp"
#include "models/processes/msc_fate.hpp"
#include "models/processes/neutrophil_fate.hpp"
#include "models/processes/neutrophil_pool.hpp"
#include "models/processes/neutrophil_recruitment.hpp"
#include "models/processes/phagocytosis.hpp"
#include "models/processes/recruitment.hpp"
#include "models/processes/regeneration.hpp"
#include "models/processes/serum.hpp"
#include "models/processes/sinusoid_flow.hpp"
#include "models/processes/stellate_activation.hpp"
#include "models/processes/stellate_fate.hpp"
#include "models/processes/stellate_proliferation.hpp"
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
  catalogue.add(part("hepatocyte_injury", "injury of hepatocytes by toxins, chronic causes and inflammation", hepatocyte_injury_parameters));
  catalogue.add(part("hepatocyte_death", "death of hepatocytes, and what they leave", hepatocyte_death_parameters));
  catalogue.add(part("regeneration", "new hepatocytes on empty sites", regeneration_parameters));
  catalogue.add(part("recruitment", "monocytes that come into the lobules", recruitment_parameters));
  catalogue.add(part("phagocytosis", "eating of dead cells", phagocytosis_parameters));
  catalogue.add(part("macrophage_switch", "from inflammatory to restorative macrophages", macrophage_switch_parameters));
  catalogue.add(part("macrophage_relay", "restorative macrophages that turn others", macrophage_relay_parameters));
  catalogue.add(part("kupffer_relay", "Kupffer cells that go on secreting IL-10 after MSC products", kupffer_relay_parameters));
  catalogue.add(part("kupffer_renewal", "the niche of the Kupffer cells", kupffer_renewal_parameters));
  catalogue.add(part("macrophage_death", "death of macrophages", macrophage_death_parameters));
  catalogue.add(part("chemotaxis", "movement of macrophages and neutrophils", chemotaxis_parameters));
  catalogue.add(part("neutrophil_recruitment", "neutrophils that come into the lobules", neutrophil_recruitment_parameters));
  catalogue.add(part("neutrophil_fate", "death of neutrophils", neutrophil_fate_parameters));
  catalogue.add(part("stellate_activation", "activation of hepatic stellate cells", stellate_activation_parameters));
  catalogue.add(part("stellate_fate", "loss, reversal and senescence of activated stellate cells", stellate_fate_parameters));
  catalogue.add(part("stellate_proliferation", "division of stellate cells", stellate_proliferation_parameters));
  catalogue.add(part("collagen_synthesis", "making of collagen", collagen_synthesis_parameters));
  catalogue.add(part("collagen_degradation", "breakdown of collagen: collagenases and TIMP", collagen_degradation_parameters));
  catalogue.add(part("crosslinking", "cross-linking of collagen", crosslinking_parameters));
  catalogue.add(part("cytokine", "cytokines of the lobule and the signal of damage", cytokine_parameters));
  catalogue.add(part("serum", "enzymes, albumin and bilirubin in serum", serum_parameters));
  catalogue.add(part("intervention", "what an experimenter takes away: cells and signals", intervention_parameters));
  catalogue.add(part("macrophage_infusion", "infused bone-marrow macrophages", macrophage_infusion_parameters));
  catalogue.add(delivery::disease());
  catalogue.add(cirrhosis::disease());
  return catalogue;
}

}  // namespace paracrine::models
