#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>

#include "sim/core/error.hpp"
#include "sim/io/verify.hpp"

namespace paracrine::sim::io {

namespace {

using Clock = std::chrono::steady_clock;

/// Wall time that is waited for every second of processor time: others may want the processors, too.
constexpr double waiting = 20.0;

/// The last byte of what the child tells: how it ended.
enum class Verdict : char { whole = 'w', refused = 'r', failed = 'f' };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool limits_memory = false;  // a sanitizer reserves more than any file needs
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool limits_memory = false;
#else
constexpr bool limits_memory = true;
#endif
#else
constexpr bool limits_memory = true;
#endif

std::uint64_t address_space_in_use() {
  std::ifstream facts("/proc/self/statm");
  std::string text;
  std::getline(facts, text);
  std::uint64_t pages = 0;
  std::from_chars(text.data(), text.data() + text.size(), pages);
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void lower_limit(int resource, rlim_t value) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = limit.rlim_cur == RLIM_INFINITY ? value : std::min(limit.rlim_cur, value);
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void send_all(int pipe, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t now = write(pipe, text.data() + sent, text.size() - sent);
    if (now < 0 && errno != EINTR) return;
    if (now > 0) sent += static_cast<std::size_t>(now);
  }
}

[[noreturn]] void run_child(const std::string& path, double seconds, const VerifyLimits& limits, int pipe) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGXCPU}) std::signal(signal, SIG_DFL);
  lower_limit(RLIMIT_CORE, 0);
  lower_limit(RLIMIT_CPU, static_cast<rlim_t>(std::ceil(seconds)));
  if (limits_memory) lower_limit(RLIMIT_AS, address_space_in_use() + limits.memory);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);  // a library that aborts may print
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  std::string answer;
  Verdict verdict = Verdict::whole;
  try {
    verify(path);
  } catch (const InputError& error) {
    answer = error.what();
    verdict = Verdict::refused;
  } catch (const std::bad_alloc&) {
    answer = "reading it needs more memory than any run";
    verdict = Verdict::failed;
  } catch (const std::exception& error) {
    answer = error.what();
    verdict = Verdict::failed;
  }
  send_all(pipe, answer + static_cast<char>(verdict));
  _exit(0);
}

/// All that the child writes; nothing more after the deadline.
std::string receive(int pipe, Clock::time_point deadline, bool& late) {
  std::string text;
  char room[4096];
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wanted{.fd = pipe, .events = POLLIN, .revents = 0};
    const int ready = left > 0 ? poll(&wanted, 1, static_cast<int>(std::min<long long>(left, 1000))) : 0;
    if (ready < 0 && errno != EINTR) return text;
    if (ready <= 0) {
      late = Clock::now() >= deadline;
      if (late) return text;
      continue;
    }
    const ssize_t got = read(pipe, room, sizeof room);
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
    if (got > 0) text.append(room, static_cast<std::size_t>(got));
  }
}

/// Ends the child where it has not ended by itself, and gives its status.
int reap(pid_t child, bool stop) {
  if (stop) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

void verify_in_child(const std::string& path, const VerifyLimits& limits) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  const double seconds = limits.seconds + static_cast<double>(size) / limits.bytes_per_second;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(waiting * seconds));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw RunError(fmt::format("cannot check \"{}\": {}", path, std::strerror(errno)));
  const pid_t child = fork();
  if (child < 0) {
    const int reason = errno;
    close(ends[0]);
    close(ends[1]);
    throw RunError(fmt::format("cannot check \"{}\": {}", path, std::strerror(reason)));
  }
  if (child == 0) {
    close(ends[0]);
    run_child(path, seconds, limits, ends[1]);
  }
  close(ends[1]);
  bool late = false;
  std::string answer = receive(ends[0], deadline, late);
  close(ends[0]);
  const int status = reap(child, late);
  if (late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    throw InputError(fmt::format("\"{}\" is damaged: it cannot be read within {:.0f} s", path, seconds));
  if (answer.empty() || !WIFEXITED(status)) throw InputError(fmt::format("\"{}\" is damaged: the HDF5 library fails on it", path));
  const auto verdict = static_cast<Verdict>(answer.back());
  answer.pop_back();
  if (verdict == Verdict::refused) throw InputError(answer);
  if (verdict == Verdict::failed) throw InputError(fmt::format("\"{}\" is damaged: {}", path, answer));
}

}  // namespace paracrine::sim::io
