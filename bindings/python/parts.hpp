#pragma once
#include <pybind11/pybind11.h>

namespace paracrine::python {

void add_errors(pybind11::module_& module);
void add_scenario(pybind11::module_& module);
void add_run(pybind11::module_& module);
void add_preview(pybind11::module_& module);
void add_files(pybind11::module_& module);

}  // namespace paracrine::python
