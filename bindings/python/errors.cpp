#include <pybind11/stl.h>

#include <new>

#include "bindings/driver/failure.hpp"
#include "bindings/python/parts.hpp"
#include "sim/core/error.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

py::list problems_of(const sim::InputError& error) {
  py::list problems;
  for (const sim::Problem& problem : error.problems()) {
    py::dict one;
    one["file"] = problem.place.file;
    one["line"] = problem.place.line;
    one["column"] = problem.place.column;
    one["message"] = problem.message;
    one["hints"] = problem.hints;
    problems.append(one);
  }
  return problems;
}

void raise(const char* name, const py::tuple& arguments) {
  const py::object type = py::module_::import("paracrine.errors").attr(name);
  PyErr_SetObject(type.ptr(), type(*arguments).ptr());
}

/// Errors of the engine as those of the package, with the text that the command line prints.
void translate(std::exception_ptr pointer) {  // NOLINT(performance-unnecessary-value-param): pybind11 asks for it
  if (!pointer) return;
  try {
    std::rethrow_exception(pointer);
  } catch (const sim::InputError& error) {
    raise("InputError", py::make_tuple(error.what(), problems_of(error)));
  } catch (const sim::RunError& error) {
    raise("RunError", py::make_tuple(error.what()));
  }
}

}  // namespace

void add_errors(py::module_&) { py::register_local_exception_translator(&translate); }

}  // namespace paracrine::python
