"""Pictures of studies: time courses with intervals over seeds, dose and response, maps of two axes, tornados."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paracrine.errors import InputError
from paracrine.field_map import show_time
from paracrine.happenings import pictures
from paracrine.lettering import add_legend, literal, name_ticks, shown
from paracrine.measures import Measure, interval, measure, take_apart
from paracrine.palette import COLOURS, LINES, MARKERS
from paracrine.study import Study

if TYPE_CHECKING:
    from paracrine.comparison import Comparison
    from paracrine.sensitivity_analysis import Sensitivity

MOST_LINES = len(COLOURS)


def draw_courses(study: Study, name: str, labels: Sequence[str] | None = None, level: float = 0.95) -> Figure:
    """Draw one series of all points: the mean over the seeds, and its confidence interval as a band.

    Parameters
    ----------
    study : Study
        With eight points at most.
    name : str
        Of the series.
    labels : sequence of str, optional
        Of the points; what changes between them when absent.
    level : float
        Of confidence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        No such series, or too many points.
    """
    data = study.dataset
    if name not in data:
        raise InputError(f'there is no series "{name}"; there are {", ".join(data.data_vars)}')
    count = len(study.design.points)
    if count > MOST_LINES:
        raise InputError(
            f"{count} points are too many for one picture; {MOST_LINES} at most. draw_response and draw_map show more"
        )
    values = data[name].transpose(..., "replicate", "time").values.reshape(count, len(study.seeds), -1)
    factor, unit = (24.0, "h") if data.time.values[-1] <= 3.0 else (1.0, "d")
    figure, axes = plt.subplots(figsize=(7.0, 4.4), layout="constrained")
    lines = []
    for number in range(count):
        mean, low, high = interval(values[number], level, axis=0)
        there = np.isfinite(mean)
        times = data.time.values[there] * factor
        label = labels[number] if labels else _label(study.design.points[number])
        style = LINES[number % len(LINES)]
        lines += axes.plot(times, mean[there], style, color=COLOURS[number], label=shown(label, 60))
        axes.fill_between(times, low[there], high[there], color=COLOURS[number], alpha=0.2, lw=0)
    axes.set_xlabel(f"time [{unit}]")
    axes.set_ylabel(shown(f"{_meaning(data, name)} [{_unit(name, data[name])}]", 60))
    if count > 1 or labels:
        add_legend(axes, lines, frameon=False, fontsize=9)
    _caption(
        axes, f"{data.attrs.get('title', '')}\nmean and {level:.0%} interval over {len(study.seeds)} seeds"
    )
    return literal(figure)


def draw_response(study: Study, what: Measure, axis: str | None = None, level: float = 0.95) -> Figure:
    """Draw a measure over one axis of a grid, with its confidence interval over the seeds; the values of a second axis are lines.

    Parameters
    ----------
    study : Study
        A grid of one or two axes.
    what : str or callable
        As in `Study.measure`.
    axis : str, optional
        The axis that goes across; the first when absent.
    level : float
        Of confidence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        It is no such grid, has no such axis, or too many lines.
    """
    values, across, other = _grid(study, what, axis, most_axes=2)
    figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    ordered = values.transpose(*([other] if other else []), across, "replicate")
    lines = ordered.values if other else ordered.values[None]
    if len(lines) > MOST_LINES:
        raise InputError(f"{other}: {len(lines)} values are too many lines; draw_map shows more")
    positions, numeric = _positions(values[across])
    for number, line in enumerate(lines):
        mean, low, high = interval(line, level)
        label = f"{other} = {_with_unit(values[other], number)}" if other else None
        errors = np.nan_to_num(np.array([mean - low, high - mean]))
        axes.errorbar(
            positions,
            mean,
            errors,
            fmt=MARKERS[number] + ("-" if numeric else ""),
            color=COLOURS[number],
            capsize=3,
            label=label,
            mfc="white",
        )
    if numeric and len(positions) > 2 and (positions > 0).all() and positions.max() / positions.min() >= 20:
        axes.set_xscale("log")
    if not numeric:
        name_ticks(axes.xaxis, list(positions), [str(value) for value in values[across].values])
    axes.set_xlabel(_title(values[across], across))
    axes.set_ylabel(shown(measure_words(study, what), 60))
    if other:
        add_legend(axes, axes.get_legend_handles_labels()[0], frameon=False, fontsize=9)
    _caption(axes, f"mean and {level:.0%} interval over {len(study.seeds)} seeds")
    return literal(figure)


def draw_map(study: Study, what: Measure, x: str | None = None) -> Figure:
    """Draw the mean of a measure over two axes of a grid, such as dose and time, as a map with numbers.

    Parameters
    ----------
    study : Study
        A grid of two axes.
    what : str or callable
        As in `Study.measure`.
    x : str, optional
        The axis that goes across; the first when absent.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        It is no such grid, or has no such axis.
    """
    values, across, up = _grid(study, what, x, most_axes=2)
    if not up:
        raise InputError("a map needs two axes; this grid has one. draw_response shows it")
    mean = values.mean("replicate").transpose(up, across)
    figure, axes = plt.subplots(
        figsize=(1.4 + 1.1 * mean.sizes[across], 1.6 + 0.8 * mean.sizes[up]), layout="constrained"
    )
    image = axes.imshow(mean.values, origin="lower", cmap="cividis", aspect="auto")
    middle = (np.nanmin(mean.values) + np.nanmax(mean.values)) / 2
    for (row, column), value in np.ndenumerate(mean.values):
        axes.text(
            column,
            row,
            f"{value:.3g}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if value < middle else "black",
        )
    for axis, name in ((axes.xaxis, across), (axes.yaxis, up)):
        name_ticks(
            axis,
            range(mean.sizes[name]),
            [
                f"{value:g}" if isinstance(value, (int, float)) else str(value)
                for value in values[name].values.tolist()
            ],
        )
        axis.set_label_text(_title(values[name], name))
    figure.colorbar(image, ax=axes).set_label(shown(measure_words(study, what), 60), fontsize=8)
    _caption(axes, f"mean over {len(study.seeds)} seeds")
    return literal(figure)


def draw_comparison(comparison: Comparison, what: str | None = None) -> Figure:
    """Draw the differences of all arms to the control with their intervals, for one measure (the first when absent)."""
    measures = list(comparison.table.index.get_level_values("measure").unique())
    chosen = _one_of(what, measures)
    rows = comparison.table.loc[chosen].iloc[1:]
    figure, axes = plt.subplots(figsize=(6.4, 1.4 + 0.5 * len(rows)), layout="constrained")
    places = np.arange(len(rows))[::-1]
    errors = np.nan_to_num(np.array([rows.difference - rows.low, rows.high - rows.difference]))
    axes.errorbar(rows.difference, places, xerr=errors, fmt="o", color=COLOURS[0], capsize=3)
    axes.axvline(0.0, color="0.5", lw=0.8)
    name_ticks(axes.yaxis, places.tolist(), list(rows.index))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    words = measure_words(comparison.study, chosen)
    axes.set_xlabel(shown(f"{words}: difference to {comparison.arms[0]}", 80))
    _caption(axes, f"mean and 95% interval over {int(rows.n.max())} pairs with common seeds")
    return literal(figure)


def draw_sensitivity(found: Sensitivity, what: str | None = None) -> Figure:
    """Draw a sensitivity analysis, for one measure (the first when absent): a tornado, or bars with intervals; the strongest input stands on top."""
    chosen = _one_of(what, list(found.table.index.get_level_values("measure").unique()))
    rows = found.table.loc[chosen]
    strength = {
        "one_at_a_time": (rows.high - rows.low).abs,
        "morris": lambda: rows.mu_star,
        "sobol": lambda: rows.ST,
    }[found.method]()
    rows = rows.loc[strength.sort_values().index]
    figure, axes = plt.subplots(figsize=(7.0, 1.4 + 0.5 * len(rows)), layout="constrained")
    places, words = np.arange(len(rows)), measure_words(found.study, chosen)
    if found.method == "one_at_a_time":
        for end, colour in (("low", COLOURS[0]), ("high", COLOURS[1])):
            errors = np.nan_to_num(np.array([rows[end] - rows[f"{end}_from"], rows[f"{end}_to"] - rows[end]]))
            axes.barh(
                places,
                rows[end],
                0.6,
                xerr=errors,
                capsize=3,
                color=colour,
                hatch="//" if end == "low" else None,
                edgecolor="white",
                label=f"input at its {end} end",
            )
        axes.axvline(0.0, color="black", lw=0.8)
        axes.set_xlabel(shown(f"{words}: change from the base, {rows.base.iloc[0]:.4g}", 80))
    else:
        pairs = (
            (("mu_star", "mu* (mean size of the elementary effects)"),)
            if found.method == "morris"
            else (("S1", "alone (S1)"), ("ST", "with all interactions (ST)"))
        )
        for number, (column, label) in enumerate(pairs):
            height = 0.7 / len(pairs)
            axes.barh(
                places + (number - (len(pairs) - 1) / 2) * height,
                rows[column],
                height,
                xerr=rows[f"{column}_conf"],
                capsize=3,
                color=COLOURS[number],
                hatch="//" if number else None,
                edgecolor="white",
                label=label,
            )
        axes.set_xlabel(
            shown(words if found.method == "morris" else f"share of the variance of: {words}", 80)
        )
    name_ticks(axes.yaxis, places.tolist(), list(rows.index))
    add_legend(axes, axes.get_legend_handles_labels()[0], frameon=False, fontsize=8, loc="lower right")
    _caption(
        axes, f"{len(found.study.design.points)} points, {len(found.study.seeds)} seeds; lines: 95% intervals"
    )
    return literal(figure)


def measure_words(study: Study, what: Measure) -> str:
    """Say what a measure is, at which time, and its unit; of a function, its name and the time at which runs end."""
    data = study.dataset
    end = show_time(float(data.time.values[-1]))
    if callable(what):
        return f"{getattr(what, '__name__', 'measure')} (of runs of {end})"
    try:
        name, way, at = take_apart(what, list(data.data_vars))
    except InputError:  # the name of a function
        return f"{what} (of runs of {end})"
    when = {
        "last": f"at the end, {end}",
        "at": f"at {show_time(at or 0.0)}",
        "max": f"largest within {end}",
        "min": f"smallest within {end}",
        "mean": f"mean over {end}",
        "auc": f"area under the curve over {end}",
    }[way]
    return f"{_meaning(data, name)}, {when} [{_unit(name, measure(study, what))}]"


def _meaning(data: xarray.Dataset, name: str) -> str:
    meaning = str(data[name].attrs.get("long_name", ""))
    return f"{meaning} ({name})" if meaning else name


def _unit(name: str, values: xarray.DataArray) -> str:
    unit = str(values.attrs.get("units", "1"))
    factor = unit.partition(" ")[2]  # of an area under the curve
    read = pictures()["units"].get(name)
    return unit if read is None else f"{read} {factor}".strip()


def _grid(study: Study, what: Measure, axis: str | None, most_axes: int) -> tuple[xarray.DataArray, str, str]:
    names = list(study.design.axes)
    if not 1 <= len(names) <= most_axes:
        raise InputError(
            f"expected a grid of one or two axes, got {len(names)}"
            if names
            else "expected a grid; this study is a list of points"
        )
    across = _one_of(axis, names)
    return measure(study, what), across, next((name for name in names if name != across), "")


def _one_of(chosen: str | None, known: Sequence[str]) -> str:
    if chosen is None:
        return known[0]
    if chosen not in known:
        raise InputError(f'there is no "{chosen}"; there are {", ".join(known)}')
    return chosen


def _positions(axis: xarray.DataArray) -> tuple[np.ndarray, bool]:
    numeric = axis.dtype.kind in "fiu"
    return (axis.values.astype(float) if numeric else np.arange(axis.size, dtype=float)), numeric


def _label(point: dict[str, object]) -> str:
    return (
        ", ".join(
            f"{path} = {value:g}" if isinstance(value, float) else f"{path} = {value}"
            for path, value in point.items()
        )
        or "as it is"
    )


def _with_unit(axis: xarray.DataArray, number: int) -> str:
    value = axis.values[number]
    return (f"{value:g}" if isinstance(value, (float, np.floating)) else str(value)) + (
        f" {axis.attrs['units']}" if axis.attrs.get("units") else ""
    )


def _title(values: xarray.DataArray, name: str | None = None) -> str:
    unit = values.attrs.get("units", "")
    return f"{name or values.name}" + (f" [{unit}]" if unit else "")


def _caption(axes: Axes, text: str) -> None:
    axes.set_title("\n".join(shown(line, 100) for line in text.strip().split("\n")), fontsize=9, loc="left")
