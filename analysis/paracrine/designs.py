"""Which points a study has: every combination, a list, or a sample of ranges."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from paracrine.errors import InputError
from paracrine.quantities import SECONDS, days, split, whole

SCALES = ("linear", "log", "integer")
Range = Sequence[Any]  # (low, high), or with one of SCALES behind them; numbers, or texts with one unit


@dataclasses.dataclass(frozen=True)
class Design:
    """Points of a study.

    Parameters
    ----------
    points : tuple of dict
        Each from scenario paths to values.
    axes : dict of str to tuple
        For a grid its paths and their values, in order, the last one changing fastest; else empty: the points are a list.
    kind : str
        How they were made.
    """

    points: tuple[dict[str, Any], ...]
    axes: dict[str, tuple[Any, ...]]
    kind: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis; of a list, the number of points."""
        return tuple(len(values) for values in self.axes.values()) if self.axes else (len(self.points),)

    @property
    def paths(self) -> list[str]:
        """What changes between points."""
        return list(self.axes) or list(dict.fromkeys(path for point in self.points for path in point))


def grid(axes: Mapping[str, Sequence[Any]]) -> Design:
    """Make every combination of some values.

    Parameters
    ----------
    axes : mapping of str to sequence
        From scenario paths to values. An empty mapping is one point: the scenario as it is.

    Returns
    -------
    Design

    Raises
    ------
    InputError
        An axis has no values, or one of them twice.

    Examples
    --------
    >>> len(grid({"therapy.0.cells": [1e5, 1e6], "therapy.0.at": ["0 d", "1 d", "2 d"]}).points)
    6
    """
    kept: dict[str, tuple[Any, ...]] = {}
    for path, values in axes.items():
        if (
            isinstance(values, (str, bytes))
            or not isinstance(values, (Sequence, np.ndarray))
            or len(values) == 0
        ):
            raise InputError(f"{path}: expected a list of values, got {values!r}")
        kept[path] = tuple(_plain(value) for value in values)
        if len(set(map(repr, kept[path]))) < len(kept[path]):
            raise InputError(f"{path}: a value stands there twice: {values!r}")
    points = tuple(dict(zip(kept, combination)) for combination in itertools.product(*kept.values()))
    return Design(points, kept, "grid")


def listed(points: Sequence[Mapping[str, Any]]) -> Design:
    """Take points as they are listed.

    Raises
    ------
    InputError
        There is none, or one is no mapping.
    """
    if not len(points):
        raise InputError("points: the list is empty")
    for number, point in enumerate(points):
        if not isinstance(point, Mapping):
            raise InputError(
                f"points: number {number} is no mapping from paths to values, but {type(point).__name__}"
            )
    return Design(
        tuple({path: _plain(value) for path, value in point.items()} for point in points), {}, "list"
    )


def latin_hypercube(ranges: Mapping[str, Range], size: int, seed: int = 0) -> Design:
    """Sample ranges so that each part of each of them is met once (Latin hypercube).

    Parameters
    ----------
    ranges : mapping of str to (low, high) or (low, high, "log")
        From scenario paths to ends: numbers, or texts with one unit. With ``"log"`` the logarithm is sampled, with ``"integer"`` whole numbers, both ends
        included. Times other than parameters are rounded to whole seconds.
    size : int
        Number of points.
    seed : int
        Of the sample.

    Returns
    -------
    Design

    Examples
    --------
    >>> design = latin_hypercube({"therapy.0.cells": (1e5, 1e7, "log"), "time.duration": ("1 d", "3 d")}, 4)
    >>> sorted(int(4 * (math.log10(point["therapy.0.cells"]) - 5) / 2) for point in design.points)
    [0, 1, 2, 3]
    """
    from scipy.stats import qmc

    size = _checked_size(ranges, size)
    return scaled(qmc.LatinHypercube(len(ranges), seed=seed).random(size), ranges, "latin_hypercube")


def sobol(ranges: Mapping[str, Range], size: int, seed: int = 0) -> Design:
    """Sample ranges by a scrambled Sobol sequence; `size` is best a power of two. Parameters and errors as in `latin_hypercube`.

    Examples
    --------
    >>> len(sobol({"therapy.0.cells": (1e5, 1e7)}, 8).points)
    8
    """
    from scipy.stats import qmc

    size = _checked_size(ranges, size)
    sampler = qmc.Sobol(len(ranges), seed=seed)
    exponent = (size - 1).bit_length()
    return scaled(sampler.random_base2(exponent)[:size], ranges, "sobol")


def scaled(unit_cube: np.ndarray, ranges: Mapping[str, Range], kind: str) -> Design:
    """Turn points of the unit cube [point, range] into points of the ranges."""
    columns = {path: _column(path, ends, unit_cube[:, i]) for i, (path, ends) in enumerate(ranges.items())}
    return Design(tuple(dict(zip(columns, values)) for values in zip(*columns.values())), {}, kind)


def as_design(given: Any) -> Design:
    """Take a design, a mapping (a grid) or a list of points.

    Raises
    ------
    InputError
        It is none of them.
    """
    if isinstance(given, Design):
        return given
    if isinstance(given, Mapping):
        return grid(given)
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return listed(given)
    raise InputError(
        f"design: expected a mapping from paths to lists of values, a list of points or a Design, got {type(given).__name__}"
    )


def coordinate(values: Sequence[Any]) -> tuple[np.ndarray, str]:
    """Write values as a coordinate: numbers with one unit where they are, else texts.

    Returns
    -------
    (numpy.ndarray, str)
        Values, and their unit ("" for none).

    Examples
    --------
    >>> coordinate(["14 d", "28 d"])
    (array([14., 28.]), 'd')
    >>> coordinate(["12 h", "28 d"])
    (array([ 0.5, 28. ]), 'd')
    >>> coordinate(["adipose", 3])[0].tolist()
    ['adipose', '3']
    """
    parts = [split(value) for value in values]
    units = {part[1] for part in parts if part}
    if all(parts) and len(units) == 1:
        return np.array([part[0] for part in parts if part]), units.pop()
    times = [days(value) for value in values]
    if None not in times:
        return np.array(times, dtype=float), "d"
    if all(isinstance(value, bool) for value in values):
        return np.array(values), ""
    return np.array([str(value) for value in values], dtype=object), ""


def _plain(value: Any) -> Any:
    """A number of numpy as one of Python."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def _checked_size(ranges: Mapping[str, Range], size: int) -> int:
    if not ranges:
        raise InputError("ranges: there is none to sample")
    return whole("size", size, 1)


def _column(path: str, ends: Range, shares: np.ndarray) -> list[Any]:
    low, high = (
        (split(end) for end in ends[:2])
        if isinstance(ends, Sequence) and len(ends) in (2, 3)
        else (None, None)
    )
    if low is None or high is None or low[1] != high[1] or (len(ends) == 3 and ends[2] not in SCALES):
        raise InputError(
            f'{path}: expected (low, high), (low, high, "log") or (low, high, "integer") with numbers or texts of one unit, got {ends!r}'
        )
    if not low[0] < high[0]:
        raise InputError(f"{path}: the lower end {ends[0]!r} is not below the upper end {ends[1]!r}")
    if len(ends) == 3 and ends[2] == "log":
        if low[0] <= 0:
            raise InputError(f"{path}: a logarithmic range begins above 0, got {ends[0]!r}")
        values = np.exp(math.log(low[0]) + shares * (math.log(high[0]) - math.log(low[0])))
    else:
        values = low[0] + shares * (high[0] - low[0])
    if len(ends) == 3 and ends[2] == "integer":
        return [
            int(value) for value in np.minimum(np.floor(low[0] + shares * (high[0] - low[0] + 1)), high[0])
        ]
    if low[1] in SECONDS and not path.startswith("parameters."):  # the clock knows whole seconds
        values = np.round(values * SECONDS[low[1]]) / SECONDS[low[1]]
    return [f"{float(value)!r} {low[1]}" if low[1] else float(value) for value in values]
