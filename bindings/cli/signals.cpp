#include "bindings/cli/signals.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <initializer_list>

namespace paracrine::cli {

namespace {

// A signal handler reaches nothing but globals: this one points to the requests of the run, while there is one.
std::atomic<sim::io::Requests*> target{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): see above
static_assert(std::atomic<sim::io::Requests*>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a handler may only use lock-free atomics");

std::atomic<std::int64_t> asked_at_ms{0};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): of the first request to stop
constexpr std::int64_t same_hangup_ms = 1000;

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

/// A terminal that closes sends a hangup, and so does its shell; a sweep passes a request on to its runs as one, which others may have told as well.
bool is_same_request(int first, int signal) { return (first == SIGHUP || signal == SIGHUP) && now_ms() - asked_at_ms.load() < same_hangup_ms; }

extern "C" void on_stop(int signal) {
  sim::io::Requests* requests = target.load();
  int first = 0;
  if (requests == nullptr) _exit(128 + signal);
  if (requests->stop.compare_exchange_strong(first, signal))
    asked_at_ms.store(now_ms());
  else if (!is_same_request(first, signal))
    _exit(128 + signal);
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
  sigfillset(&action.sa_mask);  // handlers do not interrupt each other
  sigaction(signal, &action, nullptr);
}

extern "C" void hold_checkpoint_requests() {
  const std::uint64_t mask = 1ULL << (SIGUSR1 - 1);
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, nullptr, sizeof mask);  // not the library's, which a sanitizer has not prepared yet
}

// Before the constructors of all libraries; while the program is loaded nothing can be done.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the loader wants a plain pointer to a function
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_all_else)() = hold_checkpoint_requests;

}  // namespace

void deliver_checkpoint_requests() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

SignalRequests::SignalRequests() {
  target.store(&requests);
  for (const int signal : stop_signals) handle(signal, on_stop, true);
  handle(SIGUSR1, on_checkpoint, false);
  deliver_checkpoint_requests();
  handle(SIGPIPE, SIG_IGN, false);
}

SignalRequests::~SignalRequests() {
  for (const int signal : stop_signals) handle(signal, SIG_DFL, true);
  handle(SIGUSR1, SIG_IGN, false);
  target.store(nullptr);
}

}  // namespace paracrine::cli
