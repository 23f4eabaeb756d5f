#include "sim/core/parameters.hpp"

#include <stdexcept>

namespace paracrine::sim {

std::string_view source_name(Source kind) {
  switch (kind) {
    case Source::unset:
      return "unset";
    case Source::measured:
      return "measured";
    case Source::model:
      return "model";
    case Source::derived:
      return "derived";
    case Source::fitted:
      return "fitted";
    case Source::assumed:
      return "assumed";
  }
  throw std::logic_error("a kind of source outside its list");
}

std::string_view spread_name(Spread kind) {
  switch (kind) {
    case Spread::fixed:
      return "fixed";
    case Spread::uniform:
      return "uniform";
    case Spread::normal:
      return "normal";
    case Spread::lognormal:
      return "lognormal";
  }
  throw std::logic_error("a kind of spread outside its list");
}

}  // namespace paracrine::sim
