#include "models/catalogue.hpp"

#include "models/compartments/circulation.hpp"
#include "models/diseases/delivery/delivery.hpp"
#include "models/processes/infusion.hpp"
#include "models/processes/lung_arrest.hpp"
#include "models/processes/msc_fate.hpp"

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
  catalogue.add(delivery::disease());
  return catalogue;
}

}  // namespace paracrine::models
