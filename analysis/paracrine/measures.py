"""One number per run: what a study compares."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray

from paracrine.errors import InputError
from paracrine.quantities import days

if TYPE_CHECKING:
    from paracrine.study import Study

Measure = str | Callable[[xarray.Dataset], float]
WAYS = ("last", "max", "min", "mean", "auc")
FORM = re.compile(r"(\w+)(?::(\w+)|@(.+))?")


def measure(study: Study, what: Measure) -> xarray.DataArray:
    """Take one number of every run.

    Parameters
    ----------
    study : Study
        Whose runs.
    what : str or callable
        A series and a way: ``"collagen_area"`` (the last value), ``":max"``, ``":min"``, ``":mean"`` (over time), ``":auc"`` (area under the curve [unit x d])
        behind it, or ``"@14 d"`` (the value then). A callable takes the series of a run and gives a number.

    Returns
    -------
    xarray.DataArray
        Dimensions of the design, and replicate; NaN where a run is missing.

    Raises
    ------
    InputError
        No such series, way or time.
    """
    data = study.dataset
    axes = [*(study.design.axes or ("point",)), "replicate"]
    if callable(what):
        values = np.full((len(study.design.points), len(study.seeds)), np.nan)
        for row in study.runs.itertuples():
            if row.status == "done":
                values[row.point, row.replicate] = float(what(study.open(row.point, row.replicate).series))
        name = getattr(what, "__name__", "measure")
        coordinates = {key: value for key, value in data.coords.items() if "time" not in value.dims}
        return xarray.DataArray(
            values.reshape([*study.design.shape, len(study.seeds)]), dims=axes, coords=coordinates, name=name
        )
    name, way, at = take_apart(what, list(data.data_vars))
    series = data[name].transpose(*axes, "time")
    values, unit = _reduce(series.values, data.time.values, way, at, what)
    found = series.isel(time=0, drop=True).copy(data=values)
    found.name = what
    found.attrs = {**data[name].attrs, "units": _unit(data[name].attrs.get("units", "1"), unit)}
    return found


def take_apart(what: str, known: Sequence[str]) -> tuple[str, str, float | None]:
    """Read the text of a measure.

    Returns
    -------
    (str, str, float or None)
        Series, way, time [d].

    Raises
    ------
    InputError

    Examples
    --------
    >>> take_apart("alt:max", ["alt"]), take_apart("alt@36 h", ["alt"])
    (('alt', 'max', None), ('alt', 'at', 1.5))
    """
    found = FORM.fullmatch(what) if isinstance(what, str) else None
    if not found or (found[2] and found[2] not in WAYS) or (found[3] and days(found[3]) is None):
        raise InputError(
            f'measure: expected a series such as "alt", "alt:max" ({", ".join(WAYS)}) or "alt@14 d", got {what!r}'
        )
    if found[1] not in known:
        near = difflib.get_close_matches(found[1], known, n=3)
        raise InputError(
            f'measure: there is no series "{found[1]}"'
            + (f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(known)}")
        )
    return found[1], "at" if found[3] else found[2] or "last", days(found[3]) if found[3] else None


def interval(
    values: np.ndarray, level: float = 0.95, axis: int = -1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate a mean with its confidence interval (Student's t), NaN left out.

    Parameters
    ----------
    values : numpy.ndarray
        Independent values along `axis`.
    level : float
        Of confidence.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, numpy.ndarray)
        Mean, lower and upper end; ends are NaN where there are fewer than two values.

    Examples
    --------
    >>> [round(float(end), 2) for end in interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, -0.48, 4.48]
    """
    from scipy.stats import t

    there = np.isfinite(values)
    count = there.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, np.where(there, values, 0.0).sum(axis=axis) / count, np.nan)
        squares = np.where(there, (values - np.expand_dims(mean, axis)) ** 2, 0.0).sum(axis=axis)
        half = np.where(
            count > 1,
            t.ppf(0.5 + level / 2, np.maximum(count - 1, 1)) * np.sqrt(squares / (count - 1) / count),
            np.nan,
        )
    return mean, mean - half, mean + half


def _reduce(
    values: np.ndarray, times: np.ndarray, way: str, at: float | None, what: str
) -> tuple[np.ndarray, str]:
    """Values [..., time] to [...], and the unit that the way multiplies by."""
    if way == "at":
        row = np.flatnonzero(np.abs(times - (at or 0.0)) < 1 / 86400)
        if not len(row):
            raise InputError(
                f"measure: {what}: no row is recorded at that time; the nearest is at {times[np.argmin(np.abs(times - (at or 0.0)))]:g} d"
            )
        return values[..., row[0]], ""
    flat = values.reshape(-1, values.shape[-1])
    found = np.full(len(flat), np.nan)
    for i, line in enumerate(flat):
        there = np.isfinite(line)
        if not there.any():
            continue
        kept, rows = line[there], times[there]
        area = float(((kept[1:] + kept[:-1]) / 2 * np.diff(rows)).sum())
        length = rows[-1] - rows[0]
        found[i] = {
            "last": kept[-1],
            "max": kept.max(),
            "min": kept.min(),
            "auc": area,
            "mean": area / length if length > 0 else kept[0],
        }[way]
    return found.reshape(values.shape[:-1]), "d" if way == "auc" else ""


def _unit(unit: str, factor: str) -> str:
    return unit if not factor else factor if unit == "1" else f"{unit} {factor}"
