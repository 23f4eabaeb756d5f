#pragma once
#include <string>
#include <vector>

#include "sim/engine/catalogue.hpp"

namespace paracrine::models {

/// All processes, compartment models and diseases of the product.
sim::Catalogue catalogue();

/// The variants (species) for which parameters have defaults.
std::vector<std::string> variants();

}  // namespace paracrine::models
