#pragma once

namespace paracrine::models {

/// What may carry the signal of MSC. Switched off, a carrier moves as before and has no effect.
struct Carriers {
  bool ev = true;
  bool soluble = true;
  bool efferocytosis = true;
};

}  // namespace paracrine::models
