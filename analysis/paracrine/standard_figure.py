"""The standard picture of a model's runs: curves over time, what two arms differ by, and one lobule at several times. What is in it is data (data/pictures.toml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from paracrine.bundles import Bundle, bundle_runs, draw_bundle
from paracrine.effect import Pairs, choose_lobule, pairs_of, sentence
from paracrine.happenings import Happening, all_happenings, pictures
from paracrine.lettering import add_legend, legend_under, literal, shown
from paracrine.lobule_maps import agent_handles, draw_maps, largest, map_times
from paracrine.palette import MARKERS
from paracrine.series import Series

COLUMNS = 4
MOST_MAPPED = 4  # runs whose lobule is shown
LINE = 56  # characters of a legend that go beside one another below a panel
APART = 0.3  # of the axis: labels of what happened that lie nearer would overlap


def standard_picture(runs: Sequence[Series]) -> Mapping[str, Any] | None:
    """Find the picture that fits all runs, or None.

    Examples
    --------
    >>> standard_picture([]) is None
    True
    """
    for picture in pictures()["picture"]:
        if runs and all(picture["needs"] in run.variables for run in runs):
            return dict(picture)
    return None


def draw_standard(picture: Mapping[str, Any], runs: Sequence[Series], labels: Sequence[str]) -> Figure:
    """Draw the runs: curves over time on top, and below one lobule at several times for each run that recorded the field.

    Two runs, or two sorts of runs, are compared: the picture says the difference at the end with its interval, or that it cannot be told.

    Parameters
    ----------
    picture : mapping
        From `standard_picture`.
    runs : sequence of Series
        At least one.
    labels : sequence of str
        What tells each run from the others.

    Returns
    -------
    matplotlib.figure.Figure
    """
    bundles = bundle_runs(runs, labels)
    pairs = pairs_of(picture["effect"], bundles)
    field = picture["map"]["field"]
    mapped = [(run, label) for run, label in zip(runs, labels) if map_times(run.path, field).size]
    if len(mapped) > MOST_MAPPED:
        mapped = []
    heights = [11.4] + [2.9] * len(mapped) + ([0.35] if mapped else [])
    figure = plt.figure(figsize=(17.0, 0.7 + sum(heights)), layout="constrained")
    parts = np.atleast_1d(figure.subfigures(len(heights), 1, height_ratios=heights))
    _draw_curves(parts[0], picture, bundles, pairs)
    if mapped:
        _draw_lobules(parts[1:], picture, mapped)
    _head(figure, picture, runs, bundles, pairs)
    return literal(figure)


def _draw_lobules(
    parts: Sequence[SubFigure], picture: Mapping[str, Any], mapped: Sequence[tuple[Series, str]]
) -> None:
    what = picture["map"]
    choice = choose_lobule(picture["effect"], [run.path for run, _ in mapped], what["field"])
    top = max(largest(run.path, what["field"]) for run, _ in mapped)
    for part, (run, label), number, fact in zip(parts, mapped, choice.numbers, choice.facts):
        draw_maps(part, what, run.path, number, top)
        lines = [f"{label}: {what['title']}", f"lobule {number}, {choice.words}{fact and '; '}{fact}"]
        part.suptitle("\n".join(shown(line, 200) for line in lines), fontsize=10, x=0.01, ha="left")
    add_legend(parts[-1], agent_handles(what), loc="center", ncols=8, fontsize=9, frameon=False)


def _head(
    figure: Figure,
    picture: Mapping[str, Any],
    runs: Sequence[Series],
    bundles: Sequence[Bundle],
    pairs: Pairs | None,
) -> None:
    titles = list(dict.fromkeys(run.title for run in runs if run.title))
    unfinished = "" if all(run.status in ("complete", "") for run in runs) else "   (not complete)"
    lines = shown("   |   ".join(titles) + unfinished, 140)
    if pairs is not None:
        names = [
            bundle.label.rpartition(":")[0] if len(bundle.runs) > 1 else bundle.label for bundle in bundles
        ]
        lines += "\n" + shown(sentence(picture["effect"], pairs, names), 190)
    figure.suptitle(lines, fontsize=11.5, fontweight="bold")


def _draw_curves(
    part: SubFigure, picture: Mapping[str, Any], bundles: Sequence[Bundle], pairs: Pairs | None
) -> None:
    panels = picture["panel"]
    rows = -(-(len(panels) + 1) // COLUMNS)
    grid = part.add_gridspec(rows + 1, COLUMNS, height_ratios=[1.0] * rows + [0.12])
    runs = [run for bundle in bundles for run in bundle.runs]
    happened = all_happenings(runs)
    end = max(float(run.time_d[-1]) for run in runs) or 1.0
    for place, panel in enumerate(panels):
        axes = part.add_subplot(grid[place // COLUMNS, place % COLUMNS])
        _draw_panel(axes, panel, bundles)
        _finish(axes, panel["title"], panel["unit"], end, happened)
        axes.set_ylim(bottom=0.0)
    if pairs is not None:
        axes = part.add_subplot(grid[len(panels) // COLUMNS, len(panels) % COLUMNS])
        _draw_difference(axes, picture["effect"], pairs)
        words = (f"Difference in {picture['effect']['name'].lower()}", picture["effect"]["difference"])
        _finish(axes, *words, end, happened)
    handles = [bundle.handle() for bundle in bundles]
    for number, one in enumerate(happened):
        marker = "|" if one.often else MARKERS[number % len(MARKERS)]
        handles.append(
            Line2D([], [], color="0.45" if one.often else "0.2", marker=marker, ls="", label=shown(one.label))
        )
    below = part.add_subplot(grid[rows, :])
    below.set_axis_off()
    add_legend(below, handles, loc="center", ncols=min(len(handles), 4), fontsize=10, frameon=False)


def _draw_panel(axes: Axes, panel: Mapping[str, Any], bundles: Sequence[Bundle]) -> None:
    biggest, handles = 0.0, []
    for name, label, colour in panel["curves"]:
        curves = [values for bundle in bundles for values in draw_bundle(axes, bundle, name, colour)]
        biggest = max([biggest, *(float(np.nanmax(np.abs(values), initial=0.0)) for values in curves)])
        handles.append(Line2D([], [], color=colour, lw=2.0, label=label))
    if biggest == 0.0 and "empty" in panel:
        axes.text(0.5, 0.5, panel["empty"], ha="center", va="center", color="0.4", transform=axes.transAxes)
    elif panel.get("scale") == "symlog" and biggest > 0.0:
        axes.set_yscale("symlog", linthresh=panel["linear_to"])
    if len(handles) > 1:
        _legend_under(axes, handles)


def _draw_difference(axes: Axes, effect: Mapping[str, Any], pairs: Pairs) -> None:
    mean, low, high = (effect["scale"] * values for values in pairs.band())
    axes.axhline(0.0, color="0.5", lw=0.8)
    handles = axes.plot(pairs.time_d, mean, color="#0072B2", lw=1.4, label="first run minus second")
    if not pairs.trouble and np.isfinite(low).any():
        band = axes.fill_between(pairs.time_d, low, high, color="#0072B2", alpha=0.2, lw=0)
        band.set_label(f"95 % interval from {pairs.source}")
        handles.append(band)
    _legend_under(axes, handles)


def _legend_under(axes: Axes, handles: Sequence[Artist]) -> None:
    widest = max(len(str(handle.get_label())) for handle in handles)
    columns = max(1, min(len(handles), LINE // (widest + 5)))
    legend_under(axes, handles, columns, fontsize=8)


def _finish(axes: Axes, title: str, unit: str, end: float, happened: Sequence[Happening]) -> None:
    labelled: list[float] = []
    for number, one in enumerate(happened):
        times = np.array(one.times_d)
        if one.often:
            axes.plot(
                times,
                0 * times + 0.02,
                "|",
                color="0.45",
                ms=6,
                transform=axes.get_xaxis_transform(),
                zorder=4,
            )
            continue
        for time in times:
            axes.axvline(time, color="0.6", lw=0.7, zorder=0)
        marker = MARKERS[number % len(MARKERS)]
        axes.plot(
            times,
            0 * times + 1.0,
            marker,
            color="0.2",
            ms=5,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
        )
        x = float(times[0])
        if all(abs(x - other) > APART * end for other in labelled):
            side = "left" if x < 0.3 * end else "right" if x > 0.7 * end else "center"
            place = {"xytext": (0, 5), "textcoords": "offset points", "ha": side, "va": "bottom"}
            axes.annotate(
                shown(one.label, 45), (x, 1.0), xycoords=axes.get_xaxis_transform(), fontsize=7, **place
            )
            labelled.append(x)
    axes.set_title(title, fontsize=10, loc="left", fontweight="bold", pad=17)
    axes.set_ylabel(unit, fontsize=8)
    axes.set_xlabel("time [d]", fontsize=8, labelpad=1)
    axes.set_xlim(0.0, end)
    axes.tick_params(labelsize=8)
