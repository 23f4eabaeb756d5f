#include <array>

#include "sim/core/parameters.hpp"

using namespace paracrine::sim;

struct Walk {
  double speed_um_per_min = 3.0;
  double pause_share = 0.25;
};
constexpr auto walk = std::to_array<Parameter<Walk>>({
    {.name = "speed",
     .member = &Walk::speed_um_per_min,
     .unit = "um/min",
     .physical = {0.0, 100.0},
     .published = {1.0, 5.0},
     .kind = Source::measured,
     .meaning = "path length per minute",
     .source = "somebody 2020"},
    {
        .name = "pause",
        .member = &Walk::pause_share,
        .unit = "1",
        .physical = {0.0, 1.0},
        .published = {0.1, 0.5},
#ifndef PLANT_THE_ERROR
        .kind = Source::assumed,
#endif
        .meaning = "share of time at rest",
        .source = "no measurement known",
    },
});
static_assert(complete(walk));
