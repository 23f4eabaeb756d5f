"""Runs as they are drawn together: few as a line each, many as the median and the range of what was done alike."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from paracrine.lettering import shown
from paracrine.palette import LINES
from paracrine.series import Series

SHARE = 90  # per cent of the runs of a bundle that lie in its band


@dataclasses.dataclass
class Bundle:
    """Runs that share a line style.

    Parameters
    ----------
    runs : list of Series
        One, or several that are drawn as median and band.
    label : str
        What tells it from the others.
    style : str
        Of its line.
    """

    runs: list[Series]
    label: str
    style: str

    def handle(self) -> Line2D:
        """What stands in a legend."""
        return Line2D([], [], color="0.2", linestyle=self.style, label=shown(self.label, 60))


def bundle_runs(runs: Sequence[Series], labels: Sequence[str]) -> list[Bundle]:
    """Give each run a line style of its own, and share them among runs of one title where there are more runs than styles.

    Parameters
    ----------
    runs : sequence of Series
        In order.
    labels : sequence of str
        What tells each from the others.

    Returns
    -------
    list of Bundle
        At most as many as there are line styles.
    """
    if len(runs) <= len(LINES):
        return [Bundle([run], label, style) for run, label, style in zip(runs, labels, LINES)]
    groups: dict[str, list[int]] = {}
    for number, run in enumerate(runs):
        groups.setdefault(run.title, []).append(number)
    if len(groups) > len(LINES):
        groups = {"all": list(range(len(runs)))}
    return [
        Bundle(
            [runs[number] for number in members],
            labels[members[0]]
            if len(members) == 1
            else f"{title or 'without title'}: {len(members)} runs, median and the middle {SHARE} %",
            style,
        )
        for (title, members), style in zip(groups.items(), LINES)
    ]


def draw_bundle(axes: Axes, bundle: Bundle, name: str, colour: str, factor: float = 1.0) -> list[np.ndarray]:
    """Draw one variable of a bundle.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    bundle : Bundle
        Its runs; those without the variable are left out.
    name, colour : str
        Of the variable.
    factor : float
        What a day is on the time axis.

    Returns
    -------
    list of numpy.ndarray [row]
        The curves that were drawn.
    """
    runs = [run for run in bundle.runs if name in run.variables]
    if not runs:
        return []
    if len(runs) == 1:
        values = runs[0].variables[name].values
        axes.plot(runs[0].time_d * factor, values, bundle.style, color=colour, lw=1.4)
        return [values]
    times, table = _table(runs, name)
    low, middle, high = _quantiles(table)
    axes.plot(times * factor, middle, bundle.style, color=colour, lw=1.4)
    axes.fill_between(times * factor, low, high, color=colour, alpha=0.2, lw=0)
    return [low, middle, high]


def labels_of(runs: Sequence[Series]) -> list[str]:
    """Shortest ends of the paths that differ; of one run, its file name."""
    parts = [os.path.abspath(run.path).split(os.sep) for run in runs]
    for depth in range(1, max(len(part) for part in parts) + 1):
        labels = [os.sep.join(part[-depth:]) for part in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [run.path for run in runs]


def _table(runs: Sequence[Series], name: str) -> tuple[np.ndarray, np.ndarray]:
    """All times [row], and the values [run, row] there; NaN where a run has none."""
    times = np.unique(np.concatenate([run.time_d for run in runs]))
    rows = [
        np.interp(times, run.time_d, run.variables[name].values, left=np.nan, right=np.nan) for run in runs
    ]
    return times, np.array(rows)


def _quantiles(table: np.ndarray) -> np.ndarray:
    there = np.isfinite(table).any(axis=0)
    found = np.full((3, table.shape[1]), np.nan)
    found[:, there] = np.nanpercentile(table[:, there], [(100 - SHARE) / 2, 50, (100 + SHARE) / 2], axis=0)
    return found
