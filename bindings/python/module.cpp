#include "bindings/python/parts.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled core of Paracrine. The package wraps it; its own names are no public interface.";
  paracrine::python::add_errors(module);
  paracrine::python::add_scenario(module);
  paracrine::python::add_run(module);
  paracrine::python::add_preview(module);
  paracrine::python::add_files(module);
}
