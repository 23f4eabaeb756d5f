#include "bindings/cli/signals.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <initializer_list>

namespace paracrine::cli {

namespace {

// A signal handler reaches nothing but globals: this one points to the requests of the run, while there is one.
std::atomic<sim::io::Requests*> target{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): see above
static_assert(std::atomic<sim::io::Requests*>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a handler may only use lock-free atomics");

extern "C" void on_stop(int signal) {
  sim::io::Requests* requests = target.load();
  int none = 0;
  if (requests == nullptr || !requests->stop.compare_exchange_strong(none, signal)) _exit(128 + signal);
}

extern "C" void on_checkpoint(int) {
  if (sim::io::Requests* requests = target.load()) requests->checkpoint.store(1);
}

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGHUP};

void handle(int signal, void (*handler)(int), bool keep_ignored) {
  struct sigaction old {};
  if (keep_ignored && sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

SignalRequests::SignalRequests() {
  target.store(&requests);
  for (const int signal : stop_signals) handle(signal, on_stop, true);
  handle(SIGUSR1, on_checkpoint, false);
  handle(SIGPIPE, SIG_IGN, false);
}

SignalRequests::~SignalRequests() {
  for (const int signal : stop_signals) handle(signal, SIG_DFL, true);
  handle(SIGUSR1, SIG_IGN, false);
  target.store(nullptr);
}

}  // namespace paracrine::cli
