#pragma once
#include "sim/engine/catalogue.hpp"

namespace paracrine::models::delivery {

/// The delivery experiment: what becomes of cells and particles given into the blood. No liver tissue; organs are beds of capillaries.
sim::Disease disease();

}  // namespace paracrine::models::delivery
