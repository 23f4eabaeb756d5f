#include <pybind11/stl.h>

#include "bindings/python/parts.hpp"
#include "sim/core/build_info.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/inspect.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

py::dict version() {
  const sim::BuildInfo& info = sim::build_info();
  py::dict facts;
  facts["version"] = info.version;
  facts["git_revision"] = info.git_revision;
  facts["build"] = info.build;
  facts["compiler"] = info.compiler;
  facts["build_type"] = info.build_type;
  facts["cpu_features"] = sim::cpu_features();
  facts["libraries"] = sim::library_versions();
  facts["processors"] = sim::available_processors();
  return facts;
}

}  // namespace

void add_files(py::module_& module) {
  module.def("version", &version);
  module.def(
      "digest", [](const std::string& path) { return sim::io::digest(path); }, py::arg("path"));
  module.def(
      "pack", [](const std::string& path, const std::string& out, bool force) { sim::io::pack(path, out, force); }, py::arg("path"), py::arg("out"),
      py::arg("force"));
}

}  // namespace paracrine::python
