#pragma once
#include <string>

namespace paracrine::driver {

/// What the exception that is being handled means to the user, in plain words, and the exit status it asks for. Call inside a catch block.
struct Failure {
  std::string message;
  int exit_status = 1;
};
Failure describe_current_exception();

}  // namespace paracrine::driver
