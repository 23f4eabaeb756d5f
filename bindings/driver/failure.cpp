#include "bindings/driver/failure.hpp"

#include <new>

#include "sim/core/error.hpp"

namespace paracrine::driver {

Failure describe_current_exception() {
  try {
    throw;
  } catch (const sim::InputError& error) {
    return {error.what(), 2};
  } catch (const sim::RunError& error) {
    return {error.what(), 1};
  } catch (const std::bad_alloc&) {
    return {"there is not enough memory", 1};
  } catch (const std::exception& error) {
    return {std::string("internal error: ") + error.what() + "; please report it with the command and the scenario", 1};
  } catch (...) {
    return {"internal error; please report it with the command and the scenario", 1};
  }
}

}  // namespace paracrine::driver
