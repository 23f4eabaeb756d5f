#pragma once
#include "sim/io/session.hpp"

namespace paracrine::cli {

/// While it lives, signals become requests to a session: the first SIGINT, SIGTERM or SIGHUP asks it to stop, a second ends the process at once with
/// status 128 + signal; SIGUSR1 asks for a checkpoint. A signal that the parent had ignored (nohup, a background job) stays ignored. SIGPIPE is
/// ignored, so that a closed reader of the progress does not end a run. One at a time.
class SignalRequests {
 public:
  SignalRequests();
  ~SignalRequests();
  SignalRequests(const SignalRequests&) = delete;
  SignalRequests& operator=(const SignalRequests&) = delete;

  sim::io::Requests requests;
};

}  // namespace paracrine::cli
