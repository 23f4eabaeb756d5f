#include <pybind11/stl.h>

#include <array>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/driver/failure.hpp"
#include "bindings/python/parts.hpp"
#include "sim/core/error.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

struct Wording {
  std::string_view command_line, python;
};

/// Options of the command line that stand in messages of the engine, and what they are called in Python.
constexpr std::array<Wording, 6> wordings{
    {{"Use --force to overwrite it, or choose another name with -o.", "Use force=True to overwrite it, or choose another output."},
     {"run the scenario with --force", "run the scenario with force=True"},
     {"or resume with --force", "or resume with force=True"},
     {"Choose a shorter name with -o.", "Choose a shorter name for the output."},
     {"--threads ", "threads="},
     {"--set ", "change "}}};

std::string for_python(std::string text) {
  for (const Wording& one : wordings)
    for (std::size_t at = text.find(one.command_line); at != std::string::npos; at = text.find(one.command_line, at + one.python.size()))
      text.replace(at, one.command_line.size(), one.python);
  return text;
}

py::list problems_of(const sim::InputError& error) {
  py::list problems;
  for (const sim::Problem& problem : error.problems()) {
    py::dict one;
    one["file"] = for_python(problem.place.file);
    one["line"] = problem.place.line;
    one["column"] = problem.place.column;
    one["message"] = for_python(problem.message);
    std::vector<std::string> hints;
    for (const std::string& hint : problem.hints) hints.push_back(for_python(hint));
    one["hints"] = hints;
    problems.append(one);
  }
  return problems;
}

void raise(const char* name, const py::tuple& arguments) {
  const py::object type = py::module_::import("paracrine.errors").attr(name);
  PyErr_SetObject(type.ptr(), type(*arguments).ptr());
}

/// Errors of the engine as those of the package, with the text that the command line prints, in which options are called as in Python.
void translate(std::exception_ptr pointer) {  // NOLINT(performance-unnecessary-value-param): pybind11 asks for it
  if (!pointer) return;
  try {
    std::rethrow_exception(pointer);
  } catch (const sim::InputError& error) {
    raise("InputError", py::make_tuple(for_python(error.what()), problems_of(error)));
  } catch (const sim::RunError& error) {
    raise("RunError", py::make_tuple(for_python(error.what())));
  }
}

}  // namespace

void add_errors(py::module_&) { py::register_local_exception_translator(&translate); }

}  // namespace paracrine::python
