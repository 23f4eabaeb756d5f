"""The time series of a run, read with h5py from a complete file, one being written, or what a killed run left."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import fnmatch
import os
from collections.abc import Iterator, Sequence

import h5py
import numpy as np

from paracrine.checking import check_file, program_for_checks
from paracrine.errors import FileError, ParacrineError

SCHEMA_MAJOR = 2


@dataclasses.dataclass
class Variable:
    """One observable over time.

    Parameters
    ----------
    name : str
        Name in the file.
    values : numpy.ndarray [row]
        Values in `unit`, NaN where not known.
    unit : str
        Unit as in the file ("1" for numbers and shares).
    meaning : str
        What it is, in words; empty when the file does not say.
    """

    name: str
    values: np.ndarray
    unit: str
    meaning: str


@dataclasses.dataclass
class Event:
    """Something that happened: a dose, an intervention.

    Parameters
    ----------
    time_d : float
        When [d].
    meaning : str
        What, from the file's own list of codes.
    subject : int
        Which one (number of the therapy, say).
    value : float
        How much, in the unit that belongs to the code.
    """

    time_d: float
    meaning: str
    subject: int
    value: float


@dataclasses.dataclass
class Series:
    """The observables of one run.

    Parameters
    ----------
    path : str
        The file.
    title, status : str
        As in the file.
    time_d : numpy.ndarray [row]
        Times of the committed rows [d].
    variables : dict of str to Variable
        In the order of the file.
    events : list of Event
        In order of time.
    """

    path: str
    title: str
    status: str
    time_d: np.ndarray
    variables: dict[str, Variable]
    events: list[Event]


def read_series(path: str) -> Series:
    """Read the time series of a run, cut to the rows whose time is set.

    Parameters
    ----------
    path : str
        RUN.h5, or RUN.h5.part of a run that is going on, was stopped or was killed.

    Returns
    -------
    Series

    Raises
    ------
    FileError
        No such file, not a file of Paracrine, a newer format, or no row yet.

    Examples
    --------
    >>> series = read_series("RUN.h5")                      # doctest: +SKIP
    >>> series.variables["perfusion"].values.max()          # doctest: +SKIP
    """
    with _open(path) as file:
        _check_kind(path, file)
        time = _committed(file["time"]) if "time" in file else np.empty(0)
        if len(time) == 0:
            raise FileError(f"{path}: no row is committed yet; try again when the run has got further")
        variables = {}
        for name in _in_order(file):
            item = file[name]
            if (
                name == "time"
                or not isinstance(item, h5py.Dataset)
                or item.ndim != 1
                or item.dtype.kind not in "fiu"
            ):
                continue
            if not _is_over_time(item, file["time"]):
                continue
            values = np.full(len(time), np.nan)
            stored = item[: len(time)]
            values[: len(stored)] = stored
            variables[name] = Variable(
                name, values, _text(item.attrs.get("units", "1")), _text(item.attrs.get("long_name", ""))
            )
        return Series(
            path,
            _text(file.attrs.get("title", "")),
            _text(file.attrs.get("status", "")),
            time,
            variables,
            _events(file),
        )


def select(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Choose names by patterns, in the order of the patterns.

    Parameters
    ----------
    names : sequence of str
        What there is.
    patterns : sequence of str
        Names, or patterns with ``*`` and ``?``.

    Returns
    -------
    list of str
        Each name once.

    Raises
    ------
    FileError
        A pattern fits nothing; the text names the nearest names.

    Examples
    --------
    >>> select(["a_x", "a_y", "b"], ["b", "a_*"])
    ['b', 'a_x', 'a_y']
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        found = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
        if not found:
            near = difflib.get_close_matches(pattern, names, n=3)
            help_text = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
            raise FileError(f'no variable "{pattern}"; {help_text}')
        chosen.update(dict.fromkeys(found))
    return list(chosen)


@contextlib.contextmanager
def _open(path: str) -> Iterator[h5py.File]:
    """Open a file that was found whole; whatever reading it raises by itself becomes FileError."""
    # Runs on some network file systems can be read only without locks.
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "BEST_EFFORT")
    if not os.path.exists(path):
        part = path + ".part"
        raise FileError(
            f"{path}: no such file"
            + (f"; the run is not complete, its rows so far are in {part}" if os.path.exists(part) else "")
        )
    if os.path.isdir(path):
        raise FileError(f"{path}: is a folder; name the file in it")
    check_file(path, program_for_checks())
    with _opened(path) as file:
        try:
            yield file
        except ParacrineError:
            raise
        except (
            OSError,
            RuntimeError,
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            OverflowError,
            MemoryError,
        ) as problem:
            raise FileError(f"{path}: is damaged: {problem}") from problem


def _opened(path: str) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except (OSError, RuntimeError, ValueError) as plain:
        try:
            return h5py.File(path, "r", swmr=True)
        except (OSError, RuntimeError, ValueError):
            if isinstance(plain, PermissionError) or not os.access(path, os.R_OK):
                raise FileError(f"{path}: may not be read") from None
            if _begins_as_checkpoint(path):
                raise FileError(_CHECKPOINT.format(path)) from None
            raise FileError(f"{path}: is no HDF5 file, or a damaged one") from None


_CHECKPOINT = "{}: is a checkpoint, which has no time series; plot the run's .h5 or .h5.part"


def _begins_as_checkpoint(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(8) == b"PRCKPT\r\n"


def _check_kind(path: str, file: h5py.File) -> None:
    kind = _text(file.attrs.get("filetype", ""))
    if "checkpoint" in kind:
        raise FileError(_CHECKPOINT.format(path))
    if not kind.startswith("paracrine"):
        raise FileError(f"{path}: is not a run of Paracrine (it has no attribute filetype that says so)")
    version = file.attrs.get("schema_version", SCHEMA_MAJOR)
    major = (
        int(str(_text(version)).split(".")[0])
        if isinstance(version, (str, bytes))
        else int(np.ravel(version)[0])
    )
    if major > SCHEMA_MAJOR:
        raise FileError(
            f"{path}: has format version {major}, this program knows up to {SCHEMA_MAJOR}; use the version that wrote it"
        )


def _in_order(file: h5py.File) -> list[str]:
    """Names in the order in which they were made; by the alphabet where the file does not keep it."""
    names: list[str] = []
    try:
        file.id.links.iterate(lambda name: names.append(name.decode()), idx_type=h5py.h5.INDEX_CRT_ORDER)
    except (RuntimeError, ValueError):
        return list(file)
    return names


def _text(value: object) -> str:
    if isinstance(value, np.ndarray) and value.dtype.kind == "S":
        return value.tobytes().rstrip(b"\0").decode("utf-8", "replace")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _committed(time: h5py.Dataset) -> np.ndarray:
    values = np.asarray(time[:], dtype=float)
    unset = np.flatnonzero(np.isnan(values))
    return values[: unset[0]] if len(unset) else values


def _is_over_time(item: h5py.Dataset, time: h5py.Dataset) -> bool:
    scales = item.dims[0]
    return any(scale.id == time.id for scale in scales.values()) if len(scales) else False


def _events(file: h5py.File) -> list[Event]:
    group = file.get("events")
    times = "event_time" if group is not None and "event_time" in group else "time"
    if group is None or times not in group or "code" not in group:
        return []
    time = _committed(group[times])
    code = group["code"]
    words = _text(code.attrs.get("flag_meanings", "")).split()
    flags = [int(flag) for flag in np.ravel(code.attrs.get("flag_values", np.arange(len(words))))]
    meanings = dict(zip(flags, words))
    columns = [
        group[name][: len(time)] if name in group else np.zeros(len(time))
        for name in ("code", "subject", "value")
    ]
    events = [
        Event(float(t), meanings.get(int(c), f"event {int(c)}").replace("_", " "), int(s), float(v))
        for t, c, s, v in zip(time, *columns)
    ]
    return sorted(events, key=lambda event: event.time_d)
