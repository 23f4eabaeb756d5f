#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/driver/run_request.hpp"
#include "bindings/python/parts.hpp"
#include "models/catalogue.hpp"
#include "sim/engine/simulation.hpp"

namespace py = pybind11;

namespace paracrine::python {

namespace {

/// The root series of a run that is kept in memory: by row, one value per observable.
struct Rows {
  std::vector<double> time_d;
  std::vector<std::vector<double>> values;
  std::vector<sim::Observable> observables;
  std::vector<sim::Note> notes;
};

/// Follows a scenario on one thread without a file. Ctrl-C is looked for every thousand visits.
Rows follow(const sim::Scenario& scenario) {
  constexpr double s_per_d = 86400.0;
  constexpr std::size_t visits_between_looks = 1000;
  const py::gil_scoped_release release;
  const sim::Catalogue catalogue = models::catalogue();
  sim::Simulation simulation(catalogue, scenario, 1);
  Rows rows{.observables = simulation.layout().series.front().observables};
  for (std::size_t visit = 0;; ++visit) {
    if (simulation.snapshot_due()) {
      sim::Snapshot snapshot = simulation.snapshot();
      if (snapshot.row) {
        rows.time_d.push_back(static_cast<double>(snapshot.time_s) / s_per_d);
        rows.values.push_back(std::move(snapshot.series.front()));
      }
    }
    if (simulation.finished()) break;
    simulation.visit();
    if (visit % visits_between_looks == 0) {
      const py::gil_scoped_acquire lock;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
  }
  rows.notes = simulation.closing_notes();
  return rows;
}

py::dict rows_of(const sim::Scenario& scenario) {
  const Rows rows = follow(scenario);
  const auto length = static_cast<py::ssize_t>(rows.time_d.size());
  py::array_t<double> time(length);
  for (py::ssize_t r = 0; r < length; ++r) time.mutable_at(r) = rows.time_d[static_cast<std::size_t>(r)];
  py::list variables, notes;
  for (std::size_t o = 0; o < rows.observables.size(); ++o) {
    const sim::Observable& what = rows.observables[o];
    py::array_t<double> values(length);
    for (py::ssize_t r = 0; r < length; ++r) values.mutable_at(r) = rows.values[static_cast<std::size_t>(r)][o];
    variables.append(py::make_tuple(what.name, what.unit, what.meaning, what.comment, values));
  }
  for (const sim::Note& note : rows.notes) notes.append(py::make_tuple(note.text, note.warning));
  py::dict facts;
  facts["time_d"] = time;
  facts["variables"] = variables;
  facts["notes"] = notes;
  return facts;
}

}  // namespace

void add_preview(py::module_& module) {
  module.def("rows_of", &rows_of, py::arg("scenario"));
  module.def("preview_overrides", &driver::preview_overrides);
}

}  // namespace paracrine::python
