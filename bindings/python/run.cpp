#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "bindings/driver/run_request.hpp"
#include "bindings/python/parts.hpp"
#include "models/catalogue.hpp"
#include "sim/core/error.hpp"
#include "sim/io/session.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

/// What Python gives for a run, as keyword arguments.
struct Wishes {
  driver::RunRequest request;
  bool force = false;
  std::string command_line;
  py::object on_progress, on_checkpoint;  // callables or None
};

Wishes wishes_of(const py::kwargs& given) {
  Wishes wishes;
  wishes.request.threads = given["threads"].cast<int>();
  wishes.request.checkpoint_every = given["checkpoint_every"].cast<std::string>();
  wishes.request.until = given["until"].cast<std::string>();
  wishes.force = given["force"].cast<bool>();
  wishes.command_line = given["command_line"].cast<std::string>();
  wishes.on_progress = given["on_progress"];
  wishes.on_checkpoint = given["on_checkpoint"];
  return wishes;
}

py::dict as_dict(const sim::io::Progress& progress) {
  py::dict facts;
  facts["time_s"] = progress.time_s;
  facts["start_s"] = progress.start_s;
  facts["end_s"] = progress.end_s;
  facts["wall_s"] = progress.wall_s;
  facts["seconds_left"] = progress.seconds_left;
  facts["numbers"] = progress.numbers;
  return facts;
}

py::dict as_dict(const sim::io::SessionResult& result) {
  constexpr std::array ends{"complete", "until", "stopped"};
  py::list notes;
  for (const sim::Note& note : result.notes) notes.append(py::make_tuple(note.text, note.warning));
  py::dict facts;
  facts["end"] = ends.at(static_cast<std::size_t>(result.end));
  facts["path"] = result.path;
  facts["checkpoint"] = result.checkpoint;
  facts["time_s"] = result.time_s;
  facts["end_s"] = result.end_s;
  facts["wall_s"] = result.wall_s;
  facts["notes"] = notes;
  return facts;
}

/// A file that could not be written stays open, and the HDF5 library crashes when it closes it at the end of the process. Python has cleaned up by
/// then: what is left to do is to flush and to end with the status that was asked for.
void end_without_hdf5() {
  static std::once_flag once;
  std::call_once(once, [] {
    on_exit(
        [](int status, void*) {
          std::fflush(nullptr);
          _exit(status);
        },
        nullptr);
  });
}

/// Runs `work` without Python's lock. While it runs, Python's signal handlers are called about ten times a second; an exception of one (Ctrl-C), or
/// of a callback, asks the run to checkpoint and stop, and is raised when it has.
py::dict without_the_lock(Wishes& wishes, const std::function<sim::io::SessionResult(const sim::io::SessionOptions&)>& work) {
  sim::io::SessionOptions options = driver::session_options(wishes.request);
  options.force = wishes.force;
  options.command_line = wishes.command_line;
  sim::io::Requests requests;
  options.requests = &requests;
  std::exception_ptr raised;
  const auto call_python = [&](const auto& call) {
    const py::gil_scoped_acquire lock;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      call();
    } catch (const py::error_already_set&) {
      if (!raised) raised = std::current_exception();
      requests.stop = SIGINT;
    }
  };
  options.on_progress = [&](const sim::io::Progress& progress) {
    call_python([&] {
      if (!wishes.on_progress.is_none()) wishes.on_progress(as_dict(progress));
    });
  };
  options.on_checkpoint = [&](const std::string& path, std::int64_t time_s) {
    call_python([&] {
      if (!wishes.on_checkpoint.is_none()) wishes.on_checkpoint(path, time_s);
    });
  };
  sim::io::SessionResult result;
  {
    const py::gil_scoped_release release;
    try {
      result = work(options);
    } catch (const sim::RunError&) {
      end_without_hdf5();
      throw;
    }
  }
  py::dict facts = as_dict(result);
  if (raised && result.end != sim::io::SessionResult::End::complete) {
    try {
      std::rethrow_exception(raised);
    } catch (const py::error_already_set& error) {
      facts["raised"] = error.value();
    }
  }
  return facts;
}

py::dict run(const sim::Scenario& scenario, const std::string& output, const py::kwargs& given) {
  Wishes wishes = wishes_of(given);
  const sim::Catalogue catalogue = models::catalogue();
  return without_the_lock(wishes, [&](sim::io::SessionOptions options) {
    options.output = output;
    return sim::io::run(catalogue, scenario, options);
  });
}

/// `complaint_about`: a callable that says why a .part must not be opened here, or None to look at it in this process.
py::dict resume(const std::string& path, const py::object& complaint_about, const py::kwargs& given) {
  Wishes wishes = wishes_of(given);
  const sim::Catalogue catalogue = models::catalogue();
  return without_the_lock(wishes, [&](sim::io::SessionOptions options) {
    if (!complaint_about.is_none())
      options.verify = [&](const std::string& part) {
        const py::gil_scoped_acquire lock;
        if (const auto complaint = complaint_about(part).cast<std::string>(); !complaint.empty()) throw sim::InputError(complaint);
      };
    return sim::io::resume(catalogue, path, options);
  });
}

/// The warning of more threads than processors, or an empty text.
std::string thread_warning(int threads) {
  driver::RunRequest request;
  request.threads = threads;
  const auto warning = driver::thread_warning(request);
  return warning ? sim::format_problem(*warning) : "";
}

}  // namespace

void add_run(py::module_& module) {
  module.def("run", &run, py::arg("scenario"), py::arg("output"));
  module.def("resume", &resume, py::arg("path"), py::arg("complaint_about"));
  module.def("thread_warning", &thread_warning, py::arg("threads"));
}

}  // namespace paracrine::python
