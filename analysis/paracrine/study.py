"""A sweep's folder: what it holds, and its results as one dataset."""

from __future__ import annotations

import hashlib
import html
import json
import math
import os
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas
import xarray

from paracrine.designs import Design, coordinate
from paracrine.drafts import draft, write_text
from paracrine.errors import FileError
from paracrine.measures import Measure, measure
from paracrine.results import Run
from paracrine.results import open as open_run
from paracrine.run_file import KEY, problem_with
from paracrine.task import read_failure
from paracrine.texts import parse_json, printable

STUDY_FORMAT = "paracrine study 2"
ANEW = "the same sweep command writes it anew and keeps the runs"


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
            str, tuple[int, ...]
        ] = {}  # files that were read and found whole, as they were then
        self._kept: tuple[int, xarray.Dataset] | None = None

    @property
    def title(self) -> str:
        """The scenario's title, then what was changed for all points, then what varies between them."""
        given = str(tomllib.loads(self.description["scenario"]).get("title", ""))
        paths = self.design.paths
        parts = [*self.description.get("overrides", []), *([f"varied: {', '.join(paths)}"] if paths else [])]
        return f"{given} ({'; '.join(parts)})".strip() if parts else given

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
        with draft(name) as unfinished:
            self.dataset.to_netcdf(unfinished, engine="h5netcdf")
        return name

    def write_index(self) -> None:
        """Write ``index.csv`` anew."""
        table = self.runs
        table["path"] = [os.path.relpath(path, self.folder) for path in table.path]
        write_text(pathlib.Path(self.folder) / "index.csv", table.to_csv(index=False))

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {status}" for status, number in self.runs.status.value_counts().items())
        return f"<Study {printable(self.folder)} ({self.design.kind} {' x '.join(map(str, self.design.shape))}, {len(self.seeds)} replicates: {counts})>"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(repr(self)[1:-1])}</b>" + self.runs.drop(columns="path").to_html(
            max_rows=20, index=False
        )

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, "runs", f"{key}.h5")

    def _state(self, key: str) -> tuple[str, str]:
        path = pathlib.Path(self._path(key))
        if path.exists():
            facts = path.stat()
            mark = (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, facts.st_size)
            if self._whole.get(key) == mark or (path.is_file() and not problem_with(path, key)):
                self._whole[key] = mark
                return "done", ""
        failure = read_failure(path.parent / f"{key}.failed.json", key)
        return ("failed", failure.error) if failure else ("missing", "")

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
            name: first.attrs[name] for name in ("model", "software_version", "build") if name in first.attrs
        }
        attributes["title"] = self.title
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


def as_study_file(description: Mapping[str, Any]) -> str:
    """Write the description of a study, with a checksum over all of it."""
    return json.dumps({**description, "checksum": _checksum(description)}, indent=1)


def _checksum(description: Mapping[str, Any]) -> str:
    said = {key: value for key, value in description.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


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
        It is none, or its study.json is damaged or was changed.
    """
    path = pathlib.Path(os.path.abspath(folder)) / "study.json"
    try:
        description = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileError(f"{folder}: is not the folder of a study (it has no study.json)") from None
    except (OSError, ValueError) as problem:
        raise FileError(f"{path}: cannot be read: {problem}; {ANEW}") from None
    if not isinstance(description, dict) or description.get("format") != STUDY_FORMAT:
        raise FileError(f"{path}: was not written by a sweep of this version; {ANEW}")
    if description.pop("checksum", None) != _checksum(description):
        raise FileError(f"{path}: was changed after it was written (its checksum differs); {ANEW}")
    if not _is_sound(description):
        raise FileError(f"{path}: does not describe a study; {ANEW}")
    return Study(path.parent, description)


def _is_sound(said: Mapping[str, Any]) -> bool:
    """Whether every part of a description is there and of its kind, and no key leads out of the folder."""
    try:
        keys, points, seeds = said["keys"], said["points"], said["seeds"]
        return (
            len(points) == len(keys) > 0
            and all(len(row) == len(seeds) > 0 for row in keys)
            and all(KEY.fullmatch(key) is not None for row in keys for key in row)
            and all(isinstance(point, dict) for point in points)
            and all(isinstance(seed, int) for seed in (*seeds, said["threads"]))
            and all(isinstance(said[name], str) for name in ("scenario", "version", "build", "kind"))
            and all(isinstance(values, list) for values in said["axes"].values())
            and (not said["axes"] or math.prod(map(len, said["axes"].values())) == len(points))
        )
    except (KeyError, TypeError, AttributeError):
        return False
