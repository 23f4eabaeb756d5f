"""A sweep's folder: what it holds, and its results as one dataset."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas
import xarray

from paracrine.designs import Design, coordinate
from paracrine.errors import FileError
from paracrine.measures import Measure, measure
from paracrine.results import Run
from paracrine.results import open as open_run
from paracrine.task import is_whole, write_text

STUDY_FORMAT = "paracrine study 1"


class Study:
    """The runs of a sweep, in a folder.

    ``runs/KEY.h5`` are the runs, where KEY stands for scenario, seed and build; ``study.json`` says which belong to which point; ``index.csv`` lists them.

    Attributes
    ----------
    folder : str
        Where it lies.
    design : Design
        The points.
    seeds : list of int
        Of the replicates; all points have the same.
    """

    def __init__(self, folder: str | os.PathLike[str], description: Mapping[str, Any]) -> None:
        self.folder = os.fspath(folder)
        self.description = dict(description)
        axes = {path: tuple(values) for path, values in description["axes"].items()}
        self.design = Design(tuple(description["points"]), axes, description["kind"])
        self.seeds: list[int] = list(description["seeds"])
        self.keys: list[list[str]] = description["keys"]
        self._whole: dict[
            str, tuple[int, int]
        ] = {}  # files that were read and found whole: their times and sizes
        self._kept: tuple[int, xarray.Dataset] | None = None

    @property
    def runs(self) -> pandas.DataFrame:
        """Every run.

        Returns
        -------
        pandas.DataFrame
            Columns: point, replicate, seed, what changes between points, status (done, failed, missing), error, path.
        """
        rows = []
        states = {key: self._state(key) for key in {key for row in self.keys for key in row}}
        for number, point in enumerate(self.design.points):
            for replicate, key in enumerate(self.keys[number]):
                status, error = states[key]
                rows.append(
                    {
                        "point": number,
                        "replicate": replicate,
                        "seed": self.seeds[replicate],
                        **point,
                        "status": status,
                        "error": error,
                        "path": self._path(key),
                    }
                )
        return pandas.DataFrame(rows)

    @property
    def failures(self) -> pandas.DataFrame:
        """The runs that failed, with their errors."""
        found = self.runs
        return found[found.status == "failed"].reset_index(drop=True)

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return bool((self.runs.status == "done").all())

    @property
    def dataset(self) -> xarray.Dataset:
        """The time series of all runs.

        Returns
        -------
        xarray.Dataset
            Dimensions: those of the design (a grid: one per path, named by it; else ``point``), replicate, time [d]. Values with units are numbers, with the
            unit in attribute ``units``. NaN where a run failed or is missing, or has no row at that time.

        Raises
        ------
        FileError
            No run is done.
        """
        done = self.runs
        done = done[done.status == "done"]
        if self._kept is None or self._kept[0] != len(done):
            self._kept = (len(done), self._read(done))
        return self._kept[1].copy()

    def open(self, point: int, replicate: int = 0) -> Run:
        """Open one run.

        Raises
        ------
        FileError
            It is not there; the text says why.
        """
        key = self.keys[point][replicate]
        status, error = self._state(key)
        if status != "done":
            raise FileError(
                f"{self.folder}: run {replicate} of point {point} is {status}"
                + (f": {error}" if error else "")
            )
        return open_run(self._path(key))

    def measure(self, what: Measure) -> xarray.DataArray:
        """Take one number of every run: ``"alt:max"``, ``"collagen_area@56 d"``, or what a function makes of a run's series.

        Returns
        -------
        xarray.DataArray
            Dimensions of the design, and replicate. See `paracrine.measures.measure`.
        """
        return measure(self, what)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write `dataset` as netCDF-4.

        Parameters
        ----------
        path : path, optional
            ``results.nc`` in the folder when absent.

        Returns
        -------
        str
            The file.
        """
        name = os.path.join(self.folder, "results.nc") if path is None else os.fspath(path)
        draft = name + ".new"
        self.dataset.to_netcdf(draft, engine="h5netcdf")
        os.replace(draft, name)
        return name

    def write_index(self) -> None:
        """Write ``index.csv`` anew."""
        table = self.runs
        table["path"] = [os.path.relpath(path, self.folder) for path in table.path]
        write_text(pathlib.Path(self.folder) / "index.csv", table.to_csv(index=False))

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {status}" for status, number in self.runs.status.value_counts().items())
        return f"<Study {self.folder} ({self.design.kind} {' x '.join(map(str, self.design.shape))}, {len(self.seeds)} replicates: {counts})>"

    def _repr_html_(self) -> str:
        return f"<b>{repr(self)[1:-1]}</b>" + self.runs.drop(columns="path").to_html(max_rows=20, index=False)

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, "runs", f"{key}.h5")

    def _state(self, key: str) -> tuple[str, str]:
        path = pathlib.Path(self._path(key))
        if path.exists():
            facts = path.stat()
            mark = (facts.st_mtime_ns, facts.st_size)
            if self._whole.get(key) == mark or is_whole(path):
                self._whole[key] = mark
                return "done", ""
        try:
            return "failed", str(
                json.loads((path.parent / f"{key}.failed.json").read_text(encoding="utf-8"))["error"]
            )
        except FileNotFoundError:
            return "missing", ""

    def _read(self, done: pandas.DataFrame) -> xarray.Dataset:
        if not len(done):
            raise FileError(f"{self.folder}: no run of this study is done yet")
        series = {(row.point, row.replicate): open_run(row.path).series for row in done.itertuples()}
        times = np.unique(np.concatenate([found.time.values for found in series.values()]))
        first = next(iter(series.values()))
        shape = (len(self.design.points), len(self.seeds), len(times))
        values: dict[str, np.ndarray] = {}
        notes: dict[str, dict[str, Any]] = {}
        for place, found in series.items():
            rows = np.searchsorted(times, found.time.values)
            for name in map(str, found.data_vars):
                if name not in values:
                    values[name], notes[name] = np.full(shape, np.nan), found[name].attrs
                values[name][(*place, rows)] = found[name].values
        axes = tuple(self.design.axes) or ("point",)
        full = (*self.design.shape, *shape[1:])
        variables = {
            name: ((*axes, "replicate", "time"), array.reshape(full), notes[name])
            for name, array in values.items()
        }
        attributes = {
            name: first.attrs[name]
            for name in ("title", "model", "software_version", "build")
            if name in first.attrs
        }
        return xarray.Dataset(
            variables,
            coords={**self._coordinates(), "time": ("time", times, first.time.attrs)},
            attrs=attributes,
        )

    def _coordinates(self) -> dict[str, Any]:
        columns = self.design.axes or {
            path: tuple(point.get(path, "") for point in self.design.points) for path in self.design.paths
        }
        found: dict[str, Any] = {
            "replicate": np.arange(len(self.seeds)),
            "seed": ("replicate", np.array(self.seeds, dtype=np.int64)),
        }
        if not self.design.axes:
            found["point"] = np.arange(len(self.design.points))
        for path, column in columns.items():
            numbers, unit = coordinate(column)
            found[path] = (path if self.design.axes else "point", numbers, {"units": unit} if unit else {})
        return found


def open_study(folder: str | os.PathLike[str]) -> Study:
    """Open a sweep's folder, complete or not.

    Parameters
    ----------
    folder : path
        As given to `sweep`.

    Returns
    -------
    Study

    Raises
    ------
    FileError
        It is none.
    """
    path = pathlib.Path(folder) / "study.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise FileError(f"{folder}: is not the folder of a study (it has no readable study.json)") from None
    if not isinstance(description, dict) or description.get("format") != STUDY_FORMAT:
        raise FileError(f"{path}: was not written by a sweep of this version")
    return Study(folder, description)
