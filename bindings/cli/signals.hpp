#pragma once
#include "sim/io/session.hpp"

namespace paracrine::cli {

/// Lets SIGUSR1 through, which is held back from the first instruction of the program on: an early request must neither kill a run nor be lost.
void deliver_checkpoint_requests();

/// While it lives, signals become requests to a session: the first SIGINT, SIGTERM or SIGHUP asks it to stop, a second ends the process at once with
/// status 128 + signal (but a hangup that comes within a second of another request is the same one: a terminal that closes and its shell send two).
/// SIGUSR1 asks for a checkpoint. A signal that the parent had ignored (nohup, a background job) stays ignored. SIGPIPE is ignored, so that a closed
/// reader of the progress does not end a run. One at a time.
class SignalRequests {
 public:
  SignalRequests();
  ~SignalRequests();
  SignalRequests(const SignalRequests&) = delete;
  SignalRequests& operator=(const SignalRequests&) = delete;

  sim::io::Requests requests;
};

}  // namespace paracrine::cli
