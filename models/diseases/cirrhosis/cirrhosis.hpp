#pragma once
#include "sim/engine/catalogue.hpp"

namespace paracrine::models::cirrhosis {

/// Fibrosis of the liver: injury, inflammation, scar and regeneration in the lobules, in the body through which therapies reach them.
sim::Disease disease();

}  // namespace paracrine::models::cirrhosis
