"""What a run left in its file, as xarray and pandas; also of a run that is still going on."""

from __future__ import annotations

import contextlib
import html
import json
import os
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pandas
import xarray

from paracrine.errors import FileError
from paracrine.frames import Frames, agent_frames, field_frames
from paracrine.series import _check_kind, _committed, _events, _in_order, _open, _text

if TYPE_CHECKING:
    from paracrine.scenario import Scenario

NOTES = (
    "units",
    "long_name",
    "comment",
    "flag_values",
    "flag_meanings",
    "sample_dimension",
)  # attributes that are kept
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"


class Run:
    """A run, complete or not. `open` and `run` give one.

    Every property reads the file; of a complete run it is read once, of one that goes on each time anew, so that it shows the rows that are committed by then.

    Attributes
    ----------
    path : str
        The file; absolute.
    notes : list of str
        What the model said at the end, when the run was made in this process.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.path.abspath(path)
        self.notes: list[str] = []
        self._kept: dict[str, xarray.Dataset] = {}
        with _open(self.path) as file:
            _check_kind(self.path, file)

    @property
    def attributes(self) -> dict[str, Any]:
        """Root attributes: title, model, seed, software_version, git_revision, build, status, host, wall_time_s and so on."""
        with self._file() as file:
            return _attributes(file)

    @property
    def status(self) -> str:
        """``running`` (or killed), ``interrupted`` or ``complete``."""
        return str(self.attributes.get("status", ""))

    @property
    def series(self) -> xarray.Dataset:
        """The observables, pooled over the whole.

        Returns
        -------
        xarray.Dataset
            Dimension time [d]; float64, units in attribute ``units``.

        Raises
        ------
        FileError
            No row is committed yet.
        """
        found = self._group("/")
        if found.sizes.get("time", 0) == 0:
            raise FileError(f"{self.path}: no row is committed yet; try again when the run has got further")
        return found

    @property
    def lobules(self) -> xarray.Dataset:
        """The observables that differ between lobules: dimensions (time [d], lobule), and what is constant in each (lobule)."""
        found = self._group("lobules")
        return found.rename(patch="lobule") if "patch" in found.dims else found

    @property
    def fields(self) -> xarray.Dataset:
        """Recorded fields: dimensions (time [d], lobule, z, y, x), NaN outside the tissue; ``mask``, ``zone``, ``spacing`` [um].

        All of it is read; for parts of a large one use ``xarray.open_dataset(path, group="fields/liver")``. Of a run with fields in several groups of
        patches these are the first group's; `fields_of` gives any.
        """
        return self.fields_of()

    def fields_of(self, patches: str | None = None) -> xarray.Dataset:
        """Recorded fields of one group of patches.

        Parameters
        ----------
        patches : str, optional
            Name of the group, such as "liver"; the first one when absent.

        Returns
        -------
        xarray.Dataset
            As `fields`; the dimension of patches is named after what a patch is called.

        Raises
        ------
        FileError
            No fields were recorded there.
        """
        with self._file() as file:
            where = self._frames(field_frames(file), "fields", patches)[0]
            place, called, first = where.group.name, where.patch_name, where.first_patch
            if not where.patches:
                return self._group(place)
        found = self._group(place).rename(fields_time="time", patch=called)
        numbers = (
            called,
            found[called].values + first,
            {"units": "1", "long_name": "number of the patch, as agents have it"},
        )
        return found.assign(patch=numbers)

    @property
    def agents(self) -> xarray.Dataset:
        """Recorded agents, one after another: dimension obs; coordinate ``obs_time`` [d] says when each row was recorded, ``row_size`` (time) how many at each time.

        Agents of all groups of patches, each frame in the order of patches; ``patch`` counts through all groups. `agents_of` gives one group.
        """
        with self._file() as file:
            names = [found.patches for found in self._frames(agent_frames(file), "agents", None)]
        return _joined([self.agents_of(name) for name in names])

    def agents_of(self, patches: str | None = None) -> xarray.Dataset:
        """Recorded agents of one group of patches.

        Parameters
        ----------
        patches : str, optional
            Name of the group, such as "liver"; the first one when absent.

        Returns
        -------
        xarray.Dataset
            As `agents`.

        Raises
        ------
        FileError
            No agents were recorded there.
        """
        with self._file() as file:
            where = self._frames(agent_frames(file), "agents", patches)[0]
            place, first, renamed = where.group.name, where.first_patch, bool(where.patches)
        found = self._group(place)
        if renamed:
            found = found.rename(agents_time="time")
            found["patch"] = found["patch"] + np.uint32(first)
        times = np.repeat(found["time"].values, found["row_size"].values.astype(int))
        return found.assign_coords(obs_time=("obs", times, {"units": "d", "long_name": "time of the record"}))

    @property
    def audit(self) -> xarray.Dataset:
        """The books of what is conserved: dimensions (time [d], species), each term accumulated at its own place, and the relative error."""
        found = self._group("audit")
        if "species_name" in found:
            found = found.assign_coords(
                species=("species", found["species_name"].values, found["species_name"].attrs)
            )
            found = found.drop_vars("species_name")
        return found

    @property
    def events(self) -> pandas.DataFrame:
        """Doses, injuries and interventions as they happened: columns time_d [d], what, subject (number of the therapy, from 0), value."""
        with self._file() as file:
            rows = [(event.time_d, event.meaning, event.subject, event.value) for event in _events(file)]
        return pandas.DataFrame(rows, columns=["time_d", "what", "subject", "value"])

    @property
    def parameters(self) -> pandas.DataFrame:
        """The parameters of the run: index name; columns value, unit, ranges, distribution, kind, source and so on."""
        with self._file() as file:
            if "parameters" not in file:
                raise self._has_no("parameters")
            group = file["parameters"]
            columns = {
                name: _values(group[name]) for name in _in_order(group) if not _is_bare_dimension(group[name])
            }
        return pandas.DataFrame(columns).set_index("name")

    @property
    def provenance(self) -> dict[str, Any]:
        """Scenario as written and as resolved, file, command line, overrides (a list), environment."""
        with self._file() as file:
            if "provenance" not in file:
                raise self._has_no("provenance")
            texts = {
                name: _text(item[()])
                for name, item in file["provenance"].items()
                if item.shape == () or _is_text(item)
            }
        return {**texts, "overrides": json.loads(texts.get("overrides", "[]"))}

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run, with all defaults. Needs the compiled core."""
        from paracrine.scenario import Scenario

        facts = self.provenance
        return Scenario.parse(facts["scenario_resolved"], facts.get("scenario_file") or self.path)

    def resume(self, **options: Any) -> Run:
        """Go on with a run that stopped; options as in `paracrine.resume`."""
        from paracrine.running import resume

        return resume(self.path, **options)

    def digest(self) -> str:
        """Hash all values, as ``paracrine info --digest`` does: equal for equal runs. Needs the compiled core."""
        from paracrine.core import core

        with self._file():
            return str(core().digest(self.path))

    def pack(self, output: str | os.PathLike[str], *, force: bool = False) -> Run:
        """Write a compact complete file of all committed rows, as ``paracrine pack`` does: the way back from a killed run. Needs the compiled core.

        Raises
        ------
        InputError
            `output` exists and `force` is not set.
        """
        from paracrine.core import core

        with self._file():
            core().pack(self.path, os.fspath(output), force)
        return open(output)

    def __repr__(self) -> str:
        return f'<Run {self.path} "{self.attributes.get("title", "")}" ({self.status})>'

    def _repr_html_(self) -> str:
        found = self.attributes
        shown = ("title", "model", "status", "seed", "software_version", "build", "threads", "wall_time_s")
        rows = "".join(
            f"<tr><th style='text-align:left'>{key}</th><td style='text-align:left'>{html.escape(str(found[key]))}</td></tr>"
            for key in shown
            if key in found
        )
        return f"<b>{html.escape(self.path)}</b><table>{rows}</table>"

    def _file(self) -> contextlib.AbstractContextManager[h5py.File]:
        return _open(self.path)

    def _has_no(self, name: str) -> FileError:
        return FileError(
            f"{self.path}: has no group {name}; whether it is recorded is chosen by the scenario's [output]"
        )

    def _frames(self, found: list[Frames], name: str, patches: str | None) -> list[Frames]:
        chosen = [frames for frames in found if patches is None or frames.patches == patches]
        if not chosen:
            raise self._has_no(name if not patches else f"{name}/{patches}")
        return chosen

    def _group(self, name: str) -> xarray.Dataset:
        if name in self._kept:
            return self._kept[name].copy()
        with self._file() as file:
            if name not in file:
                raise self._has_no(name)
            found = _dataset(file[name])
            if name == "/":
                found.attrs = _attributes(file)
            if _text(file.attrs.get("status", "")) == "complete":
                self._kept[name] = found
                return found.copy()
        return found


def open(path: str | os.PathLike[str]) -> Run:
    """Open a run: complete, going on, stopped or killed.

    Parameters
    ----------
    path : path
        RUN.h5 or RUN.h5.part.

    Returns
    -------
    Run

    Raises
    ------
    FileError
        No such file, not a run of Paracrine, or a format that is newer than this package.

    Examples
    --------
    >>> open("docstring_run.h5").series.particle_lung.attrs["units"]
    '1'
    """
    return Run(path)


def _attributes(file: h5py.File) -> dict[str, Any]:
    return {
        name: _text(value)
        if isinstance(value, (bytes, str))
        else value.item()
        if hasattr(value, "item") and np.size(value) == 1
        else value
        for name, value in file.attrs.items()
    }


def _joined(parts: list[xarray.Dataset]) -> xarray.Dataset:
    """Agents of several groups of patches in one dataset, frame by frame."""
    if len(parts) == 1:
        return parts[0]
    sizes = np.array([part["row_size"].values for part in parts])  # [group, frame]
    frame = np.concatenate([np.repeat(np.arange(sizes.shape[1]), of_group) for of_group in sizes])
    order = np.argsort(frame, kind="stable")
    whole = xarray.concat(
        [part.drop_vars("row_size") for part in parts],
        dim="obs",
        data_vars="minimal",
        coords="minimal",
        combine_attrs="override",
    ).isel(obs=order)
    row_size = ("time", sizes.sum(axis=0), parts[0]["row_size"].attrs)
    return whole.assign(row_size=row_size)[list(parts[0].data_vars)]


def _dataset(group: h5py.Group) -> xarray.Dataset:
    """A group whose dimensions are dimension scales, cut to committed rows."""
    rows: dict[str, int] = {}
    times = next((name for name in ("time", "fields_time", "agents_time") if name in group), None)
    if times is not None:
        rows[_dimensions(group[times])[0]] = len(_committed(group[times]))
    if "row_size" in group and times is not None:
        rows["obs"] = int(group["row_size"][: rows[times]].sum())
    variables = {}
    for name in _in_order(group):
        item = group[name]
        if not isinstance(item, h5py.Dataset) or _is_bare_dimension(item):
            continue
        dimensions = _dimensions(item)
        values = _values(item, tuple(slice(rows.get(dimension)) for dimension in dimensions))
        dimensions = dimensions[: values.ndim]
        missing = tuple(
            (0, max(0, rows[dimension] - size)) if dimension in rows else (0, 0)
            for dimension, size in zip(dimensions, values.shape)
        )
        if values.dtype.kind == "f" and any(after for _, after in missing):
            values = np.pad(values, missing, constant_values=np.nan)
        variables[name] = (dimensions, values, _notes(item))
    coordinates = {name for name, (dimensions, _, _) in variables.items() if dimensions == (name,)}
    return xarray.Dataset(
        {name: v for name, v in variables.items() if name not in coordinates},
        coords={name: variables[name] for name in coordinates},
    )


def _is_text(item: h5py.Dataset) -> bool:
    """Whether a dataset holds characters that make up texts along its last dimension."""
    return item.dtype.kind == "S" and item.dtype.itemsize == 1


def _is_bare_dimension(item: h5py.Dataset) -> bool:
    return bool(h5py.h5ds.is_scale(item.id)) and _text(item.attrs.get("NAME", "")).startswith(NO_VARIABLE)


def _dimensions(item: h5py.Dataset) -> tuple[str, ...]:
    own = _last_name(item.id)
    if h5py.h5ds.is_scale(item.id):
        return (own,) * item.ndim
    names = [f"{own}_{i}" for i in range(item.ndim)]
    for i in range(item.ndim):
        h5py.h5ds.iterate(item.id, i, lambda scale, i=i: names.__setitem__(i, _last_name(scale)))
    return tuple(names)


def _last_name(item: h5py.h5d.DatasetID) -> str:
    return h5py.h5i.get_name(item).decode().rpartition("/")[2]


def _values(item: h5py.Dataset, part: Any = ()) -> np.ndarray:
    values = np.asarray(item[part])
    if _is_text(item):
        joined = np.ascontiguousarray(values).view(f"S{values.shape[-1]}")[..., 0]
        return np.array([_text(value) for value in joined.ravel()], dtype=object).reshape(joined.shape)
    if values.dtype.kind in "OS":
        return np.array([_text(value) for value in values.ravel()], dtype=object).reshape(values.shape)
    return values


def _notes(item: h5py.Dataset) -> dict[str, Any]:
    names = [
        *NOTES,
        *(name for name in item.attrs if name.startswith("flag_meanings_")),
    ]  # of each kind of agent
    values = {name: item.attrs[name] for name in names if h5py.h5a.exists(item.id, name.encode())}
    return {
        name: _text(value) if isinstance(value, (bytes, str)) else value for name, value in values.items()
    }
